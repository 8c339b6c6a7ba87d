#include "engine/slurm/release.h"

#include <algorithm>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "engine/model/key.h"

namespace assocsync {
namespace {

ReleaseEvidence Read() { return {}; }
ReleaseEvidence Once(int series, int point) {
  return {ReleaseEvidence::Kind::kOnce, {series, point}, "2026-11-26"};
}
ReleaseEvidence Ci(int series, int point) {
  return {ReleaseEvidence::Kind::kCi, {series, point}, ""};
}

// Each row is its predecessor plus what changed in that release.
std::vector<Behaviour> MakeTable() {
  std::vector<Behaviour> rows;
  Behaviour b{};
  const auto row = [&](int series, int point, ReleaseEvidence evidence) {
    b.since = {series, point};
    b.words = b.since;
    b.evidence = evidence;
    rows.push_back(b);
  };

  b.account_delete_by_name = Match::kExact;
  b.user_delete_by_name = Match::kExact;
  b.assoc_delete = Match::kExact;
  b.assoc_delete_partition = Match::kExact;
  b.account_delete_takes_subtree = true;
  b.default_guard = Behaviour::DefaultGuard::kClient;
  b.move_into_self = Behaviour::MoveIntoSelf::kDescendantFirst;
  b.has_lineage = false;
  b.move_updates_descendants = true;  // lft and rgt move with the subtree.
  b.same_parent_drops_rest = false;
  b.has_comment = false;
  b.dumps_qos = false;
  b.dumps_gpumem_as_size = false;
  b.refuses_unknown_names = false;
  b.keeps_empty_qos_list = true;
  b.qos_delete_corrupts_lists = true;
  // slurm-facts 0.2: adds and modifies stay linear to 400 names everywhere; a
  // delete of 400 costs three times as much per row as one of 100.
  b.add_batch = 400;
  b.modify_batch = 400;
  b.delete_batch = 100;
  // Databases of releases before 20.11 are none that assocsync knows.
  b.schema_version = 9;
  b.oldest_schema = 9;
  b.assoc_has_lft = true;
  b.acct_has_flags = false;
  b.txn_has_deleted = false;
  row(2011, 0, Ci(2011, 4));

  b.schema_version = 10;  // all else as before
  row(2108, 0, Once(2108, 8));

  b.default_guard = Behaviour::DefaultGuard::kInverted;
  b.keeps_empty_qos_list = false;
  b.refuses_unknown_names = true;
  b.schema_version = 12;  // 11 in its first weeks
  row(2205, 0, Ci(2205, 8));

  b.has_comment = true;
  b.dumps_gpumem_as_size = true;
  b.schema_version = 13;
  b.oldest_schema = 10;
  row(2302, 0, Once(2302, 8));

  b.account_delete_by_name = Match::kLikeAnywhere;
  b.user_delete_by_name = Match::kLikeAnywhere;
  b.assoc_delete = Match::kLikePrefix;
  b.assoc_delete_partition = Match::kLikePrefix;
  b.new_default_asked_of_all_rows = false;
  b.load_takes_last_default = true;
  b.has_lineage = true;
  b.move_updates_descendants = false;
  b.move_into_self = Behaviour::MoveIntoSelf::kBreaksLineage;
  b.same_parent_drops_rest = true;
  b.partition_lineage_doubles_slash = true;
  b.schema_version = 15;  // 14 in its first weeks
  b.oldest_schema = 11;
  row(2311, 0, Read());

  b.default_guard = Behaviour::DefaultGuard::kStrict;
  row(2311, 1, Read());
  b.partition_lineage_doubles_slash = false;  // f4e9d7373d
  row(2311, 5, Once(2311, 11));
  b.oldest_schema = 13;
  b.acct_has_flags = true;
  row(2405, 0, Read());

  b.qos_delete_corrupts_lists = false;  // 6578e9224c
  row(2405, 3, Read());

  // a8956f5876: exact rows, and so sub-accounts are left behind as orphans.
  b.assoc_delete = Match::kExact;
  b.assoc_delete_partition = Match::kExact;
  b.account_delete_takes_subtree = false;
  row(2405, 4, Once(2405, 8));

  b.schema_version = 16;
  b.account_where_works = false;  // CHANGELOG of 24.11.2, 58b5c65f31
  b.reconfigure_reads_tree = true;
  b.txn_has_deleted = true;
  row(2411, 0, Read());
  b.account_where_works = true;
  row(2411, 2, Ci(2411, 5));

  b.dumps_qos = true;
  b.load_marks_rows = true;  // 5eabc2717f
  b.oldest_schema = 14;
  b.assoc_has_lft = false;
  row(2505, 0, Read());

  b.move_into_self = Behaviour::MoveIntoSelf::kRefusedExit0;
  b.move_updates_descendants = true;  // 8c94a5ac83
  row(2505, 1, Once(2505, 8));

  b.delete_batch = 400;  // d9a3f9ca41
  b.oldest_schema = 15;
  row(2511, 0, Read());

  b.assoc_delete = Match::kLikePrefix;  // 1c3d3a898d
  b.account_delete_takes_subtree = true;
  row(2511, 4, Read());

  b.default_guard = Behaviour::DefaultGuard::kRemaining;  // a98ce99c5d
  row(2511, 6, Once(2511, 7));

  row(2605, 0, Ci(2605, 5));
  return rows;
}

constexpr SchemaColumn kSchemaColumns[] = {
    {"qos_table", "limit_factor", 2108, 0},
    {"_assoc_table", "comment", 2302, 0},
    {"_assoc_table", "id_parent", 2311, 0},
    {"_assoc_table", "lineage", 2311, 0},
    {"acct_table", "flags", 2405, 0},
    {"_assoc_table", "flags", 2405, 0},
    {"cluster_table", "id", 2411, 0},
    {"txn_table", "deleted", 2411, 0},
    {"_assoc_table", "lft", 0, 2505},
    {"_assoc_table", "rgt", 0, 2505},
};

const std::vector<Behaviour>& Table() {
  static const std::vector<Behaviour>* const table =
      new std::vector<Behaviour>(MakeTable());
  return *table;
}

}  // namespace

std::string ReleaseEvidence::ToString() const {
  switch (kind) {
    case Kind::kCi:
      return absl::StrCat("run by the tests (", ran.ToString(), ")");
    case Kind::kOnce:
      return absl::StrCat("run once (", ran.ToString(), ", ", date, ")");
    case Kind::kRead:
      break;
  }
  return "read";
}

std::string Release::ToString() const {
  return absl::StrFormat("%d.%02d.%d", series / 100, series % 100, point);
}

absl::StatusOr<Release> ParseRelease(absl::string_view text) {
  const absl::string_view all = absl::StripAsciiWhitespace(text);
  absl::string_view number = all;
  for (const absl::string_view word :
       absl::StrSplit(all, absl::ByAnyChar(" \t\n"), absl::SkipEmpty())) {
    number = word;
    if (absl::ascii_isdigit(word.front())) break;
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(number, '.');
  const auto bad = [&] {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", text, "' is no release of Slurm; one is written as 24.11.5"));
  };
  if (parts.size() < 2 || parts[1].size() != 2) return bad();
  int year = 0;
  int month = 0;
  int point = 0;
  if (!absl::SimpleAtoi(parts[0], &year) || year < 10 || year > 99) {
    return bad();
  }
  if (!absl::SimpleAtoi(parts[1], &month) || month < 1 || month > 12) {
    return bad();
  }
  // "24.11.0-0rc1" and "22.05.8-1" carry more than digits.
  if (parts.size() > 2) {
    absl::string_view digits = parts[2];
    size_t end = 0;
    while (end < digits.size() && absl::ascii_isdigit(digits[end])) ++end;
    if (!absl::SimpleAtoi(digits.substr(0, end), &point)) return bad();
  }
  return Release{year * 100 + month, point};
}

absl::Span<const Behaviour> BehaviourTable() { return Table(); }

absl::StatusOr<Behaviour> BehaviourOf(const Release& release) {
  const Behaviour* found = nullptr;
  for (const Behaviour& row : Table()) {
    if (row.since <= release) found = &row;
  }
  if (found == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("Slurm ", release.ToString(), " is older than ",
                     Table().front().since.ToString(),
                     ", the oldest release that assocsync knows"));
  }
  Behaviour behaviour = *found;
  behaviour.words = release;
  return behaviour;
}

std::vector<Behaviour> RowsThatCouldHold(const Behaviour& row) {
  std::vector<Behaviour> rows = {row};
  if (row.evidence.kind != ReleaseEvidence::Kind::kRead) return rows;
  const auto at = absl::c_find_if(
      Table(), [&](const Behaviour& b) { return b.since == row.since; });
  // True: a row that was run, beyond which there is nothing to ask.
  const auto take = [&](const Behaviour& other) {
    // What this release can say at all, it must be able to say there.
    if (other.has_comment == row.has_comment &&
        other.has_lineage == row.has_lineage &&
        other.account_where_works == row.account_where_works) {
      rows.push_back(other);
      rows.back().words = row.words;
    }
    return other.evidence.kind != ReleaseEvidence::Kind::kRead;
  };
  for (auto before = at; before != Table().begin();) {
    if (take(*--before)) break;
  }
  for (auto after = at; ++after != Table().end();) {
    if (take(*after)) break;
  }
  return rows;
}

Release NewestOf(int series) {
  Release newest = {series, 0};
  for (const Behaviour& row : Table()) {
    if (row.since.series == series) newest = row.since;
  }
  for (const WordInfo& word : AllWords()) {
    if (word.since == series)
      newest.point = std::max<int>(newest.point, word.point);
  }
  return newest;
}

bool IsNewerThanTable(const Release& release) {
  return release.series > Table().back().since.series;
}

const Behaviour& BehaviourOfSeries(int series) {
  const Behaviour* found = &Table().front();
  for (const Behaviour& row : Table()) {
    if (row.since.series <= series) found = &row;
  }
  return *found;
}

absl::Span<const SchemaColumn> SchemaColumns() { return kSchemaColumns; }

int LastWithColumnsOf(int series) {
  int next = kNoNewest;
  for (const SchemaColumn& column : kSchemaColumns) {
    for (const int change : {column.since, column.until}) {
      if (change > series) next = std::min(next, change);
    }
  }
  if (next == kNoNewest) return kNoNewest;
  return BehaviourOfSeries(next - 1).since.series;
}

}  // namespace assocsync
