// What reaches a terminal.
#include "cli/console.h"

#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace assocsync::console_test {

class Terminal {
 public:
  explicit Terminal(unsigned short columns) {
    winsize size = {};
    size.ws_row = 24;
    size.ws_col = columns;
    EXPECT_EQ(openpty(&master_, &slave_, nullptr, nullptr, &size), 0);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    close(master_);
    close(slave_);
  }
  int fd() const { return slave_; }
  // What was written to it so far.
  std::string Seen() const {
    char text[4096];
    const ssize_t size = read(master_, text, sizeof text);
    return size < 0 ? "" : std::string(text, static_cast<size_t>(size));
  }

 private:
  int master_ = -1, slave_ = -1;
};

std::string ProgressOn(unsigned short columns, absl::string_view text) {
  const Terminal terminal(columns);
  Console console({.err = terminal.fd()}, {}, {"TERM=xterm"});
  console.Progress(text);
  return terminal.Seen();
}

TEST(ConsoleTest, ProgressFitsTheTerminal) {
  const std::string clear = "\r\x1b[K";
  const std::string text = "command 12 of 4711, about 3m left";
  EXPECT_EQ(ProgressOn(80, text), clear + text);
  EXPECT_EQ(ProgressOn(34, text), clear + text);
  EXPECT_EQ(ProgressOn(33, text), clear + "command 12 of 4711, about 3m ...");
  EXPECT_EQ(ProgressOn(20, text), clear + "command 12 of 4 ...");
  EXPECT_EQ(ProgressOn(3, text), clear);
  EXPECT_EQ(ProgressOn(0, text), clear + text);  // It does not say.
  // A character is not cut in two.
  EXPECT_EQ(ProgressOn(10, "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"),
            clear + "\u00e4\u00e4 ...");
}

TEST(ConsoleTest, TextsAreAsWideAsIsReadWithEase) {
  const auto width = [](unsigned short columns, const std::string& variable) {
    const Terminal terminal(columns);
    return Console({.out = terminal.fd()}, {}, {variable}).width();
  };
  EXPECT_EQ(width(40, ""), 38U);
  EXPECT_EQ(width(80, ""), 78U);
  EXPECT_EQ(width(200, ""), 98U);
  EXPECT_EQ(width(0, ""), 78U);
  EXPECT_EQ(width(1, ""), 18U);
  EXPECT_EQ(width(80, "COLUMNS=60"), 58U);
  EXPECT_EQ(width(80, "COLUMNS=wide"), 78U);
  int no_terminal[2];
  ASSERT_EQ(pipe(no_terminal), 0);
  EXPECT_EQ(Console({.out = no_terminal[1]}, {}, {"COLUMNS=40"}).width(), 78U);
  close(no_terminal[0]);
  close(no_terminal[1]);
}

TEST(ConsoleTest, ACommandBelowAnErrorIsWhatItIs) {
  const Terminal terminal(80);
  Console console({.err = terminal.fd()}, {}, {"TERM=xterm"});
  console.Error("ex\\jdoe", "sacctmgr -i add user 'name=ex\\jdoe'");
  EXPECT_EQ(terminal.Seen(),
            "assocsync: ex\\\\jdoe\r\n  sacctmgr -i add user "
            "'name=ex\\jdoe'\r\n");
}

}  // namespace assocsync::console_test
