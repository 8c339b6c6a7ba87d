// 1. What of a step is for load: load_says.h.
// 2. Steps of one kind that follow one another are gathered: each row is a
//    line, and limits that come later are put on its line.
// 3. The lines of users come in the order that costs slurmdbd least.
// 4. A file that does not pay is left out.
#include "engine/plan/bulk_load.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/model/key.h"
#include "engine/plan/estimate.h"
#include "engine/plan/load_says.h"
#include "engine/slurm/command.h"
#include "engine/slurm/database_state.h"

namespace assocsync {
namespace {

// slurmdbd holds its locks as long as a load takes.
constexpr size_t kMaxRows = 10000;

class Gatherer {
 public:
  Gatherer(const Release& release, const Behaviour& behaviour,
           const DatabaseState& live, LoadWhen when)
      : release_(release),
        live_(live),
        when_(when),
        users_(when == LoadWhen::kAlways || !behaviour.load_marks_rows),
        nested_(behaviour.assoc_has_lft),
        rows_(live.tree.associations.size()) {}

  // False: no step from this one on is for a load.
  bool Take(const Step& step, size_t at);
  std::vector<BulkLoad> Finish() {
    Close();
    return std::move(loads_);
  }

 private:
  struct Line {
    Name account, name;  // Of a user, or of an account below that one.
    std::string limits;  // ":MaxJobs=4:GrpTRES=cpu=8"
    size_t place = 0;    // Of the account; see FindPlaces.
  };

  bool TakeAccounts(const Command& command);
  bool TakeUsers(const Command& command);
  bool Add(const RowsForLoad& told);
  void Forget(const Command& command);
  Name DefaultOf(Name user) const;
  bool Modify(const RowsForLoad& told);
  void HangAccounts(const Command& command);
  void FindPlaces();
  void PutInOrder();
  std::string Text() const;
  void Close();

  const Release release_;
  const DatabaseState& live_;
  const LoadWhen when_;
  const bool users_;   // Their rows too, and not accounts alone.
  const bool nested_;  // Rows stand in nested sets.
  size_t rows_;        // Of the cluster, after the steps so far.
  absl::flat_hash_map<Name, Name> hung_;      // Accounts by steps, and where.
  std::vector<Name> loaded_;                  // Accounts by loads.
  absl::flat_hash_map<Name, size_t> places_;  // Of accounts, from the left.
  absl::flat_hash_map<Name, Name> defaults_;  // Of users whom loads add.
  absl::flat_hash_set<Name> came_;            // Users by steps before the file.
  std::vector<BulkLoad> loads_;

  // Of the file that is being gathered.
  size_t begin_ = 0, end_ = 0;
  bool accounts_ = false;  // Its lines are accounts.
  std::vector<Line> lines_;
  absl::flat_hash_map<std::pair<Name, Name>, size_t>
      line_of_;                         // User, account.
  absl::flat_hash_set<Name> all_here_;  // Users of whom it has every row.
  absl::Duration commands_;             // What its steps take.
};

Name Gatherer::DefaultOf(Name user) const {
  const auto known = defaults_.find(user);
  return known != defaults_.end()
             ? known->second
             : FieldOf(live_.tree.users, user, Key::kDefaultAccount);
}

// Where a line does not say the default account, load gives the user another;
// so each says that which the user has after the file. Of a user who was there
// before it, load does not reliably change it.
bool Gatherer::Add(const RowsForLoad& told) {
  const Name account(told.accounts.front());
  if (lines_.size() + told.users.size() > kMaxRows) Close();
  std::string limits;
  for (const Setting* limit : told.limits) AppendOption(*limit, &limits);
  for (const absl::string_view name : told.users) {
    const Name user(name);
    if (told.makes_default ? live_.users.contains(user) || came_.contains(user)
                           : !LoadSaysName(DefaultOf(user).view())) {
      return false;
    }
  }
  for (const absl::string_view name : told.users) {
    const Name user(name);
    line_of_[{user, account}] = lines_.size();
    if (told.makes_default) {
      all_here_.insert(user);
      defaults_[user] = account;
    }
    lines_.push_back({account, user, limits});
  }
  return true;
}

// What a command does with users whom it adds is not followed.
void Gatherer::Forget(const Command& command) {
  if (command.entity != Command::Entity::kUser ||
      command.verb != Command::Verb::kAdd) {
    return;
  }
  for (const absl::string_view name : NamesOf(command)) {
    came_.insert(Name(name));
    defaults_.erase(Name(name));
  }
}

// Limits of rows that the file has, and of no others: then they stand there as
// well. What is said twice is not: numbers of TRES would be merged.
bool Gatherer::Modify(const RowsForLoad& told) {
  std::vector<Line*> lines;
  for (const absl::string_view name : told.users) {
    const Name user(name);
    if (!all_here_.contains(user)) return false;
    for (const absl::string_view account : told.accounts) {
      const auto at = line_of_.find({user, Name(account)});
      if (at != line_of_.end()) lines.push_back(&lines_[at->second]);
    }
  }
  if (lines.empty()) return false;
  for (const Setting* limit : told.limits) {
    const std::string key = absl::StrCat(":", limit->key, "=");
    for (const Line* line : lines) {
      if (absl::StrContains(line->limits, key)) return false;
    }
  }
  for (const Setting* limit : told.limits) {
    for (Line* line : lines) AppendOption(*limit, &line->limits);
  }
  return true;
}

bool Gatherer::Take(const Step& step, size_t at) {
  const absl::StatusOr<Command> command = ParseCommand(step.argv);
  if (!command.ok()) return false;
  const bool accounts = command->entity == Command::Entity::kAccount;
  if (accounts != accounts_) Close();
  accounts_ = accounts;
  const size_t rows = rows_ + lines_.size();
  const bool taken =
      accounts ? TakeAccounts(*command) : users_ && TakeUsers(*command);
  HangAccounts(*command);
  if (taken) {
    if (commands_ == absl::ZeroDuration()) begin_ = at;
    commands_ += TimeOf(release_, step, rows);
    end_ = at + 1;
    return true;
  }
  Close();
  Forget(*command);
  if (command->verb == Command::Verb::kAdd) rows_ += RowsOf(step);
  // What comes later may change the default accounts that users have.
  return step.phase <= Phase::kUsers;
}

bool Gatherer::TakeAccounts(const Command& command) {
  const auto told = AccountsToLoad(command, live_.tree);
  if (!told.has_value() || (nested_ && !live_.knows_all_options)) return false;
  for (const absl::string_view name : told->names) {
    // Of a record that is there, load changes the texts.
    const Name account(name);
    if (live_.accounts.contains(account) || hung_.contains(account) ||
        (nested_ && live_.marked_accounts.contains(account))) {
      return false;
    }
  }
  if (lines_.size() + told->names.size() > kMaxRows) Close();
  for (const absl::string_view name : told->names) {
    lines_.push_back({told->parent, Name(name), told->limits});
  }
  return true;
}

bool Gatherer::TakeUsers(const Command& command) {
  const auto told = RowsToLoad(command, live_.tree);
  if (!told.has_value()) return false;
  return command.verb == Command::Verb::kAdd ? Add(*told) : Modify(*told);
}

void Gatherer::HangAccounts(const Command& command) {
  if (command.entity != Command::Entity::kAccount) return;
  for (const Setting& setting : command.set) {
    if (setting.key != "parent") continue;
    for (const absl::string_view account : NamesOf(command)) {
      hung_[Name(account)] = Name(setting.value);
    }
  }
}

// Up to 24.11 slurmdbd keeps the rows as nested sets, the newest child of an
// account leftmost: where users come to an account, all rows to its right are
// written (slurm-facts 12). So accounts go from left to right, as they stand
// where siblings came in order of their names. Those of one load come to the
// left of others, but stand as they are in its file. Once: no account comes or
// moves after the first user.
void Gatherer::FindPlaces() {
  if (!places_.empty()) return;
  absl::btree_map<Name, Name> parents;
  for (const auto& [key, row] : live_.tree.associations) {
    if (key.is_account()) parents[key.account] = row.parent;
  }
  for (const auto& [account, parent] : hung_) parents[account] = parent;
  absl::flat_hash_map<Name, std::vector<Name>> children;  // From the right.
  const absl::flat_hash_set<Name> loaded(loaded_.begin(), loaded_.end());
  for (const auto& [account, parent] : parents) {
    if (!loaded.contains(account)) children[parent].push_back(account);
  }
  for (auto account = loaded_.rbegin(); account != loaded_.rend(); ++account) {
    children[parents[*account]].push_back(*account);
  }
  std::vector<Name> next = {RootName()};
  while (!next.empty()) {
    const Name account = next.back();
    next.pop_back();
    if (!places_.emplace(account, places_.size()).second) continue;
    const std::vector<Name>& below = children[account];
    next.insert(next.end(), below.begin(), below.end());
  }
}

void Gatherer::PutInOrder() {
  if (accounts_) return;  // An account before those below it, as they come.
  FindPlaces();
  for (Line& line : lines_) line.place = places_[line.account];
  absl::c_stable_sort(
      lines_, [](const Line& a, const Line& b) { return a.place < b.place; });
}

std::string Gatherer::Text() const {
  std::string text = absl::StrCat("# assocsync: the commands from ", begin_ + 1,
                                  " to ", end_, " in one load\nCluster - '",
                                  live_.tree.cluster.view(), "'\n");
  Name parent;
  for (const Line& line : lines_) {
    if (line.account != parent) {
      parent = line.account;
      absl::StrAppend(&text, "Parent - '", parent.view(), "'\n");
    }
    if (accounts_) {
      absl::StrAppend(&text, "Account - '", line.name.view(), "'");
    } else {
      absl::StrAppend(&text, "User - '", line.name.view(), "':DefaultAccount='",
                      DefaultOf(line.name).view(), "'");
    }
    absl::StrAppend(&text, line.limits, "\n");
  }
  return text;
}

void Gatherer::Close() {
  const absl::Duration saved =
      commands_ - TimeOfLoad(release_, accounts_, lines_.size(), rows_);
  // Commands may be stopped in between, and others get their turn.
  const bool pays = IsWorthIt(saved, commands_);
  if (!lines_.empty() && (pays || when_ == LoadWhen::kAlways)) {
    PutInOrder();
    loads_.push_back({begin_, end_, lines_.size(), accounts_, Text()});
    if (accounts_) {
      for (const Line& line : lines_) loaded_.push_back(line.name);
    }
  }
  rows_ += lines_.size();
  if (!accounts_) {
    for (const Line& line : lines_) came_.insert(line.name);
  }
  lines_.clear();
  line_of_.clear();
  all_here_.clear();
  commands_ = absl::ZeroDuration();
}

}  // namespace

std::vector<BulkLoad> BulkLoads(const Release& release,
                                const std::vector<Step>& steps,
                                const DatabaseState& live, LoadWhen when) {
  const absl::StatusOr<Behaviour> behaviour = BehaviourOf(release);
  if (when == LoadWhen::kNever || !behaviour.ok() ||
      !LoadSaysName(live.tree.cluster.view())) {
    return {};
  }
  Gatherer gatherer(release, *behaviour, live, when);
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!gatherer.Take(steps[i], i)) break;
  }
  return gatherer.Finish();
}

}  // namespace assocsync
