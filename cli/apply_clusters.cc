// `assocsync apply --all-clusters`: the plans of a whole database, one after
// the other, behind one question and one SQL dump.
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/apply_run.h"
#include "cli/clusters.h"
#include "engine/apply/compare.h"
#include "engine/base/counted.h"
#include "engine/base/status.h"
#include "engine/cfg/write.h"
#include "engine/io/trusted_path.h"

namespace assocsync {
namespace {

class ClustersRun {
 public:
  ClustersRun(const Options& args, const PlannedClusters& planned,
              LiveSource* source, Env& env)
      : args_(args), planned_(planned), source_(source), env_(env) {}

  ExitCode Run() {
    if (const auto exit = MayRun()) return *exit;
    absl::StatusOr<ApplyOptions> options =
        ApplyOptionsFor(args_, env_, &reachable_);
    if (!options.ok()) return Fail(options.status(), env_);
    options_ = *std::move(options);
    for (const Planned& one : planned_.clusters) {
      options_.trees.emplace_back(one.target.cluster.str(),
                                  Write(one.live.database.tree));
    }
    if (args_.no_sql_dump) {
      env_.console->Warn("no SQL dump is taken (--no-sql-dump)");
    }
    for (size_t i = 0; i < planned_.parts.size(); ++i) {
      const ExitCode exit = RunPart(i);
      if (exit != ExitCode::kOk) return Stopped(i, exit);
    }
    return Finished();
  }

 private:
  using Outcome = ApplyReport::Outcome;

  const ClustersPlan::Part& part(size_t i) const {
    return planned_.whole.parts[i];
  }
  absl::string_view ClusterOf(size_t i) const {
    return part(i).plan.cluster.view();
  }

  // The events of a part that is not run.
  void TellUnrun(size_t i, Outcome outcome, std::vector<std::string> why) {
    if (!args_.json()) return;
    ApplyReport report;
    report.outcome = outcome;
    report.planned = part(i).plan.steps.size();
    report.problems = std::move(why);
    env_.console->Print(ApplyBeginJson(planned_.parts[i], absl::Now()));
    env_.console->Print(ApplyToJson(report, planned_.parts[i]));
  }
  void TellAllUnrun(Outcome outcome) {
    for (size_t i = 0; i < planned_.parts.size(); ++i) {
      TellUnrun(i, outcome, {});
    }
  }

  std::optional<ExitCode> MayRun() {
    const ClustersPlan& whole = planned_.whole;
    Console* const console = env_.console;
    if (!args_.json()) {
      const bool asks = !args_.yes && console->interactive() &&
                        whole.applicable() && whole.steps() > 0;
      const absl::Status shown = ShowClusters(args_, planned_, asks, env_);
      if (!shown.ok()) return Fail(shown, env_);
    }
    if (!whole.applicable()) {
      TellAllUnrun(Outcome::kRefused);
      if (args_.json()) {
        for (const Finding& finding : whole.findings) {
          if (finding.stands()) console->Error(finding.message);
        }
      }
      console->Error(
          args_.json() ? "refused by findings of the plan; nothing was changed"
                       : "refused by the findings above; nothing was changed");
      return ExitCode::kRefused;
    }
    if (whole.steps() == 0) {
      TellAllUnrun(Outcome::kInSync);
      return ExitCode::kOk;
    }
    std::vector<std::string> clusters;
    for (const ClustersPlan::Part& part : whole.parts) {
      const std::string cluster = part.plan.cluster.str();
      if (!part.plan.steps.empty() &&
          !absl::c_linear_search(clusters, cluster)) {
        clusters.push_back(cluster);
      }
    }
    const std::optional<ExitCode> exit =
        AskToRun(args_,
                 absl::StrCat("Run ", Counted(whole.steps(), "command"),
                              " on cluster", clusters.size() == 1 ? " " : "s ",
                              absl::StrJoin(clusters, ", "), "?"),
                 env_);
    if (exit.has_value()) TellAllUnrun(Outcome::kRefused);
    return exit;
  }

  // Live as the part was planned on. Of a cluster that an earlier part has
  // changed nobody could foresee all: it is read again, and must make the same
  // plan.
  absl::StatusOr<LiveState> LiveFor(size_t i) {
    const ClustersPlan::Part& now = part(i);
    LiveState live = planned_.clusters[now.turn.cluster].live;
    live.database = now.live;
    const bool again =
        std::any_of(planned_.whole.parts.begin(),
                    planned_.whole.parts.begin() + static_cast<ptrdiff_t>(i),
                    [&](const ClustersPlan::Part& earlier) {
                      return earlier.turn.cluster == now.turn.cluster;
                    });
    if (!again) return live;
    ASSIGN_OR_RETURN(LiveState read, source_->Read(ClusterOf(i)));
    ASSIGN_OR_RETURN(const Plan plan, PlanAgain(i, read));
    SavedPlan saved = planned_.parts[i];
    saved.expected_fingerprint = Fingerprint(now.plan.expected);
    const std::vector<std::string> stale = StaleReasons(saved, plan);
    if (stale.empty()) return read;
    return absl::FailedPreconditionError(absl::StrJoin(stale, "; "));
  }

  absl::StatusOr<Plan> PlanAgain(size_t i, const LiveState& live) const {
    return PlanPart(planned_.InputOf(part(i).turn.cluster, live),
                    planned_.whole.agreed, part(i));
  }

  // kOk: the cluster is what the part makes of it.
  ExitCode RunPart(size_t i) {
    const SavedPlan& saved = planned_.parts[i];
    if (saved.plan.steps.empty()) {
      TellUnrun(i, Outcome::kInSync, {});
      return ExitCode::kOk;
    }
    if (args_.json()) {
      env_.console->Print(ApplyBeginJson(saved, absl::Now()));
    }
    absl::StatusOr<ApplyReport> report = RunOne(i);
    if (!report.ok()) {
      ApplyReport unrun;
      unrun.outcome = IsUntrusted(report.status()) ? Outcome::kRefused
                                                   : Outcome::kNothingChanged;
      unrun.interrupted = absl::IsCancelled(report.status());
      unrun.problems = {std::string(report.status().message())};
      if (args_.json()) env_.console->Print(ApplyToJson(unrun, saved));
      if (first_run_.empty()) {
        return Fail(Annotate(report.status(), "nothing was changed"), env_);
      }
      env_.console->Error(absl::StrCat(
          "cluster ", ClusterOf(i), ": ",
          unrun.interrupted ? "interrupted" : report.status().message()));
      return ExitCode::kPartial;
    }
    if (first_run_.empty()) first_run_ = report->run_dir;
    if (args_.json()) {
      env_.console->Print(ApplyToJson(*report, saved));
    } else if (report->outcome == Outcome::kVerified) {
      env_.console->Print(absl::StrCat("Cluster ", ClusterOf(i), ":\n"));
    } else {
      env_.console->Error(absl::StrCat("cluster ", ClusterOf(i), ":"));
    }
    return TellReport(*report, saved, nullptr, args_, env_.console);
  }

  absl::StatusOr<ApplyReport> RunOne(size_t i) {
    if (*env_.stop) return absl::CancelledError("");
    ASSIGN_OR_RETURN(const LiveState live, LiveFor(i));
    ApplyOptions options = options_;
    if (!first_run_.empty() &&
        options.sql_dump == ApplyOptions::SqlDump::kTake) {
      options.sql_dump = ApplyOptions::SqlDump::kOfRun;
      options.earlier_run = first_run_;
    }
    return RunPlanned(
        {args_, planned_.parts[i], live, source_, options, reachable_,
         [&](const LiveState& now) { return PlanAgain(i, now); }},
        env_);
  }

  std::string Back() const {
    return WayBackOfClusters(first_run_, planned_, args_);
  }

  // Clusters of these parts, but for those of the others.
  std::vector<std::string> Clusters(size_t begin, size_t end) const {
    std::vector<std::string> out;
    for (size_t i = begin; i < end; ++i) {
      const std::string cluster(ClusterOf(i));
      if (!absl::c_linear_search(out, cluster)) out.push_back(cluster);
    }
    return out;
  }

  ExitCode Stopped(size_t i, ExitCode exit) {
    const std::vector<std::string> done = Clusters(0, i);
    const std::vector<std::string> left =
        Clusters(i + 1, planned_.parts.size());
    for (size_t j = i + 1; j < planned_.parts.size(); ++j) {
      TellUnrun(j, Outcome::kNothingChanged, {"not tried"});
    }
    const auto names = [](const std::vector<std::string>& clusters) {
      return clusters.empty() ? "none" : absl::StrJoin(clusters, ", ");
    };
    env_.console->Error(absl::StrCat("stopped at cluster ", ClusterOf(i),
                                     "; done before: ", names(done),
                                     "; not tried: ", names(left)));
    if (first_run_.empty()) return exit;
    // What ran, ran for the clusters before.
    if (exit != ExitCode::kPartial && !HasRun(i)) return exit;
    AdviseAfterStop(first_run_, Back(), env_.console);
    return ExitCode::kPartial;
  }

  // A part before this one had something to do, and did it.
  bool HasRun(size_t end) const {
    for (size_t i = 0; i < end; ++i) {
      if (!part(i).plan.steps.empty()) return true;
    }
    return false;
  }

  // A later part must not have touched the cluster of an earlier one.
  std::vector<std::string> Unmet() {
    std::vector<std::string> problems;
    for (size_t i = 0; i < planned_.clusters.size(); ++i) {
      const Name cluster = planned_.clusters[i].target.cluster;
      env_.console->Progress(
          absl::StrCat("reading cluster ", cluster.view(), " to verify"));
      const absl::StatusOr<LiveState> now = source_->ReadTree(cluster.view());
      if (!now.ok()) {
        problems.push_back(
            absl::StrCat("cluster ", cluster.view(),
                         " could not be read: ", now.status().message()));
        continue;
      }
      for (const Change& change :
           Diff(now->database.tree, planned_.whole.after[i].tree)) {
        problems.push_back(absl::StrCat("cluster ", cluster.view(),
                                        ": still to do: ", change.ToString()));
      }
    }
    env_.console->ProgressDone();
    return problems;
  }

  ExitCode Finished() {
    const std::vector<std::string> problems = Unmet();
    if (!problems.empty()) {
      TellProblems(problems, env_.console);
      env_.console->Error(
          "all commands are done, and the clusters are not what was asked for");
      AdviseAfterStop(first_run_, Back(), env_.console);
      return ExitCode::kPartial;
    }
    if (!args_.json()) {
      env_.console->Print(absl::StrCat(
          "Applied to ", Counted(planned_.clusters.size(), "cluster"), ": ",
          Counted(planned_.whole.steps(), "command"),
          ". Read again: all are what was asked for.\nWay back: ", Back(),
          "\n"));
    }
    return env_.console->status().ok() ? ExitCode::kOk : ExitCode::kPartial;
  }

  const Options& args_;
  const PlannedClusters& planned_;
  LiveSource* const source_;
  Env& env_;
  ApplyOptions options_;
  bool reachable_ = false;
  std::string first_run_;  // The folder of the first part that ran.
};

}  // namespace

ExitCode RunApplyToClusters(const Options& given, Env& env) {
  Options args = given;
  const absl::StatusOr<PlannedClusters> planned = PlanAllClusters(&args, env);
  if (!planned.ok()) {
    env.console->ProgressDone();
    return Fail(planned.status(), env);
  }
  // As in apply.cc: Ctrl-C must not end what looks at the outcome.
  const auto source = MakeControlledSource(args, env.runner, env.stop_now);
  if (!source.ok()) return Fail(source.status(), env);
  return ClustersRun(args, *planned, source->get(), env).Run();
}

}  // namespace assocsync
