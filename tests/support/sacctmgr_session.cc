#include "tests/support/sacctmgr_session.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace assocsync {
namespace {

constexpr absl::string_view kPrompt = "sacctmgr: ";

[[noreturn]] void Die(const char* why) {
  std::perror(why);
  std::abort();
}

}  // namespace

SacctmgrSession::SacctmgrSession(const std::string& program)
    : program_(program) {}

SacctmgrSession::~SacctmgrSession() { Stop(); }

std::optional<std::string> SacctmgrSession::Line(
    const std::vector<std::string>& words) {
  if (words.size() > 100) return std::nullopt;  // MAX_INPUT_FIELDS is 128.
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    if (word.find_first_of("'\"\n\\#") != std::string::npos) {
      return std::nullopt;
    }
    const size_t value = word.find('=') + 1;
    if (word.find(' ') == std::string::npos) {
      line += word;
    } else if (value == 0 || word.find(' ') < value) {
      return std::nullopt;
    } else {
      absl::StrAppend(&line, word.substr(0, value), "\"", word.substr(value),
                      "\"");
    }
  }
  if (line.size() > 3000) return std::nullopt;
  return line;
}

void SacctmgrSession::Start() {
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) Die("pipe");
  pid_ = fork();
  if (pid_ < 0) Die("fork");
  if (pid_ == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    dup2(out[1], 2);
    execl(program_.c_str(), program_.c_str(), "-i", nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to_ = in[1];
  from_ = out[0];
  ReadToPrompt();
}

void SacctmgrSession::Stop() {
  if (pid_ < 0) return;
  close(to_);
  close(from_);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string SacctmgrSession::ReadToPrompt() {
  std::string all;
  while (!absl::EndsWith(all, kPrompt)) {
    pollfd fd{from_, POLLIN, 0};
    if (poll(&fd, 1, 120'000) <= 0) {
      absl::StrAppend(&all, "\n(no prompt after 120 s)\n");
      kill(pid_, SIGKILL);
      Stop();
      return all;
    }
    char buffer[4096];
    const ssize_t n = read(from_, buffer, sizeof(buffer));
    if (n <= 0) {
      absl::StrAppend(&all, "\n(session ended)\n");
      Stop();
      return all;
    }
    all.append(buffer, static_cast<size_t>(n));
  }
  all.resize(all.size() - kPrompt.size());
  return all;
}

std::string SacctmgrSession::Run(const std::string& line) {
  if (pid_ < 0) Start();
  const std::string text = line + "\n";
  if (pid_ < 0 || write(to_, text.data(), text.size()) !=
                      static_cast<ssize_t>(text.size())) {
    return "(no session)";
  }
  return ReadToPrompt();
}

}  // namespace assocsync
