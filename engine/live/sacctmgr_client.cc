#include "engine/live/sacctmgr_client.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/io/dir.h"
#include "engine/io/trusted_path.h"
#include "engine/live/listing.h"

namespace assocsync {
namespace {

// How sacctmgr says that slurmdbd does not answer.
constexpr absl::string_view kNoSlurmdbd[] = {
    "failed to open persistent connection",
    "Sending PersistInit msg",
    "Connection refused",
    "Problem talking to the database",
    "Unable to contact slurm",
};

absl::Status NotStarted(const absl::Status& status,
                        const std::string& program) {
  if (!absl::IsUnavailable(status) || IsUntrusted(status)) return status;
  return absl::UnavailableError(
      absl::StrCat(status.message(),
                   "; install Slurm's client tools on this node, or say "
                   "where '",
                   program, "' is with --sacctmgr PATH"));
}

// The error for a command that failed.
absl::Status SacctmgrError(absl::string_view doing, const RunResult& result) {
  const std::string text = absl::StrCat(result.err, "\n", result.out);
  std::string words = Words(text);
  if (words.empty()) words = "no message";
  for (absl::string_view sign : kNoSlurmdbd) {
    if (!absl::StrContains(text, sign)) continue;
    return absl::UnavailableError(absl::StrCat(
        "cannot ", doing, ": slurmdbd does not answer (sacctmgr: ", words,
        "). Start slurmdbd, or look at AccountingStorageHost and "
        "AccountingStoragePort in slurm.conf, then run this again"));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("cannot ", doing, ": sacctmgr ended with ",
                   result.HowItEnded(), ": ", words));
}

}  // namespace

absl::StatusOr<std::string> SacctmgrClient::Run(
    const std::vector<std::string>& argv, absl::string_view doing) {
  absl::StatusOr<RunResult> result = runner_->Run(argv, options_.limit);
  if (!result.ok()) return NotStarted(result.status(), options_.program);
  if (!result->clean()) return SacctmgrError(doing, *result);
  return std::move(result->out);
}

absl::StatusOr<std::string> SacctmgrClient::Version() {
  return Run({options_.program, "-V"}, "ask sacctmgr for its release");
}

absl::StatusOr<std::string> SacctmgrClient::Show(
    const std::vector<std::string>& words) {
  std::vector<std::string> argv = {options_.program, "-r", "-n", "-P", "show"};
  argv.insert(argv.end(), words.begin(), words.end());
  const std::string doing = absl::StrCat("read 'show ", words[0], "'");
  ASSIGN_OR_RETURN(std::string out, Run(argv, doing));
  // Cut-off output: sacctmgr ends each line, also the last.
  if (!out.empty() && out.back() != '\n') {
    return absl::DataLossError(
        absl::StrCat("cannot ", doing,
                     ": sacctmgr's output ends in the middle "
                     "of a line: '",
                     Words(out, 200), "'"));
  }
  return out;
}

absl::StatusOr<MappedFile> SacctmgrClient::Dump(absl::string_view cluster) {
  ASSIGN_OR_RETURN(const TempDir folder, TempDir::Create(options_.temp_dir));
  const std::string path = absl::StrCat(folder.path(), "/dump.cfg");
  const std::vector<std::string> argv = {options_.program,
                                         "-r",
                                         "-i",
                                         "-Q",
                                         "dump",
                                         std::string(cluster),
                                         absl::StrCat("file=", path)};
  // It repeats every line on stderr: only the beginning of that is kept.
  std::string out;
  absl::StatusOr<RunResult> result = runner_->Stream(
      argv, {.limit = options_.limit}, [&](absl::string_view chunk) {
        if (out.size() < 4096) absl::StrAppend(&out, chunk.substr(0, 4096));
        return absl::OkStatus();
      });
  if (!result.ok()) return NotStarted(result.status(), options_.program);
  result->out = std::move(out);
  const std::string doing = absl::StrCat("dump cluster '", cluster, "'");
  if (!result->clean()) return SacctmgrError(doing, *result);
  absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  if (!file.ok()) {
    return absl::DataLossError(
        absl::StrCat("cannot ", doing,
                     ": sacctmgr ended with exit code 0 but wrote no "
                     "file (",
                     Words(absl::StrCat(result->err, "\n", result->out)), ")"));
  }
  if (file->text().empty() || file->text().back() != '\n') {
    return absl::DataLossError(absl::StrCat(
        "cannot ", doing, ": sacctmgr ended with exit code 0 but its file is ",
        file->text().empty() ? "empty" : "cut off in the middle of a line",
        "; is the disk that holds ", options_.temp_dir, " full?"));
  }
  return file;  // Mapped: it stays readable when its folder is removed.
}

}  // namespace assocsync
