// The only way to the user: the result on stdout and nothing else there,
// everything else on stderr.
#ifndef ASSOCSYNC_CLI_CONSOLE_H_
#define ASSOCSYNC_CLI_CONSOLE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/options.h"
#include "engine/io/pager.h"

namespace assocsync {

class Console {
 public:
  struct Files {
    int in = 0, out = 1, err = 2;
  };
  // `environment`: NO_COLOR and TERM=dumb turn "auto" colour off; COLUMNS and
  // LINES are the size of a terminal, whatever that says itself.
  Console(const Files& files, const Options& args,
          const std::vector<std::string>& environment);
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // With the first Print, where stdout is a terminal that can show one: a pager
  // (pager.h). From then on messages go to it too. `start` returns nullptr
  // where there is none to be had.
  void SetPager(std::function<std::unique_ptr<Pager>()> start);
  // Waits until its reader has left it. What is said afterwards is on stderr.
  void EndPager() { pager_ = nullptr; }

  // The result. Goes to stdout, or the pager, at once and as it is.
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
  // How many lines of a text for Print are seen at once; 50 where there is no
  // terminal.
  size_t height() const;
  bool quiet() const { return quiet_; }
  bool verbose() const { return verbose_; }

 private:
  void WriteErr(absl::string_view text);
  // How wide a terminal is; 80 where it does not say, or `file` is none.
  size_t Columns(int file) const;

  Files files_;
  std::function<std::unique_ptr<Pager>()> start_pager_;  // Not yet done.
  std::unique_ptr<Pager> pager_;
  bool color_ = false, quiet_ = false, verbose_ = false;
  bool interactive_ = false, err_is_terminal_ = false, line_shown_ = false;
  bool pages_ = false;  // stdout is a terminal that can show a pager.
  bool reader_gone_ = false;
  std::string told_;
  // As COLUMNS and LINES have it; 0: it says nothing.
  uint32_t columns_ = 0, lines_ = 0;
  std::string doing_;  // What the progress line is about,
  absl::Time drawn_;   // and when it was written.
  absl::Status status_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_CONSOLE_H_
