// What plan and apply share: reading target and live, planning, showing.
#include <pwd.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "cli/run.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/io/trusted_path.h"
#include "engine/model/finding.h"

namespace assocsync {
namespace {

// Who sacctmgr will take us for: it goes by the uid, whatever USER says.
std::string CallerName() {
  std::vector<char> buffer(1 << 14);
  struct passwd entry;
  struct passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) !=
          0 ||
      found == nullptr) {
    return "";
  }
  return found->pw_name;
}

// What the reader of the target had to decide, for the plan's reader.
std::vector<Finding> FindingsOfText(const TargetInput& target,
                                    const std::vector<ParseError>& notes) {
  std::vector<Finding> findings;
  const auto gather = [&](ParseError::About about, absl::string_view message) {
    std::vector<std::string> rows;
    for (const ParseError& note : notes) {
      if (note.about != about) continue;
      const TextFiles::Line at = target.files.Of(target.name, note.line);
      rows.push_back(absl::StrCat(at.name, ":", at.line, ": ", note.message));
    }
    AddIfAny(MakeFinding(kAsRead, std::string(message), std::move(rows)),
             &findings);
  };
  gather(ParseError::About::kIgnored, "what sacctmgr ignores was ignored");
  gather(ParseError::About::kAssumed,
         "what the file does not say outright was taken for granted");
  return findings;
}

}  // namespace

PlanOptions PlanOptionsFor(const Options& args, const TargetInput& target) {
  PlanOptions options;
  if (target.saved.has_value()) {
    options = target.saved->options;
  } else {
    options.max_delete = args.max_delete;
    options.max_delete_is_count = args.max_delete_is_count;
    options.as_cluster = args.as_cluster;
    options.keep_shared = args.keep_shared;
    options.target_name = target.name;
    options.merge = args.merge;
  }
  // Whoever made a saved plan: it is the one who runs it that may not lose his
  // rights on the way.
  if (args.live != Live::kFile) options.caller = CallerName();
  const auto add = [](const std::vector<std::string>& words,
                      std::vector<std::string>* to) {
    for (const std::string& word : words) {
      if (!absl::c_linear_search(*to, word)) to->push_back(word);
    }
  };
  add(args.allow, &options.allow);
  add(args.skip, &options.skip);
  add(args.only, &options.only);
  add(args.except, &options.except);
  add(args.changes, &options.changes);
  return options;
}

absl::StatusOr<Plan> PlanFor(const Planned& planned, const LiveState& live,
                             Tree* spare) {
  PlanInput input{live.database,
                  planned.target,
                  planned.saved.options,
                  planned.base.has_value() ? &*planned.base : nullptr,
                  live.findings,
                  live.jobs,
                  live.mentions,
                  live.usage};
  input.spare = spare;
  input.fingerprints = planned.fingerprints;
  input.notes.insert(input.notes.end(), planned.notes.begin(),
                     planned.notes.end());
  return MakePlan(input);
}

absl::Status ParseTrees(const TargetInput& target, Written written,
                        const BaseInput& base, bool fold_users, Tree* tree,
                        std::optional<Tree>* base_tree) {
  cfg::Recall recall;
  ParseOptions options;
  options.fold_users = fold_users;
  options.written = written;
  options.keep = base.name.empty() ? nullptr : &recall;
  options.files = &target.files;
  ASSIGN_OR_RETURN(*tree, ParseTree(target.name, target.text, options));
  if (base.name.empty()) return absl::OkStatus();
  options.written = Written::kTell;
  options.keep = nullptr;
  options.recall = &recall;
  options.files = &base.files;
  ASSIGN_OR_RETURN(*base_tree, ParseTree(base.name, base.text, options));
  return absl::OkStatus();
}

std::string StrictHint(absl::string_view text, Written written) {
  if (written != Written::kTell || !WasDumped(text)) return "";
  if (!Parse(text, {.written = Written::kByHand}).errors.empty()) return "";
  return "it begins as dumps do, and is read as strictly; --by-hand reads it "
         "as `sacctmgr load` reads what people wrote";
}

void TellNotes(absl::string_view name, const TextFiles& files,
               const std::vector<ParseError>& notes, Console* console) {
  for (const ParseError& note : notes) {
    const TextFiles::Line at = files.Of(name, note.line);
    console->Say(absl::StrCat(at.name, ":", at.line, ":", note.column, ": ",
                              note.message));
  }
}

absl::Status ParseTarget(ParseOptions parsing, Planned* planned) {
  const TargetInput& target = planned->input;
  parsing.files = &target.files;
  ParseResult read = Parse(target.text, parsing);
  if (!read.errors.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(FormatErrors(target.name, read.errors, &target.files),
                     StrictHint(target.text, parsing.written)));
  }
  planned->target = std::move(read.tree);
  planned->notes = FindingsOfText(target, read.notes);
  planned->notes.insert(planned->notes.end(), target.findings.begin(),
                        target.findings.end());
  return absl::OkStatus();
}

absl::StatusOr<Planned> MakePlanned(Options* options, bool plans_too,
                                    Env& env) {
  const Options& args = *options;
  Planned out;
  TargetInput& target = out.input;
  ASSIGN_OR_RETURN(target, ReadTarget(args, env, plans_too,
                                      /*caller_decides=*/true));
  options->live = ResolveLive(args, target, env);
  ASSIGN_OR_RETURN(out.source,
                   args.live == Live::kFile
                       ? MakeLiveSource(args, env, out.recall.get())
                       : MakeControlledSource(args, env.reader, env.stop));
  std::string cluster = args.cluster;
  const auto read_live = [&]() -> absl::Status {
    env.console->Progress(absl::StrCat("reading ", out.source->Origin()));
    ASSIGN_OR_RETURN(out.live, out.source->Read(cluster));
    return absl::OkStatus();
  };
  bool has_live = target.undecided;
  if (has_live) {
    RETURN_IF_ERROR(read_live());
    cluster = out.live.database.tree.cluster.str();
    // Live itself is read once: nothing changes between the two.
    RETURN_IF_ERROR(target.is_live ? TakeLive(out.live, env, &target)
                                   : ReadTreeOf(args, cluster, env, &target));
  }
  if (target.saved.has_value()) {
    const std::string planned = target.saved->plan.cluster.str();
    if (!cluster.empty() && cluster != planned) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the plan is for cluster '", planned, "', not '", cluster, "'"));
    }
    cluster = planned;
  }
  // Which cluster to read, the target says; how to read the names of users in
  // it, live does. Errors of the file are told before live is asked.
  env.console->Progress(absl::StrCat("reading ", target.name));
  ParseOptions parsing;
  parsing.written = target.saved.has_value() ? target.saved->plan.target_by_hand
                                                   ? Written::kByHand
                                                   : Written::kComplete
                                             : args.written();
  parsing.keep = out.recall.get();
  RETURN_IF_ERROR(ParseTarget(parsing, &out));
  if (cluster.empty()) cluster = out.target.cluster.str();
  if (!has_live && args.base == kLiveSource) {
    RETURN_IF_ERROR(read_live());
    has_live = true;
  }
  ASSIGN_OR_RETURN(BaseInput base,
                   ReadBase(args, target, cluster, out.target.cluster.str(),
                            &out.live, env));
  if (!base.name.empty()) {
    ASSIGN_OR_RETURN(out.base, ParseTree(base.name, base.text,
                                         {.written = Written::kTell,
                                          .recall = out.recall.get(),
                                          .files = &base.files}));
  }
  if (!has_live) RETURN_IF_ERROR(read_live());
  if (env.console->verbose()) {
    env.console->Say(absl::StrCat("live was read from ", out.source->Origin()));
  }
  if (out.live.preserve_user_case) {
    RETURN_IF_ERROR(ParseTrees(target, parsing.written, base,
                               /*fold_users=*/false, &out.target, &out.base));
  }
  out.recall->Clear();
  env.console->Progress("planning");
  out.saved.options = PlanOptionsFor(args, target);
  out.saved.options.release = out.live.release;
  out.saved.options.base_name = base.name;
  const bool once = !plans_too && !args.pick;
  out.fingerprints = KeepsText(args) || FormatOf(args).tells_fingerprints;
  ASSIGN_OR_RETURN(out.saved.plan,
                   PlanFor(out, out.live, once ? &out.target : nullptr));
  if (KeepsText(args)) {
    out.saved.target_text = std::move(target.text).Take();
    out.saved.base_text = std::move(base.text).Take();
  }
  out.saved.live_name = out.source->PublicOrigin();
  out.saved.live_kind = args.live == Live::kMysql      ? LiveKind::kMysql
                        : args.live == Live::kSacctmgr ? LiveKind::kSacctmgr
                                                       : LiveKind::kFile;
  env.console->ProgressDone();
  return out;
}

ExitCode Fail(const absl::Status& status, Env& env) {
  if (absl::IsCancelled(status)) {
    env.console->Error("interrupted; nothing was changed");
    return ExitCode::kInterrupted;
  }
  if (IsUntrusted(status)) {
    env.console->Error(absl::StrCat("refused: ", status.message()));
    return ExitCode::kRefused;
  }
  env.console->Error(status.message());
  return ExitCode::kError;
}

}  // namespace assocsync
