// Files as a commit has them, by the program git: what `git:REV:PATH` names.
// The repository is that of the current folder, or the one that GIT_DIR and its
// kin name. Objects are read as they are: no filter, no hook, no pager, no
// prompt, and nothing is fetched.
#ifndef ASSOCSYNC_ENGINE_IO_GIT_H_
#define ASSOCSYNC_ENGINE_IO_GIT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/io/process.h"

namespace assocsync {

struct GitName {
  std::string rev;   // "origin/main", "v1.2", "HEAD~3"
  std::string path;  // From the top of the repository; "./x": from here.

  // "cluster.cfg@origin/main"
  std::string Short() const;
};

// Whether `word` begins with "git:".
bool IsGitName(absl::string_view word);
// kInvalidArgument: not git:REV:PATH, or REV is empty or begins with a '-'.
absl::StatusOr<GitName> ParseGitName(absl::string_view word);

struct GitEntry {
  std::string name, id;
  bool is_folder = false;
  bool is_link = false;
};

struct GitObject {
  bool is_folder = false;
  std::string bytes;              // Of a file.
  std::vector<GitEntry> entries;  // Of a folder: its files and folders, sorted.
};

// Of `environment` ("NAME=value") what tells git where the repository and its
// objects are: in a hook of git, what is being pushed is found only so.
std::vector<std::string> RepositoryVariables(
    const std::vector<std::string>& environment);

class GitReader {
 public:
  // `runner` must outlive it; `limit` is for one command; `repository`: as
  // RepositoryVariables gives it.
  GitReader(CommandRunner* runner, absl::Duration limit,
            std::vector<std::string> repository)
      : runner_(runner), limit_(limit), repository_(std::move(repository)) {}

  // Errors quote git and say what to do: kUnavailable: there is no git (or it
  // is not believed: IsUntrusted); kFailedPrecondition: no repository, or a
  // file that is not in it (Git LFS, a submodule, a symlink); kNotFound: no
  // such revision, or no such path there; kResourceExhausted: more than
  // kMaxTreeFile; those of CommandRunner.
  absl::StatusOr<GitObject> Read(const GitName& name);
  // A file, a folder, among the entries of a folder that was read. A symlink is
  // not followed: kFailedPrecondition.
  absl::StatusOr<std::string> ReadFile(const GitEntry& entry);
  absl::StatusOr<GitObject> ReadFolder(const GitEntry& entry);

 private:
  absl::StatusOr<RunResult> Run(std::vector<std::string> words);
  absl::StatusOr<std::string> Blob(const std::string& object,
                                   absl::string_view what);
  absl::StatusOr<GitObject> List(const std::string& object,
                                 absl::string_view what);
  absl::Status Missing(const GitName& name, const std::string& said);
  absl::Status NoRevision(const GitName& name, const std::string& said);
  absl::Status NoPath(const GitName& name, const std::string& said);

  CommandRunner* const runner_;
  const absl::Duration limit_;
  const std::vector<std::string> repository_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_GIT_H_
