#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "engine/base/escape.h"
#include "engine/io/file.h"
#include "engine/io/process.h"
#include "engine/io/program.h"
#include "engine/render/escape.h"

namespace assocsync {
namespace {

// A full disk behind stderr is nothing that could be reported anywhere.
void WriteErr(int fd, absl::string_view text) { (void)WriteAll(fd, text); }

// `line` in less than `width` columns: a full line would leave one behind. No
// character takes more columns than bytes.
std::string CutTo(size_t width, std::string line) {
  constexpr absl::string_view kMore = " ...";
  if (line.size() < width) return line;
  if (width <= kMore.size()) return "";
  line.resize(width - 1 - kMore.size());
  line.resize(Utf8Prefix(line));
  return absl::StrCat(line, kMore);
}

bool WantsColor(const Options& args, int out,
                const std::vector<std::string>& environment) {
  if (args.color != Color::kAuto) return args.color == Color::kAlways;
  return isatty(out) == 1 &&
         EnvironmentValue(environment, "NO_COLOR").empty() &&
         EnvironmentValue(environment, "TERM") != "dumb";
}

}  // namespace

Console::Console(const Files& files, const Options& args,
                 const std::vector<std::string>& environment)
    : files_(files),
      color_(WantsColor(args, files.out, environment)),
      quiet_(args.quiet),
      verbose_(args.verbose) {
  const bool err = isatty(files.err) == 1;
  interactive_ = err && isatty(files.in) == 1;
  err_is_terminal_ = err && EnvironmentValue(environment, "TERM") != "dumb";
  if (!absl::SimpleAtoi(EnvironmentValue(environment, "COLUMNS"), &columns_)) {
    columns_ = 0;
  }
}

size_t Console::Columns(int file) const {
  winsize size = {};
  if (ioctl(file, TIOCGWINSZ, &size) != 0) return 80;
  return columns_ > 0 ? columns_ : size.ws_col > 0 ? size.ws_col : 80;
}

size_t Console::width() const {
  return std::clamp<size_t>(Columns(files_.out), 20, 100) - 2;
}

void Console::Print(absl::string_view text) {
  ProgressDone();
  if (!status_.ok() || reader_gone_) return;
  const int error = WriteAll(files_.out, text);
  if (error == EPIPE) {
    reader_gone_ = true;
  } else if (error != 0) {
    status_ = FileError("standard output", "write", error);
  }
}

void Console::Error(absl::string_view text, absl::string_view command) {
  ProgressDone();
  std::string out = "assocsync: ";
  bool first = true;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!first) out.push_back('\n');
    first = false;
    AppendEscaped(line, &out);
  }
  while (out.back() == '\n') out.pop_back();
  out.push_back('\n');
  if (!command.empty()) absl::StrAppend(&out, "  ", command, "\n");
  WriteErr(files_.err, out);
  told_.append(out, 0, kMaxChildInput - told_.size());
}

void Console::PrintError(absl::string_view text) {
  ProgressDone();
  WriteErr(files_.err, text);
}

void Console::Progress(absl::string_view text) {
  if (!err_is_terminal_ || quiet_) return;
  // What goes on is shown at once, how far it is ten times a second.
  const std::string doing(text.substr(0, text.find_first_of(":[")));
  const absl::Time now = absl::Now();
  if (line_shown_ && doing == doing_ &&
      now - drawn_ < absl::Milliseconds(100)) {
    return;
  }
  doing_ = doing;
  drawn_ = now;
  WriteErr(files_.err,
           absl::StrCat("\r\x1b[K", CutTo(Columns(files_.err), Escaped(text))));
  line_shown_ = true;
}

void Console::ProgressDone() {
  if (!line_shown_) return;
  WriteErr(files_.err, "\r\x1b[K");
  line_shown_ = false;
}

bool Console::Agrees(absl::string_view question) {
  ProgressDone();
  WriteErr(files_.err, absl::StrCat(Escaped(question), " [y/N]  "));
  std::string line;
  char c = 0;
  // Byte by byte: what follows the line belongs to whoever reads next. A signal
  // (Ctrl-C) ends the asking.
  while (line.size() < 256 && read(files_.in, &c, 1) == 1 && c != '\n') {
    line.push_back(c);
  }
  absl::AsciiStrToLower(&line);
  return c == '\n' && (line == "y" || line == "yes");
}

}  // namespace assocsync
