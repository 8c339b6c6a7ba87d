// A file of lines that grows line by line and tells the truth after a crash:
// once Append returned OK the line is on disk, all before it are, and a line
// that was being written when the power failed can be told from a whole one.
#ifndef ASSOCSYNC_ENGINE_IO_JOURNAL_FILE_H_
#define ASSOCSYNC_ENGINE_IO_JOURNAL_FILE_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/unique_fd.h"

namespace assocsync {

class JournalFile {
 public:
  // Makes a new, empty file, 0600, its name on disk. kAlreadyExists when there
  // is anything under `path`, a dangling symlink included.
  static absl::StatusOr<JournalFile> Create(const std::string& path);

  // Adds `line` and a newline and waits until the disk has both. A line that
  // holds a newline is kInvalidArgument. kNotFound: the file was removed, or
  // another one stands under its name; what is written to it then nobody will
  // find, and nothing is. After any other error nothing of this
  // line is in the file as far as that could be arranged, and the caller must
  // not go on as if it were.
  absl::Status Append(absl::string_view line);
  // The same, but the disk has it only when it has the next line, for which
  // Append waits: a killed process loses nothing of it, a power cut may.
  absl::Status AppendSoon(absl::string_view line);

  const std::string& path() const { return path_; }

 private:
  JournalFile() = default;
  absl::Status Write(absl::string_view line, bool wait);

  std::string path_;
  UniqueFd file_;
  off_t size_ = 0;  // bytes of whole lines
};

struct JournalLines {
  std::vector<std::string> lines;  // whole ones, without their newlines
  std::string torn;  // what follows the last newline; empty after a clean end
};

// Splits what a JournalFile left behind. Every text is a legal one.
JournalLines SplitJournal(absl::string_view text);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_JOURNAL_FILE_H_
