// Going on without what cannot be done, on real daemons: --skip CODE, --skip
// ROW, and the second way around AS109. Exit status 3 before anything runs
// unless the admin said so, and 0 after.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/site.h"

namespace assocsync::skip_test {

using ::testing::HasSubstr;
using ::testing::Not;

#define FOR_EACH_RELEASE(release)                                 \
  const std::vector<LabRelease> all_releases = LabRelease::All(); \
  ASSERT_FALSE(all_releases.empty()) << "no lab: tests/lab up";   \
  for (const LabRelease& release : all_releases)

class Tried {
 public:
  Tried(const LabSite& site, std::string text)
      : site_(site), target_(site.Put("target.cfg", std::move(text))) {}
  RunResult Apply(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"apply", target_, "--live", "mysql",
                                      "--max-delete=100%"};
    words.insert(words.end(), more.begin(), more.end());
    return site_.Assocsync(words);
  }
  // 3, and nothing ran.
  void ExpectRefused(const std::string& code) const {
    const int before = site_.Commands();
    const size_t runs = site_.Runs().size();
    const RunResult result = Apply();
    EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr(code));
    EXPECT_EQ(site_.Commands(), before);
    EXPECT_EQ(site_.Runs().size(), runs);
  }

 private:
  const LabSite& site_;
  std::string target_;
};

// Lines of a dump, sorted, each with its Parent.
void ExpectDump(const LabRelease& release,
                const std::vector<std::string>& want) {
  EXPECT_EQ(SortedDump(release.Dump("lab")), want);
}

// As the daemon would have it: the state that `lines` make, dumped.
std::vector<std::string> DumpOf(const LabSite& site,
                                const std::vector<std::string>& lines) {
  site.release().Reset();
  site.Must(lines);
  return SortedDump(site.release().Dump("lab"));
}

// 24.11 and 26.05 find the rows of a delete by their lineage, and that of user
// u in partition p of account a is that of an account p below account 0-u.
TEST(SkipTest, BothWaysAroundAnInexactDelete) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.version());
    LabSite site(release);
    const std::vector<std::string> rest = {
        "add | account | name=a,z",
        "add | account | name=0-u | parent=a",
        "add | account | name=p | parent=0-u | description=of p | "
        "organization=o | maxjobs=5 | grptres=cpu=4",
        "add | user | name=bob | account=p,z | defaultaccount=p",
        "add | user | name=eve | account=p | defaultaccount=p | maxjobs=3 | "
        "adminlevel=Operator",
        "add | user | name=eve | wckey=w1 | cluster=lab",
        "add | coordinator | account=p | name=bob",
        "add | user | name=u | account=a | defaultaccount=a"};
    const auto with = [](std::vector<std::string> lines,
                         const std::string& more) {
      lines.push_back(more);
      return lines;
    };
    const std::vector<std::string> want =
        DumpOf(site, with(rest,
                          "modify | user | where | name=u | account=a | "
                          "cluster=lab | set | maxjobs=8"));
    const std::string target = release.Dump("lab");
    const std::vector<std::string> live =
        with(rest, "add | user | name=u | account=a | partition=p");
    const std::vector<std::string> left =
        DumpOf(site, with(live,
                          "modify | user | where | name=u | account=a | "
                          "cluster=lab | partition= | set | maxjobs=8"));
    DumpOf(site, live);
    site.SetTrouble({});
    const auto before = release.RowIds();
    const Tried tried(site, target);
    if (release.series() < 2311) {
      const RunResult exact = tried.Apply();
      EXPECT_EQ(exact.exit_code, 0) << exact.out << exact.err;
      EXPECT_THAT(exact.out, Not(HasSubstr("AS109")));
      ExpectDump(release, want);
      continue;
    }
    tried.ExpectRefused("AS109");

    const RunResult skipped = tried.Apply({"--skip", "AS109"});
    EXPECT_EQ(skipped.exit_code, 0) << skipped.out << skipped.err;
    EXPECT_THAT(skipped.out, HasSubstr("AS140"));
    ExpectDump(release, left);
    EXPECT_EQ(release.RowIds(), before);

    tried.ExpectRefused("--allow AS109");
    const RunResult again = tried.Apply({"--allow", "AS109"});
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
    EXPECT_THAT(again.out, HasSubstr("AS141"));
    ExpectDump(release, want);
    const auto after = release.RowIds();
    EXPECT_EQ(after.size(), before.size() - 1);
    for (const auto& [row, id] : after) {
      // The account and what was in it are new rows; all else is not.
      if (row[0] == 'p') {
        EXPECT_NE(id, before.at(row)) << row;
      } else {
        EXPECT_EQ(id, before.at(row)) << row;
      }
    }
  }
}

TEST(SkipTest, ACodeAndRowsWithWhatDependsOnThem) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.version());
    LabSite site(release);
    const std::vector<std::string> live = {
        "add | account | name=a,b | description=d | organization=o",
        "add | user | name=ann | account=a | maxjobs=1",
        "add | user | name=bob | account=b | defaultaccount=b"};
    const auto more = [&](std::vector<std::string> lines) {
      lines.insert(lines.begin(), live.begin(), live.end());
      return lines;
    };
    // The target has an account with users and one below it, a new value, and
    // lacks b; one row names a TRES that nobody has.
    DumpOf(site, {"add | account | name=a,n | description=d | organization=o",
                  "add | account | name=n1 | parent=n | description=d | "
                  "organization=o",
                  "add | user | name=ann | account=a | maxjobs=2",
                  "add | user | name=eve | account=n1,n | defaultaccount=n1"});
    std::string target = release.Dump("lab");
    const std::string row = "User - 'ann':DefaultAccount='a'";
    ASSERT_THAT(target, HasSubstr(row));
    target.replace(target.find(row), row.size(),
                   row + ":GrpTRES='gres/none=4'");
    // Of all that only n comes: without its sub-account no default for eve.
    const std::vector<std::string> want = DumpOf(
        site,
        more({"add | account | name=n | description=d | organization=o"}));
    const std::vector<std::string> nothing = DumpOf(site, live);
    site.SetTrouble({});
    const Tried tried(site, target);
    tried.ExpectRefused("AS108");

    const RunResult one = tried.Apply(
        {"--skip", "AS108", "--skip", "b/bob", "--skip", "account n"});
    EXPECT_EQ(one.exit_code, 0) << one.out << one.err;
    ExpectDump(release, nothing);

    const RunResult two =
        tried.Apply({"--skip", "AS108", "--skip", "b/bob", "--skip",
                     "account n1", "--skip", "n/eve"});
    EXPECT_EQ(two.exit_code, 0) << two.out << two.err;
    EXPECT_THAT(two.out, HasSubstr("AS140"));
    ExpectDump(release, want);
    tried.ExpectRefused("AS108");

    // What --skip leaves is a reason for nothing but a note: the rest is told.
    const RunResult rest = tried.Apply({"--skip", "AS108"});
    EXPECT_EQ(rest.exit_code, 0) << rest.out << rest.err;
    const auto ids = release.RowIds();
    EXPECT_FALSE(ids.contains("b\t\t"));
    EXPECT_TRUE(ids.contains("n1\teve\t"));
    EXPECT_TRUE(ids.contains("a\tann\t"));
    const RunResult slip = tried.Apply({"--skip", "AS108", "--skip", "a/anne"});
    EXPECT_THAT(slip.out, HasSubstr("AS142")) << slip.err;
  }
}

// testdata/field/22: the row goes, that of the partition keeps its id.
TEST(SkipTest, TheRowOfAPartitionStays) {
  const auto file = [](const char* name) {
    const auto text = ReadFile(
        absl::StrCat(ASSOCSYNC_SOURCE_DIR, "/testdata/field/", name), 1 << 16);
    EXPECT_TRUE(text.ok()) << text.status();
    return text.value_or("");
  };
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.version());
    LabSite site(release);
    release.Reset();
    site.SetTrouble({});
    const RunResult there =
        Tried(site, file("22-partition-row.live.cfg")).Apply();
    ASSERT_EQ(there.exit_code, 0) << there.out << there.err;
    const auto before = release.RowIds();
    const RunResult here = Tried(site, file("22-partition-row.cfg")).Apply();
    EXPECT_EQ(here.exit_code, 0) << here.out << here.err;
    auto after = before;
    after.erase("a\tu\t");
    EXPECT_EQ(release.RowIds(), after);
  }
}

}  // namespace assocsync::skip_test
