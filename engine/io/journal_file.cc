#include "engine/io/journal_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"

namespace assocsync {

absl::StatusOr<JournalFile> JournalFile::Create(const std::string& path) {
  JournalFile journal;
  journal.path_ = path;
  journal.file_ = UniqueFd(open(
      path.c_str(),
      O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!journal.file_.ok()) return FileError(path, "create", errno);
  RETURN_IF_ERROR(FsyncDir(ParentFolder(path)));
  return journal;
}

absl::Status JournalFile::Append(absl::string_view line) {
  return Write(line, /*wait=*/true);
}

absl::Status JournalFile::AppendSoon(absl::string_view line) {
  return Write(line, /*wait=*/false);
}

absl::Status JournalFile::Write(absl::string_view line, bool wait) {
  if (line.find('\n') != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": a line of a journal cannot hold a newline"));
  }
  struct stat ours, named;
  if (fstat(file_.get(), &ours) != 0 || lstat(path_.c_str(), &named) != 0) {
    return FileError(path_, "write", errno);
  }
  if (ours.st_dev != named.st_dev || ours.st_ino != named.st_ino) {
    return absl::NotFoundError(absl::StrCat(
        path_, ": cannot write: another file has taken its place"));
  }
  int error = WriteAll(file_.get(), absl::StrCat(line, "\n"));
  if (error == 0 && wait && fdatasync(file_.get()) != 0) error = errno;
  if (error != 0) {
    // Half a line in front of the next one would spoil both. When this fails
    // too, the first error is still the one to report.
    [[maybe_unused]] const int rc = ftruncate(file_.get(), size_);
    return FileError(path_, "write", error);
  }
  size_ += static_cast<off_t>(line.size()) + 1;
  return absl::OkStatus();
}

JournalLines SplitJournal(absl::string_view text) {
  JournalLines split;
  split.lines = absl::StrSplit(text, '\n');
  split.torn = std::move(split.lines.back());
  split.lines.pop_back();
  return split;
}

}  // namespace assocsync
