#include "engine/plan/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cfg/parse.h"
#include "engine/diff/diff.h"
#include "engine/log/transaction_names.h"
#include "engine/model/key.h"
#include "engine/render/json.h"
#include "engine/render/text.h"
#include "tests/support/rendered.h"

namespace assocsync::evidence_test {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHead[] =
    "Cluster - 'lab':Fairshare=1\nParent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n";

Tree Parsed(const std::string& rest) {
  auto tree = ParseTree("t", kHead + rest);
  EXPECT_TRUE(tree.ok()) << tree.status();
  return *tree;
}

class EvidenceTest : public testing::Test {
 protected:
  // The plan from `live` to `target`, as far as evidence looks at it.
  void Begin(const std::string& live, const std::string& target) {
    plan_.cluster = Name("lab");
    plan_.expected = Parsed(target);
    plan_.changes = Diff(Parsed(live), plan_.expected);
    finder_.emplace(plan_);
    names_.AddRow({ObjectKind::kQos, "", 3}, {.named = true, .name = "fast"},
                  1);
    names_.AddTres(1, "cpu");
  }
  void Assoc(uint64_t id, std::string account, std::string user) {
    TransactionObject row;
    row.named = true;
    row.account = std::move(account);
    row.user = std::move(user);
    names_.AddRow({ObjectKind::kAssociation, "lab", id}, row, 1);
  }
  void Look(const char* actor, int action, std::string name,
            std::optional<std::string> info = std::nullopt,
            std::string cluster = "lab") {
    TransactionRow row;
    row.id = ++last_;
    row.time = 1000000 + static_cast<int64_t>(last_);
    row.action = action;
    row.name = std::move(name);
    row.actor = actor;
    row.cluster = std::move(cluster);
    row.info = std::move(info);
    Transaction transaction = ReadTransaction(std::move(row));
    names_.Resolve(&transaction);
    finder_->Look(transaction);
  }
  // "hep/alice MaxJobs changed ann #3; ..."
  std::string Took() {
    evidence_ = finder_->Take();
    std::vector<std::string> out;
    const auto say = [&](const ChangeId& id, absl::string_view key,
                         const Witness& w) {
      static constexpr const char* kDeeds[] = {"added", "changed", "deleted",
                                               "unknown"};
      static constexpr const char* kWhats[] = {"cluster", "qos", "account",
                                               "user", "row"};
      out.push_back(absl::StrCat(
          kWhats[static_cast<int>(id.what)], " ", id.row.ToString(), key, " ",
          kDeeds[static_cast<int>(w.deed)],
          w.actor.empty() ? ""
                          : absl::StrCat(" ", w.actor, " #", w.transaction),
          w.note.empty() ? "" : absl::StrCat(" (", w.note, ")")));
    };
    for (const auto& [id, about] : evidence_) {
      if (about.row.has_value()) say(id, "", *about.row);
      for (const auto& [key, witness] : about.fields) {
        say(id, absl::StrCat(" ", Info(key).name), witness);
      }
    }
    return absl::StrJoin(out, "\n");
  }

  Plan plan_;
  TransactionNames names_;
  std::optional<EvidenceFinder> finder_;
  Evidence evidence_;
  uint64_t last_ = 0;
};

TEST_F(EvidenceTest, TheNewestOfThatRowAndField) {
  Begin("Account - 'hep':MaxJobs=5:GrpTRES=cpu=9\n",
        "Account - 'hep':MaxJobs=1:GrpTRES=cpu=1:MaxWall=7\n");
  Assoc(2, "hep", "");
  Assoc(3, "bio", "");
  Look("old", 1429, "(id_assoc=2)", "max_jobs=4");
  Look("ann", 1429, "(id_assoc=2)", "max_jobs=5");
  Look("other", 1429, "(id_assoc=3)", "max_jobs=5");
  Look("wrong", 1429, "(id_assoc=2)", "max_jobs=5", "elsewhere");
  Look("bob", 1429, "(id_assoc=2 || id_assoc=3)",
       "grp_tres = if (id_assoc=2, '1=9', grp_tres)");
  Look("not", 1429, "(id_assoc=2 || id_assoc=3)",
       "grp_tres = if (id_assoc=3, '1=9', grp_tres)");
  EXPECT_EQ(Took(),
            "row hep GrpTRES changed bob #5\nrow hep MaxJobs changed ann #2");
}

TEST_F(EvidenceTest, DeletesTakeAlongWhatIsBelow) {
  Begin("",
        "Account - 'hep'\nParent - 'hep'\nAccount - 'kid'\n"
        "Parent - 'kid'\nUser - 'u':DefaultAccount='kid'\n");
  Look("bob", 1404, "id_assoc=8",
       "acct='kid', user='u', `partition`='', shares=1");
  Look("ann", 1435, "name in('hep')", std::nullopt, "");
  EXPECT_EQ(Took(),
            "account hep deleted ann #2\n"
            "account kid deleted ann #2 (with account hep, if not before)\n"
            "user /u deleted ann #2 (with account hep)\n"
            "row hep deleted ann #2\n"
            "row kid deleted ann #2 (with account hep, if not before)\n"
            "row kid/u deleted ann #2 (with account hep)");
}

TEST_F(EvidenceTest, TheOwnDeleteBeforeThatOfTheUser) {
  Begin("",
        "Account - 'hep'\nParent - 'hep'\n"
        "User - 'u':DefaultAccount='hep'\n");
  Assoc(8, "hep", "u");
  Look("ann", 1437, "id_assoc=8");
  Look("bob", 1439, "name in('u')", "NULL", "");
  EXPECT_THAT(Took(), HasSubstr("user /u deleted bob #2\n"
                                "row hep/u deleted ann #1"));
}

// What was deleted, added again and is missing now was not deleted by the one
// who did it the first time.
TEST_F(EvidenceTest, AnOldDeleteExplainsNothing) {
  Begin("Account - 'hep'\n",
        "Account - 'hep'\nParent - 'hep'\nUser - 'u':DefaultAccount='hep'\n");
  Assoc(8, "hep", "u");
  Look("ann", 1437, "id_assoc=8");
  Look("bob", 1404, "id_assoc=8",
       "acct='hep', user='u', `partition`='', shares=1");
  EXPECT_EQ(Took(), "");
}

TEST_F(EvidenceTest, MovesAreNotLogged) {
  Begin("Account - 'a'\nAccount - 'b'\nParent - 'a'\nAccount - 'kid'\n",
        "Account - 'a'\nAccount - 'b'\nParent - 'b'\nAccount - 'kid'\n");
  EXPECT_EQ(Took(),
            "row kid unknown (Slurm's log does not record moves of accounts)");
}

TEST_F(EvidenceTest, RightsAndLists) {
  const std::string base = "Account - 'hep'\nAccount - 'bio'\nParent - 'hep'\n";
  Begin(base +
            "User - 'u':DefaultAccount='hep':Coordinator='bio':"
            "DefaultWCKey='w2':WCKeys='w2'\n",
        base +
            "User - 'u':DefaultAccount='hep':Coordinator='hep':"
            "DefaultWCKey='w1':WCKeys='w1,w2':AdminLevel='Operator'\n");
  Look("ann", 1403, "u", "bio", "");
  Look("bob", 1436, "(user='u') && (acct='hep')", "NULL", "");
  Look("no", 1436, "(user='v') && (acct='hep')", "NULL", "");
  Look("x", 1452, "id_wckey=1", "user='u', wckey_name='w1', is_def=1");
  Look("cid", 1431, "(name='u')", "admin_level=1", "");
  EXPECT_EQ(Took(),
            "user /u DefaultWCKey changed x #4\n"
            "user /u AdminLevel changed cid #5\n"
            "user /u Coordinator changed bob #2");
}

TEST_F(EvidenceTest, QosWithoutARow) {
  const auto begin = [&] {
    plan_.cluster = Name("lab");
    Change change;
    change.what = Change::What::kQos;
    change.how = Change::How::kAdd;
    change.row.account = Name("slow");
    plan_.changes = {change};
    finder_.emplace(plan_);
  };
  begin();
  Look("early", 1450, "id='9'", "NULL", "");
  Look("x", 1447, "slow", "priority=1", "");
  Look("ann", 1450, "id='4'", "NULL", "");
  EXPECT_EQ(Took(), "qos slow deleted ann #3");
  // Without its add it may have gone in a part of the log that was purged.
  begin();
  Look("ann", 1450, "id='4'", "NULL", "");
  EXPECT_THAT(Took(), HasSubstr("qos slow unknown"));
  begin();
  Look("x", 1447, "slow", "priority=1", "");
  Look("ann", 1450, "id='4'", "NULL", "");
  Look("bob", 1450, "id='5'", "NULL", "");
  EXPECT_EQ(Took(),
            "qos slow unknown (deleted, but Slurm's log does not tell which "
            "delete of a QOS that was)");
}

TEST_F(EvidenceTest, IsShownAndIsNoPartOfThePlan) {
  Begin("Account - 'hep':MaxJobs=5:MaxSubmitJobs=6\n", "Account - 'hep'\n");
  Assoc(2, "hep", "");
  Look("a\x1b[31mnn", 1429, "(id_assoc=2)", "max_jobs=5, max_submit_jobs=6");
  Took();
  ShowOptions options;
  const std::string plain = RenderText(plan_, options);
  options.evidence = &evidence_;
  options.clock = {absl::FromUnixSeconds(1000001 + 3 * 86400),
                   absl::UTCTimeZone()};
  const std::string text = RenderText(plan_, options);
  EXPECT_THAT(text, HasSubstr("# MaxJobs, MaxSubmitJobs last changed by "
                              "a\\x1b[31mnn, 3 days ago (1970-01-12 13:46)"));
  EXPECT_THAT(plain, Not(HasSubstr("#")));

  SavedPlan saved;
  saved.plan = plan_;
  saved.plan.release = *ParseRelease("24.11.5");
  const std::string without = PlanToJson(saved);
  const std::string with = PlanToJson(saved, &evidence_);
  EXPECT_THAT(with, HasSubstr("\"time\": \"1970-01-12T13:46:41Z\""));
  EXPECT_THAT(without, Not(HasSubstr("evidence")));
  const auto a = PlanFromJson(without), b = PlanFromJson(with);
  ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
  EXPECT_EQ(PlanToJson(*a), PlanToJson(*b));
}

}  // namespace assocsync::evidence_test
