// What belongs to the user, not to an association: default account, WCKeys,
// AdminLevel, coordinator rights.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/model/value.h"
#include "engine/plan/finding.h"
#include "engine/plan/planner.h"

namespace assocsync {
namespace {

// value -> the users that need it, both in order.
using ByValue = absl::btree_map<Atom, std::vector<Atom>>;

std::vector<Atom> ElementsBut(Atom list, Atom other) {
  const auto elements = assocsync::ElementsBut(list.view(), other.view());
  return {elements.begin(), elements.end()};
}

}  // namespace

void Planner::UserRecords(const std::vector<Change>& changes) {
  ByValue defaults, admin, wckey_default, wckey_delete, coord_add, coord_delete;
  // (new WCKeys, defaultwckey= to say) -> users.
  absl::btree_map<std::pair<std::string, Atom>, std::vector<Atom>> wckey_add;
  for (const Change& change : changes) {
    if (change.what != Change::What::kUser ||
        change.how == Change::How::kRemove) {
      continue;
    }
    const Atom user = change.row.user;
    const auto found = now().users.find(user);
    if (found == now().users.end()) continue;  // A finding says why.
    const Fields& have = found->second.fields;
    const Fields& want = expected_.users.at(user).fields;
    const auto differs = [&](Key key) {
      return have.Get(key) != want.Get(key);
    };
    // None, only where slurmdbd allows that (expected.cc).
    if (differs(Key::kDefaultAccount)) {
      defaults[want.Get(Key::kDefaultAccount)].push_back(user);
    }
    if (differs(Key::kAdminLevel)) {
      admin[want.Get(Key::kAdminLevel)].push_back(user);
    }
    const Atom keys_have = have.Get(Key::kWckeys);
    const Atom keys_want = want.Get(Key::kWckeys);
    if (std::vector<Atom> fresh = ElementsBut(keys_want, keys_have);
        !fresh.empty()) {
      // What becomes of the default is certain only if it is said: a first
      // WCKey becomes it, and 23.11+ may give it to any new one; 20.11 - 23.02
      // flag two where one is there (engine/slurm/wckeys.cc).
      const Atom now_default = have.Get(Key::kDefaultWckey);
      const Atom wanted = want.Get(Key::kDefaultWckey);
      const bool comes =
          std::find(fresh.begin(), fresh.end(), wanted) != fresh.end();
      Atom say;
      if (now_default.empty() || behaviour().has_lineage) {
        say = comes ? wanted : now_default;
      }
      if (comes) {
        fresh.erase(std::find(fresh.begin(), fresh.end(), wanted));
        fresh.insert(fresh.begin(), wanted);
      }
      wckey_add[{JoinNames(fresh), say}].push_back(user);
    }
    for (Atom key : ElementsBut(keys_have, keys_want)) {
      wckey_delete[key].push_back(user);
    }
    if (want.Has(Key::kDefaultWckey)) {
      wckey_default[want.Get(Key::kDefaultWckey)].push_back(user);
    }
    const Atom coord_have = have.Get(Key::kCoordinator);
    const Atom coord_want = want.Get(Key::kCoordinator);
    for (Atom account : ElementsBut(coord_want, coord_have)) {
      coord_add[account].push_back(user);
    }
    for (Atom account : ElementsBut(coord_have, coord_want)) {
      coord_delete[account].push_back(user);
    }
  }
  const auto modify = [&](const ByValue& groups, Key key, bool of_cluster) {
    const std::string none = key == Key::kAdminLevel ? "None" : "";
    for (const auto& [value, users] : groups) {
      InChunks(users, behaviour().modify_batch,
               [&, value = value](const std::vector<Atom>& chunk) {
                 const std::string word = value.empty() ? none : value.str();
                 Command command{Command::Verb::kModify,
                                 Command::Entity::kUser,
                                 {{"name", JoinNames(chunk)}},
                                 {{std::string(Info(key).name), word}}};
                 if (of_cluster)
                   command.where.push_back({"cluster", cluster()});
                 Emit(Phase::kDefaults, std::move(command),
                      absl::StrCat(SomeNames(chunk), ": ", Info(key).name,
                                   " -> ", word.empty() ? "(not set)" : word));
               });
    }
  };
  const auto wckey_words = [&](const std::vector<Atom>& users,
                               const std::string& list) {
    return std::vector<Setting>{
        {"name", JoinNames(users)}, {"wckey", list}, {"cluster", cluster()}};
  };
  const auto coordinators = [&](const ByValue& groups, Command::Verb verb) {
    for (const auto& [account, users] : groups) {
      InChunks(
          users, behaviour().modify_batch,
          [&, account = account](const std::vector<Atom>& chunk) {
            const std::vector<Setting> words = {{"account", account.str()},
                                                {"name", JoinNames(chunk)}};
            const bool add = verb == Command::Verb::kAdd;
            Command command{verb, Command::Entity::kCoordinator,
                            add ? std::vector<Setting>() : words,
                            add ? words : std::vector<Setting>()};
            Emit(Phase::kCoordinators, std::move(command),
                 absl::StrCat(add ? "make " : "no longer: ", SomeNames(chunk),
                              " coordinator of ", account.view()));
          });
    }
  };
  modify(defaults, Key::kDefaultAccount, true);
  modify(admin, Key::kAdminLevel, false);
  for (const auto& [what, users] : wckey_add) {
    InChunks(users, behaviour().modify_batch,
             [&, what = what](const std::vector<Atom>& chunk) {
               const auto& [list, say] = what;
               Command add{Command::Verb::kAdd,
                           Command::Entity::kUser,
                           {},
                           wckey_words(chunk, list)};
               if (!say.empty()) {
                 add.set.push_back(
                     {std::string(Info(Key::kDefaultWckey).name), say.str()});
               }
               Emit(Phase::kDefaults, std::move(add),
                    absl::StrCat("add WCKey ", list, " of ", SomeNames(chunk)));
             });
  }
  // Only now is it known whose default WCKey is still another one.
  for (auto& [wckey, users] : wckey_default) {
    std::erase_if(users, [&, wckey = wckey](Atom user) {
      const auto record = now().users.find(user);
      return record != now().users.end() &&
             record->second.fields.Get(Key::kDefaultWckey) == wckey;
    });
  }
  modify(wckey_default, Key::kDefaultWckey, true);
  for (const auto& [wckey, users] : wckey_delete) {
    InChunks(users, behaviour().modify_batch,
             [&, wckey = wckey](const std::vector<Atom>& chunk) {
               Emit(Phase::kDefaults,
                    {Command::Verb::kDelete,
                     Command::Entity::kUser,
                     wckey_words(chunk, wckey.str()),
                     {}},
                    absl::StrCat("delete WCKey ", wckey.view(), " of ",
                                 SomeNames(chunk)));
             });
  }
  coordinators(coord_add, Command::Verb::kAdd);
  coordinators(coord_delete, Command::Verb::kDelete);
}

}  // namespace assocsync
