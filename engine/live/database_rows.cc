// Two statements for a cluster, accounts before users, in one snapshot: once
// the accounts' places are known, a user's row can be checked as it comes.
#include "engine/live/database_rows.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/live/nested_sets.h"

namespace assocsync {
namespace {

using absl::string_view;

// Columns of every row, in this order; the options follow.
constexpr string_view kNames =
    "id_assoc, acct, user, `partition`, parent_acct, is_def, delta_qos";
enum Place { kId, kAcct, kUser, kPartition, kParent, kIsDef, kDelta, kFirst };

class RowReader {
 public:
  RowReader(const DatabaseSchema& schema, string_view cluster,
            const RowOptions& options, DatabaseValues* values,
            RowFaults* faults)
      : schema_(schema),
        cluster_(cluster),
        options_(options),
        values_(values),
        faults_(faults) {
    for (const KeyInfo& key : AllKeys()) {
      const bool needed =
          options.managed
              ? key.scope == Scope::kAssoc || key.scope == Scope::kUserAssoc
              : key.key == Key::kQos || key.key == Key::kDefaultQos;
      if (needed && schema.Has(key)) keys_.push_back(&key);
    }
  }

  absl::StatusOr<std::vector<DatabaseRow>> Run(Database& database) {
    std::string sql = absl::StrCat("SELECT ", kNames);
    for (const KeyInfo* key : keys_) {
      absl::StrAppend(&sql, ", ", SqlName(key->column));
    }
    // The last two: where the row hangs.
    absl::StrAppend(
        &sql, schema_.has_lineage() ? ", id_parent, lineage" : ", lft, rgt",
        " FROM ", SqlName(AssocTable(cluster_)), " WHERE deleted=0 AND ");
    RETURN_IF_ERROR(database.ForEachRow(
        absl::StrCat(sql, "user=''"),
        [this](absl::Span<const Database::Value> row) { return Take(row); }));
    PlaceAccounts();
    RETURN_IF_ERROR(
        database.ForEachRow(absl::StrCat(sql, "user<>''"),
                            [this](absl::Span<const Database::Value> row) {
                              RETURN_IF_ERROR(Take(row));
                              PlaceUser();
                              return absl::OkStatus();
                            }));
    return Sorted();
  }

 private:
  using Row = absl::Span<const Database::Value>;

  // How messages name a row; its own names may be what is wrong with it.
  std::string Describe(const DatabaseRow& row) const {
    return absl::StrCat(options_.managed ? "" : absl::StrCat(cluster_, ": "),
                        row.key.DebugString(), " (id_assoc ", row.id, ")");
  }
  std::string At(string_view id) const {
    return absl::StrCat(AssocTable(cluster_), ", id_assoc ", id);
  }
  void Contradiction(const DatabaseRow& row, string_view what) {
    faults_->contradictions.push_back(absl::StrCat(Describe(row), ": ", what));
  }

  absl::Status Take(Row from) {
    const string_view id = from[kId].value_or("");
    DatabaseRow& row = rows_.emplace_back();
    row.association.limits = {};
    if (!absl::SimpleAtoi(id, &row.id)) {
      return absl::DataLossError(absl::StrCat(At(id), ": no number"));
    }
    const absl::Status named = TakeNames(from, &row);
    if (!named.ok()) return Annotate(named, At(id));
    for (size_t i = 0; i < keys_.size(); ++i) {
      const KeyInfo& key = *keys_[i];
      const Database::Value raw = from[kFirst + i];
      // Dump and sacctmgr know a comment of users' rows only.
      if (key.scope == Scope::kUserAssoc && row.key.is_account()) continue;
      const auto value = key.key == Key::kQos
                             ? values_->ReadQos(raw, from[kDelta])
                             : values_->Read(key, raw);
      if (!value.ok()) {
        return absl::DataLossError(
            absl::StrCat(At(id), " (", row.key.DebugString(),
                         "): ", value.status().message()));
      }
      if ((*value)->set) row.association.limits.Set(key.key, (*value)->text);
      if (!(*value)->skipped.empty()) {
        faults_->skipped.push_back(absl::StrCat(Describe(row), ": ", key.name,
                                                " holds ", (*value)->skipped));
      }
    }
    return TakePlace(from);
  }

  absl::StatusOr<Atom> Name(string_view raw, bool fold) const {
    if (options_.managed) return NameForTree(raw, fold);
    return DatabaseName(raw, fold);
  }

  absl::Status TakeNames(Row from, DatabaseRow* row) {
    ASSIGN_OR_RETURN(row->key.account, Name(from[kAcct].value_or(""), true));
    const string_view user = from[kUser].value_or("");
    if (!user.empty()) {
      ASSIGN_OR_RETURN(row->key.user, Name(user, options_.fold_users));
      row->is_default = from[kIsDef] == "1";
    }
    const string_view partition = from[kPartition].value_or("");
    if (!partition.empty()) {
      ASSIGN_OR_RETURN(row->key.partition, Name(partition, true));
    }
    const string_view parent = from[kParent].value_or("");
    if (row->key.is_account() && !parent.empty()) {
      ASSIGN_OR_RETURN(row->association.parent, Name(parent, true));
    }
    return absl::OkStatus();
  }

  absl::Status TakePlace(Row from) {
    const Database::Value first = from[kFirst + keys_.size()];
    const Database::Value second = from[kFirst + keys_.size() + 1];
    if (schema_.has_lineage()) {
      up_ = 0;
      if (!absl::SimpleAtoi(first.value_or("0"), &up_)) {
        return absl::DataLossError("id_parent is no number");
      }
      lineage_.assign(second.value_or("").data(), second.value_or("").size());
    } else if (!absl::SimpleAtoi(first.value_or(""), &lft_) ||
               !absl::SimpleAtoi(second.value_or(""), &rgt_)) {
      return absl::DataLossError("lft or rgt is no number");
    }
    if (rows_.back().key.is_account()) {
      account_places_.push_back({up_, lineage_, lft_, rgt_});
    }
    return absl::OkStatus();
  }

  void PlaceAccounts() {
    for (size_t i = 0; i < rows_.size(); ++i) {
      const Spot& spot = account_places_[i];
      by_id_[rows_[i].id] = rows_[i].key.account;
      ids_[rows_[i].key.account] = rows_[i].id;
      if (!schema_.has_lineage()) {
        nested_.Add(rows_[i].key.account, spot.lft, spot.rgt);
      }
    }
    nested_.Finish();
    for (size_t i = 0; i < rows_.size(); ++i) {
      DatabaseRow& row = rows_[i];
      Atom& parent = row.association.parent;
      const Atom named = parent;
      const Spot& spot = account_places_[i];
      if (schema_.has_lineage()) {
        const auto up = by_id_.find(spot.up);
        if (up != by_id_.end()) parent = up->second;
        if (up == by_id_.end() && spot.up != 0) {
          Contradiction(
              row, absl::StrCat("id_parent ", spot.up, " is no account row"));
        } else if (named != parent || (up == by_id_.end() && !parent.empty())) {
          Contradiction(
              row, absl::StrCat(
                       "parent_acct is '", named.view(), "', id_parent is ",
                       up == by_id_.end()
                           ? "0"
                           : absl::StrCat("that of '", parent.view(), "'")));
        }
      } else {
        const Atom around = nested_.Around(spot.lft, spot.rgt);
        if (around != parent) {
          Contradiction(row, absl::StrCat("parent_acct is '", named.view(),
                                          "', lft and rgt lie within '",
                                          around.view(), "'"));
          if (!options_.managed) parent = around;
        }
      }
      parents_[row.key.account] = parent;
    }
    for (size_t i = 0; i < rows_.size(); ++i) {
      SetLineage(account_places_[i].lineage, &rows_[i]);
    }
  }

  void PlaceUser() {
    DatabaseRow& row = rows_.back();
    if (schema_.has_lineage()) {
      const auto account = ids_.find(row.key.account);
      if (account != ids_.end() && account->second != up_) {
        Contradiction(
            row, absl::StrCat("id_parent is ", up_, ", its account's row is ",
                              account->second));
      }
    } else if (ids_.contains(row.key.account)) {
      const Atom around = nested_.Around(lft_, rgt_);
      if (around != row.key.account) {
        Contradiction(
            row, absl::StrCat("lft and rgt lie within '", around.view(), "'"));
      }
    }
    SetLineage(lineage_, &row);
  }

  // '/a/b/' of an account, by parents. A cycle ends where it closes.
  const std::string& PathOf(Atom account) {
    const auto known = paths_.find(account);
    if (known != paths_.end()) return known->second;
    std::vector<Atom> way;
    std::string path = "/";
    for (Atom at = account; !at.empty() && at != RootName();) {
      const auto found = paths_.find(at);
      if (found != paths_.end()) {
        path = found->second;
        break;
      }
      if (way.size() > parents_.size()) break;
      way.push_back(at);
      const auto parent = parents_.find(at);
      at = parent == parents_.end() ? Atom() : parent->second;
    }
    for (auto at = way.rbegin(); at != way.rend(); ++at) {
      absl::StrAppend(&path, at->view(), "/");
      paths_[*at] = path;
    }
    return paths_[account] = path;
  }

  void SetLineage(string_view stored, DatabaseRow* row) {
    if (options_.managed && !schema_.has_lineage()) return;
    path_ = PathOf(row->key.account);
    if (!row->key.user.empty()) {
      absl::StrAppend(&path_, "0-", row->key.user.view(), "/");
    }
    if (!row->key.partition.empty()) {
      absl::StrAppend(&path_, row->key.partition.view(), "/");
    }
    if (!schema_.has_lineage()) {
      row->lineage = Atom(path_);
    } else if (!options_.managed || stored != path_) {
      row->lineage = Atom(stored);
    }
  }

  absl::StatusOr<std::vector<DatabaseRow>> Sorted() {
    std::vector<uint32_t> order(rows_.size());
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
      return rows_[a].key < rows_[b].key;
    });
    std::vector<DatabaseRow> sorted;
    sorted.reserve(rows_.size());
    for (const uint32_t i : order) {
      if (!sorted.empty() && sorted.back().key == rows_[i].key) {
        return absl::DataLossError(absl::StrCat(
            AssocTable(cluster_), " holds ", rows_[i].key.DebugString(),
            " twice (id_assoc ", sorted.back().id, " and ", rows_[i].id,
            "): two names that differ in upper and lower case only, or in "
            "bytes that the connection's character set cannot tell apart"));
      }
      sorted.push_back(std::move(rows_[i]));
    }
    return sorted;
  }

  struct Spot {
    uint64_t up = 0;
    std::string lineage;
    int64_t lft = 0, rgt = 0;
  };

  const DatabaseSchema& schema_;
  const string_view cluster_;
  const RowOptions& options_;
  DatabaseValues* const values_;
  RowFaults* const faults_;
  std::vector<const KeyInfo*> keys_;

  std::vector<DatabaseRow> rows_;
  std::vector<Spot> account_places_;  // Of rows_, as far as accounts go.
  absl::flat_hash_map<uint64_t, Atom> by_id_;
  absl::flat_hash_map<Atom, uint64_t> ids_;
  absl::flat_hash_map<Atom, Atom> parents_;
  absl::flat_hash_map<Atom, std::string> paths_;
  NestedSets nested_;
  // Of the row that was taken last.
  uint64_t up_ = 0;
  int64_t lft_ = 0, rgt_ = 0;
  std::string lineage_, path_;
};

}  // namespace

Atom DatabaseName(string_view raw, bool fold) {
  return fold ? Atom(absl::AsciiStrToLower(raw)) : Atom(raw);
}

absl::StatusOr<Atom> NameForTree(string_view raw, bool fold) {
  const auto odd = [](char c) {
    return absl::ascii_iscntrl(c) || c == '\'' || c == '"';
  };
  if (raw.empty() || std::any_of(raw.begin(), raw.end(), odd)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the name '", absl::CHexEscape(raw), "' ",
        raw.empty() ? "is empty" : "holds a control character or a quote",
        ", which neither a .cfg file nor a sacctmgr command can hold; remove "
        "the row with what made it (sacctmgr or slurmrestd), then run this "
        "again"));
  }
  return DatabaseName(raw, fold);
}

absl::StatusOr<std::vector<DatabaseRow>> ReadRows(
    Database& database, const DatabaseSchema& schema, string_view cluster,
    const RowOptions& options, DatabaseValues* values, RowFaults* faults) {
  return RowReader(schema, cluster, options, values, faults).Run(database);
}

}  // namespace assocsync
