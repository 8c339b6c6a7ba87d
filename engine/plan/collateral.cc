#include "engine/plan/collateral.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/plan/planner.h"
#include "engine/plan/shared.h"

namespace assocsync {
namespace {

// `tree` without `gone`, and without all that cannot be there then.
Tree Without(Tree tree, const absl::btree_set<AssocKey>& gone) {
  for (const auto& [account, row] : TopDown(tree)) {
    const auto own = tree.associations.find(AssocKey{account, {}, {}});
    const Name parent = row.parent;
    const bool stays = !gone.contains(own->first) &&
                       (parent.empty() || tree.accounts.contains(parent));
    auto at = own;
    while (at != tree.associations.end() && at->first.account == account) {
      at = stays && !gone.contains(at->first) ? std::next(at)
                                              : tree.associations.erase(at);
    }
    if (!stays) tree.accounts.erase(account);
  }
  absl::btree_map<Name, std::vector<Name>> accounts_of;
  for (const auto& [key, row] : tree.associations) {
    if (!key.is_account()) accounts_of[key.user].push_back(key.account);
  }
  for (auto it = tree.users.begin(); it != tree.users.end();) {
    const auto found = accounts_of.find(it->first);
    if (found == accounts_of.end()) {
      it = tree.users.erase(it);
      continue;
    }
    const std::vector<Name>& accounts = found->second;
    Fields& fields = it->second.fields;
    const Name home = fields.Get(Key::kDefaultAccount);
    if (!home.empty() && !absl::c_linear_search(accounts, home)) {
      fields.Set(Key::kDefaultAccount, accounts.front());
    }
    ++it;
  }
  return tree;
}

// The caller needs his AdminLevel to the end, which the second plan is.
void KeepLevel(const Tree& live, Name caller, Tree* tree) {
  const auto record = tree->users.find(caller);
  if (record == tree->users.end()) return;
  const Name level = FieldOf(live.users, caller, Key::kAdminLevel);
  if (!level.empty()) record->second.fields.Set(Key::kAdminLevel, level);
}

bool Refuses(const std::vector<Finding>& findings) {
  return absl::c_any_of(findings, [](const Finding& f) {
    return f.severity == Severity::kError;
  });
}

bool OnlyCollateral(const std::vector<Finding>& findings) {
  return absl::c_all_of(findings, [](const Finding& f) {
    return f.severity != Severity::kError || f.code == kCollateral;
  });
}

// Coordinator rights are gone of which neither tree says that they should: of a
// user of another cluster, in an account whose record was deleted meanwhile.
bool LosesRights(const DatabaseState& live, const Tree& expected,
                 const DatabaseState& after) {
  return absl::c_any_of(
      live.coordinators, [&](const DatabaseState::Coordinator& c) {
        if (after.coordinators.contains(c)) return false;
        const auto user = live.tree.users.find(c.user);
        const bool told =
            user != live.tree.users.end() &&
            HasElement(user->second.fields.Get(Key::kCoordinator).view(),
                       c.account.view());
        return !told && expected.accounts.contains(c.account);
      });
}

// Appends `from`, saying of deletes of what stays that it comes back.
void AppendDeletes(std::vector<Step> from, Slurmdbd model, const Tree& expected,
                   std::vector<Step>* steps) {
  for (Step& step : from) {
    const auto command = ParseCommand(step.argv);
    if (!command.ok()) continue;
    if (step.deletes) {
      const Outcome outcome = model.Predict(*command);
      if (absl::c_any_of(outcome.touched, [&](const Outcome::Touched& t) {
            return t.what == Outcome::Touched::What::kRow &&
                   t.how == Outcome::Touched::How::kRemoved &&
                   expected.associations.contains(t.row);
          })) {
        absl::StrAppend(&step.why, "; what should stay is added again below");
      }
    }
    model.Run(*command);
    steps->push_back(std::move(step));
  }
}

}  // namespace

std::optional<AddedAgain> DeleteAndAddAgain(
    const DatabaseState& live, const Tree& expected,
    const std::vector<Behaviour>& behaviours, absl::btree_set<AssocKey> victims,
    const std::string& caller, bool keep_shared) {
  const auto is_protected = [&](const AssocKey& row) {
    return row.user == RootName() || row.account == RootName() ||
           (!caller.empty() && row.user == Name(caller));
  };
  // What goes meanwhile may look like others in its turn: each round finds more
  // of them, or is the last.
  while (absl::c_none_of(victims, is_protected)) {
    Tree meanwhile = Without(expected, victims);
    KeepLevel(live.tree, Name(caller), &meanwhile);
    Planner first(live, meanwhile, behaviours, keep_shared);
    first.takes_along = behaviours.size() == 1;
    first.Run(SharedRecords(live).Changes(Diff(live.tree, meanwhile)));
    if (Refuses(first.findings)) {
      const size_t before = victims.size();
      victims.insert(first.victims.begin(), first.victims.end());
      if (!first.only_victims || !OnlyCollateral(first.findings) ||
          victims.size() == before) {
        return std::nullopt;
      }
      continue;
    }
    const DatabaseState between = first.sim().state();
    Planner second(between, expected, behaviours, keep_shared);
    second.caller = Name(caller);
    second.Run(SharedRecords(between).Changes(Diff(between.tree, expected)));
    if (Refuses(second.findings) ||
        LosesRights(live, expected, second.sim().state())) {
      return std::nullopt;
    }

    AddedAgain out;
    for (const auto& [key, row] : live.tree.associations) {
      if (!between.tree.associations.contains(key) &&
          expected.associations.contains(key)) {
        if (is_protected(key)) return std::nullopt;
        out.rows.push_back(key);
      }
    }
    AppendDeletes(std::move(first.steps), Slurmdbd(behaviours[0], live),
                  expected, &out.steps);
    for (Step& step : second.steps) {
      absl::StrAppend(&step.why,
                      "; again, since slurmdbd takes it along with what looks "
                      "like it");
    }
    second.TakeOwnLevel();
    out.steps.insert(out.steps.end(), second.steps.begin(), second.steps.end());
    out.findings = std::move(second.findings);
    return out;
  }
  return std::nullopt;
}

}  // namespace assocsync
