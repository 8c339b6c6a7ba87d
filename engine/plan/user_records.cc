// What belongs to the user, not to an association.
//
// 1. What each user lacks is gathered by what is to be said: users who lack the
//    same share commands.
// 2. Default accounts and AdminLevels: those that rise first, so that somebody
//    is Administrator at any time. Who runs the commands loses his own last of
//    all (TakeOwnLevel), for what comes after needs it.
// 3. WCKeys that come; then default ones, which may be among them; then those
//    that go, which are nobody's default any more.
// 4. Coordinators that come, then those that go.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/model/value.h"
#include "engine/plan/planner.h"

namespace assocsync {
namespace {

using Users = std::vector<Name>;

std::vector<Name> ElementsBut(Name list, Name other) {
  const auto elements = assocsync::ElementsBut(list.view(), other.view());
  return {elements.begin(), elements.end()};
}

// Enters the user under each element of `list` that `other` lacks.
void EnterUnder(Name list, Name other, Name user,
                absl::btree_map<Name, Users>* users_of) {
  for (const Name element : ElementsBut(list, other)) {
    (*users_of)[element].push_back(user);
  }
}

// What is to be said, and of whom.
struct RecordEdits {
  absl::btree_map<Name, Users> defaults, rise, fall;  // The latter AdminLevels.
  absl::btree_map<Name, Users> wckey_default, wckey_delete;
  // (new WCKeys, defaultwckey= to say)
  absl::btree_map<std::pair<std::string, Name>, Users> wckey_add;
  absl::btree_map<Name, Users> coord_add, coord_delete;
};

// 1.

// What becomes of the default is certain only if it is said along with new
// WCKeys: a first one becomes it, and 23.11+ may give it to any. 20.11 to 23.02
// flag two where one is there (engine/slurm/wckeys.cc), so there it is not
// said.
void GatherWckeys(Name user, const Fields& have, const Fields& want,
                  bool any_may_become_default, RecordEdits* edits) {
  const Name keys_have = have.Get(Key::kWckeys);
  const Name keys_want = want.Get(Key::kWckeys);
  const Name now_default = have.Get(Key::kDefaultWckey);
  const Name wanted = want.Get(Key::kDefaultWckey);
  std::vector<Name> fresh = ElementsBut(keys_want, keys_have);
  if (!fresh.empty()) {
    const auto at = absl::c_find(fresh, wanted);
    const bool comes = at != fresh.end();
    if (comes) std::rotate(fresh.begin(), at, at + 1);
    Name say;
    if (now_default.empty() || any_may_become_default) {
      say = comes ? wanted : now_default;
    }
    edits->wckey_add[{JoinNames(fresh), say}].push_back(user);
  }
  EnterUnder(keys_have, keys_want, user, &edits->wckey_delete);
  if (want.Has(Key::kDefaultWckey)) {
    edits->wckey_default[wanted].push_back(user);
  }
}

// Of the two levels and none.
bool Falls(Name from, Name to) {
  return to.empty() || from.view() == "Administrator";
}

void Gather(Name user, const Fields& have, const Fields& want,
            bool any_may_become_default, RecordEdits* edits) {
  // None, only where slurmdbd allows that (expected.cc).
  if (const Name to = want.Get(Key::kDefaultAccount);
      have.Get(Key::kDefaultAccount) != to) {
    edits->defaults[to].push_back(user);
  }
  const Name level = have.Get(Key::kAdminLevel);
  if (const Name to = want.Get(Key::kAdminLevel); level != to) {
    (Falls(level, to) ? edits->fall : edits->rise)[to].push_back(user);
  }
  GatherWckeys(user, have, want, any_may_become_default, edits);
  const Name coord_have = have.Get(Key::kCoordinator);
  const Name coord_want = want.Get(Key::kCoordinator);
  EnterUnder(coord_want, coord_have, user, &edits->coord_add);
  EnterUnder(coord_have, coord_want, user, &edits->coord_delete);
}

std::vector<Setting> WckeyWords(const Users& users, const std::string& list,
                                const std::string& cluster) {
  return {{"name", JoinNames(users)}, {"wckey", list}, {"cluster", cluster}};
}

}  // namespace

void Planner::UserRecords(const std::vector<Change>& changes) {
  RecordEdits edits;
  for (const Change& change : changes) {
    if (change.what != Change::What::kUser ||
        change.how == Change::How::kRemove) {
      continue;
    }
    const Name user = change.row.user;
    const auto have = now().users.find(user);
    if (have == now().users.end()) continue;  // A finding says why.
    Gather(user, have->second.fields, expected_.users.at(user).fields,
           behaviour().has_lineage, &edits);
  }
  SetInRecords(Key::kDefaultAccount, edits.defaults);
  SetInRecords(Key::kAdminLevel, edits.rise);
  for (auto& [level, users] : edits.fall) std::erase(users, caller);
  SetInRecords(Key::kAdminLevel, edits.fall);
  for (const auto& [what, users] : edits.wckey_add) {
    AddWckeys(what.first, what.second, users);
  }
  // Only now is it known whose default WCKey is still another one.
  for (auto& [wckey, users] : edits.wckey_default) {
    std::erase_if(users, [&, wckey = wckey](Name user) {
      return FieldOf(now().users, user, Key::kDefaultWckey) == wckey;
    });
  }
  SetInRecords(Key::kDefaultWckey, edits.wckey_default);
  GroupsInChunks(
      edits.wckey_delete, behaviour().modify_batch,
      [this](Name wckey, const Users& users) {
        Emit(Phase::kDefaults,
             Command::Delete(Command::Entity::kUser,
                             WckeyWords(users, wckey.str(), cluster())),
             absl::StrCat("delete WCKey ", wckey.view(), " of ",
                          SomeNames(users)));
      });
  SetCoordinators(Phase::kCoordinators, Command::Verb::kAdd, edits.coord_add);
  SetCoordinators(Phase::kCoordinators, Command::Verb::kDelete,
                  edits.coord_delete);
}

// 2., and default WCKeys. Levels have no cluster.
void Planner::SetInRecords(Key key, const UsersOf& by_value) {
  const bool is_level = key == Key::kAdminLevel;
  GroupsInChunks(
      by_value, behaviour().modify_batch, [&](Name value, const Users& users) {
        const std::string word =
            value.empty() && is_level ? "None" : value.str();
        Command command =
            Command::Modify(Command::Entity::kUser,
                            {{"name", JoinNames(users)}}, {Say(key, word)});
        if (!is_level) command.where.push_back({"cluster", cluster()});
        Emit(Phase::kDefaults, std::move(command),
             absl::StrCat(SomeNames(users), ": ", Info(key).name, " -> ",
                          word.empty() ? "(not set)" : word));
      });
}

void Planner::TakeOwnLevel() {
  const Record* const is = FindIn(now().users, caller);
  const Record* const will = FindIn(expected_.users, caller);
  if (is == nullptr || will == nullptr) return;
  const Name to = will->fields.Get(Key::kAdminLevel);
  const Name from = is->fields.Get(Key::kAdminLevel);
  if (from != to && Falls(from, to)) {
    SetInRecords(Key::kAdminLevel, {{to, {caller}}});
  }
}

// 3. `default_wckey`: empty: not said.
void Planner::AddWckeys(const std::string& list, Name default_wckey,
                        const std::vector<Name>& users) {
  InChunks(users, behaviour().modify_batch, [&](const Users& chunk) {
    Command add = Command::Add(Command::Entity::kUser,
                               WckeyWords(chunk, list, cluster()));
    if (!default_wckey.empty()) {
      add.set.push_back(Say(Key::kDefaultWckey, default_wckey.str()));
    }
    Emit(Phase::kDefaults, std::move(add),
         absl::StrCat("add WCKey ", list, " of ", SomeNames(chunk)));
  });
}

// 4.
void Planner::SetCoordinators(Phase phase, Command::Verb verb,
                              const UsersOf& by_account) {
  const bool add = verb == Command::Verb::kAdd;
  GroupsInChunks(
      by_account, behaviour().modify_batch,
      [&](Name account, const Users& users) {
        const std::vector<Setting> words = {{"account", account.str()},
                                            {"name", JoinNames(users)}};
        Emit(phase,
             (add ? Command::Add : Command::Delete)(
                 Command::Entity::kCoordinator, words),
             absl::StrCat(add ? "make " : "no longer: ", SomeNames(users),
                          " coordinator of ", account.view()));
      });
}

// Of user_rows.cc.
void Planner::CoordinatorsAmongOdd() {
  UsersOf by_account;
  for (const Name user : absl::btree_set<Name>(odd_.begin(), odd_.end())) {
    const Record* const have = FindIn(now().users, user);
    if (have == nullptr) continue;
    EnterUnder(FieldOf(expected_.users, user, Key::kCoordinator),
               have->fields.Get(Key::kCoordinator), user, &by_account);
  }
  SetCoordinators(Phase::kUsers, Command::Verb::kAdd, by_account);
}

}  // namespace assocsync
