// `assocsync dump`: live as .cfg, in canonical form.
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "cli/run.h"
#include "cli/split_folder.h"
#include "engine/base/status.h"
#include "engine/cfg/parts.h"
#include "engine/io/file.h"
#include "engine/live/live_text.h"

namespace assocsync {
namespace {

absl::StatusOr<LiveText> ReadText(LiveSource& source,
                                  const std::string& cluster, Env& env) {
  env.console->Progress(absl::StrCat("reading ", source.Origin()));
  ASSIGN_OR_RETURN(LiveState live, source.ReadTree(cluster));
  for (const Finding& finding : live.findings) {
    env.console->Warn(finding.message);
  }
  const std::string name = live.database.tree.cluster.str();
  const bool lists_qos = live.database.tree.lists_qos;
  absl::StatusOr<LiveText> written =
      WriteLive(std::move(live.database.tree), !live.preserve_user_case);
  if (!written.ok()) {
    return Annotate(
        written.status(),
        absl::StrCat("no .cfg file can hold the tree of cluster ", name));
  }
  for (const std::string& loss : written->losses) {
    env.console->Warn(absl::StrCat(loss, "; a blank stands for it"));
  }
  if (!lists_qos) {
    env.console->Warn(absl::StrCat(
        "definitions of QOS are not in it: ", source.Origin(),
        " does not tell them; --live mysql does on every release"));
  }
  env.console->ProgressDone();
  return written;
}

absl::Status MakeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0777) == 0 || errno == EEXIST) {
    return absl::OkStatus();
  }
  return FileError(path, "make", errno);
}

absl::Status SplitOne(LiveSource& source, const std::string& cluster,
                      const std::string& dir, Env& env) {
  ASSIGN_OR_RETURN(const LiveText text, ReadText(source, cluster, env));
  const std::vector<Part> parts = Split(text.tree);
  RETURN_IF_ERROR(WriteSplit(dir, text.tree.cluster.view(), parts));
  env.console->Say(absl::StrCat("the tree of cluster ",
                                text.tree.cluster.view(), " is in ", dir, ", ",
                                parts.size(), " files"));
  return absl::OkStatus();
}

// A folder in `dir` for each cluster.
absl::Status SplitAll(LiveSource& source, const std::string& dir, Env& env) {
  absl::StatusOr<std::vector<std::string>> clusters = source.Clusters();
  // A .cfg file holds one, whose name it tells when it is read.
  if (absl::IsUnimplemented(clusters.status())) {
    return Annotate(clusters.status(),
                    "--all-clusters; --split alone writes the one that it has");
  }
  RETURN_IF_ERROR(clusters.status());
  RETURN_IF_ERROR(MayWriteSplitOfAll(dir));
  const auto folder = [&](const std::string& cluster) {
    return absl::StrCat(dir, "/", FileNameOf(cluster));
  };
  for (const std::string& cluster : *clusters) {
    RETURN_IF_ERROR(MayWriteSplit(folder(cluster), cluster));
  }
  RETURN_IF_ERROR(MakeFolder(dir));
  for (const std::string& cluster : *clusters) {
    RETURN_IF_ERROR(SplitOne(source, cluster, folder(cluster), env));
  }
  ASSIGN_OR_RETURN(const FolderToRead all, FolderOnDisk(dir));
  ASSIGN_OR_RETURN(const std::vector<SplitCluster> there, ClustersIn(all));
  for (const SplitCluster& each : there) {
    if (absl::c_linear_search(*clusters, each.cluster)) continue;
    env.console->Warn(
        absl::StrCat(dir, "/", each.folder, " is of cluster ", each.cluster,
                     ", which live does not have; remove it if it is to go"));
  }
  return absl::OkStatus();
}

absl::Status Dump(const Options& given, Env& env) {
  Options args = given;
  args.live = ResolveLive(args, {}, env);
  ASSIGN_OR_RETURN(const std::unique_ptr<LiveSource> source,
                   MakeLiveSource(args, env));
  if (args.all_clusters) return SplitAll(*source, args.split, env);
  if (!args.split.empty()) {
    return SplitOne(*source, args.cluster, args.split, env);
  }
  ASSIGN_OR_RETURN(const LiveText text, ReadText(*source, args.cluster, env));
  if (!args.out.empty()) return WriteTree(args.out, text.text);
  env.console->Print(text.text);
  return absl::OkStatus();
}

}  // namespace

ExitCode RunDump(const Options& args, Env& env) {
  const absl::Status status = Dump(args, env);
  env.console->ProgressDone();
  return status.ok() ? ExitCode::kOk : Fail(status, env);
}

}  // namespace assocsync
