// Names with a backslash (domain users of winbind) beside those without it:
// slurmdbd escapes what sacctmgr sends, and not what it read itself. What is
// exact is planned and done, the rest is named, and nobody else's row goes.
//   ASSOCSYNC_NAME_PAIRS  random pairs per release (default 3)
//   ASSOCSYNC_SEED        the first seed
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cfg/write.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/naive_build.h"
#include "tests/support/random_tree.h"
#include "tests/support/site.h"

namespace assocsync::names_test {

using ::testing::HasSubstr;

std::string Field(const std::string& users, const std::string& more) {
  return absl::StrCat(
      "# To edit this file start with a cluster line for the new cluster\n"
      "Cluster - 'lab':Fairshare=1:QOS='normal'\nParent - 'root'\n"
      "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
      "Fairshare=1\n"
      "Account - 'test@biology':Description='x':Organization='y':Fairshare=1\n",
      more, "Parent - 'test@biology'\n", users);
}

TEST(NamesTest, DomainUsersComeAndGo) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  for (const LabRelease& release : releases) {
    SCOPED_TRACE(release.version());
    release.Reset();
    LabSite site(release);
    const auto apply = [&](const std::string& text,
                           std::vector<std::string> more = {},
                           const char* live = "mysql") {
      std::vector<std::string> words = {"apply", site.Put("t.cfg", text),
                                        "--live", live, "--max-delete=100%"};
      words.insert(words.end(), more.begin(), more.end());
      site.SetTrouble({});
      return site.Assocsync(words);
    };
    const std::string jdoe =
        "User - 'example\\jdoe':DefaultAccount='test@biology':Fairshare=1";
    const std::string others =
        "User - 'jane.roe@corp.example.org':DefaultAccount='test@biology':"
        "Fairshare=1\n"
        "User - 'host$':DefaultAccount='test@biology':Fairshare=1\n";
    // As people have them, an account of more than 42 characters too.
    const RunResult added = apply(
        Field(absl::StrCat(jdoe,
                           ":AdminLevel='Operator':Coordinator='test@biology'"
                           ":DefaultWCKey='w\\k':WCKeys='w\\k'\n",
                           others),
              "Account - 'research group for applied things of the north':"
              "Description='x':Organization='y':Fairshare=1\n"));
    EXPECT_EQ(added.exit_code, 0) << added.out << added.err;

    // Values change; one comes whose name an escape makes of it.
    const std::string look_alike =
        "User - 'examplejdoe':DefaultAccount='test@biology':Fairshare=1\n";
    const std::string rights = ":AdminLevel='Operator'";
    const RunResult changed = apply(
        Field(absl::StrCat(jdoe, rights, ":MaxJobs=7\n", look_alike, others),
              ""),
        {}, "sacctmgr");
    EXPECT_EQ(changed.exit_code, 0) << changed.out << changed.err;
    const auto ids = release.RowIds();

    // A level by `modify user` would go to the look-alike.
    const RunResult level = apply(
        Field(absl::StrCat(jdoe, ":MaxJobs=7\n", look_alike, others), ""));
    EXPECT_EQ(level.exit_code, 3) << level.out << level.err;
    EXPECT_EQ(site.Commands(), 0);
    EXPECT_THAT(level.out, HasSubstr("AS111"));
    EXPECT_EQ(release.Sql("select name, admin_level from user_table where "
                          "deleted=0 and name like 'ex%' order by name"),
              "examplejdoe\t1\nexample\\\\jdoe\t2\n");

    // Without the rights it may leave where the row can be found.
    release.Sql("update user_table set admin_level=1 where admin_level=2");
    const std::string without = Field(absl::StrCat(look_alike, others), "");
    const RunResult leaves = apply(without);
    if (release.series() <= 2205) {
      EXPECT_EQ(leaves.exit_code, 0) << leaves.out << leaves.err;
      EXPECT_EQ(release.RowIds().size(), ids.size() - 1);
    } else {
      EXPECT_EQ(leaves.exit_code, 3) << leaves.out << leaves.err;
      EXPECT_EQ(site.Commands(), 0);
      EXPECT_THAT(leaves.out, HasSubstr("AS109"));
      EXPECT_THAT(leaves.out, HasSubstr("test@biology/example\\\\jdoe"));
      EXPECT_EQ(release.RowIds(), ids);
      const RunResult skipped =
          apply(Field("User - 'examplejdoe':DefaultAccount='test@biology':"
                      "Fairshare=1:MaxJobs=3\n",
                      ""),
                {"--skip", "AS109"});
      EXPECT_EQ(skipped.exit_code, 0) << skipped.out << skipped.err;
      EXPECT_EQ(release.Sql("select user, max_jobs from lab_assoc_table where "
                            "deleted=0 and user like 'e%' order by user"),
                "examplejdoe\t3\nexample\\\\jdoe\t7\n");
    }
    for (const auto& [row, id] : release.RowIds()) {
      if (ids.contains(row)) {
        EXPECT_EQ(id, ids.at(row)) << row;
      }
    }
  }
}

// On an account with a backslash slurmdbd hangs, or dies.
TEST(NamesTest, AnAccountWithABackslashIsNeverMade) {
  for (const LabRelease& release : LabRelease::All()) {
    SCOPED_TRACE(release.version());
    release.Reset();
    LabSite site(release);
    site.SetTrouble({});
    const std::string target = site.Put(
        "t.cfg",
        Field(
            "User - 'jdoe':DefaultAccount='test@biology':Fairshare=1\n"
            "User - 'eve':DefaultAccount='a\\b':Fairshare=1\n",
            "Account - 'a\\b':Description='x':Organization='y':Fairshare=1\n"
            "Parent - 'a\\b'\n"
            "User - 'eve':DefaultAccount='a\\b':Fairshare=1\n"
            "Account - 'sub':Description='x':Organization='y':Fairshare=1\n"));
    const std::vector<std::string> apply = {"apply", target, "--live", "mysql"};
    const RunResult plain = site.Assocsync(apply);
    EXPECT_EQ(plain.exit_code, 3) << plain.out << plain.err;
    EXPECT_EQ(site.Commands(), 0);
    EXPECT_THAT(plain.out, HasSubstr("AS110"));
    std::vector<std::string> skip = apply;
    skip.insert(skip.end(), {"--skip", "AS110"});
    const RunResult rest = site.Assocsync(skip);
    EXPECT_EQ(rest.exit_code, 0) << rest.out << rest.err;
    EXPECT_EQ(release.Sql("select acct, user from lab_assoc_table where "
                          "deleted=0 and acct<>'root' order by acct, user"),
              "test@biology\t\ntest@biology\teve\ntest@biology\tjdoe\n");
  }
}

TEST(NamesTest, RandomNamesBesideTheirLookAlikes) {
  const int pairs = FromEnvironment("ASSOCSYNC_NAME_PAIRS", 3);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  const char* const only = std::getenv("ASSOCSYNC_RELEASE");
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  for (const LabRelease& release : releases) {
    if (only != nullptr && release.name() != only) continue;
    int whole = 0, part = 0;
    for (int seed = first; seed < first + pairs; ++seed) {
      SCOPED_TRACE(absl::StrCat(release.version(), " seed ", seed));
      std::mt19937_64 random(seed);
      RandomTreeOptions options;
      options.release = release.series();
      options.accounts = {"a", "b", "ab", "a_b", "a%b", "x`y`", "c$", "0-ex"};
      options.users = {"ex\\jd", "exjd",  "ex_jd", "ex%jd", "ex",   "u\\n",
                       "un",     "u\\_x", "u_x",   "ux",    "w\\%", "w%",
                       "q\\\\r", "q\\r",  "qr",    "d\\0",  "d0",   "e.f@g+h"};
      options.qos = {"normal", "q\\1", "q1"};
      const Tree a = RandomTree(random, options);
      const Tree b = seed % 2 == 0 ? RandomTree(random, options)
                                   : MutateTree(random, a, 25, options);
      release.Reset();
      for (const char* qos : {"q\\1", "q1"}) {
        release.Sacctmgr({"add", "qos", absl::StrCat("name=", qos)});
      }
      // What these do to look-alikes, live then has.
      for (const auto& words : NaiveCommands(a)) release.Sacctmgr(words);
      LabSite site(release);
      site.SetTrouble({});
      const std::string target = site.Put("target.cfg", Write(b));
      const auto ids = release.RowIds();
      std::vector<std::string> apply = {
          "apply",   target,  "--live",  "mysql", "--max-delete=100%",
          "--allow", "AS103", "--allow", "AS104", "--allow",
          "AS105"};
      const RunResult plain = site.Assocsync(apply);
      if (plain.exit_code == 3) {
        ++part;
        EXPECT_EQ(site.Commands(), 0) << plain.out;
        EXPECT_EQ(release.RowIds(), ids);
        apply.insert(apply.end(),
                     {"--skip", "AS109", "--skip", "AS110", "--skip", "AS111"});
        const RunResult rest = site.Assocsync(apply);
        EXPECT_EQ(rest.exit_code, 0) << Write(a) << plain.out << "\n---\n"
                                     << rest.out << rest.err;
      } else {
        ++whole;
        EXPECT_EQ(plain.exit_code, 0) << Write(a) << plain.out << plain.err;
      }
      for (const auto& [row, id] : release.RowIds()) {
        if (ids.contains(row)) {
          EXPECT_EQ(id, ids.at(row)) << row;
        }
      }
    }
    std::printf("%s: %d pairs whole, %d but for what was skipped\n",
                release.version().c_str(), whole, part);
  }
}

}  // namespace assocsync::names_test
