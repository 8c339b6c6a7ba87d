#include "engine/live/transactions.h"

#include <algorithm>
#include <utility>

#include "absl/container/btree_map.h"
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

absl::Status Explained(const absl::Status& status) {
  if (absl::IsPermissionDenied(status)) {
    return absl::PermissionDeniedError(absl::StrCat(
        "the transaction log cannot be read: ", status.message(),
        "; let that user read the database (GRANT SELECT ON its tables)"));
  }
  // ER_NO_SUCH_TABLE, ER_NO_DB_ERROR
  if (absl::StrContains(status.message(), "error 1146:") ||
      absl::StrContains(status.message(), "error 1046:")) {
    return absl::NotFoundError(absl::StrCat(
        "there is no transaction log (txn_table) in this database: ",
        status.message(),
        "; is it the one that slurmdbd uses (StorageLoc of slurmdbd.conf)?"));
  }
  return Annotate(status, "reading the transaction log");
}

bool IsMissingTable(const absl::Status& status) {
  return absl::StrContains(status.message(), "error 1146:");
}

}  // namespace

// Ids that transactions speak of, with when they first do so.
struct TransactionReader::Wanted {
  using Id = std::pair<std::string, uint64_t>;  // Cluster, id.
  absl::btree_map<Id, int64_t> associations, wckeys;

  absl::btree_map<Id, int64_t>* Of(ObjectKind kind) {
    return kind == ObjectKind::kAssociation ? &associations
           : kind == ObjectKind::kWckey     ? &wckeys
                                            : nullptr;
  }
};

absl::StatusOr<TransactionExtent> TransactionReader::Begin(
    const TransactionQuery& query) {
  where_ = Where(query);
  RETURN_IF_ERROR(database_->Execute(
      "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"));
  TransactionExtent extent;
  absl::Status status = database_->ForEachRow(
      "SELECT MIN(timestamp), MAX(id) - MIN(id) FROM txn_table",
      [&](RowValues values) {
        if (!values[0].has_value()) return absl::OkStatus();
        extent.oldest = Number<int64_t>(values[0]);
        extent.older_left_out =
            query.newest != 0 && Number<uint64_t>(values[1]) >= query.newest;
        return absl::OkStatus();
      });
  if (!status.ok()) return Explained(status);
  status = database_->ForEachRow(
      absl::StrCat("SELECT DISTINCT actor FROM txn_table", where_),
      [&](RowValues values) {
        extent.actors.push_back(Text(values[0]));
        return absl::OkStatus();
      });
  if (!status.ok()) return Explained(status);
  std::sort(extent.actors.begin(), extent.actors.end());

  status = Learn();
  if (!status.ok()) return Explained(status);
  return extent;
}

absl::Status TransactionReader::Learn() {
  Wanted wanted;
  RETURN_IF_ERROR(FindWanted(&wanted));
  RETURN_IF_ERROR(ReadTres());
  RETURN_IF_ERROR(ReadQos());
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
        auto* ids = wanted->Of(transaction.object);
        if (ids == nullptr) return absl::OkStatus();
        for (const TransactionObject& object : transaction.objects) {
          if (!object.id.has_value()) continue;
          const auto [it, added] = ids->try_emplace(
              {transaction.row.cluster, *object.id}, transaction.row.time);
          if (!added) it->second = std::min(it->second, transaction.row.time);
        }
        return absl::OkStatus();
      });
}

absl::Status TransactionReader::ReadTres() {
  return database_->ForEachRow(
      "SELECT id, type, name FROM tres_table", [&](RowValues values) {
        const std::string name = Text(values[2]);
        names_.AddTres(
            Number<uint64_t>(values[0]),
            absl::StrCat(Text(values[1]), name.empty() ? "" : "/", name));
        return absl::OkStatus();
      });
}

absl::Status TransactionReader::ReadQos() {
  return database_->ForEachRow(
      "SELECT id, name, creation_time FROM qos_table", [&](RowValues values) {
        names_.AddQos(Number<uint64_t>(values[0]), Text(values[1]),
                      Number<int64_t>(values[2]));
        return absl::OkStatus();
      });
}

absl::Status TransactionReader::ReadRows(const Wanted& wanted) {
  absl::btree_set<std::string> clusters;
  for (const auto& [id, time] : wanted.associations) clusters.insert(id.first);
  for (const std::string& cluster : clusters) {
    const absl::Status status = database_->ForEachRow(
        absl::StrCat("SELECT id_assoc, acct, user, `partition`, creation_time "
                     "FROM ",
                     SqlName(absl::StrCat(cluster, "_assoc_table"))),
        [&](RowValues values) {
          const uint64_t id = Number<uint64_t>(values[0]);
          if (!wanted.associations.contains({cluster, id})) {
            return absl::OkStatus();
          }
          TransactionObject object;
          object.named = true;
          object.account = Text(values[1]);
          object.user = Text(values[2]);
          object.partition = Text(values[3]);
          names_.AddAssociation(cluster, id, std::move(object),
                                Number<int64_t>(values[4]));
          return absl::OkStatus();
        });
    // The cluster itself may have been deleted.
    if (!status.ok() && !IsMissingTable(status)) return status;
  }
  clusters.clear();
  for (const auto& [id, time] : wanted.wckeys) clusters.insert(id.first);
  for (const std::string& cluster : clusters) {
    const absl::Status status = database_->ForEachRow(
        absl::StrCat("SELECT id_wckey, wckey_name, user, creation_time FROM ",
                     SqlName(absl::StrCat(cluster, "_wckey_table"))),
        [&](RowValues values) {
          const uint64_t id = Number<uint64_t>(values[0]);
          if (!wanted.wckeys.contains({cluster, id})) return absl::OkStatus();
          TransactionObject object;
          object.named = true;
          object.name = Text(values[1]);
          object.user = Text(values[2]);
          names_.AddWckey(cluster, id, std::move(object),
                          Number<int64_t>(values[3]));
          return absl::OkStatus();
        });
    if (!status.ok() && !IsMissingTable(status)) return status;
  }
  return absl::OkStatus();
}

// Only where the tables do not tell: a row that is gone, or younger than what
// is said of its id.
absl::Status TransactionReader::ReadLoggedAdds(const Wanted& wanted) {
  absl::btree_set<Wanted::Id> associations, wckeys;
  for (const auto& [id, time] : wanted.associations) {
    if (!names_.Knows(ObjectKind::kAssociation, id.first, id.second, time)) {
      associations.insert(id);
    }
  }
  for (const auto& [id, time] : wanted.wckeys) {
    if (!names_.Knows(ObjectKind::kWckey, id.first, id.second, time)) {
      wckeys.insert(id);
    }
  }
  if (associations.empty() && wckeys.empty()) return absl::OkStatus();
  return database_->ForEachRow(
      absl::StrCat("SELECT ", kColumns,
                   " FROM txn_table WHERE action IN (1404, 1452) ORDER BY id"),
      [&](RowValues values) {
        const Transaction transaction = ReadTransaction(RowOf(values));
        const auto& ids =
            transaction.object == ObjectKind::kWckey ? wckeys : associations;
        for (const TransactionObject& object : transaction.objects) {
          if (object.id.has_value() &&
              ids.contains({transaction.row.cluster, *object.id})) {
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
