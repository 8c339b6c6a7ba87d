// The only way to the user: the result on stdout and nothing else there,
// everything else on stderr.
#ifndef ASSOCSYNC_CLI_CONSOLE_H_
#define ASSOCSYNC_CLI_CONSOLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/options.h"

namespace assocsync {

class Console {
 public:
  struct Files {
    int in = 0, out = 1, err = 2;
  };
  // `environment`: NO_COLOR and TERM=dumb turn "auto" colour off; COLUMNS is
  // the width of a terminal, whatever that says itself.
  Console(const Files& files, const Options& args,
          const std::vector<std::string>& environment);
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // The result. Goes to stdout at once and as it is.
  void Print(absl::string_view text);
  // The first error that writing to stdout met. A reader that went away
  // (`assocsync plan | head`) is none: see reader_gone().
  const absl::Status& status() const { return status_; }
  bool reader_gone() const { return reader_gone_; }

  // One message on stderr, "assocsync: `text`\n". Say is silent with --quiet.
  // Terminal escapes and control characters in `text` are shown, not sent.
  void Say(absl::string_view text) {
    if (!quiet_) Error(text);
  }
  void Warn(absl::string_view text) { Say(absl::StrCat("warning: ", text)); }
  // `text` may have several lines (errors of a file with their carets).
  // `command`: a line below it that is safe to show already, to copy.
  void Error(absl::string_view text, absl::string_view command = "");
  // All that Error was told, as it was shown, but for what is beyond 32 KiB.
  const std::string& told() const { return told_; }
  // The text of a usage error, as it is.
  void PrintError(absl::string_view text);

  // What is being done now, as one line of a terminal that the next message or
  // Progress replaces. Shown only where stderr is a terminal, not with --quiet.
  void Progress(absl::string_view text);
  void ProgressDone();  // Clears the line.

  // True where a person can be asked: stdin and stderr are terminals.
  bool interactive() const { return interactive_; }
  // Asks on stderr, "`question` [y/N]", and reads one line from stdin. Only y
  // and yes are.
  bool Agrees(absl::string_view question);

  bool color() const { return color_; }  // For what goes to stdout.
  // How long the lines of a text for Print may be: as a terminal has them, and
  // no longer than is read with ease; 78 where there is none.
  size_t width() const;
  bool quiet() const { return quiet_; }
  bool verbose() const { return verbose_; }

 private:
  // How wide a terminal is; 80 where it does not say, or `file` is none.
  size_t Columns(int file) const;

  Files files_;
  bool color_ = false, quiet_ = false, verbose_ = false;
  bool interactive_ = false, err_is_terminal_ = false, line_shown_ = false;
  bool reader_gone_ = false;
  std::string told_;
  uint32_t columns_ = 0;  // As COLUMNS has it; 0: it says nothing.
  std::string doing_;     // What the progress line is about,
  absl::Time drawn_;      // and when it was written.
  absl::Status status_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_CONSOLE_H_
