#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

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
  const bool dumb = EnvironmentValue(environment, "TERM") == "dumb";
  err_is_terminal_ = err && !dumb;
  pages_ = isatty(files.out) == 1 && !dumb;
  if (!absl::SimpleAtoi(EnvironmentValue(environment, "COLUMNS"), &columns_)) {
    columns_ = 0;
  }
  if (!absl::SimpleAtoi(EnvironmentValue(environment, "LINES"), &lines_)) {
    lines_ = 0;
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

size_t Console::height() const {
  constexpr size_t kOfAPage = 50;
  winsize size = {};
  if (ioctl(files_.out, TIOCGWINSZ, &size) != 0) return kOfAPage;
  return lines_ > 0 ? lines_ : size.ws_row > 0 ? size.ws_row : kOfAPage;
}

void Console::SetPager(std::function<std::unique_ptr<Pager>()> start) {
  if (pages_) start_pager_ = std::move(start);
}

// A full disk behind stderr is nothing that could be reported anywhere.
void Console::WriteErr(absl::string_view text) {
  if (pager_ != nullptr && err_is_terminal_ &&
      WriteAll(pager_->input(), text) == 0) {
    return;
  }
  (void)WriteAll(files_.err, text);
}

void Console::Print(absl::string_view text) {
  ProgressDone();
  if (!status_.ok() || reader_gone_) return;
  if (start_pager_) pager_ = std::exchange(start_pager_, nullptr)();
  const int error =
      WriteAll(pager_ != nullptr ? pager_->input() : files_.out, text);
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
  WriteErr(out);
  told_.append(out, 0, kMaxChildInput - told_.size());
}

void Console::PrintError(absl::string_view text) {
  ProgressDone();
  WriteErr(text);
}

void Console::Progress(absl::string_view text) {
  if (!err_is_terminal_ || quiet_ || pager_ != nullptr) return;
  // What goes on is shown at once, how far it is ten times a second.
  const std::string doing(text.substr(0, text.find_first_of(":[")));
  const absl::Time now = absl::Now();
  if (line_shown_ && doing == doing_ &&
      now - drawn_ < absl::Milliseconds(100)) {
    return;
  }
  doing_ = doing;
  drawn_ = now;
  WriteErr(absl::StrCat("\r\x1b[K", CutTo(Columns(files_.err), Escaped(text))));
  line_shown_ = true;
}

void Console::ProgressDone() {
  if (!line_shown_) return;
  WriteErr("\r\x1b[K");
  line_shown_ = false;
}

bool Console::Agrees(absl::string_view question) {
  ProgressDone();
  WriteErr(absl::StrCat(Escaped(question), " [y/N]  "));
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
