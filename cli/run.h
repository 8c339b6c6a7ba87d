// The commands, and what they share.
#ifndef ASSOCSYNC_CLI_RUN_H_
#define ASSOCSYNC_CLI_RUN_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/console.h"
#include "cli/exit_codes.h"
#include "cli/options.h"
#include "cli/sources.h"
#include "engine/cfg/parse.h"
#include "engine/io/pager.h"
#include "engine/io/process.h"
#include "engine/io/trusted_path.h"
#include "engine/live/live.h"
#include "engine/model/tree.h"
#include "engine/plan/evidence.h"
#include "engine/plan/plan.h"

namespace assocsync {

// Longer than any server on the same network takes to answer.
inline constexpr absl::Duration kServerPatience = absl::Seconds(3);

// What a command may touch.
struct Env {
  Console* console;
  CommandRunner* runner;  // For commands that change things; see stop_now.
  CommandRunner* reader;  // For all others: Ctrl-C ends them (kCancelled).
  std::vector<std::string> environment;  // As the process got it.
  // Ctrl-C or SIGTERM came. A command that changes things finishes the step at
  // hand; all others end at once with ExitCode::kInterrupted.
  const std::atomic<bool>* stop;
  // A second one came: what changes things is ended too, its effect unknown
  // until it is looked at.
  const std::atomic<bool>* stop_now;
};

ExitCode RunPlan(const Options& args, Env& env);
ExitCode RunApply(const Options& args, Env& env);
ExitCode RunBackup(const Options& args, Env& env);
ExitCode RunBackups(const Options& args, Env& env);
ExitCode RunPrune(const Options& args, Env& env);
ExitCode RunStatus(const Options& args, Env& env);
ExitCode RunVerify(const Options& args, Env& env);
ExitCode RunRestore(const Options& args, Env& env);
ExitCode RunExplain(const Options& args, Env& env);
ExitCode RunLog(const Options& args, Env& env);
ExitCode RunHistory(const Options& args, Env& env);
ExitCode RunFmt(const Options& args, Env& env);
ExitCode RunCheck(const Options& args, Env& env);
ExitCode RunDiff(const Options& args, Env& env);
ExitCode RunDump(const Options& args, Env& env);

// live_source.cc. args.live, with what kAuto comes to: kMysql where the
// database answers, else kSacctmgr (--verbose says why); for a saved plan the
// one that it was made by.
Live ResolveLive(const Options& args, const TargetInput& target, Env& env);
// Where live comes from, by args.live, read by env.reader. `env` and `args`
// must outlive it. `recall` (may be null): for a file (live.h).
absl::StatusOr<std::unique_ptr<LiveSource>> MakeLiveSource(
    const Options& args, Env& env, const cfg::Recall* recall = nullptr);
// The same with what slurmctld has, where it answers (controller.h), not for a
// file; by `runner`, which must outlive it, while `stop` ends its waits for the
// database.
absl::StatusOr<std::unique_ptr<LiveSource>> MakeControlledSource(
    const Options& args, CommandRunner* runner, const std::atomic<bool>* stop);

// One plan, with everything that it is made of.
struct Planned {
  TargetInput input;  // But for its text, which `saved` has.
  // The target's lines while other texts are read; `source` points there.
  std::unique_ptr<cfg::Recall> recall = std::make_unique<cfg::Recall>();
  std::unique_ptr<LiveSource> source;
  LiveState live;
  Tree target;                 // Empty where nobody plans again.
  std::optional<Tree> base;    // With --base.
  std::vector<Finding> notes;  // Of how the target's text was read.
  SavedPlan saved;
  bool fingerprints = true;  // As PlanInput has it.
};
// Reads what `args` names and live, parses the target for it (slurmdbd's rule
// for the case of user names) and plans. With a saved plan (`plans_too`), its
// options hold, with those of `args` that were lifted on top. An undecided
// target is of the one cluster that live has. args->live becomes what live was
// read from.
absl::StatusOr<Planned> MakePlanned(Options* args, bool plans_too, Env& env);

// What `args` say of a plan for `target`; of a saved plan what that says, and
// of `args` what was lifted on top.
PlanOptions PlanOptionsFor(const Options& args, const TargetInput& target);
// Parses planned->input by `parsing`, but for its files, into planned->target,
// and what its readers had to decide into planned->notes. kInvalidArgument: its
// errors.
absl::Status ParseTarget(ParseOptions parsing, Planned* planned);

// What helps where a text has errors that a file by hand would not have; empty:
// nothing does.
std::string StrictHint(absl::string_view text, Written written);
// What was read, and deserves a word, on stderr.
void TellNotes(absl::string_view name, const TextFiles& files,
               const std::vector<ParseError>& notes, Console* console);

// pick.cc. Opens the changes of the plan in an editor, and makes the plan again
// of what is left there. False: that is nothing. kFailedPrecondition: there is
// no terminal; kInvalidArgument: what came back is no list of these changes.
absl::StatusOr<bool> PickChanges(const Options& args, Planned* planned,
                                 Env& env);
ExitCode FailPicking(const absl::Status& status, Env& env);

// The command line that makes live again what it was before a run of apply that
// left the folder `run_dir`, as a shell takes it (way_back.cc): with those
// options of this one that say where things are, and --allow for what would
// refuse it.
std::string WayBack(const std::string& run_dir, const Planned& planned,
                    const Options& args);

// The same plan for another moment of live, with what reading it found.
// `spare`: as PlanInput has it.
absl::StatusOr<Plan> PlanFor(const Planned& planned, const LiveState& live,
                             Tree* spare = nullptr);

// Target and base (where it has a name) for live's rule for the case of user
// names.
absl::Status ParseTrees(const TargetInput& target, Written written,
                        const BaseInput& base, bool fold_users, Tree* tree,
                        std::optional<Tree>* base_tree);

// A plan, for the formats that show it (formats.cc).
struct ShownPlan {
  const Options& args;  // Where live was read.
  const SavedPlan& saved;
  const Tree& live;
  const Evidence* evidence = nullptr;  // nullptr: there is none.
};

// What the newest 100,000 transactions of Slurm's log say of the plan's
// differences, by the connection that `args` leads to. nullopt: nothing
// differs, live is a file, or the log cannot be had: told with --verbose only,
// for a plan is whole without it.
std::optional<Evidence> GatherEvidence(const Options& args, const Plan& plan,
                                       Env& env);

// Before a command does anything: what tells it where to look and what to
// believe must come from root or the caller, by the
// rules of trusted_path.h. This is the only place that says
// so, but for those that are judged where they are used: the config file
// (args.cc), the files of --key and --sign-key (signature.h) and every program
// (ProcessRunner).
//
//   slurmdbd.conf, with includes   a file; SlurmUser's as slurmdbd wants it
//   --defaults-file, with includes a file
//   --policy                       a file, where the caller is root
//   --backup-dir, or its default   a folder, or one that can be made
//   DIR of verify and restore      a backup: folder and files
//   TARGET, --base, --live, A, B   the same where it is such a folder; a file,
//                                  and a folder of `dump --split`, is data, and
//                                  may be anybody's. Whose repository git
//                                  finds, git judges
//   GIT_DIR and its kin            folders, where the caller is root and reads
//                                  what git has
//   SLURM_CONF, LD_LIBRARY_PATH    a file; folders: where the caller is root.
//                                  They reach sacctmgr, and name its plugins.
//
// What is missing or cannot be read is no error here: the command knows what
// to say. Errors: IsUntrusted; what makes it impossible to tell.
absl::Status CheckTrust(const Options& args, const PathTrust& trust,
                        const Env& env);

// The pager of what a person reads on a terminal (pager.cc): that of --pager
// and its kin, else PAGER, else less. nullptr: the command has none, none is
// wanted, or it cannot be started, which is told.
std::unique_ptr<Pager> StartPager(const Options& args, const PathTrust& trust,
                                  Env& env);

// Reports an error on stderr. Returns ExitCode::kInterrupted where the status
// is kCancelled, kRefused where it IsUntrusted, else kError.
ExitCode Fail(const absl::Status& status, Env& env);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_RUN_H_
