#include "engine/io/process.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/program.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::process_test {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Duration kLong = absl::Minutes(5);

ProcessRunner::Limits QuickLimits() {
  ProcessRunner::Limits limits;
  limits.grace = absl::Milliseconds(200);
  return limits;
}

ProcessRunner Runner() {
  return ProcessRunner(CleanEnvironment({"PATH=/usr/bin:/bin"}), QuickLimits());
}

std::vector<std::string> Sh(const std::string& script) {
  return {"sh", "-c", script};
}

// Whether a process with this number still runs (a zombie does not).
bool Alive(int pid) {
  const auto stat = ReadFile(absl::StrCat("/proc/", pid, "/stat"), 4096);
  return stat.ok() && stat->find(") Z ") == std::string::npos;
}

// Waits for what must happen sooner or later.
template <typename F>
bool Eventually(F f) {
  for (int i = 0; i < 3000; ++i) {
    if (f()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(ProcessRunnerTest, CapturesBothStreamsAndTheExitCode) {
  const auto result = Runner().Run(Sh("echo out; echo err >&2; exit 7"), kLong);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->out, "out\n");
  EXPECT_EQ(result->err, "err\n");
  EXPECT_EQ(result->exit_code, 7);
  EXPECT_EQ(result->signal, 0);
  EXPECT_FALSE(result->clean());
  EXPECT_EQ(result->HowItEnded(), "exit code 7");
}

TEST(ProcessRunnerTest, ReportsTheSignalThatEndedTheChild) {
  const auto result = Runner().Run(Sh("kill -9 $$"), kLong);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->signal, SIGKILL);
  EXPECT_FALSE(result->clean());
  EXPECT_EQ(result->HowItEnded(), "killed by signal 9 (Killed)");
}

TEST(ProcessRunnerTest, ArgumentsArriveExactly) {
  const std::vector<std::string> words = {"",
                                          " ",
                                          "a b",
                                          "*",
                                          "$HOME",
                                          "`id`",
                                          "';x",
                                          "\"",
                                          "\\",
                                          "\n",
                                          "-n",
                                          "\xff\xfe",
                                          "a=b",
                                          "&& rm",
                                          "|",
                                          "$(exit)",
                                          "\x01",
                                          "\xc3",
                                          std::string(99999, 'x')};
  std::vector<std::string> argv = {
      "sh", "-c", "for w; do printf '%s\\n@' \"$w\"; done", "sh"};
  std::string want;
  for (const std::string& word : words) {
    argv.push_back(word);
    absl::StrAppend(&want, word, "\n@");
  }
  const auto result = Runner().Run(argv, kLong);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->out, want);
}

TEST(ProcessRunnerTest, LargeOutputOnBothStreamsDoesNotDeadlock) {
  const auto result = Runner().Run(
      Sh("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2"), kLong);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->out.size(), 3000000u);
  EXPECT_EQ(result->err.size(), 3000000u);
}

TEST(ProcessRunnerTest, WhatCannotStartIsUnavailableAndSaysWhy) {
  const auto dir = TempDir::Create(testing::TempDir());
  ASSERT_TRUE(dir.ok());
  const std::string garbage = dir->path() + "/garbage";
  ASSERT_TRUE(WriteFileAtomic(garbage, "echo no shell ran me\n", 0700).ok());
  const struct {
    std::vector<std::string> argv;
    std::string want;
  } kCases[] = {
      {{}, "no program"},
      {{""}, "empty program name"},
      {{"no-such-program-here"}, "not found in PATH (/usr/bin:/bin)"},
      {{"/no/such/file"}, "'/no/such/file': No such file or directory"},
      {{"/etc/passwd"}, "Permission denied"},
      {{"/"}, "Permission denied"},
      {{garbage}, "Exec format error"},
      {{"true", std::string("a\0b", 3)}, "NUL byte"},
      {{"true", std::string(3 << 20, 'x')}, "Argument list too long"},
  };
  for (const auto& c : kCases) {
    const auto result = Runner().Run(c.argv, kLong);
    EXPECT_EQ(result.status().code(), absl::StatusCode::kUnavailable)
        << c.want << ": " << result.status();
    EXPECT_THAT(std::string(result.status().message()), HasSubstr(c.want));
  }
}

TEST(ProcessRunnerTest, TheChildHasOnlyTheGivenEnvironmentAndNoInput) {
  ProcessRunner runner(CleanEnvironment(
      {"PATH=/usr/bin:/bin", "SLURM_CONF=/x/slurm.conf", "LC_ALL=de_DE.UTF-8",
       "SLURM_TIME_FORMAT=%s", "MYSQL_PWD=secret"}));
  const auto result = runner.Run({"env"}, kLong);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->out,
            "PATH=/usr/bin:/bin\nSLURM_CONF=/x/slurm.conf\nLC_ALL=C\n");
  const auto cat = runner.Run({"cat"}, kLong);
  ASSERT_TRUE(cat.ok());
  EXPECT_EQ(cat->out, "");
  EXPECT_TRUE(cat->clean());
}

TEST(ProcessRunnerTest, TheChildLeadsItsOwnSessionWithDefaultSignals) {
  signal(SIGPIPE, SIG_IGN);
  const auto result = Runner().Run(
      Sh("read -r pid comm state ppid pgrp session rest < /proc/self/stat; "
         "echo $$ $session; grep SigIgn /proc/self/status"),
      kLong);
  signal(SIGPIPE, SIG_DFL);
  ASSERT_TRUE(result.ok());
  const auto lines = result->out;
  const size_t space = lines.find(' ');
  EXPECT_EQ(lines.substr(0, space),
            lines.substr(space + 1, lines.find('\n') - space - 1));
  // Above the 31 ordinary signals the C library keeps two for itself.
  EXPECT_THAT(lines, ContainsRegex("SigIgn:\t0000000[0-9a-f][08]0000000"));
}

TEST(ProcessRunnerTest, ATimeoutKillsTheWholeGroup) {
  const auto dir = TempDir::Create(testing::TempDir());
  ASSERT_TRUE(dir.ok());
  const std::string pids = dir->path() + "/pids";
  // Ignores SIGTERM, and has a child: only SIGKILL to the group ends both.
  const auto result =
      Runner().Run(Sh("trap '' TERM; sleep 1000 & echo $$ > " + pids +
                      "; echo $! >> " + pids + "; wait; wait; sleep 1000"),
                   absl::Milliseconds(500));
  EXPECT_EQ(result.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(result.status().message()),
              HasSubstr("its effect is unknown"));
  const auto text = ReadFile(pids, 100);
  ASSERT_TRUE(text.ok());
  const size_t newline = text->find('\n');
  for (const std::string& word :
       {text->substr(0, newline), text->substr(newline + 1)}) {
    int pid = 0;
    ASSERT_TRUE(absl::SimpleAtoi(word, &pid)) << *text;
    EXPECT_TRUE(Eventually([&] { return !Alive(pid); })) << pid;
  }
}

TEST(ProcessRunnerTest, ADaemonThatKeepsThePipesOpenIsNotWaitedFor) {
  const auto result = Runner().Run(Sh("sleep 30 & echo $!; exit 3"), kLong);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 3);
  int pid = 0;
  ASSERT_TRUE(absl::SimpleAtoi(result->out, &pid));
  EXPECT_TRUE(Alive(pid)) << "waited for it, or killed it";
  kill(pid, SIGKILL);
}

TEST(ProcessRunnerTest, AChildThatClosesItsStreamsIsStillWaitedFor) {
  const auto result =
      Runner().Run(Sh("exec >/dev/null 2>&1; sleep 0.3; exit 5"), kLong);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 5);
}

TEST(ProcessRunnerTest, TooMuchOutputIsAnErrorNotATruncation) {
  ProcessRunner::Limits limits = QuickLimits();
  limits.max_output = 1000;
  ProcessRunner runner(CleanEnvironment({}), limits);
  EXPECT_TRUE(runner.Run({"head", "-c", "1000", "/dev/zero"}, kLong).ok());
  EXPECT_EQ(runner.Run({"cat", "/dev/zero"}, kLong).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(runner.Run(Sh("cat /dev/zero >&2"), kLong).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(ProcessRunnerTest, AnIgnoredSigchldIsReportedNotMistakenForSuccess) {
  signal(SIGCHLD, SIG_IGN);
  const auto result = Runner().Run({"true"}, kLong);
  signal(SIGCHLD, SIG_DFL);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kUnknown)
      << result.status();
}

TEST(StreamTest, HandsOverEveryByteInOrder) {
  std::string got;
  const auto result =
      Runner().Stream(Sh("seq 1 200000; echo oops >&2; exit 2"),
                      StreamOptions(), [&](absl::string_view chunk) {
                        EXPECT_FALSE(chunk.empty());
                        absl::StrAppend(&got, chunk);
                        return absl::OkStatus();
                      });
  ASSERT_TRUE(result.ok()) << result.status();
  std::string want;
  for (int i = 1; i <= 200000; ++i) absl::StrAppend(&want, i, "\n");
  EXPECT_EQ(got, want);
  EXPECT_EQ(result->exit_code, 2);
  EXPECT_EQ(result->err, "oops\n");
  EXPECT_EQ(result->out, "");
}

TEST(StreamTest, AFailingSinkStopsTheChildAndItsErrorComesBack) {
  int calls = 0;
  const auto result = Runner().Stream(
      {"cat", "/dev/zero"}, StreamOptions(), [&](absl::string_view) {
        return ++calls == 3 ? absl::ResourceExhaustedError("disk full")
                            : absl::OkStatus();
      });
  EXPECT_EQ(result.status(), absl::ResourceExhaustedError("disk full"));
  EXPECT_EQ(calls, 3);
}

TEST(StreamTest, StopsOnRequestWhileDataFlowsAndWhileItDoesNot) {
  for (const char* script : {"cat /dev/zero", "echo x; sleep 1000"}) {
    std::atomic<bool> stop = false;
    StreamOptions options;
    options.stop = &stop;
    const auto result =
        Runner().Stream(Sh(script), options, [&](absl::string_view) {
          stop = true;
          return absl::OkStatus();
        });
    EXPECT_EQ(result.status().code(), absl::StatusCode::kCancelled) << script;
  }
}

TEST(StreamTest, KeepsTheBeginningOfALongStderr) {
  const auto result = Runner().Stream(
      Sh("echo first >&2; head -c 1000000 /dev/zero >&2"), StreamOptions(),
      [](absl::string_view) { return absl::OkStatus(); });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->err.substr(0, 6), "first\n");
  EXPECT_EQ(result->err.size(), 65536u);
}

TEST(FindProgramTest, SearchesAbsoluteFoldersOnly) {
  const auto dir = TempDir::Create(testing::TempDir());
  ASSERT_TRUE(dir.ok());
  const std::string path = dir->path();
  ASSERT_TRUE(WriteFileAtomic(path + "/tool", "#!/bin/sh\n", 0700).ok());
  ASSERT_TRUE(WriteFileAtomic(path + "/plain", "text", 0600).ok());
  ASSERT_EQ(mkdir((path + "/folder").c_str(), 0700), 0);
  EXPECT_EQ(*FindProgram("tool", "/nowhere:" + path), path + "/tool");
  EXPECT_EQ(*FindProgram("./x/tool", ""), "./x/tool");
  EXPECT_EQ(FindProgram("plain", path).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(FindProgram("folder", path).status().code(),
            absl::StatusCode::kNotFound);
  ASSERT_EQ(chdir(path.c_str()), 0);
  for (const char* relative : {"", ".", ":", "bin:.:"}) {
    EXPECT_EQ(FindProgram("tool", relative).status().code(),
              absl::StatusCode::kNotFound)
        << relative;
  }
  ASSERT_EQ(chdir("/"), 0);
}

TEST(ProcessRunnerTest, StopAndLimitEndAChildThatSaysNothing) {
  const auto drop = [](absl::string_view) { return absl::OkStatus(); };
  std::atomic<bool> stop{false};
  StreamOptions options;
  options.stop = &stop;
  std::thread thread([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop = true;
  });
  ProcessRunner runner = Runner();
  EXPECT_EQ(runner.Stream({"sleep", "300"}, options, drop).status().code(),
            absl::StatusCode::kCancelled);
  thread.join();
  options.stop = nullptr;
  options.limit = absl::Milliseconds(50);
  EXPECT_EQ(runner.Stream({"sleep", "300"}, options, drop).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(CleanEnvironmentTest, KeepsWhatLocatesThingsAndNothingElse) {
  EXPECT_THAT(CleanEnvironment({"HOME=/root", "SLURM_CLUSTERS=x", "LANG=fr",
                                "PATHOLOGY=1", "PATH=/p", "SLURM_JWT=t"}),
              ElementsAre("PATH=/p", "HOME=/root", "SLURM_JWT=t", "LC_ALL=C"));
  EXPECT_THAT(CleanEnvironment({})[0], HasSubstr(":/usr/bin:"));
}

}  // namespace assocsync::process_test
