// What a load does is what its commands do: the same target from the same
// database, once by loads and once by commands, and the rows themselves, all
// columns of them, are the same. Rounds per release: ASSOCSYNC_PAIRS; the first
// seed: ASSOCSYNC_SEED.
#include <algorithm>
#include <cstdio>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/slurm/release.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/lab.h"
#include "tests/support/site.h"

namespace assocsync::bulk_load_test {

using Words = std::vector<std::string>;

// Each kind of limit that load says of a new row.
const char* const kTexts[] = {"bio", "the 2nd floor", "a/b (c), d-e_f.g",
                              "x, y", "42"};

const char* const kLimits[] = {
    "Fairshare=%",
    "MaxJobs=%",
    "MaxJobsAccrue=%",
    "MaxSubmitJobs=%",
    "GrpJobs=%",
    "GrpSubmitJobs=%",
    "GrpWall=%",
    "MaxWall=%",
    "Priority=%",
    "GrpTRES=cpu=%",
    "GrpTRES=mem=%,node=%",
    "GrpTRESMins=cpu=%",
    "MaxTRESPerJob=node=%",
    "MaxTRESMins=cpu=%",
    "GrpTRESRunMins=cpu=%",
    "MaxTRESPerNode=cpu=%",
    "Fairshare=2147483647",
    "GrpJobsAccrue=%",
    "MinPrioThresh=%",
    "MaxTRESRunMins=cpu=%",
    "QOS=+q1",
    "QOS=+q2,+q1",
    "QOS=normal,q2",
};

class Target {
 public:
  explicit Target(uint64_t seed) : random_(seed) {}

  // Accounts below one another, with limits, and users of ten of them, some in
  // several, many with the same limits, and some of them coordinators.
  std::string Text(const std::string& cluster, int users) {
    std::vector<Words> rows(kAccounts);
    std::vector<std::string> sets(6);
    for (std::string& set : sets) set = Limits();
    for (int user = 0; user < users; ++user) {
      const int homes = Below(4) == 0 ? 1 + Below(4) : 1;
      const int home = Below(kAccounts);
      for (int i = 0; i < homes; ++i) {
        const int account = (home + 3 * i) % kAccounts;
        rows[account].push_back(
            absl::StrCat("User - 'u", user, "':DefaultAccount='a", home, "'",
                         user % 25 == 7 ? ":Coordinator='a1'" : "",
                         Below(3) == 0 ? Limits() : sets[Below(sets.size())]));
      }
    }
    std::string text = absl::StrCat(
        "Cluster - '", cluster,
        "'\nParent - 'root'\nUser - 'root':DefaultAccount='root':AdminLevel="
        "'Administrator'\n");
    std::vector<Words> below(kAccounts);
    for (int i = 0; i < kAccounts + kEmpty; ++i) {
      const std::string line =
          absl::StrCat("Account - 'a", i, "':Description='", kTexts[Below(5)],
                       "':Organization='", kTexts[Below(5)], "'",
                       Below(3) == 0 ? "" : Limits());
      if (i < 4) {
        absl::StrAppend(&text, line, "\n");
      } else {
        below[Below(std::min(i, kAccounts))].push_back(line);
      }
    }
    for (int i = 0; i < kAccounts; ++i) {
      absl::c_copy(rows[i], std::back_inserter(below[i]));
      absl::StrAppend(&text, "Parent - 'a", i, "'\n",
                      absl::StrJoin(below[i], "\n"), "\n");
    }
    return text;
  }

 private:
  static constexpr int kAccounts = 10;
  static constexpr int kEmpty = 20;  // Accounts without users.

  int Below(int n) { return static_cast<int>(random_() % n); }
  std::string Limits() {
    absl::btree_map<std::string, std::string> limits;
    for (int n = Below(4); n > 0; --n) {
      std::string limit = kLimits[Below(std::size(kLimits))];
      for (char& c : limit) {
        if (c == '%') c = static_cast<char>('0' + Below(10));
      }
      limits[limit.substr(0, limit.find('='))] = limit;
    }
    return absl::StrJoin(limits, "", [](std::string* out, const auto& l) {
      absl::StrAppend(out, ":", l.second);
    });
  }

  std::mt19937_64 random_;
};

// All columns but ids, times and places in nested sets, which other commands
// leave otherwise, and flags of users' rows where load marks them. NULL is a
// word of its own. A row of an account is nobody's default: what 23.11 to 24.11
// write there (slurm-facts 8) counts as 0.
std::string Rows(const LabRelease& release) {
  const bool marks = BehaviourOfSeries(release.series()).load_marks_rows;
  const auto columns = [&](const std::string& table) {
    const bool rows = table == "lab_assoc_table";
    return release.Sql(absl::StrCat(
        "SELECT GROUP_CONCAT(CASE COLUMN_NAME WHEN '", rows ? "is_def" : "",
        "' THEN 'IF(user=\"\",0,is_def)' WHEN '", rows && marks ? "flags" : "",
        "' THEN 'IF(user=\"\",flags,0)' ELSE CONCAT('QUOTE(`', COLUMN_NAME, "
        "'`)') END ORDER BY ORDINAL_POSITION) "
        "FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND "
        "TABLE_NAME='",
        table,
        "' AND COLUMN_NAME NOT IN ('id_assoc','creation_time','mod_time','lft',"
        "'rgt','id_parent')"));
  };
  std::string rows;
  for (const std::string table : {"lab_assoc_table", "user_table", "acct_table",
                                  "acct_coord_table", "lab_wckey_table"}) {
    absl::StrAppend(&rows, table, "\n",
                    release.Sql(absl::StrCat(
                        "SELECT CONCAT_WS('|',", columns(table), ") AS r FROM ",
                        table, " WHERE deleted=0 ORDER BY r")));
  }
  return rows;
}

// Rows that do not stand below their account, or parent, in the nested sets,
// and numbers that two of them have.
std::string OutOfPlace(const LabRelease& release) {
  return release.Sql(
      "SELECT COUNT(*) - COUNT(DISTINCT at) FROM (SELECT lft AS at FROM "
      "lab_assoc_table UNION ALL SELECT rgt FROM lab_assoc_table) t UNION ALL "
      "SELECT COUNT(*) FROM lab_assoc_table c JOIN lab_assoc_table p ON "
      "p.user='' AND p.acct=IF(c.user='',c.parent_acct,c.acct) WHERE "
      "c.deleted=0 AND p.deleted=0 AND NOT (p.lft<c.lft AND c.rgt<p.rgt)");
}

TEST(BulkLoadTest, DoesWhatItsCommandsDo) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab is running: tests/lab up";
  const int rounds = FromEnvironment("ASSOCSYNC_PAIRS", 2);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  for (const LabRelease& release : releases) {
    LabSite site(release);
    size_t loaded = 0;
    for (int seed = first; seed < first + rounds; ++seed) {
      SCOPED_TRACE(absl::StrCat("release ", release.name(), " seed ", seed));
      Target target(seed);
      release.Reset();
      site.Must({"add | qos | name=q1,q2"});
      // What was there, and went: rows that are marked deleted come back.
      if (seed % 2 == 0) {
        site.Must(
            {"add | account | name=a1,a2 | cluster=lab",
             "add | user | name=u1,u2,u3,u4 | account=a1,a2 | cluster=lab "
             "| maxjobs=7 | grptres=cpu=3",
             "add | user | name=u5,u6 | account=a1 | cluster=lab",
             "add | account | name=a5,a15 | parent=a2 | cluster=lab | "
             "grpjobs=3"});
        release.Sql("UPDATE lab_assoc_table SET creation_time=1");
        site.Must({"delete | user | name=u1,u2,u3",
                   "delete | account | name=a5,a15"});
      }
      // With so many rows a plan has them in another order.
      const int users = seed % 2 == 0 ? 400 : 60;
      const std::string file =
          site.Put("target.cfg", target.Text("lab", users));
      release.Lab("save", {site.File("before.sql")});
      std::string rows[2];
      for (const bool load : {false, true}) {
        release.Lab("load", {site.File("before.sql")});
        const RunResult result =
            site.Assocsync({"apply", file, "--complete", "--bulk-load",
                            load ? "always" : "never", "--allow", "AS104"});
        ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
        rows[load ? 1 : 0] = Rows(release);
        if (release.series() < 2505) {
          EXPECT_EQ(OutOfPlace(release), "0\n0\n");
        }
        const JournalRun run = site.LastJournal();
        EXPECT_EQ(run.loads.empty(), !load);
        for (const auto& l : run.loads) {
          EXPECT_TRUE(
              absl::StrContains(run.steps[l.first - 1].output, "For cluster"))
              << run.steps[l.first - 1].output;
          loaded += l.last - l.first + 1;
        }
      }
      EXPECT_EQ(rows[0], rows[1]);
      const bool marks = BehaviourOfSeries(release.series()).load_marks_rows;
      if (release.series() >= 2405) {
        EXPECT_EQ(release.Sql("SELECT COUNT(*) > 0 FROM lab_assoc_table WHERE "
                              "flags=131072 AND user <> 'root'"),
                  marks ? "1\n" : "0\n");
      }
      EXPECT_GT(rows[0].size(), 1000u);
      if (HasFailure()) return;
    }
    std::printf("release %s: %zu commands by loads, as by themselves\n",
                release.version().c_str(), loaded);
  }
}

// In one command with new accounts, one that comes back from a mark of deletion
// is put upon them in the nested sets, and deletes of either then take both.
TEST(BulkLoadTest, AccountsThatComeBackAreAddedAlone) {
  for (const LabRelease& release : LabRelease::All()) {
    SCOPED_TRACE(release.name());
    LabSite site(release);
    release.Reset();
    site.Must({"add | account | name=a1,a2 | cluster=lab",
               "add | user | name=u1,u2 | account=a1,a2 | cluster=lab",
               "add | account | name=a5,a15 | parent=a2 | cluster=lab"});
    for (const char* table : {"lab_assoc_table", "acct_table"}) {
      release.Sql(absl::StrCat("UPDATE ", table, " SET creation_time=1"));
    }
    site.Must({"delete | account | name=a5,a15"});
    std::string text =
        "Cluster - 'lab'\nParent - 'root'\nUser - 'root':DefaultAccount='root'"
        ":AdminLevel='Administrator'\n";
    for (const char* name : {"a1", "a2", "b1", "b2"}) {
      absl::StrAppend(&text, "Account - '", name, "'\n");
    }
    absl::StrAppend(&text, "Parent - 'a1'\n");
    for (const char* name : {"a0", "a15", "a20", "a5"}) {
      absl::StrAppend(&text, "Account - '", name,
                      "':Description='x':Organization='y'\n");
    }
    for (const char* account : {"a1", "a2"}) {
      absl::StrAppend(
          &text, "Parent - '", account, "'\nUser - 'u1'",
          ":DefaultAccount='a1'\nUser - 'u2':DefaultAccount='a1'\n");
    }
    for (const char* load : {"never", "always"}) {
      release.Lab("save", {site.File("before.sql")});
      const RunResult result =
          site.Assocsync({"apply", site.Put("target.cfg", text), "--complete",
                          "--bulk-load", load, "--allow", "AS104"});
      ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
      if (release.series() < 2505) {
        EXPECT_EQ(OutOfPlace(release), "0\n0\n");
      }
      release.Lab("load", {site.File("before.sql")});
    }
  }
}

}  // namespace assocsync::bulk_load_test
