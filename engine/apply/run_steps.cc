#include "engine/apply/run_steps.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/apply/step_model.h"
#include "engine/apply/step_session.h"
#include "engine/base/status.h"
#include "engine/plan/bulk_load.h"
#include "engine/plan/estimate.h"

namespace assocsync {
namespace {

using End = StepResult::Outcome;

constexpr absl::Duration kLookEvery = absl::Milliseconds(100);
// squeue costs slurmctld as much as its queue is long.
constexpr absl::Duration kJobsEvery = absl::Seconds(1);
// Opening a session costs about what a process for one step does.
constexpr size_t kSessionPays = 3;

class StepRun {
 public:
  StepRun(const Plan& plan, const ApplyOptions& options, const ApplyDeps& deps,
          ApplyReport* report)
      : plan_(plan), options_(options), deps_(deps), report_(*report) {}

  absl::Status Prepare(const DatabaseState& before);
  absl::Status Run(const std::function<std::vector<std::string>()>& in_the_way,
                   Journal* journal, RunLock* lock, RunFolder* folder);

 private:
  void Problem(absl::string_view what, size_t step,
               const absl::Status& status) {
    report_.problems.push_back(
        absl::StrCat(what, " step ", step, ": ", status.message()));
  }
  void Tell(size_t number, const StepResult* result) const {
    if (deps_.on_step != nullptr) deps_.on_step(number, result);
  }
  StepResult LookAt(const StepResult& said, const StepFacts& facts) const;
  StepResult RunAndLook(const Step& step, const StepFacts& facts);
  Step Told(const Step& step, const StepFacts& facts) const;
  StepResult RunNext(const Step& step, const StepFacts& facts);
  // `results`: what became of the steps of the load that begins with step `i`.
  // Empty: there is none, or nothing came of it; then they are to be run one by
  // one. An error: nothing was run.
  absl::Status TryLoad(size_t i, absl::Time start, Journal* journal,
                       RunFolder* folder, std::vector<StepResult>* results);
  std::vector<StepResult> RunLoad(const BulkLoad& load,
                                  const std::string& file);
  void Rest(absl::Duration took) const;

  const Plan& plan_;
  const ApplyOptions& options_;
  const ApplyDeps& deps_;
  ApplyReport& report_;
  std::optional<StepModel> model_;  // Where the database is at hand.
  std::vector<BulkLoad> loads_;  // None without model_, and none after failed.
  bool by_names_ = false;        // See Told.
  size_t rows_ = 0;              // Of the cluster, before the first step.
  std::vector<absl::Duration> ends_;  // By estimate.h.
  StepSession session_{options_.sacctmgr, deps_.runner};
};

// The database must be the one that slurmdbd uses: a source that reads it
// (knows_default_rows) has seen to that, and another one's ids tell.
absl::Status StepRun::Prepare(const DatabaseState& before) {
  if (before.knows_default_rows && deps_.look != nullptr) {
    model_ = StepModel::Make(plan_.release, before);
  } else if (deps_.look != nullptr) {
    // What sacctmgr shows is rounded in places, so the model starts from rows.
    const absl::StatusOr<DatabaseState> rows = deps_.look(nullptr);
    if (rows.ok() && rows->ids == before.ids) {
      model_ = StepModel::Make(plan_.release, *rows);
    } else if (rows.ok() && options_.sql_dump == ApplyOptions::SqlDump::kTake) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the SQL dump was taken of ", options_.dump.database.Describe(),
          ", which does not hold the associations that slurmdbd shows: "
          "slurmdbd uses another database, or somebody is changing them"));
    }
  }
  if (model_.has_value()) {
    loads_ = BulkLoads(plan_.release, plan_.steps, before, options_.load);
    const absl::StatusOr<Behaviour> behaviour = BehaviourOf(plan_.release);
    by_names_ = behaviour.ok() &&
                behaviour->default_guard == Behaviour::DefaultGuard::kStrict;
  }
  rows_ = before.tree.associations.size();
  ends_ = EndsOf(plan_.release, plan_.steps, rows_, loads_);
  return absl::OkStatus();
}

StepResult StepRun::LookAt(const StepResult& said,
                           const StepFacts& facts) const {
  if (said.said == End::kNotRun || facts.facts.empty()) return said;
  StepResult result = said;
  for (absl::Duration waited;; waited += kLookEvery) {
    const absl::StatusOr<DatabaseState> now = deps_.look(&facts.part);
    if (now.ok()) {
      result = Conclude(said, Look(facts, *now));
      // What was refused cannot come later.
      if (result.done() || said.said == End::kRefused) return result;
    } else {
      result = said;
      result.outcome = End::kUnknown;
      result.shown = absl::StrCat("its rows could not be looked at: ",
                                  now.status().message());
    }
    if (waited >= options_.look_again || deps_.stopped()) return result;
    absl::SleepFor(kLookEvery);
  }
}

StepResult StepRun::RunAndLook(const Step& step, const StepFacts& facts) {
  // What a session says of a step is not enough: its rows must show it. Where
  // they show that nothing came of it, a process of its own has the last word
  // (slurmdbd was started anew; a TRES came meanwhile), unless time is up.
  if (plan_.steps.size() >= kSessionPays && model_.has_value() &&
      !facts.facts.empty()) {
    const auto said = session_.Run(step, options_.step_limit);
    if (said.has_value()) {
      StepResult result = LookAt(*said, facts);
      const bool nothing =
          result.outcome == End::kNoEffect || result.outcome == End::kRefused;
      if (!nothing || session_.was_killed() || deps_.stopped()) return result;
      session_.Close();
    }
  }
  const StepResult said =
      RunStep(step, options_.sacctmgr, options_.step_limit, *deps_.runner);
  return model_.has_value() ? LookAt(said, facts) : said;
}

std::vector<StepResult> StepRun::RunLoad(const BulkLoad& load,
                                         const std::string& file) {
  StepModel model = *model_;
  StepFacts facts;
  // What several steps change is as before the first, or as after the last.
  absl::btree_map<std::string, StepFacts::Fact> by_name;
  for (size_t i = load.begin; i < load.end; ++i) {
    StepFacts of_step = model.Next(plan_.steps[i]);
    if (!of_step.known) return {};
    model.Ended(true);
    for (StepFacts::Fact& fact : of_step.facts) {
      const auto [at, added] = by_name.try_emplace(fact.name, fact);
      if (!added) at->second.after = std::move(fact.after);
    }
    absl::c_move(of_step.touched, std::back_inserter(facts.touched));
    facts.part.users.merge(of_step.part.users);
  }
  for (auto& [name, fact] : by_name) {
    if (fact.before != fact.after) facts.facts.push_back(std::move(fact));
  }
  Step step;
  step.argv = {"load", absl::StrCat("file=", file)};
  const StepResult said =
      RunStep(step, options_.sacctmgr, options_.step_limit, *deps_.runner);
  StepResult result = LookAt(said, facts);
  if (result.done()) {
    *model_ = std::move(model);
    std::vector<StepResult> results = {result};
    result.words = absl::StrCat("see command ", load.begin + 1,
                                ", which one load did with this one");
    results.resize(load.end - load.begin, result);
    return results;
  }
  // A load is done or not, as a whole. One that was killed may be done yet.
  const bool nothing = result.outcome == End::kNoEffect ||
                       result.outcome == End::kRefused ||
                       result.outcome == End::kNotRun;
  if (nothing && said.said != End::kUnknown && !deps_.stopped()) return {};
  return {std::move(result)};
}

absl::Status StepRun::TryLoad(size_t i, absl::Time start, Journal* journal,
                              RunFolder* folder,
                              std::vector<StepResult>* results) {
  const auto load = absl::c_find_if(
      loads_, [&](const BulkLoad& load) { return load.begin == i; });
  if (load == loads_.end() || !model_.has_value()) return absl::OkStatus();
  const std::string name = absl::StrCat("load-", i + 1, ".cfg");
  RETURN_IF_ERROR(folder->Write(name, load->text).status());
  RETURN_IF_ERROR(journal->Load(i + 1, load->end, name, deps_.now()));
  folder->Keep();
  deps_.Tell(ApplyProgress::What::kStepping, i, plan_.steps.size(), start,
             TimeLeft(ends_, i, deps_.now() - start), load->end - i);
  *results = RunLoad(*load, folder->File(name));
  if (results->empty()) {
    // Nor would the next one go better.
    loads_.clear();
    ends_ = EndsOf(plan_.release, plan_.steps, rows_);
  } else if (results->front().done()) {
    ++report_.loads;
    report_.loaded += results->size();
  } else {
    report_.problems.push_back(
        absl::StrCat("commands ", i + 1, " to ", load->end, ", of which ", name,
                     " is the load: ", Explain(results->front())));
  }
  return absl::OkStatus();
}

// What sacctmgr is told of a step: the step itself, or the same by the names of
// its users alone, where that takes a fraction of the time: for the guard of
// default rows slurmdbd counts the rows of each user (slurm-facts 12), but not
// where the users go by name. Such a delete would also take a row that one of
// them got since the plan was made, on whatever cluster. So it is predicted
// anew, from all that the database holds at this moment, and is told only where
// it does just what the step is to do.
Step StepRun::Told(const Step& step, const StepFacts& facts) const {
  if (!by_names_ || !model_.has_value()) return step;
  const std::optional<Step> by_names = ByNames(step);
  if (!by_names.has_value()) return step;
  const absl::StatusOr<DatabaseState> now = deps_.look(nullptr);
  if (!now.ok()) return step;
  std::optional<StepModel> model = StepModel::Make(plan_.release, *now);
  const StepFacts same = model->Next(*by_names);
  return same.known && same.touched == facts.touched ? *by_names : step;
}

StepResult StepRun::RunNext(const Step& step, const StepFacts& facts) {
  StepResult result = RunAndLook(step, facts);
  if (model_.has_value()) model_->Ended(result.done());
  return result;
}

void StepRun::Rest(absl::Duration took) const {
  if (options_.pause_between <= absl::ZeroDuration()) return;
  absl::Duration left = std::max(options_.pause_between, took);
  for (; left > absl::ZeroDuration() && !deps_.stopped(); left -= kLookEvery) {
    absl::SleepFor(std::min(left, kLookEvery));
  }
}

absl::Status StepRun::Run(
    const std::function<std::vector<std::string>()>& in_the_way,
    Journal* journal, RunLock* lock, RunFolder* folder) {
  const absl::Time start = deps_.now();
  absl::Time asked = start, began = start;
  for (size_t i = 0; i < plan_.steps.size();) {
    const Step& step = plan_.steps[i];
    if (i > 0) Rest(deps_.now() - began);
    if (deps_.stopped()) {
      if (i == 0) return absl::CancelledError("stopped before the first step");
      report_.interrupted = true;
      break;
    }
    began = deps_.now();
    deps_.Tell(ApplyProgress::What::kStepping, i, plan_.steps.size(), start,
               TimeLeft(ends_, i, began - start));
    if (step.deletes && deps_.now() - asked >= kJobsEvery) {
      asked = deps_.now();
      std::vector<std::string> reasons = in_the_way();
      for (std::string& reason : reasons) {
        report_.problems.push_back(
            absl::StrCat("stopped before step ", i + 1, ": ", reason));
      }
      if (!reasons.empty()) break;
    }
    absl::Status status = lock->Keep(deps_.now());
    std::vector<StepResult> results;
    if (status.ok()) status = TryLoad(i, start, journal, folder, &results);
    const bool loaded = !results.empty();
    StepFacts facts;
    Step told;
    if (status.ok() && !loaded) {
      if (model_.has_value()) facts = model_->Next(step);
      if (!facts.known) model_.reset();
      told = Told(step, facts);
      status = journal->Begin(i + 1, told, deps_.now());
      if (status.ok()) Tell(i + 1, nullptr);
    }
    if (!status.ok()) {
      if (i == 0) return status;
      Problem("stopped before", i + 1, status);
      break;
    }
    folder->Keep();
    if (!loaded) results.push_back(RunNext(told, facts));
    for (StepResult& result : results) {
      const size_t number = ++i;
      if (loaded) {
        status.Update(
            journal->BeganInLoad(number, plan_.steps[number - 1], deps_.now()));
        Tell(number, nullptr);
      }
      status.Update(journal->End(number, result, deps_.now()));
      Tell(number, &result);
      report_.steps.push_back(std::move(result));
    }
    if (!status.ok()) {
      Problem("what became of a step is not recorded,", i, status);
    }
    if (report_.steps.back().outcome != End::kDone || !status.ok()) break;
  }
  report_.step_time = deps_.now() - start;
  return absl::OkStatus();
}

bool Settled(const StepResult& step) {
  return step.seen && step.outcome == End::kDone;
}

}  // namespace

size_t ApplyReport::done() const {
  size_t n = 0;
  for (const StepResult& step : steps) n += step.done() ? 1 : 0;
  return n;
}

absl::Status RunSteps(
    const Plan& plan, const ApplyOptions& options, const ApplyDeps& deps,
    const DatabaseState& before,
    const std::function<std::vector<std::string>()>& in_the_way,
    Journal* journal, RunLock* lock, RunFolder* folder, ApplyReport* report) {
  StepRun run(plan, options, deps, report);
  RETURN_IF_ERROR(run.Prepare(before));
  return run.Run(in_the_way, journal, lock, folder);
}

std::vector<Journal::Settled> SettleSteps(const Plan& plan,
                                          const DatabaseState& before,
                                          const DatabaseState& after,
                                          ApplyReport* report) {
  std::vector<StepResult>& steps = report->steps;
  std::vector<Journal::Settled> settled;
  size_t open = 0;
  for (const StepResult& step : steps) open += Settled(step) ? 0 : 1;
  if (open == 0) return settled;
  const auto look = [&](size_t i, const StepFacts& facts) {
    StepResult result = Conclude(steps[i], Look(facts, after));
    if (!result.seen) return;
    if (!steps[i].seen || result.outcome != steps[i].outcome) {
      settled.emplace_back(i + 1, result);
    }
    steps[i] = std::move(result);
  };
  // Which step was the last to change a fact. One that stopped the run is the
  // last of all, and need not have changed anything.
  std::optional<StepModel> model = StepModel::Make(plan.release, before);
  if (!model.has_value()) return settled;
  absl::flat_hash_map<std::string, size_t> last;
  for (size_t i = 0; i < steps.size(); ++i) {
    const StepFacts facts = model->Next(plan.steps[i]);
    if (!facts.known) return settled;
    if (steps[i].outcome != End::kDone) {
      look(i, facts);
      --open;
      if (!steps[i].done()) break;
    }
    for (const StepFacts::Fact& fact : facts.facts) last[fact.name] = i;
    model->Ended(true);
  }
  if (open == 0) return settled;
  model = StepModel::Make(plan.release, before);
  for (size_t i = 0; i < steps.size(); ++i) {
    StepFacts facts = model->Next(plan.steps[i]);
    if (steps[i].outcome == End::kDone && !steps[i].seen) {
      std::erase_if(facts.facts, [&](const StepFacts::Fact& fact) {
        return last[fact.name] != i;
      });
      look(i, facts);
    }
    model->Ended(steps[i].done());
  }
  absl::c_sort(settled,
               [](const auto& a, const auto& b) { return a.first < b.first; });
  return settled;
}

std::optional<Tree> TreeAfterSteps(const Plan& plan,
                                   const DatabaseState& before,
                                   const std::vector<StepResult>& steps) {
  std::optional<StepModel> model = StepModel::Make(plan.release, before);
  if (!model.has_value()) return std::nullopt;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].outcome == End::kUnknown ||
        steps[i].outcome == End::kPartlyDone) {
      return std::nullopt;
    }
    if (!steps[i].done()) continue;
    if (!model->Next(plan.steps[i]).known) return std::nullopt;
    model->Ended(true);
  }
  return model->tree();
}

}  // namespace assocsync
