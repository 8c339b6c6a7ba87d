// What a load does is what its commands do: the same target from the same
// database, once by loads and once by commands, and the rows themselves, all
// columns of them, are the same. Rounds per release: ASSOCSYNC_PAIRS; the first
// seed: ASSOCSYNC_SEED.
#include <cstdio>
#include <random>
#include <string>
#include <vector>

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

// Each kind of limit of a user's row that load says.
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

  // Users of ten accounts, some in several, many with the same limits, and some
  // of them coordinators.
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
    for (int i = 0; i < kAccounts; ++i) {
      absl::StrAppend(&text, "Account - 'a", i, "':Description='a", i,
                      "':Organization='o'\n");
    }
    for (int i = 0; i < kAccounts; ++i) {
      absl::StrAppend(&text, "Parent - 'a", i, "'\n",
                      absl::StrJoin(rows[i], "\n"), "\n");
    }
    return text;
  }

 private:
  static constexpr int kAccounts = 10;

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
// leave otherwise, and flags where load marks rows. NULL is a word of its own.
std::string Rows(const LabRelease& release) {
  const char* const marked =
      BehaviourOfSeries(release.series()).load_marks_rows ? ",'flags'" : "";
  const auto columns = [&](const std::string& table) {
    return release.Sql(absl::StrCat(
        "SELECT GROUP_CONCAT('QUOTE(`', COLUMN_NAME, '`)' ORDER BY "
        "ORDINAL_POSITION) "
        "FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND "
        "TABLE_NAME='",
        table,
        "' AND COLUMN_NAME NOT IN ('id_assoc','creation_time','mod_time','lft',"
        "'rgt','id_parent'",
        marked, ")"));
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
             "add | user | name=u5,u6 | account=a1 | cluster=lab"});
        release.Sql("UPDATE lab_assoc_table SET creation_time=1");
        site.Must({"delete | user | name=u1,u2,u3"});
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

}  // namespace assocsync::bulk_load_test
