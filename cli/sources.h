// Where trees come from: what TARGET, --base, the sides of `diff`, what `check`
// and `fmt` read, and --live may name.
//
//   -             the standard input (not for --live)
//   live          what --live says (not for --live, fmt); of the live cluster
//   git:REV:PATH  FILE, or DIR of `dump --split`, as a commit has it
//                 (engine/io/git.h)
//   DIR           the folder of a backup, or of a run of apply (its
//   before.cfg),
//                 or what `dump --split` wrote (split_folder.h)
//   FILE          a .cfg file, or a plain SQL dump of slurmdbd's database; what
//                 gzip, xz or zstd made is undone
//
// A file with one of the first names is ./live, as everywhere.
#ifndef ASSOCSYNC_CLI_SOURCES_H_
#define ASSOCSYNC_CLI_SOURCES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/options.h"
#include "engine/cfg/text_files.h"
#include "engine/io/mapped_file.h"
#include "engine/live/live.h"
#include "engine/model/finding.h"
#include "engine/plan/plan.h"

namespace assocsync {

// The target: the bytes of a tree, and for a saved plan those that it was made
// from.
struct TargetInput {
  std::string name;  // "backup.cfg", as in messages and reasons of steps.
  // A plain file is mapped, but for KeepsText.
  MappedFile text;
  TextFiles files;  // Those of a folder that `text` was joined from.
  // As it was given; of git the path in the repository. For those who attach
  // findings to files.
  std::string path;
  bool compressed = false;  // It was; `text` is what was in it.
  // There is no text yet (ReadTreeOf): it is live, or the folder of a backup,
  // or an SQL dump, of several clusters, none of which was asked for.
  bool undecided = false;
  bool is_live = false;
  // `text` was written from the tables of an SQL dump; what their reader found.
  bool from_dump = false;
  MappedFile dump;  // Its bytes, where git has it: live is more than its text.
  std::vector<Finding> findings;
  std::optional<SavedPlan> saved;  // But for its target_text.
  Live live = Live::kAuto;         // What the saved plan was made by.
};
// What was read must stay as it was read, whatever becomes of the file: a saved
// plan holds it, or `fmt -i` compares it with the file before it writes there.
bool KeepsText(const Options& args);
// Reads it. A saved plan only apply takes (`plans_too`); of what is neither
// that nor a text that may be a tree, the error says what it is and which
// command takes it (file_kind.h). Of a backup's folder the file is read whose
// cluster is args.cluster, else the only one there is; its size and digest must
// be those of the folder's manifest. The name is the folder's. Of an SQL dump
// the same cluster's tables are read, of `dump --split` its files. Of several
// the target is undecided where the `caller_decides`, else kInvalidArgument
// names them; live is undecided always. One file of `dump --split` is refused:
// it is no tree. With args.at it is the newest whole backup up to then that has
// the cluster; which, is told.
absl::StatusOr<TargetInput> ReadTarget(const Options& args, Env& env,
                                       bool plans_too = false,
                                       bool caller_decides = false);

// Reads the text of an undecided target: the tree of `cluster`; empty: as
// ReadTarget where nobody decides. kNotFound, naming those that there are.
// Reads live where it is that.
absl::Status ReadTreeOf(const Options& args, absl::string_view cluster,
                        Env& env, TargetInput* target);

// The clusters whose trees args.target holds, sorted: of a folder, an SQL dump.
// Of anything else one empty name: ReadTarget tells what it is.
// kFailedPrecondition: there are two trees of one.
absl::StatusOr<std::vector<std::string>> ClustersOfTarget(const Options& args,
                                                          Env& env);

// What is read of live where no plan is made: `cluster`, empty: the only one
// there is. `origin` (may be null): where it was read.
absl::StatusOr<LiveState> ReadLive(const Options& args,
                                   const TargetInput& target,
                                   absl::string_view cluster, Env& env,
                                   std::string* origin = nullptr);
// Gives `target`, which is live, the text of `live`. What no text can say is
// told.
absl::Status TakeLive(const LiveState& live, Env& env, TargetInput* target);

// The same for commands that take a backup: kInvalidArgument where `path` is a
// file, and no plain SQL dump. An empty path or one that is not there is fine
// here.
absl::Status CheckIsBackup(const std::string& path);
// Of what stat says; false also where it says nothing.
bool IsFolder(const std::string& path);
bool IsFile(const std::string& path);

struct BaseInput {
  std::string name;  // Empty: there is no base.
  MappedFile text;   // As the target's.
  TextFiles files;
};
// What args.base says; of a saved plan, the base that it was made with.
// `cluster`: whose last run, with last-applied. `named`: what the target's
// Cluster line says, which of a backup's trees is meant. `live`: what was read
// of it, which a base `live` is.
absl::StatusOr<BaseInput> ReadBase(const Options& args,
                                   const TargetInput& target,
                                   const std::string& cluster,
                                   const std::string& named,
                                   const LiveState* live, Env& env);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_SOURCES_H_
