#include "engine/live/database_schema.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/maps.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

using absl::string_view;

// The cluster's own tables stand for all clusters here.
constexpr string_view kAssoc = "_assoc_table";
constexpr string_view kWckey = "_wckey_table";

struct Column {
  string_view table, column;
};

// Every release has these. What options need is added from the key table.
struct Always {
  string_view table, columns;
  bool of_state = true;  // Its rows are a part of what is read.
};
constexpr Always kAlways[] = {
    {"cluster_table", "name deleted"},
    {"acct_table", "name deleted"},
    {"user_table", "name deleted"},
    {"acct_coord_table", "acct user deleted"},
    {"tres_table", "id type name deleted"},
    {"qos_table", "id name deleted"},
    {"txn_table", "id timestamp", /*of_state=*/false},
    {kAssoc,
     "id_assoc acct user partition parent_acct is_def delta_qos deleted"},
    {kWckey, "user wckey_name is_def deleted"},
};

std::string SeriesName(int series) {
  return absl::StrFormat("%d.%02d", series / 100, series % 100);
}

string_view TableOf(Scope scope) {
  switch (scope) {
    case Scope::kCluster:
      return "cluster_table";
    case Scope::kAccount:
      return "acct_table";
    case Scope::kUser:
      return "user_table";
    case Scope::kUserAssoc:
    case Scope::kAssoc:
      return kAssoc;
    case Scope::kQos:
      return "qos_table";
  }
  return "";
}

bool IsOfCluster(string_view table) { return table[0] == '_'; }

std::vector<std::string> Tables(const std::vector<std::string>& clusters) {
  std::vector<std::string> tables;
  for (const auto& [table, columns, of_state] : kAlways) {
    if (!IsOfCluster(table)) tables.emplace_back(table);
  }
  for (const std::string& cluster : clusters) {
    tables.push_back(AssocTable(cluster));
    tables.push_back(WckeyTable(cluster));
  }
  return tables;
}

std::string InList(const std::vector<std::string>& words) {
  return absl::StrCat("(",
                      absl::StrJoin(words, ", ",
                                    [](std::string* out, const auto& word) {
                                      out->append(SqlString(word));
                                    }),
                      ")");
}

class Prober {
 public:
  Prober(const TableColumns& columns, const std::vector<std::string>& clusters)
      : columns_(columns), clusters_(clusters) {}

  bool Anywhere(const Column& column) const {
    const auto names = Names(column);
    return absl::c_any_of(names, [&](const std::string& table) {
      return Has(table, column.column);
    });
  }
  void Need(const Column& column) {
    for (const std::string& table : Names(column)) {
      if (!columns_.contains(table)) {
        missing_.insert(absl::StrCat("table ", table));
      } else if (!Has(table, column.column)) {
        missing_.insert(absl::StrCat(table, ".", column.column));
      }
    }
  }
  const absl::btree_set<std::string>& missing() const { return missing_; }

 private:
  bool Has(const std::string& table, string_view column) const {
    const auto* columns = FindIn(columns_, table);
    return columns != nullptr && columns->contains(column);
  }
  std::vector<std::string> Names(const Column& column) const {
    if (!IsOfCluster(column.table)) return {std::string(column.table)};
    std::vector<std::string> names;
    for (const std::string& cluster : clusters_) {
      names.push_back(absl::StrCat(cluster, column.table));
    }
    return names;
  }

  const TableColumns& columns_;
  const std::vector<std::string>& clusters_;
  absl::btree_set<std::string> missing_;
};

absl::Status CheckEngines(Database& database,
                          const std::vector<std::string>& tables) {
  std::vector<std::string> bad;
  RETURN_IF_ERROR(database.ForEachRow(
      absl::StrCat("SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES "
                   "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ",
                   InList(tables)),
      [&](absl::Span<const Database::Value> row) {
        const string_view engine = row[1].value_or("none");
        if (!absl::EqualsIgnoreCase(engine, "InnoDB")) {
          bad.push_back(absl::StrCat(row[0].value_or(""), " (", engine, ")"));
        }
        return absl::OkStatus();
      }));
  if (bad.empty()) return absl::OkStatus();
  absl::c_sort(bad);
  return absl::FailedPreconditionError(absl::StrCat(
      "these tables are not InnoDB, so what is read of them may be of several "
      "moments: ",
      absl::StrJoin(bad, ", "),
      "; with slurmdbd stopped run ALTER TABLE ... ENGINE=InnoDB on each (an "
      "SQL dump would not be consistent either)"));
}

}  // namespace

std::string DatabaseSchema::ToString() const {
  if (newest == kNoNewest) {
    return absl::StrCat(SeriesName(oldest), " or later");
  }
  if (newest == oldest) return SeriesName(oldest);
  return absl::StrCat(SeriesName(oldest), " to ", SeriesName(newest));
}

bool IsOfState(string_view table) {
  return absl::c_any_of(kAlways, [&](const Always& always) {
    return always.of_state &&
           (IsOfCluster(always.table) ? absl::EndsWith(table, always.table)
                                      : table == always.table);
  });
}

std::string AssocTable(string_view cluster) {
  return absl::StrCat(cluster, kAssoc);
}
std::string WckeyTable(string_view cluster) {
  return absl::StrCat(cluster, kWckey);
}

absl::StatusOr<std::vector<std::string>> ListClusters(Database& database) {
  // Asked before the table itself, for a better word than "doesn't exist".
  ASSIGN_OR_RETURN(
      const auto there,
      database.Query("SELECT DATABASE(), (SELECT COUNT(*) FROM "
                     "information_schema.COLUMNS WHERE TABLE_SCHEMA = "
                     "DATABASE() AND TABLE_NAME = 'cluster_table' AND "
                     "COLUMN_NAME IN ('name', 'deleted'))"));
  if (there[0][1] != "2") {
    return absl::FailedPreconditionError(absl::StrCat(
        "database ", there[0][0].value_or("(none)"),
        " has no cluster_table that this user may read: it is no database of "
        "slurmdbd (StorageLoc), or SELECT is not granted"));
  }
  ASSIGN_OR_RETURN(
      std::vector<std::string> names,
      FirstColumn(database, "SELECT name FROM cluster_table WHERE deleted=0"));
  absl::c_sort(names);
  return names;
}

absl::StatusOr<DatabaseSchema> ProbeSchema(
    Database& database, const std::vector<std::string>& clusters) {
  const std::vector<std::string> tables = Tables(clusters);
  TableColumns columns;
  RETURN_IF_ERROR(database.ForEachRow(
      absl::StrCat("SELECT TABLE_NAME, COLUMN_NAME FROM "
                   "information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() "
                   "AND TABLE_NAME IN ",
                   InList(tables)),
      [&](absl::Span<const Database::Value> row) {
        columns[std::string(row[0].value_or(""))].insert(
            absl::AsciiStrToLower(row[1].value_or("")));
        return absl::OkStatus();
      }));
  ASSIGN_OR_RETURN(
      const DatabaseSchema schema,
      SchemaOf(
          columns, clusters, " missing, or this user may not read them: ",
          "; if an upgrade stopped half way, start that release's slurmdbd "
          "once and look into its log; otherwise grant SELECT"));
  RETURN_IF_ERROR(CheckEngines(database, tables));
  return schema;
}

absl::StatusOr<DatabaseSchema> SchemaOf(
    const TableColumns& columns, const std::vector<std::string>& clusters,
    string_view are, string_view advice) {
  Prober prober(columns, clusters);
  DatabaseSchema schema;
  schema.oldest = BehaviourTable().front().since.series;
  for (const SchemaColumn& column : SchemaColumns()) {
    if (prober.Anywhere({column.table, column.column})) {
      schema.oldest = std::max(schema.oldest, column.since);
    }
  }
  // What went is missing where all that came before it is there.
  int dropped_in = 0;
  bool still_there = false;
  for (const SchemaColumn& column : SchemaColumns()) {
    if (column.until <= schema.oldest) continue;
    dropped_in = column.until;
    still_there |= prober.Anywhere({column.table, column.column});
  }
  if (!still_there && LastWithColumnsOf(schema.oldest) ==
                          BehaviourOfSeries(dropped_in - 1).since.series) {
    schema.oldest = dropped_in;
  }
  schema.newest = LastWithColumnsOf(schema.oldest);
  for (const auto& [table, columns_of, of_state] : kAlways) {
    for (const string_view column : absl::StrSplit(columns_of, ' ')) {
      prober.Need({table, column});
    }
  }
  for (const SchemaColumn& column : SchemaColumns()) {
    if (column.since <= schema.oldest &&
        (column.until == 0 || column.until > schema.oldest)) {
      prober.Need({column.table, column.column});
    }
  }
  for (const KeyInfo& key : AllKeys()) {
    if (key.column.empty() || !schema.Has(key)) continue;
    // Which account is a user's default, rows of the cluster say.
    prober.Need({key.key == Key::kDefaultAccount ? kAssoc : TableOf(key.scope),
                 key.column});
  }
  if (!prober.missing().empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the database looks like one of Slurm ", SeriesName(schema.oldest),
        ", but these are", are, absl::StrJoin(prober.missing(), ", "), advice));
  }
  return schema;
}

}  // namespace assocsync
