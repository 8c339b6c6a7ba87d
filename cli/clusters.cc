#include "cli/clusters.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/render/json.h"
#include "engine/render/text.h"

namespace assocsync {
namespace {

// The tree of one cluster; empty: of the one whose tree the target is.
absl::StatusOr<Planned> ReadTreeIn(const Options& args,
                                   const std::string& cluster, Env& env) {
  Options one = args;
  one.cluster = cluster;
  Planned out;
  ASSIGN_OR_RETURN(out.input, ReadTarget(one, env));
  RETURN_IF_ERROR(ParseTarget({.written = args.written()}, &out));
  out.saved.options = PlanOptionsFor(args, out.input);
  return out;
}

absl::StatusOr<std::vector<Planned>> ReadTrees(const Options& args, Env& env) {
  ASSIGN_OR_RETURN(const std::vector<std::string> clusters,
                   ClustersOfTarget(args, env));
  std::vector<Planned> out;
  for (const std::string& cluster : clusters) {
    env.console->Progress(absl::StrCat("reading ", args.target, " ", cluster));
    ASSIGN_OR_RETURN(out.emplace_back(), ReadTreeIn(args, cluster, env));
  }
  absl::c_sort(out, [](const Planned& a, const Planned& b) {
    return a.target.cluster < b.target.cluster;
  });
  return out;
}

// Each tree is of a cluster that is there.
absl::Status CheckClusters(const std::vector<Planned>& trees,
                           const std::vector<std::string>& there) {
  for (const Planned& tree : trees) {
    const std::string cluster = tree.target.cluster.str();
    if (absl::c_linear_search(there, cluster)) continue;
    return absl::NotFoundError(absl::StrCat(
        tree.input.name, " is the tree of cluster '", cluster,
        "', which the database does not have (it holds ",
        there.empty() ? "none" : absl::StrJoin(there, ", "),
        "); if it is new, first: `sacctmgr -i add cluster ", cluster,
        "`, or start its slurmctld, which registers it; if not, plan without "
        "its tree"));
  }
  return absl::OkStatus();
}

absl::Status ReadLives(LiveSource* source, std::vector<Planned>* clusters,
                       Env& env) {
  for (Planned& one : *clusters) {
    env.console->Progress(absl::StrCat(
        "reading ", source->Origin(), ", cluster ", one.target.cluster.view()));
    ASSIGN_OR_RETURN(one.live, source->Read(one.target.cluster.view()));
    one.saved.options.release = one.live.release;
    if (!one.live.preserve_user_case) continue;
    const Written written =
        one.target.authorship.by_hand ? Written::kByHand : Written::kComplete;
    RETURN_IF_ERROR(ParseTrees(one.input, written, {}, /*fold_users=*/false,
                               &one.target, &one.base));
  }
  return absl::OkStatus();
}

std::vector<PlanInput> InputsFor(const PlannedClusters& planned) {
  std::vector<PlanInput> inputs;
  for (size_t i = 0; i < planned.clusters.size(); ++i) {
    inputs.push_back(planned.InputOf(i, planned.clusters[i].live));
  }
  return inputs;
}

// Plans of `planned`, which has live of every cluster.
absl::Status MakePlans(const Options& args, PlannedClusters* planned) {
  const std::vector<Planned>& clusters = planned->clusters;
  const PlaceOfLine place = [&](size_t input, uint32_t line) {
    const TargetInput& target = clusters[input].input;
    if (line == 0) return target.name;
    const TextFiles::Line at =
        target.files.Of(target.name, static_cast<int>(line));
    return absl::StrCat(at.name, ":", at.line);
  };
  ASSIGN_OR_RETURN(planned->whole, PlanClusters(InputsFor(*planned), place));
  for (const ClustersPlan::Part& part : planned->whole.parts) {
    SavedPlan& saved = planned->parts.emplace_back();
    saved.plan = part.plan;
    saved.options = part.options;
    if (KeepsText(args)) {
      const absl::string_view text = clusters[part.turn.cluster].input.text;
      saved.target_text = std::string(text);
    }
    saved.live_name = planned->source->PublicOrigin();
  }
  return absl::OkStatus();
}

}  // namespace

PlanInput PlannedClusters::InputOf(size_t cluster,
                                   const LiveState& live) const {
  const Planned& one = clusters[cluster];
  PlanInput input{live.database, one.target, one.saved.options, nullptr,
                  live.findings, live.jobs,  live.mentions,     live.usage};
  input.notes.insert(input.notes.end(), one.notes.begin(), one.notes.end());
  return input;
}

absl::StatusOr<PlannedClusters> PlanAllClusters(Options* args, Env& env) {
  args->cluster.clear();  // A file or a variable may have one.
  PlannedClusters out;
  ASSIGN_OR_RETURN(out.clusters, ReadTrees(*args, env));
  args->live = ResolveLive(*args, {}, env);
  ASSIGN_OR_RETURN(out.source,
                   args->live == Live::kFile
                       ? MakeLiveSource(*args, env)
                       : MakeControlledSource(*args, env.reader, env.stop));
  absl::StatusOr<std::vector<std::string>> there = out.source->Clusters();
  if (absl::IsUnimplemented(there.status())) {
    return Annotate(
        there.status(),
        "--all-clusters looks at a database, or an SQL dump of one");
  }
  RETURN_IF_ERROR(there.status());
  RETURN_IF_ERROR(CheckClusters(out.clusters, *there));
  for (int attempt = 1;; ++attempt) {
    RETURN_IF_ERROR(ReadLives(out.source.get(), &out.clusters, env));
    env.console->Progress("planning");
    const absl::Status planned = MakePlans(*args, &out);
    env.console->ProgressDone();
    if (planned.ok()) return out;
    if (!absl::IsAborted(planned) || attempt == kReadAttempts) return planned;
  }
}

absl::Status ShowClusters(const Options& args, const PlannedClusters& planned,
                          bool evidence, Env& env) {
  if (args.json()) {
    env.console->Print(ClustersToJson(planned.whole, planned.parts));
    return absl::OkStatus();
  }
  const bool text = args.format == "text";
  Options one = args;
  one.max_bytes /= std::max<size_t>(planned.parts.size(), 1);
  for (size_t i = 0; i < planned.parts.size(); ++i) {
    const SavedPlan& part = planned.parts[i];
    if (i > 0 && (text || args.format == "markdown")) {
      env.console->Print("\n");
    }
    std::optional<Evidence> told;
    if (evidence) told = GatherEvidence(args, part.plan, env);
    RETURN_IF_ERROR(
        FormatOf(args).plan({one, part, planned.whole.parts[i].live.tree,
                             told.has_value() ? &*told : nullptr},
                            env));
  }
  ShowOptions options;
  options.verbose = args.verbose;
  if (!text) {
    env.console->Say(RenderWhole(planned.whole, options));
    return absl::OkStatus();
  }
  options.color = env.console->color();
  if (!planned.parts.empty()) env.console->Print("\n");
  env.console->Print(RenderWhole(planned.whole, options));
  return absl::OkStatus();
}

ExitCode RunPlanOfClusters(const Options& given, Env& env) {
  Options args = given;
  const absl::StatusOr<PlannedClusters> planned = PlanAllClusters(&args, env);
  if (!planned.ok()) {
    env.console->ProgressDone();
    return Fail(planned.status(), env);
  }
  const absl::Status shown =
      ShowClusters(args, *planned, /*evidence=*/true, env);
  if (!shown.ok()) return Fail(shown, env);
  if (args.live == Live::kFile && args.release.empty()) {
    env.console->Say(absl::StrCat("no --release given: planned for Slurm ",
                                  planned->clusters[0].live.release.ToString(),
                                  ", the oldest with such a database"));
  }
  if (!planned->whole.applicable()) return ExitCode::kRefused;
  return args.detailed_exitcode && planned->whole.changes_anything()
             ? ExitCode::kPending
             : ExitCode::kOk;
}

}  // namespace assocsync
