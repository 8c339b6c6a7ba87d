#include "tests/support/sql_state.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using Row = Database::Row;

std::vector<Row> Query(Database& database, const std::string& sql) {
  auto rows = database.Query(sql);
  if (!rows.ok()) {
    std::fprintf(stderr, "%s\n%s\n", sql.c_str(),
                 rows.status().ToString().c_str());
    std::abort();
  }
  return *std::move(rows);
}

using Names = std::map<std::string, std::string>;  // By id.

Names QosNames(Database& database) {
  Names names;
  for (const Row& row :
       Query(database, "select id, name from qos_table where deleted=0")) {
    names[*row[0]] = *row[1];
  }
  return names;
}

Names TresNames(Database& database) {
  Names names;
  for (const Row& row : Query(
           database, "select id, type, name from tres_table where deleted=0")) {
    names[*row[0]] =
        row[2]->empty() ? *row[1] : absl::StrCat(*row[1], "/", *row[2]);
  }
  return names;
}

// ",1,2," or ",+1,-2,": the first character goes, whatever it is.
std::string QosList(const std::string& ids, const Names& names) {
  std::vector<std::string> found;
  for (absl::string_view id :
       absl::StrSplit(ids.substr(1), ',', absl::SkipEmpty())) {
    std::string sign;
    if (id[0] == '+' || id[0] == '-') {
      sign = std::string(id.substr(0, 1));
      id.remove_prefix(1);
    }
    const auto name = names.find(std::string(id));
    if (name != names.end()) found.push_back(sign + name->second);
  }
  const std::vector<absl::string_view> views(found.begin(), found.end());
  return JoinElements(views);
}

std::string TresList(const std::string& ids, const Names& names) {
  std::vector<std::pair<std::string, uint64_t>> found;
  for (absl::string_view item : absl::StrSplit(ids, ',', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(item, absl::MaxSplits('=', 1));
    uint64_t count = 0;
    if (!absl::SimpleAtoi(pair.second, &count)) std::abort();
    found.emplace_back(names.at(pair.first), count);
  }
  std::vector<TresItem> items(found.begin(), found.end());
  return JoinTres(items);
}

struct Option {
  Key key;
  Kind kind;
  std::string column;
};

std::vector<Option> Options(int series) {
  std::vector<Option> options;
  for (const KeyInfo& info : AllKeys()) {
    if (info.scope != Scope::kAssoc && info.scope != Scope::kUserAssoc) {
      continue;
    }
    if (info.since > series) continue;
    options.push_back({info.key, info.kind, std::string(info.column)});
  }
  return options;
}

Fields Limits(const std::vector<Option>& options, const Row& row, size_t at,
              const std::string& delta_qos, const Names& qos,
              const Names& tres) {
  Fields fields;
  for (const Option& option : options) {
    const auto& value = row[at++];
    if (option.key == Key::kQos) {
      if (!value->empty()) {
        fields.Set(option.key, Name(QosList(*value, qos)));
      } else if (!delta_qos.empty()) {
        const std::string list = QosList(delta_qos, qos);
        if (!list.empty()) fields.Set(option.key, Name(list));
      }
    } else if (!value.has_value()) {
      continue;
    } else if (option.key == Key::kDefaultQos) {
      const auto name = qos.find(*value);
      if (name != qos.end()) fields.Set(option.key, Name(name->second));
    } else if (option.kind == Kind::kTres) {
      if (!value->empty()) {
        fields.Set(option.key, Name(TresList(*value, tres)));
      }
    } else if (option.key == Key::kFairshare) {
      if (*value == "2147483647") {
        fields.Set(option.key, Name("parent"));
      } else if (*value != "1") {
        fields.Set(option.key, Name(*value));
      }
    } else {
      fields.Set(option.key, Name(*value));
    }
  }
  return fields;
}

struct Cluster {
  Tree tree;
  std::map<AssocKey, std::string> lineages;
  std::map<AssocKey, uint64_t> ids;
  absl::btree_set<AssocKey> default_rows;
};

std::string PathOf(const Tree& tree, const AssocKey& key) {
  std::vector<std::string> path;
  Name at = key.account;
  for (int i = 0; i < 1000 && !at.empty() && at != RootName(); ++i) {
    path.insert(path.begin(), at.str());
    const auto row = tree.associations.find({at, {}, {}});
    at = row == tree.associations.end() ? Name() : row->second.parent;
  }
  std::string out = "/";
  for (const std::string& name : path) absl::StrAppend(&out, name, "/");
  if (!key.user.empty()) absl::StrAppend(&out, "0-", key.user.view(), "/");
  if (!key.partition.empty()) absl::StrAppend(&out, key.partition.view(), "/");
  return out;
}

Cluster ReadCluster(Database& database, int series, const std::string& name,
                    const Names& qos, const Names& tres) {
  const std::vector<Option> options = Options(series);
  const bool has_lineage = series >= 2311;
  std::string sql = absl::StrCat(
      "select id_assoc, acct, user, `partition`, parent_acct, is_def, "
      "delta_qos, ",
      has_lineage ? "lineage, p_acct" : "'', parent_acct");
  for (const Option& option : options) {
    absl::StrAppend(&sql, ", `", option.column, "`");
  }
  const std::string table = SqlName(name + "_assoc_table");
  if (has_lineage) {
    // The parent by its id, which is what 23.11 and later go by.
    absl::StrAppend(&sql, " from ", table,
                    " left join (select id_assoc as p_id, acct as p_acct from ",
                    table, " where deleted=0) p on p_id=id_parent");
  } else {
    absl::StrAppend(&sql, " from ", table);
  }
  absl::StrAppend(&sql, " where deleted=0");
  Cluster out;
  for (const Row& row : Query(database, sql)) {
    const AssocKey key{Name(*row[1]), Name(*row[2]), Name(*row[3])};
    Association association;
    if (key.is_account()) {
      association.parent = Name(*row[4]);
      if (has_lineage && row[8].value_or("") != *row[4]) {
        association.parent = Name(
            absl::StrCat(*row[4], " or by id ", row[8].value_or("nothing")));
      }
    }
    association.limits = Limits(options, row, 9, *row[6], qos, tres);
    out.tree.associations[key] = association;
    uint64_t id = 0;
    if (!absl::SimpleAtoi(*row[0], &id)) std::abort();
    out.ids[key] = id;
    if (has_lineage) out.lineages[key] = row[7].value_or("");
    if (!key.is_account() && *row[5] == "1") out.default_rows.insert(key);
  }
  if (!has_lineage) {
    for (const auto& [key, row] : out.tree.associations) {
      out.lineages[key] = PathOf(out.tree, key);
    }
  }
  return out;
}

void ReadRecords(Database& database, DatabaseState* state) {
  for (const Row& row :
       Query(database,
             "select name, description, organization from acct_table where "
             "deleted=0")) {
    Fields& fields = state->accounts[Name(*row[0])].fields;
    fields.Set(Key::kDescription, Name(*row[1]));
    fields.Set(Key::kOrganization, Name(*row[2]));
  }
  for (const Row& row :
       Query(database,
             "select name, admin_level from user_table where deleted=0")) {
    Fields& fields = state->users[Name(*row[0])].fields;
    if (*row[1] == "2") fields.Set(Key::kAdminLevel, Name("Operator"));
    if (*row[1] == "3") fields.Set(Key::kAdminLevel, Name("Administrator"));
  }
  for (const Row& row :
       Query(database,
             "select acct, user from acct_coord_table where deleted=0")) {
    state->coordinators.insert({Name(*row[0]), Name(*row[1])});
  }
}

}  // namespace

DatabaseState ReadState(Database& database, int series,
                        const std::string& cluster,
                        const std::vector<std::string>& others) {
  const Names qos = QosNames(database);
  const Names tres = TresNames(database);
  DatabaseState state;
  state.complete = true;
  state.knows_default_rows = true;
  state.knows_all_options = true;
  for (const auto& [id, name] : qos) state.qos.insert(Name(name));
  for (const auto& [id, name] : tres) state.tres.insert(Name(name));
  ReadRecords(database, &state);
  Cluster own = ReadCluster(database, series, cluster, qos, tres);
  state.tree = own.tree;
  state.tree.cluster = Name(cluster);
  if (series < 2505) {
    for (const Row& row :
         Query(database, absl::StrCat("select acct from ",
                                      SqlName(cluster + "_assoc_table"),
                                      " where user='' and deleted=1"))) {
      state.marked_accounts.insert(Name(*row[0]));
    }
  }
  state.default_rows = own.default_rows;
  for (const auto& [key, id] : own.ids) state.ids[key] = id;
  for (const auto& [key, lineage] : own.lineages) {
    if (lineage != PathOf(own.tree, key)) state.lineages[key] = Name(lineage);
  }
  for (const auto& [key, row] : own.tree.associations) {
    if (key.is_account()) {
      const auto record = state.accounts.find(key.account);
      if (record != state.accounts.end()) {
        state.tree.accounts[key.account] = record->second;
      }
      continue;
    }
    const auto record = state.users.find(key.user);
    if (record == state.users.end()) continue;
    Fields& fields = state.tree.users[key.user].fields;
    if (const Name* level = record->second.fields.Find(Key::kAdminLevel)) {
      fields.Set(Key::kAdminLevel, *level);
    }
    if (own.default_rows.contains(key)) {
      fields.Set(Key::kDefaultAccount, key.account);
    }
  }
  for (auto& [user, record] : state.tree.users) {
    std::vector<absl::string_view> accounts;
    for (const DatabaseState::Coordinator& c : state.coordinators) {
      if (c.user == user) accounts.push_back(c.account.view());
    }
    if (!accounts.empty()) {
      record.fields.Set(Key::kCoordinator, Name(JoinElements(accounts)));
    }
  }
  std::map<Name, std::vector<std::string>> wckeys;
  for (const Row& row : Query(
           database,
           absl::StrCat("select user, wckey_name, is_def from ",
                        SqlName(cluster + "_wckey_table"),
                        " where deleted=0 and user<>'' and wckey_name not like "
                        "'*%'"))) {
    const Name user(*row[0]);
    wckeys[user].push_back(*row[1]);
    if (*row[2] != "1") continue;
    auto& records =
        state.tree.users.contains(user) ? state.tree.users : state.users;
    records[user].fields.Set(Key::kDefaultWckey, Name(*row[1]));
  }
  for (const auto& [user, names] : wckeys) {
    auto& records =
        state.tree.users.contains(user) ? state.tree.users : state.users;
    const std::vector<absl::string_view> views(names.begin(), names.end());
    records[user].fields.Set(Key::kWckeys, Name(JoinElements(views)));
  }
  for (const std::string& name : others) {
    const Cluster other = ReadCluster(database, series, name, qos, tres);
    for (const auto& [key, row] : other.tree.associations) {
      DatabaseState::OtherRow& value = state.others[{Name(name), key}];
      value.lineage = Name(other.lineages.at(key));
      value.qos = row.limits.Get(Key::kQos);
      value.default_qos = row.limits.Get(Key::kDefaultQos);
    }
  }
  return state;
}

}  // namespace assocsync
