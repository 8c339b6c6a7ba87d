#include "tests/support/random_command.h"

#include <algorithm>
#include <iterator>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/model/key.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using Verb = Command::Verb;
using Entity = Command::Entity;
using Op = Setting::Op;

const std::vector<std::string>& Accounts() {
  static const auto* const names = new std::vector<std::string>{
      "a",   "b",    "ab_1",   "abx1", "ab-1", "a_b",       "root2",
      "gpu", "p1",   "c.d",    "c_d",  "0-u1", "two words", "x@y",
      "a%1", "deep", "deeper", "0-u",  "ab"};
  return *names;
}

const std::vector<std::string>& Users() {
  static const auto* const names = new std::vector<std::string>{
      "u1", "u", "j_doe", "j-doe", "jxdoe", "zed", "zed o", "a", "gpu", "p1",
      "u.x", "u_x", "o+p", "o", "w%", "%1", "1",
      // slurmdbd takes a backslash for an escape where it puts a name that it
      // read into SQL.
      "ex\\jd", "exjd", "ex", "u\\_x", "w\\%"};
  return *names;
}

const std::vector<std::string>& Partitions() {
  static const auto* const names =
      new std::vector<std::string>{"gpu", "p1", "p_1", "px1", "b"};
  return *names;
}

const std::vector<std::string>& AllQos() {
  static const auto* const names =
      new std::vector<std::string>{"normal", "q1", "q2", "q_3", "q\\1"};
  return *names;
}

const std::vector<std::string>& Wckeys() {
  static const auto* const names =
      new std::vector<std::string>{"w1", "w2", "w_3", "w\\1"};
  return *names;
}

}  // namespace

std::string RandomCommands::Pick(const std::vector<std::string>& names) {
  return names[static_cast<size_t>(Below(static_cast<int>(names.size())))];
}

std::string RandomCommands::Some(const std::vector<std::string>& names) {
  std::string list = Pick(names);
  for (int n = Chance(75) ? 0 : 1 + Below(2); n > 0; --n) {
    const std::string more = Pick(names);
    if (!absl::StrContains(absl::StrCat(",", list, ","),
                           absl::StrCat(",", more, ","))) {
      absl::StrAppend(&list, ",", more);
    }
  }
  return list;
}

std::string RandomCommands::Account(const DatabaseState& state) {
  std::vector<std::string> there;
  for (const auto& [key, row] : state.tree.associations) {
    if (key.is_account()) there.push_back(key.account.str());
  }
  return Chance(85) ? Pick(there) : Pick(Accounts());
}

const AssocKey* RandomCommands::UserRow(const DatabaseState& state) {
  std::vector<const AssocKey*> rows;
  for (const auto& [key, row] : state.tree.associations) {
    if (!key.is_account() && key.user != RootName()) rows.push_back(&key);
  }
  if (rows.empty()) return nullptr;
  return rows[static_cast<size_t>(Below(static_cast<int>(rows.size())))];
}

std::string RandomCommands::User(const DatabaseState& state) {
  const AssocKey* const row = UserRow(state);
  return row != nullptr && Chance(80) ? row->user.str() : Pick(Users());
}

std::string RandomCommands::Qos(const DatabaseState& state) {
  std::vector<std::string> there;
  for (const Name name : state.qos) there.push_back(name.str());
  return Pick(there);
}

std::string RandomCommands::Value(Key key) {
  if (Info(key).kind == Kind::kTres) {
    static const auto* const items = new std::vector<std::string>{
        "cpu=4",      "cpu=-1",      "mem=2560",        "mem=-1",   "node=2",
        "gres/gpu=3", "gres/gpu=-1", "gres/gpu:a100=1", "billing=7"};
    std::string list = Pick(*items);
    const std::string more = Pick(*items);
    if (list.substr(0, list.find('=')) != more.substr(0, more.find('='))) {
      absl::StrAppend(&list, ",", more);
    }
    return list;
  }
  if (key == Key::kFairshare && Chance(20)) return "parent";
  return Chance(25) ? "-1" : absl::StrCat(1 + Below(50));
}

void RandomCommands::AddLimits(const DatabaseState& state, bool users, bool add,
                               std::vector<Setting>* set) {
  std::vector<Key> keys;
  for (const KeyInfo& info : AllKeys()) {
    if (info.scope == Scope::kAssoc && info.key != Key::kQos &&
        info.key != Key::kDefaultQos) {
      keys.push_back(info.key);
    }
  }
  std::shuffle(keys.begin(), keys.end(), random_);
  const int count = add ? Below(3) : 1 + Below(3);
  for (int i = 0; i < count; ++i) {
    set->push_back({std::string(Info(keys[static_cast<size_t>(i)]).name),
                    Value(keys[static_cast<size_t>(i)])});
  }
  if (users && series_ >= 2302 && Chance(8)) {
    set->push_back({"Comment", Chance(50) ? "some words"
                                          : (add          ? "c"
                                             : Chance(50) ? ""
                                                          : "-1")});
  }
  if (Chance(35)) {
    switch (Below(add ? 3 : 6)) {
      case 0:
      case 1:
        set->push_back({"QOS", Chance(60) ? Qos(state)
                                          : absl::StrCat(Qos(state), ",",
                                                         Pick(AllQos()))});
        break;
      case 2:
        set->push_back({"QOS", absl::StrCat("+", Qos(state))});
        break;
      case 3:
        set->push_back({"QOS", Qos(state), Op::kAdd});
        break;
      case 4:
        set->push_back({"QOS", Qos(state), Op::kRemove});
        break;
      case 5:
        set->push_back({"QOS", ""});
        break;
    }
  }
  if (Chance(20)) {
    set->push_back({"DefaultQOS", Chance(25) ? "-1" : Qos(state)});
  }
  if (set->empty()) set->push_back({"MaxJobs", "3"});
}

Command RandomCommands::AddAccount(const DatabaseState& state) {
  Command c{Verb::kAdd, Entity::kAccount, {}, {}};
  c.set = {{"name", Some(Accounts())}, {"cluster", state.tree.cluster.str()}};
  if (Chance(80)) c.set.push_back({"parent", Account(state)});
  if (Chance(40)) {
    c.set.push_back({"description", Chance(50) ? "words: and 1" : "d"});
    c.set.push_back({"organization", "org"});
  }
  if (Chance(40)) AddLimits(state, false, true, &c.set);
  return c;
}

Command RandomCommands::AddUser(const DatabaseState& state) {
  Command c{Verb::kAdd, Entity::kUser, {}, {}};
  std::string account = Account(state);
  c.set = {{"name", Some(Users())}};
  if (Chance(15)) {
    const std::string more = Account(state);
    if (more != account) absl::StrAppend(&account, ",", more);
  }
  c.set.push_back({"account", account});
  c.set.push_back({"cluster", state.tree.cluster.str()});
  if (Chance(45)) c.set.push_back({"partition", Some(Partitions())});
  if (Chance(65)) {
    c.set.push_back(
        {"defaultaccount",
         Chance(85) ? account.substr(0, account.find(',')) : Account(state)});
  }
  if (Chance(10)) c.set.push_back({"adminlevel", "Operator"});
  if (Chance(40)) AddLimits(state, true, true, &c.set);
  return c;
}

Command RandomCommands::ModifyAccount(const DatabaseState& state) {
  Command c{Verb::kModify, Entity::kAccount, {}, {}};
  c.where = {{"name", Account(state)}};
  if (Chance(15)) {
    c.set = {{"description", Chance(30) ? "" : "New: Words"}};
    if (Chance(50)) c.set.push_back({"organization", "o2"});
    return c;
  }
  c.where.push_back({"cluster", state.tree.cluster.str()});
  if (Chance(45)) {
    c.set = {{"parent", Account(state)}};
    return c;
  }
  if (Chance(25)) {
    const std::string more = Account(state);
    if (more != c.where[0].value) {
      absl::StrAppend(&c.where[0].value, ",", more);
    }
  }
  AddLimits(state, false, false, &c.set);
  return c;
}

// Two lists mean each pair of their names.
void RandomCommands::AddAnotherRow(const DatabaseState& state,
                                   std::vector<Setting>* where) {
  const AssocKey* const row = UserRow(state);
  if (row == nullptr || !Chance(35)) return;
  for (Setting& setting : *where) {
    const bool names = setting.key == "name";
    if (!names && (setting.key != "account" || Chance(30))) continue;
    const std::string& more = names ? row->user.str() : row->account.str();
    if (!absl::c_linear_search(Elements(setting.value), more)) {
      absl::StrAppend(&setting.value, ",", more);
    }
  }
}

Command RandomCommands::ModifyUser(const DatabaseState& state) {
  Command c{Verb::kModify, Entity::kUser, {}, {}};
  c.where = {{"name", User(state)}};
  const int what = Below(100);
  if (what < 12) {
    c.set = {{"adminlevel", Chance(50) ? "None" : "Administrator"}};
    return c;
  }
  c.where.push_back({"cluster", state.tree.cluster.str()});
  const AssocKey* const row = UserRow(state);
  if (what < 32) {
    if (row != nullptr && Chance(80)) c.where[0].value = row->user.str();
    c.set = {{"defaultaccount", row != nullptr && Chance(80)
                                    ? row->account.str()
                                    : Account(state)}};
    return c;
  }
  if (row != nullptr && Chance(85)) {
    c.where[0].value = row->user.str();
    c.where.push_back({"account", row->account.str()});
    if (Chance(80)) c.where.push_back({"partition", row->partition.str()});
    AddAnotherRow(state, &c.where);
  } else {
    c.where.push_back({"account", Account(state)});
    if (Chance(50)) c.where.push_back({"partition", Pick(Partitions())});
  }
  AddLimits(state, true, false, &c.set);
  return c;
}

Command RandomCommands::DeleteUser(const DatabaseState& state) {
  Command c{Verb::kDelete, Entity::kUser, {}, {}};
  const AssocKey* const row = UserRow(state);
  if (row == nullptr || Chance(8)) {
    c.where = {{"name", User(state)}};
    return c;
  }
  c.where = {{"name", row->user.str()}};
  if (Chance(88)) c.where.push_back({"account", row->account.str()});
  c.where.push_back({"cluster", state.tree.cluster.str()});
  if (Chance(70)) c.where.push_back({"partition", row->partition.str()});
  AddAnotherRow(state, &c.where);
  return c;
}

Command RandomCommands::DeleteAccount(const DatabaseState& state) {
  Command c{Verb::kDelete, Entity::kAccount, {}, {}};
  c.where = {{"name", Account(state)}};
  if (Chance(20)) {
    const std::string more = Account(state);
    if (more != c.where[0].value) absl::StrAppend(&c.where[0].value, ",", more);
  }
  if (Chance(25)) return c;
  c.where.push_back({"cluster", state.tree.cluster.str()});
  if (Chance(65)) c.where.push_back({"partition", ""});
  return c;
}

Command RandomCommands::Wckey(const DatabaseState& state) {
  const std::string cluster = state.tree.cluster.str();
  switch (Below(5) / 2) {
    case 0: {
      Command c{Verb::kAdd,
                Entity::kUser,
                {},
                {{"name", User(state)},
                 {"wckey", Some(Wckeys())},
                 {"cluster", cluster}}};
      if (Chance(60)) c.set.push_back({"defaultwckey", Pick(Wckeys())});
      return c;
    }
    case 1:
      return {Verb::kDelete,
              Entity::kUser,
              {{"name", User(state)},
               {"wckey", Pick(Wckeys())},
               {"cluster", cluster}},
              {}};
    default:
      return {Verb::kModify,
              Entity::kUser,
              {{"name", User(state)}, {"cluster", cluster}},
              {{"defaultwckey", Pick(Wckeys())}}};
  }
}

Command RandomCommands::Coordinator(const DatabaseState& state) {
  const std::vector<Setting> words = {{"account", Account(state)},
                                      {"name", User(state)}};
  if (Chance(60)) return {Verb::kAdd, Entity::kCoordinator, {}, words};
  if (!state.coordinators.empty() && Chance(70)) {
    auto at = state.coordinators.begin();
    std::advance(at, Below(static_cast<int>(state.coordinators.size())));
    return {Verb::kDelete,
            Entity::kCoordinator,
            {{"account", at->account.str()}, {"name", at->user.str()}},
            {}};
  }
  return {Verb::kDelete, Entity::kCoordinator, words, {}};
}

Command RandomCommands::QosCommand(const DatabaseState&) {
  const std::string name = Pick(AllQos());
  switch (Below(3)) {
    case 0:
      return {
          Verb::kAdd, Entity::kQos, {}, {{"name", name}, {"Priority", "5"}}};
    case 1:
      return {Verb::kModify,
              Entity::kQos,
              {{"name", name}},
              {{"MaxJobsPU", Chance(30) ? "-1" : "7"}}};
    default:
      return {Verb::kDelete, Entity::kQos, {{"name", name}}, {}};
  }
}

Command RandomCommands::Next(const DatabaseState& state) {
  // Small trees grow, large ones shrink: in between is where names meet.
  const bool small = state.tree.associations.size() < 25;
  const int what = Below(100);
  if (what < 16) return AddAccount(state);
  if (what < 36) return AddUser(state);
  if (what < 50) return ModifyAccount(state);
  if (what < 70) return ModifyUser(state);
  if (what < 83)
    return small && Chance(60) ? AddUser(state) : DeleteUser(state);
  if (what < 90) {
    return small && Chance(60) ? AddAccount(state) : DeleteAccount(state);
  }
  if (what < 95) return Wckey(state);
  if (what < 98) return Coordinator(state);
  return QosCommand(state);
}

Command RandomCommands::NextForOther(const DatabaseState& state,
                                     const std::string& cluster) {
  std::vector<std::string> there = {"root"};
  for (const auto& [key, row] : state.others) {
    if (key.cluster.view() == cluster && key.row.is_account()) {
      there.push_back(key.row.account.str());
    }
  }
  if (Chance(45)) {
    return {Verb::kAdd,
            Entity::kAccount,
            {},
            {{"name", Pick(Accounts())},
             {"cluster", cluster},
             {"parent", Pick(there)}}};
  }
  const std::string account = Pick(there);
  Command c{Verb::kAdd,
            Entity::kUser,
            {},
            {{"name", Pick(Users())},
             {"account", account},
             {"cluster", cluster},
             {"defaultaccount", account}}};
  if (Chance(40)) c.set.push_back({"partition", Pick(Partitions())});
  return c;
}

}  // namespace assocsync
