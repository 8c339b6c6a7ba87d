// A part of a target on real daemons: one account comes back, and what was made
// since stays.
#include "engine/plan/scope.h"

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "engine/diff/diff.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/as_dumped.h"
#include "tests/support/environment.h"
#include "tests/support/naive_build.h"
#include "tests/support/random_tree.h"
#include "tests/support/site.h"

namespace assocsync::scope_test {

using ::testing::HasSubstr;

TEST(ScopeTest, OneAccountBack) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  const std::string backup = absl::StrCat(
      ASSOCSYNC_SOURCE_DIR, "/testdata/field/20-one-account-back.cfg");
  const std::vector<std::string> chem = {
      "add | account | name=chem | description=chem | organization=chem",
      "add | account | name=newacc",
      "add | user | name=eve | account=newacc | defaultaccount=newacc",
      "add | user | name=ann | account=chem | defaultaccount=chem"};
  for (const LabRelease& release : releases) {
    SCOPED_TRACE(release.version());
    LabSite site(release);
    release.Reset();
    site.Must(chem);
    // By hand, in an order of one's own: what must come.
    site.Must({"add | account | name=bio | description=bio | organization=bio",
               "add | user | name=bob,cat,dan | account=bio | "
               "defaultaccount=bio",
               "add | user | name=ann | account=bio",
               "modify | user | where | name=ann | set | defaultaccount=bio"});
    const auto want = SortedDump(release.Dump("lab"));

    release.Reset();
    site.Must(chem);
    const std::vector<std::string> words = {"apply", backup, "--only",
                                            "account=bio"};
    const RunResult result = site.Assocsync(words);
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("AS143"));
    EXPECT_THAT(result.out, HasSubstr("Read again: live is what was asked of "
                                      "20-one-account-back.cfg"));
    EXPECT_EQ(SortedDump(release.Dump("lab")), want) << result.out;
    const int commands = site.Commands();
    const RunResult again = site.Assocsync(words);
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
    EXPECT_EQ(site.Commands(), commands);
  }
}

// At noon somebody deletes an account of 200 users; others work on. It comes
// back from whatever there is, and no other row changes.
TEST(ScopeTest, NoonDrill) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  std::string users;
  for (int i = 0; i < 200; ++i) absl::StrAppend(&users, i ? "," : "", "u", i);
  for (const LabRelease& release : releases) {
    SCOPED_TRACE(release.version());
    LabSite site(release);
    release.Reset();
    const std::string later =
        "add | user | name=later | account=chem | defaultaccount=chem";
    site.Must(
        {"add | account | name=bio | description=bio | organization=bio",
         "add | account | name=x | parent=bio | description=d | organization=o",
         "add | account | name=chem | description=chem | organization=chem",
         "add | user | name=ann,bob | account=chem | defaultaccount=chem",
         absl::StrCat("add | user | name=bob,", users, " | account=x"),
         "modify | account | where | name=x | set | fairshare=9 | "
         "grptres=cpu=64",
         "modify | user | where | name=u3,bob | account=x | set | maxjobs=4",
         "add | coordinator | account=x | names=u5,ann", later});
    const auto want = SortedDump(release.Dump("lab"));
    site.Must({"delete | user | name=later"});

    const std::string cfg = site.Put("old.cfg", release.Dump("lab"));
    RunResult made =
        RunProgram({ASSOCSYNC_BINARY, "backup", "--backup-dir", site.backup_dir,
                    "--slurmdbd-conf", release.Path("slurmdbd.conf"),
                    "--sacctmgr", release.Path("bin/sacctmgr")});
    ASSERT_EQ(made.exit_code, 0) << made.out << made.err;
    ASSERT_EQ(site.Runs().size(), 1u);
    const std::string folder = site.Runs()[0];
    const std::string sql = site.File("old.sql.gz");
    made =
        RunProgram({"sh", "-c",
                    "mariadb-dump --defaults-file=\"$1\" \"$2\" | gzip >\"$3\"",
                    "sh", release.Path("my.cnf"),
                    std::string(absl::StripAsciiWhitespace(
                        release.Sql("SELECT DATABASE()"))),
                    sql});
    ASSERT_EQ(made.exit_code, 0) << made.err;

    for (const std::string& source : {cfg, folder, sql}) {
      SCOPED_TRACE(source);
      // Up to 22.05 an account goes only when it is nobody's default any more.
      site.Must({absl::StrCat("delete | user | name=", users),
                 "delete | account | name=x", later});
      const RunResult result =
          site.Assocsync({"apply", source, "--only", "account=x"});
      EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
      EXPECT_THAT(result.out, HasSubstr("Read again: live is what was asked"));
      EXPECT_EQ(SortedDump(release.Dump("lab")), want) << result.out;
      site.Must({"delete | user | name=later"});
    }
  }
}

Tree Parsed(const std::string& text, Origin origin) {
  ParseOptions options;
  options.origin = origin;
  const auto tree = ParseTree("t", text, options);
  EXPECT_TRUE(tree.ok()) << tree.status() << text;
  return tree.ok() ? *tree : Tree();
}

// A selector for something that one of the trees has; empty where a name has
// signs that mean something else in a selector.
std::string AnySelector(std::mt19937_64& random, const Tree& tree) {
  auto row = tree.associations.begin();
  std::advance(row, random() % tree.associations.size());
  const AssocKey& key = row->first;
  const std::string names = key.account.str() + key.user.str();
  if (names.find_first_of("*?[@/") != std::string::npos) return "";
  switch (random() % 5) {
    case 0:
      return "coordinators";
    case 1:
      return absl::StrCat("account=", key.account.view(), "/");
    case 2:
      if (!key.is_account()) return absl::StrCat("user=", key.user.view());
      break;
    case 3:
      if (!key.is_account()) {
        return absl::StrCat("user=", key.user.view(), "@", key.account.view());
      }
      break;
  }
  return absl::StrCat("account=", key.account.view());
}

// A part of any target, of any live: what slurmdbd has afterwards is live with
// that part, and no other row differs. ASSOCSYNC_SCOPE_PAIRS for each release;
// the first seed: ASSOCSYNC_SEED.
TEST(ScopeTest, AnyPartOfAnyTarget) {
  const int pairs = FromEnvironment("ASSOCSYNC_SCOPE_PAIRS", 3);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  for (const LabRelease& release : LabRelease::All()) {
    LabSite site(release);
    int exact = 0, refused = 0, seed = first;
    size_t rows = 0;
    for (; exact + refused < pairs && seed < first + 4 * pairs; ++seed) {
      SCOPED_TRACE(absl::StrCat(release.version(), " seed ", seed));
      std::mt19937_64 random(seed);
      RandomTreeOptions options;
      options.release = release.series();
      options.qos_definitions = release.series() >= 2505;
      const Tree built = RandomTree(random, options);
      const Tree wanted = seed % 3 == 0
                              ? RandomTree(random, options)
                              : MutateTree(random, built, 15, options);
      const std::string selector =
          AnySelector(random, seed % 2 == 0 ? built : wanted);
      if (selector.empty()) continue;
      release.Reset();
      for (const std::string& qos : options.qos) {
        if (qos == "normal" || options.qos_definitions) continue;
        release.Sacctmgr({"add", "qos", absl::StrCat("name=", qos)});
      }
      for (const auto& words : NaiveCommands(built)) {
        const RunResult made = release.Sacctmgr(words);
        ASSERT_TRUE(made.clean()) << made.out << made.err;
      }
      const std::string before = release.Dump("lab");
      const std::string file = site.Put("target.cfg", Write(wanted));
      const Tree live = Parsed(before, Origin::kDump);
      const auto part =
          InScope(live, Parsed(Write(wanted), Origin::kFile), {selector}, {});
      ASSERT_TRUE(part.ok()) << part.status();
      const RunResult result =
          site.Assocsync({"apply", file, "--only", selector, "--allow",
                          "AS101,AS102,AS104,AS105"});
      const std::string after = release.Dump("lab");
      if (result.exit_code == 3) {  // Slurm cannot say a name of it.
        ++refused;
        EXPECT_EQ(after, before) << result.err;
        continue;
      }
      ASSERT_EQ(result.exit_code, 0) << result.out << result.err << before;
      const auto dumped = AsDumped(part->tree, release.series(), {});
      ASSERT_TRUE(dumped.ok()) << dumped.status();
      const std::vector<Change> wrong =
          Diff(*dumped, Parsed(after, Origin::kDump));
      EXPECT_TRUE(wrong.empty())
          << selector << ": " << wrong[0].ToString() << "\n"
          << result.out << before << after;
      rows += part->changes;
      exact += wrong.empty() ? 1 : 0;
    }
    std::printf("release %s: %d parts exact (%zu changes), %d refused\n",
                release.version().c_str(), exact, rows, refused);
    EXPECT_GT(exact, refused);
  }
}

}  // namespace assocsync::scope_test
