#include "engine/apply/step_model.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/model/key.h"

namespace assocsync {
namespace {

using Touched = Outcome::Touched;

constexpr size_t kShownFacts = 3;

void AddFields(const std::string& of, const Fields& fields, Facts* facts) {
  for (const Field& field : fields) {
    (*facts)[absl::StrCat(of, " ", Info(field.key).name)] = field.value.str();
  }
}

void AddRecord(const std::string& of,
               const absl::btree_map<Name, Record>& records, Name name,
               Facts* facts) {
  const Record* const record = FindIn(records, name);
  if (record == nullptr) return;
  (*facts)[of] = "";
  AddFields(of, record->fields, facts);
}

void AddUser(const DatabaseState& state, Name user, Facts* facts) {
  const std::string of = absl::StrCat("user ", user.view());
  AddRecord(of, state.users, user, facts);
  AddRecord(of, state.tree.users, user, facts);
}

void AddAccount(const DatabaseState& state, Name account, Facts* facts) {
  AddRecord(absl::StrCat("account ", account.view()), state.accounts, account,
            facts);
}

void AddRow(const DatabaseState& state, const AssocKey& key, Facts* facts) {
  const std::string of = absl::StrCat("association ", key.ToString());
  if (const Association* const row = FindIn(state.tree.associations, key)) {
    (*facts)[of] = "";
    AddFields(of, row->limits, facts);
    if (!row->parent.empty()) {
      (*facts)[absl::StrCat(of, " Parent")] = row->parent.str();
    }
  }
  AddAccount(state, key.account, facts);
  if (!key.is_account()) AddUser(state, key.user, facts);
}

// WCKeys, of which a default is one, or coordinator rights.
bool HasRights(const DatabaseState& state, Name user) {
  for (const auto* users : {&state.users, &state.tree.users}) {
    const Record* const record = FindIn(*users, user);
    if (record == nullptr) continue;
    if (record->fields.Has(Key::kCoordinator) ||
        record->fields.Has(Key::kWckeys)) {
      return true;
    }
  }
  return false;
}

// Of the managed cluster and of what all share; other clusters are no plan's
// business.
Facts FactsOf(const DatabaseState& state, const std::vector<Touched>& touched) {
  Facts facts;
  AddFields("cluster", state.tree.cluster_fields, &facts);
  for (const Touched& t : touched) {
    if (!t.cluster.empty()) continue;
    const Name name = t.row.account;
    switch (t.what) {
      case Touched::What::kRow:
        AddRow(state, t.row, &facts);
        break;
      case Touched::What::kUser:
      case Touched::What::kWckey:
        AddUser(state, t.row.user, &facts);
        break;
      case Touched::What::kAccount:
        AddAccount(state, name, &facts);
        break;
      case Touched::What::kQos: {
        const std::string of = absl::StrCat("QOS ", name.view());
        if (state.qos.contains(name)) facts[of] = "";
        if (state.tree.lists_qos) {
          AddRecord(of, state.tree.qos, name, &facts);
        }
        break;
      }
      case Touched::What::kCoordinator:
        if (state.coordinators.contains({name, t.row.user})) {
          facts[absl::StrCat("coordinator ", t.row.user.view(), " of account ",
                             name.view())] = "";
        }
        AddUser(state, t.row.user, &facts);
        break;
    }
  }
  return facts;
}

std::optional<std::string> Get(const Facts& facts, const std::string& name) {
  const std::string* const fact = FindIn(facts, name);
  return fact == nullptr ? std::nullopt : std::optional(*fact);
}

// "is 4 and not 8", "is not there"
std::string Contrast(const std::optional<std::string>& now,
                     const std::optional<std::string>& wanted) {
  const auto text = [](const std::optional<std::string>& value) {
    if (!value.has_value()) return std::string("not there");
    return value->empty() ? std::string("there") : *value;
  };
  if (!wanted.has_value()) return absl::StrCat("is still ", text(now));
  if (!now.has_value()) return "is not there";
  return absl::StrCat("is ", text(now), " and not ", text(wanted));
}

}  // namespace

std::optional<StepModel> StepModel::Make(const Release& release,
                                         const DatabaseState& live) {
  const absl::StatusOr<Behaviour> behaviour = BehaviourOf(release);
  if (!behaviour.ok()) return std::nullopt;
  return StepModel(*behaviour, live);
}

const Tree& StepModel::tree() const { return so_far_.tree(); }

StepFacts StepModel::Next(const Step& step) {
  StepFacts result;
  command_.reset();
  const absl::StatusOr<Command> command = ParseCommand(step.argv);
  result.known = command.ok();
  if (!result.known) return result;
  command_ = *command;
  Outcome outcome = next_.Run(*command_);
  result.known = outcome.result == Outcome::Result::kDone ||
                 outcome.result == Outcome::Result::kNothing;
  if (!result.known) return result;
  result.touched = std::move(outcome.touched);
  result.part.accounts = result.touched.empty();
  result.part.rights = false;
  for (const Touched& t : result.touched) {
    if (!t.cluster.empty()) continue;
    const Name user = t.row.user;
    if (user.empty()) {
      result.part.accounts = true;
      continue;
    }
    result.part.users.insert(user);
    result.part.rights |= t.what == Touched::What::kCoordinator ||
                          HasRights(so_far_.state(), user) ||
                          HasRights(next_.state(), user);
  }
  const Facts before = FactsOf(so_far_.state(), result.touched);
  const Facts after = FactsOf(next_.state(), result.touched);
  Facts names = before;
  names.insert(after.begin(), after.end());
  for (const auto& [name, unused] : names) {
    StepFacts::Fact fact{name, Get(before, name), Get(after, name)};
    if (fact.before != fact.after) result.facts.push_back(std::move(fact));
  }
  return result;
}

void StepModel::Ended(bool took_effect) {
  if (!command_.has_value()) return;
  if (took_effect) {
    so_far_.Run(*command_);
  } else {
    next_ = so_far_;
  }
  command_.reset();
}

std::optional<Step> ByNames(const Step& step) {
  const absl::StatusOr<Command> command = ParseCommand(step.argv);
  if (!command.ok() || command->verb != Command::Verb::kDelete ||
      command->entity != Command::Entity::kUser) {
    return std::nullopt;
  }
  for (const Setting& setting : command->where) {
    if (setting.key != "name") continue;
    if (setting.value.find_first_of("_%\\") != std::string::npos) {
      return std::nullopt;
    }
    Step by_names = step;
    by_names.argv = Argv(Command::Delete(command->entity, {setting}));
    return by_names;
  }
  return std::nullopt;
}

Sight Look(const StepFacts& facts, const DatabaseState& now) {
  Sight sight;
  if (facts.facts.empty()) return sight;
  const Facts real = FactsOf(now, facts.touched);
  size_t before = 0, after = 0, shown = 0;
  for (const StepFacts::Fact& fact : facts.facts) {
    const std::optional<std::string> value = Get(real, fact.name);
    if (value == fact.after) {
      ++after;
      continue;
    }
    if (value == fact.before) ++before;
    if (++shown > kShownFacts) continue;
    absl::StrAppend(&sight.words, sight.words.empty() ? "" : "; ", fact.name,
                    " ", Contrast(value, fact.after));
  }
  if (shown > kShownFacts) {
    absl::StrAppend(&sight.words, "; and ", shown - kShownFacts, " more");
  }
  const size_t all = facts.facts.size();
  sight.what = after == all            ? Sight::What::kDone
               : before == all         ? Sight::What::kNotDone
               : before + after == all ? Sight::What::kPartly
                                       : Sight::What::kOtherwise;
  return sight;
}

}  // namespace assocsync
