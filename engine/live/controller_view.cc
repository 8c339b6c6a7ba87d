#include "engine/live/controller_view.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/maps.h"
#include "engine/model/tree.h"
#include "engine/model/value.h"
#include "engine/slurm/database_state.h"

namespace assocsync {
namespace {

using absl::string_view;
using Values = ControllerView::Values;

// SLURMDB_FS_USE_PARENT of slurmdb.h.
constexpr string_view kSharesOfParent = "2147483647";

// NO_VAL, where slurmctld's machine knows no user of the name.
constexpr string_view kNoUid = "(4294967294)";

// The words of scontrol for options of associations and of QOS.
struct Shown {
  string_view word;
  Key row;
  Key qos;
  bool inherited;  // A row has it from the accounts above.
};
constexpr Shown kShown[] = {
    {"GrpJobs", Key::kGrpJobs, Key::kQosGrpJobs, false},
    {"GrpJobsAccrue", Key::kGrpJobsAccrue, Key::kQosGrpJobsAccrue, false},
    {"GrpSubmitJobs", Key::kGrpSubmitJobs, Key::kQosGrpSubmitJobs, false},
    {"GrpWall", Key::kGrpWall, Key::kQosGrpWall, false},
    {"GrpTRES", Key::kGrpTres, Key::kQosGrpTres, false},
    {"GrpTRESMins", Key::kGrpTresMins, Key::kQosGrpTresMins, false},
    {"GrpTRESRunMins", Key::kGrpTresRunMins, Key::kQosGrpTresRunMins, false},
    {"MaxJobs", Key::kMaxJobs, Key::kMaxJobs, true},
    {"MaxJobsAccrue", Key::kMaxJobsAccrue, Key::kMaxJobsAccrue, true},
    {"MaxSubmitJobs", Key::kMaxSubmitJobs, Key::kMaxSubmitJobs, true},
    {"MaxWallPJ", Key::kMaxWallDurationPerJob, Key::kQosMaxWallDurationPerJob,
     true},
    {"MaxTRESPJ", Key::kMaxTresPerJob, Key::kQosMaxTresPerJob, true},
    {"MaxTRESPN", Key::kMaxTresPerNode, Key::kQosMaxTresPerNode, true},
    {"MaxTRESMinsPJ", Key::kMaxTresMinsPerJob, Key::kQosMaxTresMinsPerJob,
     true},
    {"Priority", Key::kPriority, Key::kQosPriority, true},
};

const Shown* FindShown(string_view word) {
  for (const Shown& shown : kShown) {
    if (shown.word == word) return &shown;
  }
  return nullptr;
}

// "ann(20000)" is ann; "100(0.00)" is 100: behind the last bracket stands
// something else.
string_view Bare(string_view text) {
  return absl::EndsWith(text, ")") ? text.substr(0, text.rfind('(')) : text;
}

uint64_t Number(string_view text) {
  uint64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

// "Account=hep UserName=ann(7) ..." up to the word `next`, which it takes too.
string_view Until(string_view next, string_view* rest) {
  const size_t at = rest->find(next);
  const string_view value = rest->substr(0, at);
  rest->remove_prefix(at == string_view::npos ? rest->size()
                                              : at + next.size());
  return value;
}

// As the tree has it; empty: no limit.
std::string AsCanonical(Key key, string_view shown,
                        absl::btree_set<std::string>* tres) {
  if (Info(key).kind != Kind::kTres) {
    const string_view number = Bare(shown);
    return number == "N" ? "" : std::string(number);
  }
  std::vector<TresItem> items;
  for (const string_view item : absl::StrSplit(shown, ',', absl::SkipEmpty())) {
    const size_t equals = item.rfind('=');
    if (equals == string_view::npos) continue;
    const string_view name = item.substr(0, equals);
    tres->emplace(name);
    const string_view count = Bare(item.substr(equals + 1));
    if (count != "N") items.emplace_back(name, Number(count));
  }
  return JoinTres(std::move(items));
}

// A priority of nought is what a row without one has.
bool IsNothing(Key key, string_view value) {
  return value.empty() ||
         (value == "0" && (key == Key::kPriority || key == Key::kQosPriority));
}

// What slurmctld knows of a list of TRES.
std::string Known(Key key, Name value,
                  const absl::btree_set<std::string>& tres) {
  if (Info(key).kind != Kind::kTres) return value.str();
  std::vector<TresItem> items = TresItems(value.view());
  std::erase_if(items,
                [&](const TresItem& i) { return !tres.contains(i.first); });
  return JoinTres(std::move(items));
}

// `own` items over those of `above`.
std::string Over(string_view own, string_view above) {
  std::vector<TresItem> items = TresItems(own);
  for (const TresItem& item : TresItems(above)) {
    if (absl::c_none_of(
            items, [&](const TresItem& i) { return i.first == item.first; })) {
      items.push_back(item);
    }
  }
  return JoinTres(std::move(items));
}

class Comparison {
 public:
  Comparison(const DatabaseState& state, const ControllerView& view)
      : state_(state), view_(view) {}

  std::vector<std::string> Run() {
    for (const auto& [account, row] : TopDown(state_.tree)) {
      const Values* above = FindIn(limits_, row.parent);
      limits_[account] = Holding(row, above == nullptr ? Values() : *above);
    }
    for (const auto& [key, row] : state_.tree.associations) Row(key, row);
    for (const auto& [id, row] : view_.rows) {
      if (!seen_.contains(id)) Tell(row.name, "it has this row still");
    }
    for (const auto& [name, user] : state_.tree.users) User(name, user.fields);
    if (state_.tree.lists_qos) Qos();
    return std::move(differs_);
  }

 private:
  void Tell(string_view what, string_view how) {
    differs_.push_back(absl::StrCat(what, ": ", how));
  }
  void Tell(string_view what, string_view option, string_view has,
            string_view wanted) {
    const auto word = [](string_view value) {
      return value.empty() ? string_view("nothing") : value;
    };
    if (has == wanted) return;
    Tell(what,
         absl::StrCat(option, " is ", word(has), " there, not ", word(wanted)));
  }

  // What holds for a row below `above`, but for Grp limits, which are its own.
  Values Holding(const Association& row, const Values& above) const {
    Values values;
    for (const Shown& shown : kShown) {
      const Name* const own = row.limits.Find(shown.row);
      std::string value =
          own == nullptr ? "" : Known(shown.row, *own, view_.tres);
      const std::string* from = FindIn(above, shown.row);
      if (shown.inherited && from != nullptr) {
        if (Info(shown.row).kind == Kind::kTres) {
          value = Over(value, *from);
        } else if (own == nullptr) {
          value = *from;
        }
      }
      if (!IsNothing(shown.row, value)) values[shown.row] = std::move(value);
    }
    return values;
  }

  void Compare(string_view what, const Values& has, const Values& wanted,
               Key Shown::*which, bool with_inherited) {
    for (const Shown& shown : kShown) {
      const Key key = shown.*which;
      if (which == &Shown::qos && shown.row == shown.qos) continue;
      if (shown.inherited && !with_inherited) continue;
      const auto value = [&](const Values& values) {
        const std::string* found = FindIn(values, key);
        return found == nullptr ? string_view() : string_view(*found);
      };
      Tell(what, Info(key).name, value(has), value(wanted));
    }
  }

  void Row(const AssocKey& key, const Association& row) {
    const std::string name = key.ToString();
    const auto id = state_.ids.find(key);
    if (id == state_.ids.end()) return;
    const auto has = view_.rows.find(id->second);
    if (has == view_.rows.end()) return Tell(name, "it has no such row");
    seen_.insert(id->second);
    Compare(name, has->second.values,
            key.is_account() ? limits_[key.account]
                             : Holding(row, limits_[key.account]),
            &Shown::row, !key.is_account());
    const Name* const shares = row.limits.Find(Key::kFairshare);
    const string_view wanted = shares == nullptr            ? "1"
                               : shares->view() == "parent" ? kSharesOfParent
                                                            : shares->view();
    if (const auto* share = FindIn(has->second.values, Key::kFairshare)) {
      Tell(name, "Fairshare", *share, wanted);
    }
    const auto parent = state_.ids.find({row.parent, {}, {}});
    if (key.is_account() && parent != state_.ids.end() &&
        parent->second != has->second.parent) {
      Tell(name, absl::StrCat("it is not below ", row.parent.view(), " there"));
    }
  }

  void User(Name name, const Fields& fields) {
    const auto has = view_.users.find(name.view());
    const std::string what = absl::StrCat("user ", name.view());
    if (has == view_.users.end())
      return Tell(what, "it does not know the user");
    if (has->second.known) {
      Tell(what, "DefaultAccount", has->second.default_account,
           fields.Get(Key::kDefaultAccount).view());
    }
    Tell(what, "AdminLevel", has->second.admin_level,
         fields.Get(Key::kAdminLevel).view());
  }

  void Qos() {
    for (const auto& [name, qos] : state_.tree.qos) {
      const std::string what = absl::StrCat("QOS ", name.view());
      const auto has = view_.qos.find(name.view());
      if (has == view_.qos.end()) {
        Tell(what, "it has none of this name");
        continue;
      }
      Values wanted;
      for (const Field& field : qos.fields) {
        std::string value = Known(field.key, field.value, view_.tres);
        if (!IsNothing(field.key, value)) wanted[field.key] = std::move(value);
      }
      Compare(what, has->second, wanted, &Shown::qos, true);
    }
    for (const auto& [name, values] : view_.qos) {
      if (!state_.tree.qos.contains(Name(name))) {
        Tell(absl::StrCat("QOS ", name), "it has it still");
      }
    }
  }

  const DatabaseState& state_;
  const ControllerView& view_;
  absl::btree_map<Name, Values> limits_;  // Of accounts.
  absl::btree_set<uint64_t> seen_;
  std::vector<std::string> differs_;
};

}  // namespace

void ControllerViewReader::Line(string_view line) {
  if (absl::ConsumePrefix(&line, "UserName=")) {
    const string_view shown = Until(" DefAccount=", &line);
    const string_view name = Bare(shown);
    ControllerView::User user;
    user.known = shown.substr(name.size()) != kNoUid;
    const string_view account = Until(" DefWckey=", &line);
    if (account != "(null)") user.default_account = std::string(account);
    Until(" AdminLevel=", &line);
    if (line != "None" && line != "Not Set") {
      user.admin_level = std::string(line);
    }
    view_.users[std::string(name)] = std::move(user);
  } else if (absl::ConsumePrefix(&line, "ClusterName=")) {
    values_ = nullptr;
    row_ = nullptr;
    if (Until(" Account=", &line) != cluster_) return;
    std::string name(Until(" UserName=", &line));
    if (const string_view user = Bare(Until(" Partition=", &line));
        !user.empty()) {
      absl::StrAppend(&name, "/", user);
    }
    if (const string_view partition = Until(" Priority=", &line);
        !partition.empty()) {
      absl::StrAppend(&name, "@", partition);
    }
    const string_view priority = Until(" ID=", &line);
    row_ = &view_.rows[Number(line)];
    row_->name = std::move(name);
    values_ = &row_->values;
    Value(absl::StrCat("Priority=", priority));
  } else if (absl::ConsumePrefix(&line, "QOS=")) {
    row_ = nullptr;
    values_ = &view_.qos[std::string(Bare(line))];
  } else if (values_ != nullptr && absl::ConsumePrefix(&line, "    ")) {
    // Deeper lines of a QOS are what single accounts and users have used.
    if (absl::StartsWith(line, " ")) return;
    if (row_ != nullptr && absl::ConsumePrefix(&line, "ParentAccount=")) {
      // "hep x(3) Lineage=...", before 23.11 "hep x(3) Lft=..."
      const string_view parent =
          line.substr(0, std::min(line.find(" Lineage="), line.find(" Lft=")));
      if (absl::EndsWith(parent, ")")) {
        row_->parent = Number(
            absl::StripSuffix(parent.substr(Bare(parent).size() + 1), ")"));
      }
      return;
    }
    for (const string_view word : absl::StrSplit(line, ' ')) Value(word);
  }
}

void ControllerViewReader::Value(string_view word) {
  const size_t equals = word.find('=');
  if (equals == string_view::npos) return;
  const string_view name = word.substr(0, equals);
  const string_view value = word.substr(equals + 1);
  if (row_ != nullptr && absl::StartsWith(name, "UsageRaw/")) {
    if (!absl::SimpleAtod(value.substr(0, value.find('/')), &row_->usage)) {
      row_->usage = 0;
    }
  } else if (row_ != nullptr && absl::StartsWith(name, "SharesRaw/")) {
    row_->values[Key::kFairshare] =
        std::string(value.substr(0, value.find('/')));
  } else if (const Shown* const shown = FindShown(name)) {
    const Key key = row_ != nullptr ? shown->row : shown->qos;
    std::string text = AsCanonical(key, value, &view_.tres);
    if (!IsNothing(key, text)) (*values_)[key] = std::move(text);
  }
}

std::vector<std::string> ControllerDiffers(const DatabaseState& state,
                                           const ControllerView& view) {
  return Comparison(state, view).Run();
}

}  // namespace assocsync
