#include "engine/live/database_records.h"

#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/base/status.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using absl::string_view;
using Row = absl::Span<const Database::Value>;

// The columns of `scope` that this schema has, but for those of other tables.
std::vector<const KeyInfo*> KeysOf(Scope scope, const DatabaseSchema& schema) {
  std::vector<const KeyInfo*> keys;
  for (const KeyInfo& key : AllKeys()) {
    if (key.scope == scope && !key.column.empty() && schema.Has(key) &&
        key.key != Key::kDefaultAccount) {
      keys.push_back(&key);
    }
  }
  return keys;
}

// Rows of `table` as records by name.
absl::Status ReadTable(
    const Reading& reading, string_view table, Scope scope,
    string_view condition,
    absl::FunctionRef<absl::Status(string_view, Fields)> sink) {
  const std::vector<const KeyInfo*> keys = KeysOf(scope, reading.schema);
  std::string sql = "SELECT name";
  for (const KeyInfo* key : keys) {
    absl::StrAppend(&sql, ", ", SqlName(key->column));
  }
  absl::StrAppend(&sql, " FROM ", table, " WHERE deleted=0", condition);
  return reading.database.ForEachRow(sql, [&](Row row) -> absl::Status {
    const string_view name = row[0].value_or("");
    FieldList fields;
    for (size_t i = 0; i < keys.size(); ++i) {
      const auto value = reading.values->Read(*keys[i], row[i + 1]);
      if (!value.ok()) {
        return absl::DataLossError(
            absl::StrCat(table, ", '", name, "': ", value.status().message()));
      }
      if ((*value)->set) fields.Set(keys[i]->key, (*value)->text);
      if (!(*value)->skipped.empty()) {
        reading.faults->skipped.push_back(absl::StrCat(table, ", ", name, ": ",
                                                       keys[i]->name, " holds ",
                                                       (*value)->skipped));
      }
    }
    return sink(name, Fields(fields));
  });
}

absl::Status Twice(string_view table, string_view name) {
  return absl::DataLossError(absl::StrCat(
      table, " holds '", name,
      "' twice: two names that differ in upper and lower case only, or in "
      "bytes that the connection's character set cannot tell apart"));
}

}  // namespace

absl::StatusOr<DatabaseNames> ReadNames(Database& database,
                                        DatabaseState* state) {
  DatabaseNames names;
  RETURN_IF_ERROR(database.ForEachRow(
      "SELECT id, name FROM qos_table WHERE deleted=0", [&](Row row) {
        names.qos.emplace(row[0].value_or(""), row[1].value_or(""));
        return absl::OkStatus();
      }));
  RETURN_IF_ERROR(database.ForEachRow(
      "SELECT id, type, name FROM tres_table WHERE deleted=0", [&](Row row) {
        std::string name(row[1].value_or(""));
        const string_view of = row[2].value_or("");
        if (!of.empty()) absl::StrAppend(&name, "/", of);
        names.tres.emplace(row[0].value_or(""), name);
        return absl::OkStatus();
      }));
  for (const auto& [id, name] : names.qos) {
    ASSIGN_OR_RETURN(const Name qos, NameForTree(name, true));
    ASSIGN_OR_RETURN(const Name listed, JoinNames({qos}, "a QOS"));
    if (!state->qos.insert(listed).second) return Twice("qos_table", name);
  }
  for (const auto& [id, name] : names.tres) state->tres.insert(Name(name));
  if (!state->tres.contains(Name("cpu"))) {
    return absl::DataLossError("tres_table lists no TRES, not even cpu");
  }
  return names;
}

absl::Status ReadRecords(const Reading& reading) {
  DatabaseState* const state = reading.state;
  const struct {
    Scope scope;
    string_view table;
    std::string condition;
    bool fold;
    absl::btree_map<Name, Record>* records;
  } kTables[] = {{Scope::kAccount, "acct_table", "", true, &state->accounts},
                 {Scope::kUser, "user_table", reading.AmongUsers("name"),
                  reading.fold_users, &state->users},
                 {Scope::kQos, "qos_table", "", true, &state->tree.qos}};
  for (const auto& [scope, table, condition, fold, records] : kTables) {
    const auto insert = [table = table, fold = fold, into = records](
                            string_view raw, Fields fields) {
      const Name name = DatabaseName(raw, fold);
      return into->emplace(name, Record{std::move(fields)}).second
                 ? absl::OkStatus()
                 : Twice(table, name.view());
    };
    if (scope != Scope::kUser && !reading.accounts()) continue;
    RETURN_IF_ERROR(ReadTable(reading, table, scope, condition, insert));
  }
  if (reading.accounts()) {
    RETURN_IF_ERROR(ReadTable(
        reading, "cluster_table", Scope::kCluster,
        absl::StrCat(" AND name=", SqlString(state->tree.cluster.view())),
        [&](string_view, Fields fields) {
          state->tree.cluster_fields = std::move(fields);
          return absl::OkStatus();
        }));
  }
  if (!reading.accounts() && !reading.rights()) return absl::OkStatus();
  return reading.database.ForEachRow(
      absl::StrCat("SELECT acct, user FROM acct_coord_table WHERE deleted=0",
                   reading.accounts() ? "" : reading.AmongUsers("user")),
      [&](Row row) {
        state->coordinators.insert(
            {DatabaseName(row[0].value_or(""), true),
             DatabaseName(row[1].value_or(""), reading.fold_users)});
        return absl::OkStatus();
      });
}

absl::Status ReadWckeys(const Reading& reading) {
  DatabaseState* const state = reading.state;
  absl::btree_map<Name, std::vector<Name>> lists;
  absl::btree_map<Name, Name> defaults;
  // Those that begin with '*' mark jobs without a WCKey; nobody was given one.
  RETURN_IF_ERROR(reading.database.ForEachRow(
      absl::StrCat("SELECT user, wckey_name, is_def FROM ",
                   SqlName(WckeyTable(state->tree.cluster.view())),
                   " WHERE deleted=0 AND user<>''", reading.AmongUsers("user")),
      [&](Row row) -> absl::Status {
        const string_view raw = row[1].value_or("");
        if (raw.empty() || absl::StartsWith(raw, "*")) return absl::OkStatus();
        const Name user = DatabaseName(row[0].value_or(""), reading.fold_users);
        ASSIGN_OR_RETURN(const Name wckey,
                         Annotate(NameForTree(raw, true),
                                  absl::StrCat("WCKeys of ", user.view())));
        lists[user].push_back(wckey);
        if (row[2] == "1") defaults[user] = wckey;
        return absl::OkStatus();
      }));
  for (const auto& [user, list] : lists) {
    auto& records =
        state->tree.users.contains(user) ? state->tree.users : state->users;
    // Only rows say anything of a user without a record.
    const auto record = records.find(user);
    if (record == records.end()) continue;
    ASSIGN_OR_RETURN(const Name joined,
                     JoinNames(list, absl::StrCat("a WCKey of ", user.view())));
    record->second.fields.Set(Key::kWckeys, joined);
    if (const Name* wckey = FindIn(defaults, user)) {
      record->second.fields.Set(Key::kDefaultWckey, *wckey);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Name> JoinNames(const std::vector<Name>& names,
                               string_view what) {
  std::vector<string_view> views;
  for (const Name name : names) {
    if (absl::StrContains(name.view(), ',')) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the name of ", what, ", '", name.view(),
          "', holds a comma, at which every list of names is split; rename or "
          "remove it with what made it"));
    }
    views.push_back(name.view());
  }
  return Name(JoinElements(std::move(views)));
}

}  // namespace assocsync
