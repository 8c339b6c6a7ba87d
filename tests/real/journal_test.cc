// A sacctmgr that lies: what the journal says of each step is what the database
// holds. The database is asked by SQL of the test's own, and what each step
// makes of it is found by running the plan's commands by hand.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/io/file.h"
#include "engine/render/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/site.h"

namespace assocsync::journal_test {

using ::testing::HasSubstr;

// All that the commands of these trees can change, but for lineages.
constexpr char kRows[] =
    "SELECT 'row', acct, user, `partition`, parent_acct, is_def, shares, "
    "max_jobs, max_submit_jobs, grp_tres, def_qos_id, qos, delta_qos FROM "
    "lab_assoc_table WHERE deleted=0 ORDER BY 1,2,3,4;"
    "SELECT 'user', name, admin_level FROM user_table WHERE deleted=0 ORDER BY "
    "2; SELECT 'account', name, description, organization FROM acct_table "
    "WHERE deleted=0 ORDER BY 2; SELECT 'coordinator', acct, user FROM "
    "acct_coord_table WHERE deleted=0 ORDER BY 2,3";

enum class Way { kDatabase, kSacctmgrAndDatabase, kSacctmgr };

// What the journal says of step K when that is the last one that ran.
enum class Truth { kDone, kNothing, kPart };

struct Lie {
  const char* name;
  const char* replace;  // Of LabSite::Trouble.
  Truth truth;
  const char* result;
  bool goes_on = false;  // Where sacctmgr is taken at its word.
};
constexpr char kHalf[] =
    "for w; do shift; case $w in name=*,*|names=*,*) w=${w%%,*};; esac; "
    "set -- \"$@\" \"$w\"; done; \"$real\" \"$@\"";
const Lie kLies[] = {
    {"does nothing, exit 0", "true", Truth::kNothing, "no effect", true},
    {"does nothing and says that it did", "echo ' Adding User(s)'",
     Truth::kNothing, "no effect", true},
    {"does it, exit 1", "\"$real\" \"$@\"; false", Truth::kDone,
     "refused but done"},
    {"does it and says that it did not",
     "\"$real\" \"$@\"; echo ' Nothing modified'; true", Truth::kDone,
     "refused but done"},
    {"refuses", "echo ' Error with request' >&2; false", Truth::kNothing,
     "refused"},
    {"does half of the names, exit 0", kHalf, Truth::kPart, "partly done",
     true},
    {"runs another command",
     "\"$real\" -i add account name=elsewhere cluster=lab", Truth::kPart,
     "no effect", true},
    {"killed before", "kill -9 $$", Truth::kNothing, "no effect"},
    {"killed after", "\"$real\" \"$@\"; kill -9 $$", Truth::kDone,
     "refused but done"},
    {"runs twice", "\"$real\" \"$@\" && \"$real\" \"$@\"; false", Truth::kDone,
     "refused but done"},
};
// Odd, but all is well.
const Lie kOddities[] = {
    {"never says a word", "\"$real\" \"$@\" >/dev/null 2>&1", Truth::kDone,
     "done"},
    {"leaves a child behind", "\"$real\" \"$@\"; sleep 1 &", Truth::kDone,
     "done"},
    {"does it later",
     "(sleep 0.2; exec \"$real\" \"$@\") >/dev/null 2>&1 & true", Truth::kDone,
     "done"},
};

// `rows` without what the lie "runs another command" adds.
std::string WithoutOthers(absl::string_view rows) {
  std::vector<absl::string_view> lines = absl::StrSplit(rows, '\n');
  lines.erase(std::remove_if(lines.begin(), lines.end(),
                             [](absl::string_view line) {
                               return absl::StrContains(line, "\telsewhere\t");
                             }),
              lines.end());
  return absl::StrJoin(lines, "\n");
}

class JournalTruthTest : public testing::Test {
 protected:
  void Begin(const LabRelease& release) {
    site_.emplace(release);
    release.Reset();
    site_->Must(PrepareDatabase());
    site_->Must(TreeB());
    site_->Must({
        "add | user | name=n1,n2,n3 | account=top | cluster=lab | "
        "defaultaccount=top",
        "modify | user | where | name=n1,n2,n3 | account=top | cluster=lab | "
        "set | maxjobs=7",
    });
    target_ = site_->Put("target.cfg", release.Dump("lab"));
    want_ = SortedDump(release.Dump("lab"));
    release.Reset();
    site_->Must(PrepareDatabase());
    site_->Must(TreeA());
    release.Lab("save", {site_->File("a.sql")});
    RunByHand();
  }
  std::string Rows() const { return site_->release().Sql(kRows); }
  void LoadA() {
    site_->release().Lab("load", {site_->File("a.sql")});
    site_->NoTrouble();
  }
  // What the rows are after each step of the plan.
  void RunByHand() {
    const RunResult planned =
        site_->Assocsync({"plan", target_, "--format", "json"});
    const auto saved = PlanFromJson(planned.out);
    ASSERT_TRUE(saved.ok()) << saved.status() << planned.err;
    steps_ = saved->plan.steps;
    rows_ = {Rows()};
    for (const Step& step : steps_) {
      const RunResult result =
          site_->release().Sacctmgr({step.argv.begin(), step.argv.end()});
      ASSERT_TRUE(result.clean()) << result.out << result.err;
      rows_.push_back(Rows());
    }
  }
  // Steps, from 1, whose effect shows; of several names where `several`.
  std::vector<int> StepsThatShow(bool several) const {
    std::vector<int> numbers;
    for (size_t i = 0; i < steps_.size(); ++i) {
      if (rows_[i] == rows_[i + 1]) continue;
      const std::string words = absl::StrJoin(steps_[i].argv, " ");
      if (!several || words.find("n1,n2") != std::string::npos) {
        numbers.push_back(static_cast<int>(i) + 1);
      }
    }
    return numbers;
  }
  RunResult Apply(Way way) {
    std::vector<std::string> words = {"apply", target_};
    if (way != Way::kDatabase) {
      words.insert(words.end(), {"--live", "sacctmgr"});
    }
    const std::string conf = site_->slurmdbd_conf;
    if (way == Way::kSacctmgr) {
      site_->slurmdbd_conf = site_->File("missing.conf");
      words.push_back("--no-sql-dump");
    }
    const RunResult result = site_->Assocsync(words);
    site_->slurmdbd_conf = conf;
    return result;
  }
  void Try(const Lie& lie, int at, Way way);

  std::optional<LabSite> site_;
  std::string target_;
  std::vector<std::string> want_;
  std::vector<Step> steps_;
  std::vector<std::string> rows_;  // Before step 1, after it, after step 2 ...
};

void JournalTruthTest::Try(const Lie& lie, int at, Way way) {
  const size_t k = static_cast<size_t>(at);
  SCOPED_TRACE(absl::StrCat(lie.name, ", step ", at, " of ", steps_.size(),
                            " (", absl::StrJoin(steps_[k - 1].argv, " "),
                            "), way ", static_cast<int>(way)));
  LoadA();
  LabSite::Trouble trouble;
  trouble.at = at;
  trouble.replace = lie.replace;
  site_->SetTrouble(trouble);
  const RunResult result = Apply(way);
  const std::string said = absl::StrCat(result.out, result.err);
  const JournalRun run = site_->LastJournal();
  const std::string now = Rows();
  ASSERT_GE(run.steps.size(), k) << said;
  const bool arrived = SortedDump(site_->release().Dump("lab")) == want_;
  const auto& step = run.steps[k - 1];
  if (way != Way::kSacctmgr || !lie.goes_on) {
    EXPECT_EQ(step.result, lie.result) << said;
    EXPECT_TRUE(step.seen) << said;
  } else if (step.seen && step.result == "done") {
    // Later steps ran before the last reading and may have made up for it: an
    // account that goes takes along a row that should have gone before.
    EXPECT_EQ(WithoutOthers(now), rows_.back()) << said;
  }
  // What ran after a lie that was believed may have undone an earlier step:
  // without its detour a delete by name hits a look-alike.
  for (size_t i = 0; i + 1 < k && run.steps.size() == k; ++i) {
    EXPECT_EQ(run.steps[i].result, "done") << i + 1 << said;
  }
  if (std::string(lie.result) == "done") {
    EXPECT_EQ(result.exit_code, 0) << said;
    EXPECT_EQ(now, rows_.back()) << said;
    return;
  }
  EXPECT_TRUE(run.stopped);
  if (way != Way::kSacctmgr || !lie.goes_on) {
    // Nothing ran after it, and all before it is there.
    EXPECT_EQ(site_->Commands(), at) << said;
    EXPECT_EQ(run.steps.size(), k) << said;
    if (lie.truth == Truth::kDone) {
      EXPECT_EQ(now, rows_[k]) << said;
    }
    if (lie.truth == Truth::kNothing) {
      EXPECT_EQ(now, rows_[k - 1]) << said;
    }
    if (lie.truth == Truth::kPart) {
      EXPECT_NE(now, rows_[k - 1]) << said;
      EXPECT_NE(now, rows_[k]) << said;
    }
    EXPECT_EQ(run.done(), lie.truth == Truth::kDone ? k : k - 1) << said;
  }
  const bool untouched = now == rows_[0];
  // The tree may be the target's while a record without associations is left
  // over, which no dump shows: then it depends on whose record that is.
  if (arrived && now != rows_.back()) {
    EXPECT_THAT(result.exit_code, testing::AnyOf(0, 4)) << said;
  } else {
    EXPECT_EQ(result.exit_code, arrived ? 0 : untouched ? 1 : 4) << said;
  }
  EXPECT_THAT(said, HasSubstr(absl::StrCat(run.done(), " of ", steps_.size(),
                                           " commands done")));
  site_->NoTrouble();
  const RunResult again = site_->Assocsync({"apply", target_});
  EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
  EXPECT_EQ(SortedDump(site_->release().Dump("lab")), want_);
}

// Every lie on every other release, at one step and by one way, in turns. With
// ASSOCSYNC_EVERY_STEP each at every step and by every way.
TEST_F(JournalTruthTest, SaysWhatTheDatabaseShows) {
  const bool all = std::getenv("ASSOCSYNC_EVERY_STEP") != nullptr;
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  size_t turn = 0, parity = 0;
  for (const LabRelease& release : releases) {
    SCOPED_TRACE(release.name());
    Begin(release);
    if (HasFailure()) return;
    int tried = 0;
    const auto try_all = [&](const auto& lies) {
      for (const Lie& lie : lies) {
        const std::vector<int> at = StepsThatShow(lie.replace == kHalf);
        ASSERT_FALSE(at.empty());
        if (!all && releases.size() > 1 && ++parity % 2 == 0) continue;
        for (size_t i = 0; i < (all ? at.size() * 3 : 1); ++i, ++turn) {
          const size_t n = all ? i : turn * 5;
          Way way = static_cast<Way>(n % 3);
          // What comes late is waited for only where the database shows it.
          if (way == Way::kSacctmgr &&
              lie.name == std::string("does it later")) {
            way = Way::kDatabase;
          }
          Try(lie, at[n / 3 % at.size()], way);
          ++tried;
          if (HasFailure()) return;
        }
      }
    };
    try_all(kLies);
    try_all(kOddities);
    std::printf("release %s: %d lies, journal true each time\n",
                release.name().c_str(), tried);
  }
}

}  // namespace assocsync::journal_test
