// The promise itself, on real daemons: whatever live is, one apply of a backup
// makes it the backup. Pairs per release: ASSOCSYNC_PAIRS (default: a subset
// for CI); the first seed: ASSOCSYNC_SEED; one release only: ASSOCSYNC_RELEASE;
// where live is read: ASSOCSYNC_LIVE=mysql|sacctmgr (default: half of each).
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/apply/journal.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "engine/io/file.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/lab.h"
#include "tests/support/naive_build.h"
#include "tests/support/random_tree.h"

namespace assocsync::convergence_test {

namespace fs = std::filesystem;

// "Parent line" + "line", sorted among the rows of one user and among QOS lines
// only by what the server chose: so as a multiset.
std::multiset<std::string> LinesUnderParents(const std::string& dump) {
  std::multiset<std::string> lines;
  std::string parent;
  for (absl::string_view line : absl::StrSplit(dump, '\n', absl::SkipEmpty())) {
    if (absl::StartsWith(line, "Parent")) parent = std::string(line);
    lines.insert(absl::StrCat(parent, " | ", line));
  }
  return lines;
}

std::string Difference(const std::string& have, const std::string& want) {
  const std::multiset<std::string> h = LinesUnderParents(have);
  const std::multiset<std::string> w = LinesUnderParents(want);
  std::string out;
  for (const std::string& line : h) {
    if (!w.contains(line)) absl::StrAppend(&out, "  has:   ", line, "\n");
  }
  for (const std::string& line : w) {
    if (!h.contains(line)) absl::StrAppend(&out, "  lacks: ", line, "\n");
  }
  return out;
}

// The dump of a cluster that nothing was asked of. QOS belong to all clusters,
// so a restore that changes them shows there.
std::string WithoutQosLines(const std::string& dump) {
  std::string out;
  for (absl::string_view line : absl::StrSplit(dump, '\n')) {
    if (!absl::StartsWith(line, "QOS")) absl::StrAppend(&out, line, "\n");
  }
  return out;
}

class Site {
 public:
  explicit Site(const LabRelease& release) : release_(release) {
    folder_ =
        fs::temp_directory_path() /
        absl::StrCat("assocsync-converge-", release.name(), "-", getpid());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    fs::permissions(folder_, fs::perms::owner_all);
  }
  ~Site() { fs::remove_all(folder_); }

  void Must(const std::vector<std::string>& words) const {
    const RunResult result = release_.Sacctmgr(words);
    ASSERT_TRUE(result.clean())
        << "sacctmgr " << absl::StrJoin(words, " ") << "\n"
        << result.out << result.err;
  }

  // A database with the QOS that trees use, and a second cluster that shares
  // names with the first.
  void Fresh(const RandomTreeOptions& options) const {
    release_.Reset();
    for (const std::string& qos : options.qos) {
      if (qos == "normal" || options.qos_definitions) continue;
      Must({"add", "qos", absl::StrCat("name=", qos)});
    }
    Must({"add", "cluster", "name=other"});
  }

  // A second cluster that shares accounts and users with the first, so that
  // their records are needed elsewhere. Descriptions, AdminLevel and
  // coordinator rights are global, and a restore that changes them shows on
  // every cluster; so what is shared has the same ones in `a` and `b`, and
  // users no rights.
  void ShareWithOther(Tree* a, Tree* b) const {
    int n = 0;
    for (const auto& [name, record] : a->accounts) {
      if (name == RootName() || ++n % 3 != 0) continue;
      const auto in_b = b->accounts.find(name);
      if (in_b != b->accounts.end()) in_b->second = record;
      shared_accounts_.push_back(name);
      for (const auto& [key, row] : a->associations) {
        if (key.account != name || key.user.empty()) continue;
        for (Tree* tree : {a, b}) {
          const auto user = tree->users.find(key.user);
          if (user == tree->users.end()) continue;
          user->second.fields.Erase(Key::kAdminLevel);
          user->second.fields.Erase(Key::kCoordinator);
        }
        shared_users_.push_back({name, key.user});
        break;
      }
    }
  }

  void BuildOther() const {
    for (Name name : shared_accounts_) {
      Must({"add", "account", absl::StrCat("name=", name.view()),
            "cluster=other", "fairshare=7"});
    }
    for (const auto& [account, user] : shared_users_) {
      Must({"add", "user", absl::StrCat("name=", user.view()),
            absl::StrCat("account=", account.view()), "cluster=other"});
    }
    shared_accounts_.clear();
    shared_users_.clear();
  }

  void Build(const Tree& tree) const {
    for (const auto& words : NaiveCommands(tree)) Must(words);
  }

  RunResult Assocsync(const std::string& command, const fs::path& target,
                      const std::string& live, bool load = false) const {
    // assocsync takes that variable for an option of its own.
    std::vector<std::string> argv = {"/usr/bin/env",
                                     "-u",
                                     "ASSOCSYNC_RELEASE",
                                     ASSOCSYNC_BINARY,
                                     command,
                                     target.string(),
                                     "--sacctmgr",
                                     release_.Path("bin/sacctmgr"),
                                     "--live",
                                     live,
                                     "--slurmdbd-conf",
                                     release_.Path("slurmdbd.conf"),
                                     "--allow",
                                     "AS101,AS102,AS104,AS105"};
    if (command == "apply") {
      argv.insert(argv.end(), {"--yes", "--verbose", "--backup-dir",
                               (folder_ / "backups").string(), "--bulk-load",
                               load ? "always" : "auto"});
    } else {
      argv.push_back("--detailed-exitcode");
    }
    return RunProgram(argv);
  }

  // Loads (bulk_load.h) of the runs so far: how many did what they were to do.
  std::pair<int, int> Loads() const {
    int done = 0, all = 0;
    for (const auto& run : fs::directory_iterator(folder_ / "backups")) {
      const auto text = ReadFile(run.path() / "journal.jsonl", 1 << 24);
      const auto journal = ParseJournal(text.value_or(""));
      if (!journal.ok()) continue;
      for (const auto& load : journal->loads) {
        ++all;
        const std::string& words = journal->steps[load.first - 1].output;
        done += absl::StrContains(words, "For cluster") ? 1 : 0;
      }
    }
    return {done, all};
  }

  const LabRelease& release() const { return release_; }
  const fs::path& folder() const { return folder_; }

 private:
  LabRelease release_;
  fs::path folder_;
  mutable std::vector<Name> shared_accounts_;
  mutable std::vector<std::pair<Name, Name>> shared_users_;
};

TEST(ConvergenceTest, OneApplyMakesLiveTheBackup) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab is running: tests/lab up";
  const int pairs = FromEnvironment("ASSOCSYNC_PAIRS", 6);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  const char* const only = std::getenv("ASSOCSYNC_RELEASE");
  const char* const source = std::getenv("ASSOCSYNC_LIVE");
  for (const LabRelease& release : releases) {
    if (only != nullptr && release.name() != only) continue;
    const Site site(release);
    int converged = 0;
    for (int seed = first; seed < first + pairs; ++seed) {
      const std::string live = source != nullptr   ? source
                               : seed / 2 % 2 == 0 ? "mysql"
                                                   : "sacctmgr";
      SCOPED_TRACE(absl::StrCat("release ", release.name(), " seed ", seed,
                                " live ", live));
      std::mt19937_64 random(seed);
      RandomTreeOptions options;
      options.cluster = "lab";
      options.release = release.series();
      options.qos_definitions = release.series() >= 2505;
      Tree a = RandomTree(random, options);
      Tree b = seed % 2 == 0 ? RandomTree(random, options)
                             : MutateTree(random, a, 25, options);
      site.ShareWithOther(&a, &b);

      // The backup, from a database that really held it.
      site.Fresh(options);
      site.Build(b);
      if (testing::Test::HasFatalFailure()) return;
      const std::string backup = release.Dump("lab");
      const fs::path file = site.folder() / "backup.cfg";
      std::ofstream(file) << backup;

      // Another state.
      site.Fresh(options);
      site.Build(a);
      site.BuildOther();
      if (testing::Test::HasFatalFailure()) return;
      const std::string before = release.Dump("lab");
      const std::string other = WithoutQosLines(release.Dump("other"));
      const auto ids = release.RowIds();

      const RunResult applied =
          site.Assocsync("apply", file, live, /*load=*/seed % 3 != 0);
      const std::string after = release.Dump("lab");
      const std::string difference = Difference(after, backup);
      EXPECT_EQ(applied.exit_code, 0) << "live was:\n"
                                      << before << "backup:\n"
                                      << backup << applied.out << applied.err;
      EXPECT_EQ(difference, "") << applied.out << applied.err;
      EXPECT_EQ(WithoutQosLines(release.Dump("other")), other)
          << "another cluster was touched\n"
          << applied.out;
      for (const auto& [row, id] : release.RowIds()) {
        const auto had = ids.find(row);
        if (had != ids.end()) {
          EXPECT_EQ(id, had->second) << row;
        }
      }
      const RunResult again = site.Assocsync("plan", file, live);
      EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
      if (applied.exit_code == 0 && difference.empty() &&
          again.exit_code == 0) {
        ++converged;
      }
    }
    const auto [did, loads] = site.Loads();
    EXPECT_EQ(did, loads) << "what load does is not what the model does";
    std::printf(
        "release %s (%s): %d of %d pairs converged in one apply, with "
        "%d loads\n",
        release.name().c_str(), release.version().c_str(), converged, pairs,
        loads);
  }
}

}  // namespace assocsync::convergence_test
