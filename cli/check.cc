// `assocsync check`: is a proposed tree fit to be applied?
#include "engine/check/check.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "cli/run.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/check/policy.h"
#include "engine/io/file.h"
#include "engine/io/git.h"
#include "engine/model/finding.h"
#include "engine/plan/plan.h"
#include "engine/plan/shared.h"

namespace assocsync {
namespace {

absl::btree_set<std::string> Names(const absl::btree_set<Name>& names) {
  absl::btree_set<std::string> out;
  for (const Name name : names) out.insert(name.str());
  return out;
}

// What exists on the live cluster is known better than a policy knows it.
void UseLive(const LiveState& live, absl::string_view name, CheckInput* input,
             Env& env) {
  input->fold_users = !live.preserve_user_case;
  if (live.database.complete) {
    input->policy.known_qos = Names(live.database.qos);
    input->policy.known_tres = Names(live.database.tres);
  } else if (live.database.tree.lists_qos) {
    input->policy.known_qos.emplace();
    for (const auto& [qos, record] : live.database.tree.qos) {
      input->policy.known_qos->insert(qos.str());
    }
  } else {
    env.console->Say(
        absl::StrCat(name, " does not tell which QOS and TRES exist"));
  }
}

// What plan says of records that other clusters share (AS129).
absl::StatusOr<std::vector<CheckInput::Shared>> SharedChanges(
    const Options& args, const TargetInput& target, const BaseInput& base,
    const LiveState& live) {
  Tree tree;
  std::optional<Tree> before;
  RETURN_IF_ERROR(ParseTrees(target, args.written(), base,
                             !live.preserve_user_case, &tree, &before));
  PlanOptions options;
  options.release = live.release;
  options.base_name = base.name;
  ASSIGN_OR_RETURN(const Plan plan,
                   MakePlan({live.database, tree, options,
                             before.has_value() ? &*before : nullptr}));
  std::vector<CheckInput::Shared> out;
  for (const Change& change : plan.changes) {
    if (change.reaches.empty()) continue;
    out.push_back({change.what, change.row, SharedMessage(change)});
  }
  return out;
}

// The report points into `target`.
absl::StatusOr<CheckReport> MakeReport(const Options& args,
                                       TargetInput* target_input, Env& env) {
  const TargetInput& target = *target_input;
  std::optional<LiveState> live;
  std::string live_name;
  if (target.undecided) {
    ASSIGN_OR_RETURN(live,
                     ReadLive(args, target, args.cluster, env, &live_name));
    const absl::string_view there = live->database.tree.cluster.view();
    RETURN_IF_ERROR(target.is_live
                        ? TakeLive(*live, env, target_input)
                        : ReadTreeOf(args, there, env, target_input));
  }
  CheckInput input;
  // People read the revision; programs attach what is found to the path.
  const bool for_people = args.format == "text" || args.format == "markdown";
  input.name = for_people && IsGitName(args.target) ? target.name : target.path;
  input.text = target.text;
  input.files = target.files;
  input.author = args.author;
  if (!args.policy.empty()) {
    ASSIGN_OR_RETURN(const std::string text,
                     ReadFile(args.policy, kMaxConfigFile));
    ASSIGN_OR_RETURN(input.policy, ParsePolicy(args.policy, text));
  }
  if (args.fail_on.has_value()) input.policy.fail_on = *args.fail_on;
  // Only these ask for the cluster; else the file is parsed by Check alone.
  std::string cluster;
  // Without a server, whatever a file or a variable says for plans.
  const bool ask_live = args.said("live") || args.names_live();
  bool readable = true;
  ParseOptions parsing;
  parsing.written = input.written = args.written();
  parsing.files = &input.files;
  if (ask_live || args.base_is_last_applied() || IsFolder(args.base) ||
      IsGitName(args.base)) {
    const absl::StatusOr<Tree> tree =
        ParseTree(target.name, target.text, parsing);
    readable = tree.ok();
    if (readable) cluster = tree->cluster.str();
  }
  if (readable && ask_live && !live.has_value()) {
    ASSIGN_OR_RETURN(live, ReadLive(args, target, cluster, env, &live_name));
  }
  BaseInput base;
  if (readable) {
    absl::StatusOr<BaseInput> read =
        ReadBase(args, target, cluster, cluster,
                 live.has_value() ? &*live : nullptr, env);
    // Faults of the file itself are told before those of its base.
    if (!read.ok() && ParseTree(target.name, target.text, parsing).ok()) {
      return read.status();
    }
    if (read.ok()) base = *std::move(read);
  }
  if (readable && ask_live) {
    UseLive(*live, live_name, &input, env);
    if (!live->database.others.empty()) {
      env.console->Progress("planning");
      auto shared = SharedChanges(args, target, base, *live);
      if (shared.ok()) {
        input.shared = *std::move(shared);
      } else {
        // Of what is wrong with the file or its base, the report tells.
        env.console->Say(
            absl::StrCat("what other clusters share was not looked at: ",
                         shared.status().message()));
      }
    } else if (live->database.complete) {
      input.shared.emplace();
    }
    live.reset();
  }
  if (!base.name.empty()) input.base = {base.name, base.text, base.files};
  env.console->Progress("checking");
  absl::StatusOr<CheckReport> report = Check(input);
  env.console->ProgressDone();
  return report;
}

}  // namespace

ExitCode RunCheck(const Options& args, Env& env) {
  absl::StatusOr<TargetInput> target = ReadTarget(
      args, env, /*plans_too=*/false, /*caller_decides=*/args.said("live"));
  if (!target.ok()) return Fail(target.status(), env);
  const absl::StatusOr<CheckReport> report = MakeReport(args, &*target, env);
  if (!report.ok()) return Fail(report.status(), env);
  const absl::Status shown = FormatOf(args).check(*report, args, env);
  if (!shown.ok()) return Fail(shown, env);
  // The formats of programs have no place for it.
  const bool for_people = args.format == "text";
  if (for_people && absl::c_any_of(report->findings, [](const CheckFinding& f) {
        return !f.lifted() &&
               (f.code == kRuleUnreadable || f.code == kRuleDefaultAccount);
      })) {
    const std::string hint = StrictHint(target->text, args.written());
    if (!hint.empty()) {
      env.console->Print(absl::StrCat(target->name, ": ", hint, ".\n"));
    }
  }
  return report->passed() ? ExitCode::kOk : ExitCode::kRefused;
}

}  // namespace assocsync
