// What the swap of restore relies on, with a server of its own (durable, on a
// socket only) that is killed in the middle: all tables are renamed, or none.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "engine/io/dir.h"
#include "engine/restore/checks.h"
#include "engine/restore/names.h"
#include "engine/restore/survey.h"
#include "engine/restore/swap.h"
#include "gtest/gtest.h"
#include "tests/support/lab.h"

namespace assocsync::restore_server_test {

constexpr int kTables = 30;

class OwnServer {
 public:
  OwnServer() : dir_(*TempDir::Create(testing::TempDir())) {
    const RunResult made = RunProgram(
        {"mariadb-install-db", "--no-defaults", "--user=root", "--force",
         "--skip-test-db", "--auth-root-authentication-method=socket",
         "--datadir=" + File("data")});
    EXPECT_TRUE(made.clean()) << made.out << made.err;
    Start();
  }
  ~OwnServer() { Kill(); }

  DatabaseOptions Options() const {
    DatabaseOptions options;
    options.socket = File("socket");
    options.user = "root";
    return options;
  }
  absl::StatusOr<std::unique_ptr<Database>> Connect() const {
    return ConnectForChanges(Options());
  }
  void Start() {
    const std::vector<std::string> words = {"mariadbd",
                                            "--no-defaults",
                                            "--user=root",
                                            "--datadir=" + File("data"),
                                            "--socket=" + File("socket"),
                                            "--pid-file=" + File("pid"),
                                            "--log-error=" + File("log"),
                                            "--skip-networking",
                                            "--innodb-buffer-pool-size=64M",
                                            "--innodb-flush-log-at-trx-"
                                            "commit=1"};
    std::vector<char*> argv;
    for (const std::string& word : words) {
      argv.push_back(const_cast<char*>(word.c_str()));
    }
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      execvp(argv[0], argv.data());
      _exit(127);
    }
    for (int i = 0; i < 1200 && !Connect().ok(); ++i) {
      absl::SleepFor(absl::Milliseconds(50));
    }
    EXPECT_TRUE(Connect().ok()) << File("log");
  }
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  std::string File(const std::string& name) const {
    return absl::StrCat(dir_.path(), "/", name);
  }
  TempDir dir_;
  pid_t pid_ = 0;
};

std::string Table(int i) { return absl::StrFormat("t%02d", i); }

// "new", "old", or both of them.
std::string WhatIsInPlace(Database& server) {
  std::string found;
  for (int i = 0; i < kTables; ++i) {
    const auto rows = server.Query(absl::StrCat("SELECT w FROM d.", Table(i)));
    const std::string word = rows.ok() ? (*rows)[0][0].value_or("") : "nothing";
    if (found.find(word) == std::string::npos) absl::StrAppend(&found, word);
  }
  return found;
}

// ASSOCSYNC_SERVER_KILLS: how many.
TEST(RestoreServerTest, KilledDuringTheSwap) {
  OwnServer own;
  auto server = own.Connect();
  ASSERT_TRUE(server.ok()) << server.status();
  ASSERT_TRUE(LookAtServer(**server)->atomic_ddl) << "an old server";
  Swap swap = {
      "d", "d_assocsync_new", "d_assocsync_old_20261124_014848", {}, {}};
  ASSERT_TRUE((*server)->Execute("CREATE DATABASE d").ok());
  for (const auto& [name, purpose] :
       {std::pair(swap.shadow, "new"), std::pair(swap.kept, "old")}) {
    ASSERT_TRUE(
        MakeOwnDatabase(**server, name, {"d", purpose, "", "", ""}).ok());
  }
  for (int i = 0; i < kTables; ++i) {
    for (const auto& [in, what] :
         {std::pair(swap.database, "old"), std::pair(swap.shadow, "new")}) {
      ASSERT_TRUE((*server)
                      ->Execute(absl::StrCat("CREATE TABLE ", in, ".", Table(i),
                                             " ENGINE=InnoDB AS SELECT '", what,
                                             "' AS w"))
                      .ok());
    }
    swap.present.push_back(Table(i));
    swap.restored.push_back(Table(i));
  }
  // The way back: the kept ones in, what is there out.
  const Swap back = {swap.database, swap.kept, swap.shadow, swap.restored,
                     swap.present};
  absl::Time begun = absl::Now();
  ASSERT_TRUE((*server)->Execute(SwapStatement(swap)).ok());
  const absl::Duration whole = absl::Now() - begun;
  ASSERT_EQ(WhatIsInPlace(**server), "new");
  ASSERT_TRUE((*server)->Execute(SwapStatement(back)).ok());

  const char* asked = std::getenv("ASSOCSYNC_SERVER_KILLS");
  const int kills = asked == nullptr ? 3 : std::atoi(asked);
  std::mt19937 random(7);
  int in_the_middle = 0, was_new = 0;
  for (int i = 0; i < kills; ++i) {
    const absl::Duration at =
        whole * ((i + std::uniform_real_distribution<>(0, 1)(random)) / kills);
    const pid_t killer = fork();
    ASSERT_GE(killer, 0);
    if (killer == 0) {
      absl::SleepFor(at);
      kill(own.pid(), SIGKILL);
      _exit(0);
    }
    const absl::Status status = (*server)->Execute(SwapStatement(swap));
    in_the_middle += absl::IsUnavailable(status) ? 1 : 0;
    EXPECT_EQ(waitpid(killer, nullptr, 0), killer);
    own.Kill();
    own.Start();
    server = own.Connect();
    ASSERT_TRUE(server.ok()) << server.status();
    const auto state = LookAtSwap(**server, swap);
    ASSERT_TRUE(state.ok()) << state.status();
    ASSERT_NE(*state, SwapState::kBetween) << "killed after " << at;
    const bool after = *state == SwapState::kAfter;
    EXPECT_EQ(WhatIsInPlace(**server), after ? "new" : "old") << at;
    EXPECT_TRUE(after || !status.ok());
    was_new += after ? 1 : 0;
    if (!after) continue;
    ASSERT_TRUE((*server)->Execute(SwapStatement(back)).ok());
  }
  EXPECT_GT(in_the_middle, 0);
  std::printf(
      "server killed %d times during a swap of %s: %d unanswered, %d "
      "were done\n",
      kills, absl::FormatDuration(whole).c_str(), in_the_middle, was_new);
}

}  // namespace assocsync::restore_server_test
