#include "engine/live/transactions.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

using RowValues = absl::Span<const Database::Value>;

constexpr char kColumns[] = "id, timestamp, action, name, actor, cluster, info";

std::string Text(const Database::Value& value) {
  return std::string(value.value_or(""));
}

// What is no number there is no row of slurmdbd; 0 matches nothing.
template <typename T>
T Number(const Database::Value& value) {
  T number = 0;
  return value.has_value() && absl::SimpleAtoi(*value, &number) ? number : 0;
}

TransactionRow RowOf(RowValues values) {
  TransactionRow row;
  row.id = Number<uint64_t>(values[0]);
  row.time = Number<int64_t>(values[1]);
  row.action = Number<int>(values[2]);
  row.name = Text(values[3]);
  row.actor = Text(values[4]);
  row.cluster = Text(values[5]);
  if (values[6].has_value()) row.info = Text(values[6]);
  return row;
}

// The conditions of a query, " WHERE ..." or nothing.
std::string Where(const TransactionQuery& query) {
  std::vector<std::string> all;
  if (query.since.has_value()) {
    all.push_back(absl::StrCat("timestamp >= ", *query.since));
  }
  if (query.until.has_value()) {
    all.push_back(absl::StrCat("timestamp <= ", *query.until));
  }
  if (query.newest != 0) {
    all.push_back(
        absl::StrCat("id > (SELECT MAX(id) FROM txn_table) - ", query.newest));
  }
  if (!query.actor.empty()) {
    all.push_back(absl::StrCat("actor = ", SqlString(query.actor)));
  }
  if (!query.actions.empty()) {
    all.push_back(
        absl::StrCat("action IN (", absl::StrJoin(query.actions, ", "), ")"));
  }
  if (!query.cluster.empty()) {
    all.push_back(
        absl::StrCat("cluster IN ('', ", SqlString(query.cluster), ")"));
  }
  return all.empty() ? ""
                     : absl::StrCat(" WHERE ", absl::StrJoin(all, " AND "));
}

bool IsMissingTable(const absl::Status& status) {
  return absl::StrContains(status.message(), "error 1146:");
}

absl::Status Explained(const absl::Status& status) {
  if (absl::IsPermissionDenied(status)) {
    return absl::PermissionDeniedError(absl::StrCat(
        "the transaction log cannot be read: ", status.message(),
        "; let that user read the database (GRANT SELECT ON its tables)"));
  }
  if (IsMissingTable(status) ||  // ER_NO_SUCH_TABLE, ER_NO_DB_ERROR
      absl::StrContains(status.message(), "error 1046:")) {
    return absl::NotFoundError(absl::StrCat(
        "there is no transaction log (txn_table) in this database: ",
        status.message(),
        "; is it the one that slurmdbd uses (StorageLoc of slurmdbd.conf)?"));
  }
  return Annotate(status, "reading the transaction log");
}

}  // namespace

absl::StatusOr<TransactionExtent> TransactionReader::Begin(
    const TransactionQuery& query) {
  where_ = Where(query);
  RETURN_IF_ERROR(database_->Execute(
      "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"));
  TransactionExtent extent;
  const absl::Status status = Learn(query, &extent);
  if (!status.ok()) return Explained(status);
  return extent;
}

absl::Status TransactionReader::Learn(const TransactionQuery& query,
                                      TransactionExtent* extent) {
  RETURN_IF_ERROR(database_->ForEachRow(
      "SELECT MIN(timestamp), MAX(id) - MIN(id) FROM txn_table",
      [&](RowValues values) {
        if (!values[0].has_value()) return absl::OkStatus();
        extent->oldest = Number<int64_t>(values[0]);
        extent->older_left_out =
            query.newest != 0 && Number<uint64_t>(values[1]) >= query.newest;
        return absl::OkStatus();
      }));
  ASSIGN_OR_RETURN(
      extent->actors,
      FirstColumn(
          *database_,
          absl::StrCat("SELECT DISTINCT actor FROM txn_table", where_)));
  absl::c_sort(extent->actors);
  Wanted wanted;
  RETURN_IF_ERROR(FindWanted(&wanted));
  RETURN_IF_ERROR(ReadQosAndTres());
  RETURN_IF_ERROR(ReadRows(wanted));
  return ReadLoggedAdds(wanted);
}

absl::Status TransactionReader::FindWanted(Wanted* wanted) {
  return database_->ForEachRow(
      absl::StrCat("SELECT ", kColumns, " FROM txn_table",
                   where_.empty() ? " WHERE " : absl::StrCat(where_, " AND "),
                   "action IN (1429, 1437, 1450, 1455, 1456) ORDER BY id"),
      [&](RowValues values) {
        TransactionRow row = RowOf(values);
        row.info.reset();
        const Transaction transaction = ReadTransaction(std::move(row));
        names_.AddRemoval(transaction);
        if (transaction.object == ObjectKind::kQos) return absl::OkStatus();
        for (const TransactionObject& object : transaction.objects) {
          if (!object.id.has_value()) continue;
          int64_t& first =
              wanted
                  ->try_emplace(
                      {transaction.object, transaction.row.cluster, *object.id},
                      transaction.row.time)
                  .first->second;
          first = std::min(first, transaction.row.time);
        }
        return absl::OkStatus();
      });
}

absl::Status TransactionReader::ReadQosAndTres() {
  RETURN_IF_ERROR(database_->ForEachRow(
      "SELECT id, type, name FROM tres_table", [&](RowValues values) {
        const std::string name = Text(values[2]);
        names_.AddTres(
            Number<uint64_t>(values[0]),
            absl::StrCat(Text(values[1]), name.empty() ? "" : "/", name));
        return absl::OkStatus();
      }));
  return database_->ForEachRow(
      "SELECT id, name, creation_time FROM qos_table", [&](RowValues values) {
        names_.AddRow({ObjectKind::kQos, "", Number<uint64_t>(values[0])},
                      {.named = true, .name = Text(values[1])},
                      Number<int64_t>(values[2]));
        return absl::OkStatus();
      });
}

absl::Status TransactionReader::ReadRows(const Wanted& wanted) {
  absl::btree_set<std::pair<ObjectKind, std::string>> tables;
  for (const auto& [row, time] : wanted) tables.insert({row.kind, row.cluster});
  for (const auto& [kind, cluster] : tables) {
    const bool wckeys = kind == ObjectKind::kWckey;
    const std::string sql = absl::StrCat(
        wckeys
            ? "SELECT id_wckey, wckey_name, user, creation_time FROM "
            : "SELECT id_assoc, acct, user, `partition`, creation_time FROM ",
        SqlName(
            absl::StrCat(cluster, wckeys ? "_wckey_table" : "_assoc_table")));
    const absl::Status status =
        database_->ForEachRow(sql, [&](RowValues values) {
          NumberedRow row{kind, cluster, Number<uint64_t>(values[0])};
          if (!wanted.contains(row)) return absl::OkStatus();
          TransactionObject names{.named = true, .user = Text(values[2])};
          (wckeys ? names.name : names.account) = Text(values[1]);
          if (!wckeys) names.partition = Text(values[3]);
          names_.AddRow(std::move(row), std::move(names),
                        Number<int64_t>(values.back()));
          return absl::OkStatus();
        });
    // The cluster itself may have been deleted.
    if (!status.ok() && !IsMissingTable(status)) return status;
  }
  return absl::OkStatus();
}

// Only where the tables do not tell: a row that is gone, or younger than what
// is said of its id.
absl::Status TransactionReader::ReadLoggedAdds(const Wanted& wanted) {
  absl::btree_set<NumberedRow> unknown;
  for (const auto& [row, time] : wanted) {
    if (!names_.Knows(row, time)) unknown.insert(row);
  }
  if (unknown.empty()) return absl::OkStatus();
  return database_->ForEachRow(
      absl::StrCat("SELECT ", kColumns,
                   " FROM txn_table WHERE action IN (1404, 1452) ORDER BY id"),
      [&](RowValues values) {
        const Transaction transaction = ReadTransaction(RowOf(values));
        for (const TransactionObject& object : transaction.objects) {
          if (object.id.has_value() &&
              unknown.contains(
                  {transaction.object, transaction.row.cluster, *object.id})) {
            names_.AddLogged(transaction);
          }
        }
        return absl::OkStatus();
      });
}

absl::Status TransactionReader::ForEach(
    absl::FunctionRef<absl::Status(const Transaction&)> sink) {
  absl::Status of_sink;
  const absl::Status status = database_->ForEachRow(
      absl::StrCat("SELECT ", kColumns, " FROM txn_table", where_,
                   " ORDER BY id"),
      [&](RowValues values) {
        Transaction transaction = ReadTransaction(RowOf(values));
        names_.Resolve(&transaction);
        of_sink = sink(transaction);
        return of_sink;
      });
  if (!of_sink.ok()) return of_sink;
  if (!status.ok()) return Explained(status);
  return database_->Execute("COMMIT");
}

}  // namespace assocsync
