#include "engine/plan/clusters.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/base/status.h"
#include "engine/model/value.h"
#include "engine/plan/guards.h"
#include "engine/plan/named.h"
#include "engine/plan/proof.h"
#include "engine/plan/scope.h"
#include "engine/slurm/limits.h"
#include "engine/slurm/slurmdbd.h"

namespace assocsync {
namespace {

// All clusters under one reading of what the release does.
class Models {
 public:
  Models(const Behaviour& behaviour, const std::vector<PlanInput>& inputs)
      : behaviour_(behaviour) {
    for (const PlanInput& input : inputs) states_.push_back(input.live);
  }

  const DatabaseState& state(size_t cluster) const { return states_[cluster]; }
  const std::vector<DatabaseState>& states() const { return states_; }

  // Runs the plan's own words on the cluster, and shows all others what became
  // of it. kInternal: a command would not be done, would touch a row of another
  // cluster, or the plan ends otherwise than it says.
  absl::Status Run(size_t cluster, const Plan& plan) {
    if (plan.steps.empty()) return absl::OkStatus();
    Slurmdbd model(behaviour_, states_[cluster]);
    RETURN_IF_ERROR(
        Annotate(ProveOn(&model, states_[cluster], plan.steps, plan.expected),
                 plan.cluster.view()));
    for (size_t i = 0; i < states_.size(); ++i) {
      if (i != cluster) SeeElsewhere(model, &states_[i]);
    }
    states_[cluster] = model.state();
    return absl::OkStatus();
  }

  absl::Status Same(const Tree& tree, const Tree& expected) const {
    const std::vector<Change> left = Diff(tree, expected);
    if (left.empty()) return absl::OkStatus();
    return absl::InternalError(absl::StrCat(
        "proof: under release ", behaviour_.since.ToString(), " cluster ",
        expected.cluster.view(), " ends with ", left.size(),
        " differences, the first: ", left[0].ToString()));
  }

 private:
  Behaviour behaviour_;
  std::vector<DatabaseState> states_;
};

// Of a tree, what is its cluster's own.
Tree OwnPart(Tree tree) {
  for (auto& [name, record] : tree.users) {
    for (const Key key : {Key::kAdminLevel, Key::kCoordinator}) {
      slurm::SetOrErase(key, Name(), &record.fields);
    }
  }
  for (auto& [name, record] : tree.accounts) record.fields = {};
  tree.lists_qos = false;
  tree.qos.clear();
  return tree;
}

absl::Status Torn(const DatabaseState& one, const DatabaseState& other) {
  return absl::AbortedError(absl::StrCat(
      "live changed while it was read: what cluster ", one.tree.cluster.view(),
      " and cluster ", other.tree.cluster.view(), " share is not the same"));
}

// Whether the states are of one moment, as far as they tell of each other.
absl::Status CheckOneMoment(const std::vector<PlanInput>& inputs) {
  const DatabaseState& first = inputs[0].live;
  for (const PlanInput& input : inputs) {
    const DatabaseState& state = input.live;
    const bool same_users = absl::c_equal(
        first.users, state.users, [](const auto& a, const auto& b) {
          return a.first == b.first &&
                 a.second.fields.Get(Key::kAdminLevel) ==
                     b.second.fields.Get(Key::kAdminLevel);
        });
    if (!same_users || state.accounts != first.accounts ||
        state.coordinators != first.coordinators || state.qos != first.qos) {
      return Torn(first, state);
    }
    for (const PlanInput& other : inputs) {
      const Name cluster = other.live.tree.cluster;
      if (cluster == state.tree.cluster) continue;
      auto at = state.others.lower_bound({cluster, {}});
      for (const auto& [key, row] : other.live.tree.associations) {
        if (at == state.others.end() || at->first.cluster != cluster ||
            at->first.row != key) {
          return Torn(other.live, state);
        }
        ++at;
      }
      if (at != state.others.end() && at->first.cluster == cluster) {
        return Torn(other.live, state);
      }
    }
  }
  return absl::OkStatus();
}

// A row is skipped on the clusters that have it: `unused`, where this one has
// none of them.
absl::StatusOr<Plan> MakePart(const PlanInput& input,
                              const AgreedRecords& agreed,
                              const ClustersPlan::Part& part,
                              std::vector<std::string>* unused) {
  const SharedView view{&agreed, part.is_last, part.turn.adds_only};
  PlanOptions options = part.options;
  if (part.turn.adds_only) {
    if (options.changes.empty()) options.changes = {"add", "modify", "move"};
    std::erase(options.changes, "delete");
  }
  ASSIGN_OR_RETURN(Plan plan, MakePlan({input.live, input.target, options,
                                        input.base, input.notes, input.jobs,
                                        input.mentions, input.usage, &view}));
  *unused = plan.RowsOf(kUnusedSkip);
  std::erase_if(plan.findings,
                [](const Finding& f) { return f.code == kUnusedSkip; });
  return plan;
}

class Clusters {
 public:
  Clusters(const std::vector<PlanInput>& inputs, const PlaceOfLine& place)
      : inputs_(inputs), place_(place) {}

  absl::StatusOr<ClustersPlan> Run() {
    RETURN_IF_ERROR(CheckOneMoment(inputs_));
    out_.agreed = AgreedBy(inputs_, place_, &out_.findings);
    const PlanOptions& options = inputs_[0].options;
    LiftAllowed(options, &out_.findings);
    if (absl::c_any_of(out_.findings, [](const Finding& f) {
          return f.code == kFilesContradict;
        })) {
      return std::move(out_);
    }
    RETURN_IF_ERROR(Words());
    ASSIGN_OR_RETURN(const std::vector<ClusterTurn> turns, Turns());
    ASSIGN_OR_RETURN(const Behaviour behaviour, BehaviourOf(options.release));
    std::vector<Models> models;
    for (const Behaviour& row : RowsThatCouldHold(behaviour)) {
      models.emplace_back(row, inputs_);
    }
    for (const ClusterTurn& turn : turns) {
      ClustersPlan::Part part;
      part.turn = turn;
      part.is_last = &turn == &turns.back();
      part.options = options_[turn.cluster];
      part.live = models[0].state(turn.cluster);
      std::vector<std::string> unused;
      ASSIGN_OR_RETURN(part.plan,
                       MakePart(Input(turn.cluster, part.live, part.options),
                                out_.agreed, part, &unused));
      if (out_.parts.empty()) unused_ = unused;
      std::erase_if(unused_, [&](const std::string& row) {
        return !absl::c_linear_search(unused, row);
      });
      RETURN_IF_ERROR(models[0].Run(turn.cluster, part.plan));
      for (size_t i = models.size() - 1; i > 0; --i) {
        const absl::Status proven = models[i].Run(turn.cluster, part.plan);
        if (proven.ok()) continue;
        Unproven(proven);
        models.erase(models.begin() + static_cast<ptrdiff_t>(i));
      }
      out_.parts.push_back(std::move(part));
    }
    RETURN_IF_ERROR(ProveEnd(models[0]));
    for (size_t i = 1; i < models.size(); ++i) Unproven(ProveEnd(models[i]));
    out_.after = models[0].states();
    Judge();
    return std::move(out_);
  }

 private:
  PlanInput Input(size_t cluster, const DatabaseState& live,
                  const PlanOptions& options) const {
    const PlanInput& in = inputs_[cluster];
    return {live,     in.target, options,     in.base,
            in.notes, in.jobs,   in.mentions, in.usage};
  }

  // Of the words that name rows those that name something on each cluster; one
  // that names nothing anywhere is an error.
  absl::Status Words() {
    const PlanOptions& all = inputs_[0].options;
    options_.clear();
    for (const PlanInput& input : inputs_) options_.push_back(input.options);
    for (const auto& [words, option] : {std::pair(&PlanOptions::only, "--only"),
                                        {&PlanOptions::except, "--except"}}) {
      for (const std::string& word : all.*words) {
        RETURN_IF_ERROR(ParseSelector(word).status());
        bool any = false;
        for (size_t i = 0; i < inputs_.size(); ++i) {
          const PlanInput& input = inputs_[i];
          if (NamedBy({word}, option, input.live.tree, input.target).ok()) {
            any = true;
          } else {
            std::erase(options_[i].*words, word);
          }
        }
        if (!any) {
          return absl::InvalidArgumentError(
              absl::StrCat(option, " ", word,
                           ": neither live nor the target of any cluster has "
                           "anything of that name"));
        }
      }
    }
    return absl::OkStatus();
  }

  // Nothing that --only names is there.
  bool IsOut(size_t cluster) const {
    return !inputs_[cluster].options.only.empty() &&
           options_[cluster].only.empty();
  }

  absl::StatusOr<std::vector<ClusterTurn>> Turns() {
    std::vector<size_t> in;
    std::vector<const DatabaseState*> live;
    std::vector<Tree> targets;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const SharedView view{&out_.agreed};
      PlanInput input = Input(i, inputs_[i].live, options_[i]);
      input.shared = &view;
      std::vector<Finding> notes;
      std::optional<Tree> made;
      if (!IsOut(i)) {
        ASSIGN_OR_RETURN(made, MadeTarget(input, &notes));
        in.push_back(i);
      }
      live.push_back(&inputs_[i].live);
      targets.push_back(IsOut(i)           ? inputs_[i].live.tree
                        : made.has_value() ? *std::move(made)
                                           : inputs_[i].target);
    }
    std::vector<const Tree*> views;
    for (const Tree& target : targets) views.push_back(&target);
    LookAtTargets(inputs_, views, &out_.agreed, &out_.findings);
    LiftAllowed(inputs_[0].options, &out_.findings);
    std::vector<ClusterTurn> turns = OrderClusters(live, views);
    std::erase_if(turns,
                  [&](const ClusterTurn& turn) { return IsOut(turn.cluster); });
    return turns;
  }

  // The last plan of each cluster.
  const ClustersPlan::Part* LastOf(size_t cluster) const {
    const ClustersPlan::Part* last = nullptr;
    for (const ClustersPlan::Part& part : out_.parts) {
      if (part.turn.cluster == cluster) last = &part;
    }
    return last;
  }

  // Rows are what the cluster's own plan left. What is shared is what each plan
  // said: all of them say the same but where one was cut down to a part, or
  // falls short with a word of its own.
  absl::Status ProveEnd(const Models& models) const {
    const bool whole = absl::c_all_of(out_.parts, [](const auto& part) {
      return part.options.only.empty() && part.options.except.empty() &&
             part.options.changes.empty() && part.options.skip.empty() &&
             absl::c_none_of(part.plan.findings, [](const Finding& f) {
               return f.severity >= Severity::kCannotRestore;
             });
    });
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const ClustersPlan::Part* const part = LastOf(i);
      const Tree& tree = models.state(i).tree;
      Tree wanted =
          part == nullptr ? inputs_[i].live.tree : part->plan.expected;
      if (!whole) {
        RETURN_IF_ERROR(models.Same(OwnPart(tree), OwnPart(std::move(wanted))));
        continue;
      }
      // Those that go, the last plan took.
      absl::erase_if(wanted.qos, [&](const auto& entry) {
        return out_.agreed.lists_qos && !tree.qos.contains(entry.first) &&
               !out_.agreed.qos.contains(entry.first);
      });
      RETURN_IF_ERROR(models.Same(tree, wanted));
    }
    return absl::OkStatus();
  }

  // Of a release that was never run, the plans must be exact by the rules of
  // several. Each is by itself; one after the other they may not be, where the
  // rules leave different lineages behind.
  void Unproven(const absl::Status& proven) {
    if (proven.ok()) return;
    out_.findings.push_back(MakeFinding(
        kUntestedRelease, Severity::kError,
        "one after the other, the plans are not exact by the rules of all "
        "releases that this one may be like; plan the clusters one by one",
        {std::string(proven.message())}));
  }

  // Findings that only the whole can tell.
  void Judge() {
    std::vector<Finding>& findings = out_.findings;
    const PlanOptions& options = inputs_[0].options;
    for (Finding& finding :
         GuardRecords(inputs_[0].live, out_.after[0], options)) {
      findings.push_back(std::move(finding));
    }
    CallerStays();
    UnusedSkips();
    TheRest();
    LiftAllowed(options, &findings);
    SortFindings(&findings);
  }

  // Whoever runs this needs the right to do so until the end.
  void CallerStays() {
    const Name caller(inputs_[0].options.caller);
    if (caller.empty()) return;
    const auto level = [&](const DatabaseState& state) {
      return FieldOf(state.users, caller, Key::kAdminLevel);
    };
    const Name had = level(inputs_[0].live);
    const auto late =
        absl::c_find_if(out_.parts, [&](const ClustersPlan::Part& part) {
          return !part.plan.steps.empty() && level(part.live) != had;
        });
    if (late == out_.parts.end()) return;
    out_.findings.push_back(MakeFinding(
        kProtectedRow, Severity::kError,
        absl::StrCat("the user who runs this would lose the AdminLevel before "
                     "the plan of cluster ",
                     late->plan.cluster.view(), " has run"),
        {absl::StrCat("user ", caller.view(), ": AdminLevel ", had.view())}));
  }

  void UnusedSkips() {
    AddIfAny(MakeFinding(kUnusedSkip,
                         "--skip names rows that would not change anywhere",
                         {unused_.begin(), unused_.end()}),
             &out_.findings);
  }

  void TheRest() {
    absl::btree_set<std::string> rest;
    for (const auto& [other, row] : inputs_[0].live.others) {
      if (!out_.agreed.clusters.contains(other.cluster)) {
        rest.insert(absl::StrCat("cluster ", other.cluster.view()));
      }
    }
    AddIfAny(MakeFinding(kNoTreeOfCluster,
                         "clusters of the database of which the target has no "
                         "tree stay as they are",
                         {rest.begin(), rest.end()}),
             &out_.findings);
  }

  const std::vector<PlanInput>& inputs_;
  const PlaceOfLine& place_;
  std::vector<PlanOptions> options_;  // By input.
  std::vector<std::string> unused_;   // Words of --skip, on every cluster.
  ClustersPlan out_;
};

}  // namespace

bool ClustersPlan::applicable() const {
  return absl::c_none_of(findings,
                         [](const Finding& f) { return f.stands(); }) &&
         absl::c_all_of(
             parts, [](const Part& part) { return part.plan.applicable(); });
}

size_t ClustersPlan::steps() const {
  size_t steps = 0;
  for (const Part& part : parts) steps += part.plan.steps.size();
  return steps;
}

bool ClustersPlan::changes_anything() const {
  return absl::c_any_of(parts, [](const Part& part) {
    return !part.plan.changes.empty() || !part.plan.steps.empty();
  });
}

void SeeElsewhere(const Slurmdbd& after, DatabaseState* other) {
  const DatabaseState& state = after.state();
  const Name cluster = state.tree.cluster;
  const auto first = other->others.lower_bound({cluster, {}});
  auto end = first;
  bool knows_lineages = true;
  while (end != other->others.end() && end->first.cluster == cluster) {
    knows_lineages &= !end->second.lineage.empty();
    ++end;
  }
  other->others.erase(first, end);
  for (const auto& [key, row] : state.tree.associations) {
    DatabaseState::OtherRow seen = after.Elsewhere(key);
    if (!knows_lineages) seen.lineage = Name();
    other->others.emplace(DatabaseState::OtherKey{cluster, key}, seen);
  }
  // Of users who are not in the other's tree, it may know WCKeys of its own.
  absl::btree_map<Name, Record> users;
  for (const auto& [name, record] : state.users) {
    const Record* const had = FindIn(other->users, name);
    Record now = had == nullptr ? Record() : *had;
    slurm::SetOrErase(Key::kAdminLevel, record.fields.Get(Key::kAdminLevel),
                      &now.fields);
    users.emplace_hint(users.end(), name, std::move(now));
  }
  other->users = std::move(users);
  other->accounts = state.accounts;
  other->coordinators = state.coordinators;
  other->qos = state.qos;
  absl::btree_map<Name, std::vector<absl::string_view>> rights;
  for (const DatabaseState::Coordinator& pair : state.coordinators) {
    rights[pair.user].push_back(pair.account.view());
  }
  Tree& tree = other->tree;
  for (auto& [name, record] : tree.users) {
    slurm::SetOrErase(Key::kAdminLevel,
                      FieldOf(state.users, name, Key::kAdminLevel),
                      &record.fields);
    const auto found = rights.find(name);
    slurm::SetOrErase(
        Key::kCoordinator,
        found == rights.end() ? Name() : Name(JoinElements(found->second)),
        &record.fields);
  }
  for (auto& [name, record] : tree.accounts) {
    const Record* const now = FindIn(state.accounts, name);
    if (now != nullptr) record.fields = now->fields;
  }
  if (tree.lists_qos && state.tree.lists_qos) tree.qos = state.tree.qos;
}

absl::StatusOr<ClustersPlan> PlanClusters(const std::vector<PlanInput>& inputs,
                                          const PlaceOfLine& place) {
  return Clusters(inputs, place).Run();
}

absl::StatusOr<Plan> PlanPart(const PlanInput& input,
                              const AgreedRecords& agreed,
                              const ClustersPlan::Part& part) {
  std::vector<std::string> unused;
  return MakePart(input, agreed, part, &unused);
}

}  // namespace assocsync
