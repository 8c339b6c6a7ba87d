// Hazards of slurm-facts 0.1 and 4.3 - 4.8, one row per hazard and release:
// what was there, one command, what it did. Seen on real daemons where the
// release is one of the lab's; the differential test goes on from there.
#include "engine/slurm/slurmdbd.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_test {

using slurmdbd_cases::After;
using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::EmptyState;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kNew;
using slurmdbd_cases::kOld;
using slurmdbd_cases::Of;
using slurmdbd_cases::Parsed;
using slurmdbd_cases::Said;

#define P42 "pppppppppppppppppppppppppppppppppppppppppp"

constexpr char kLookalikes[] =
    "add account name=a,ab_1,abx1,ab-1 cluster=c;"
    "add user name=j_doe,j-doe,jxdoe account=a cluster=c defaultaccount=a;"
    "add user name=v account=abx1 cluster=c defaultaccount=abx1";

constexpr Case kDeletes[] = {
    {"account by name, exact", kOld, kLookalikes, "delete account name=ab_1",
     "-ab_1 -acct:ab_1"},
    {"account by name, LIKE", kNew, kLookalikes, "delete account name=ab_1",
     "-ab-1 -ab_1 -abx1 -abx1/v -acct:ab_1"},
    {"account of the cluster, exact form", "24.11.5 25.05.8 26.05.5",
     kLookalikes, "delete account name=ab_1 cluster=c partition=", "-ab_1"},
    {"account of the cluster, LIKE", "26.05.5 23.11.11", kLookalikes,
     "delete account name=ab_1 cluster=c", "-ab-1 -ab_1 -abx1 -abx1/v"},
    {"user by name, exact", kOld, kLookalikes, "delete user name=j_doe",
     "-a/j_doe -user:j_doe"},
    {"user by name, LIKE", kNew, kLookalikes, "delete user name=j_doe",
     "-a/j-doe -a/j_doe -a/jxdoe -user:j_doe"},
    {"last row: the user follows, by LIKE", "24.05.8 24.11.5 25.05.8 26.05.5",
     kLookalikes, "delete user name=j_doe account=a cluster=c partition=",
     "-a/j-doe -a/j_doe -a/jxdoe -user:j_doe"},
    {"last row by LIKE: all their users follow", "23.11.11 24.05.0",
     kLookalikes, "delete user name=j_doe account=a cluster=c partition=",
     "-a/j-doe -a/j_doe -a/jxdoe -user:j-doe -user:j_doe -user:jxdoe"},
    {"last row: the user follows, exact", kOld, kLookalikes,
     "delete user name=j_doe account=a cluster=c partition=",
     "-a/j_doe -user:j_doe"},
    {"an account named like a partition", "24.11.5 26.05.5",
     "add account name=gpu,a cluster=c;"
     "add user name=u account=a cluster=c partition=gpu defaultaccount=a",
     "delete account name=gpu", "-a/u@gpu -gpu -acct:gpu"},
    {"`_` matches the slash between two accounts", "24.11.5 26.05.5",
     "add account name=a,a_b cluster=c;add account name=b cluster=c parent=a",
     "delete account name=a_b", "-a_b -b -acct:a_b"},
    {"an account like a user's lineage", "26.05.5",
     "add account name=0-u cluster=c;"
     "add account name=a cluster=c;"
     "add user name=u account=root cluster=c defaultaccount=root;"
     "add user name=u account=a cluster=c",
     "delete account name=0-u cluster=c partition=", "refused"},
    {"sub-accounts go along", "20.11.4 22.05.8 23.11.11 26.05.5",
     "add account name=a cluster=c;add account name=b cluster=c parent=a",
     "delete account name=a cluster=c", "-a -b"},
    {"sub-accounts would be orphans", "24.05.8 24.11.5 25.05.8",
     "add account name=a cluster=c;add account name=b cluster=c parent=a",
     "delete account name=a cluster=c", "unknown"},
    {"partition rows would be orphans", "24.11.5 26.05.5",
     "add account name=a cluster=c;"
     "add user name=u account=a cluster=c partition=p defaultaccount=a",
     "delete account name=a cluster=c partition=", "unknown"},
    {"the row without partition alone", "22.05.8 24.11.5 26.05.5",
     "add account name=a,b cluster=c;"
     "add user name=u account=b cluster=c defaultaccount=b;"
     "add user name=u account=a cluster=c;"
     "add user name=u account=a cluster=c partition=p",
     "delete user name=u account=a cluster=c partition=", "-a/u"},
    {"it takes the partition rows along", "23.11.11 24.05.0",
     "add account name=a,b cluster=c;"
     "add user name=u account=b cluster=c defaultaccount=b;"
     "add user name=u account=a cluster=c;"
     "add user name=u account=a cluster=c partition=p",
     "delete user name=u account=a cluster=c partition=", "-a/u -a/u@p"},
    {"a name that sacctmgr cannot read back", kAll,
     "add account name=a cluster=c;"
     "add user name=zed~o account=a cluster=c defaultaccount=a",
     "delete user name=zed~o account=a cluster=c partition=", "-a/zed o"},
    {"root", kAll, "", "delete account name=root cluster=c", "refused"},
    {"nothing there", kAll, "", "delete account name=a cluster=c", "nothing"},
    {"coordinators and WCKeys go with the user", kAll,
     "add account name=a cluster=c;"
     "add user name=u account=a cluster=c defaultaccount=a;"
     "add user name=u wckey=w cluster=c;add coordinator account=a name=u",
     "delete user name=u", "-a/u -user:u -coord:a:u -wckey:w:u"},
    {"coordinators stay with the account's record", kAll,
     "add account name=a,b cluster=c;"
     "add user name=u account=b cluster=c defaultaccount=b;"
     "add coordinator account=a name=u",
     "delete account name=a cluster=c", "-a"},
    {"no such coordinator", kAll, "add account name=a cluster=c",
     "delete coordinator account=a name=root", "nothing"},
};

constexpr char kTwoAccounts[] =
    "add account name=a,b cluster=c;"
    "add user name=u account=a cluster=c defaultaccount=a;"
    "add user name=u account=b cluster=c";
constexpr char kPartitions[] =
    "add account name=a cluster=c;"
    "add user name=u account=a cluster=c defaultaccount=a;"
    "add user name=u account=a cluster=c partition=p;"
    "modify user name=u cluster=c set defaultaccount=a";

constexpr Case kGuards[] = {
    {"default row alone", "22.05.8 23.02.8", kTwoAccounts,
     "delete user name=u account=a cluster=c", "-a/u"},
    {"default row alone", "20.11.4 23.11.11 24.11.5 26.05.5", kTwoAccounts,
     "delete user name=u account=a cluster=c", "refused"},
    {"all rows, the default among them", "22.05.8 23.02.8", kTwoAccounts,
     "delete user name=u cluster=c", "refused"},
    {"all rows, the default among them", "20.11.4 24.11.5 26.05.5",
     kTwoAccounts, "delete user name=u cluster=c", "-a/u -b/u -user:u"},
    {"one of two flagged rows", "24.11.5 25.05.8", kPartitions,
     "delete user name=u account=a cluster=c partition=p", "refused"},
    {"one of two flagged rows", "20.11.4 22.05.8 26.05.5", kPartitions,
     "delete user name=u account=a cluster=c partition=p", "-a/u@p"},
    {"account that is somebody's default", "20.11.4", kLookalikes,
     "delete account name=abx1 cluster=c", "refused"},
    {"account that is the only one of its users", "22.05.8 24.11.5 26.05.5",
     kLookalikes, "delete account name=abx1 cluster=c", "-abx1 -abx1/v"},
};

constexpr Case kChanges[] = {
    {"add: some are there", kAll, "add account name=a cluster=c",
     "add account name=a,b cluster=c", "+b +acct:b"},
    {"add: all are there", kAll, "add account name=a cluster=c",
     "add account name=a cluster=c parent=root", "nothing"},
    {"add under a missing parent", kAll, "",
     "add account name=a cluster=c parent=x", "refused"},
    {"add user to a missing account", kAll, "",
     "add user name=u account=x cluster=c", "refused"},
    {"another cluster", kAll, "", "add account name=a cluster=d", "unknown"},
    {"same parent", kAll, "add account name=a cluster=c",
     "modify account name=a cluster=c set parent=root", "nothing"},
    {"move under the own child", "20.11.4 22.05.8",
     "add account name=a cluster=c;add account name=b cluster=c parent=a",
     "modify account name=a cluster=c set parent=b", "~a ~b"},
    {"move under the own child", "24.11.5",
     "add account name=a cluster=c;add account name=b cluster=c parent=a",
     "modify account name=a cluster=c set parent=b", "unknown"},
    {"move under the own child", "25.05.8 26.05.5",
     "add account name=a cluster=c;add account name=b cluster=c parent=a",
     "modify account name=a cluster=c set parent=b", "refused"},
    {"a move and limits", kAll, "add account name=a,b cluster=c",
     "modify account name=a cluster=c set parent=b MaxJobs=1", "unknown"},
    {"record settings with account=", kAll, kTwoAccounts,
     "modify user name=u account=a cluster=c set defaultaccount=b", "unknown"},
    {"default account that is none of the user's", kAll,
     "add account name=a,b cluster=c;"
     "add user name=u account=a cluster=c defaultaccount=a",
     "modify user name=u cluster=c set defaultaccount=b", "refused"},
    {"without partition= all of them", kAll, kPartitions,
     "modify user name=u account=a cluster=c set MaxJobs=1", "~a/u ~a/u@p"},
    {"with partition= one", kAll, kPartitions,
     "modify user name=u account=a cluster=c partition= set MaxJobs=1", "~a/u"},
    {"default QOS out of reach", kAll, "add account name=a cluster=c QOS=q1",
     "modify account name=a cluster=c set DefaultQOS=q2", "refused"},
    {"default QOS out of a user's reach", kAll,
     "add account name=a cluster=c QOS=q1,q2;"
     "add user name=u account=a cluster=c defaultaccount=a QOS=q1",
     "modify account name=a cluster=c set DefaultQOS=q2", "refused"},
    {"a user's own default does not help", "20.11.4 22.05.8 23.02.8",
     "add account name=a cluster=c QOS=q1,q2;add user name=u account=a "
     "cluster=c defaultaccount=a QOS=q1 DefaultQOS=q1",
     "modify account name=a cluster=c set DefaultQOS=q2", "refused"},
    {"a user's own default helps", "23.11.11 24.11.5 26.05.5",
     "add account name=a cluster=c QOS=q1,q2;add user name=u account=a "
     "cluster=c defaultaccount=a QOS=q1 DefaultQOS=q1",
     "modify account name=a cluster=c set DefaultQOS=q2", "~a"},
    {"accounts below are not asked", kAll,
     "add account name=a cluster=c QOS=q1,q2;"
     "add account name=b cluster=c parent=a DefaultQOS=q2",
     "modify account name=a cluster=c set QOS-=q2", "~a"},
    {"list and default in one command", kAll,
     "add account name=a cluster=c QOS=q1",
     "modify account name=a cluster=c set QOS=q2 DefaultQOS=q2", "~a"},
    {"add user with a default out of reach", "23.11.11 24.11.5 26.05.5",
     "add account name=a cluster=c QOS=q1",
     "add user name=u account=a cluster=c defaultaccount=a DefaultQOS=q2",
     "refused"},
    {"a QOS list and changes to it", kAll, "add account name=a cluster=c",
     "modify account name=a cluster=c set QOS=q1 QOS+=q2", "unknown"},
    {"users of one command that share 42 characters", kAll, kTwoAccounts,
     "add user name=" P42 "1," P42 "2 account=a cluster=c", "unknown"},
    {"partitions of one command that share 42 characters", kAll, kTwoAccounts,
     "add user name=u account=a cluster=c partition=" P42 "1," P42 "2",
     "unknown"},
    {"accounts of one command that share 42 characters", kAll, "",
     "add account name=" P42 "1," P42 "2 cluster=c", "unknown"},
    {"users of one command that are one to MariaDB", kAll, kTwoAccounts,
     "add user name=jose,jos\xc3\xa9 account=a cluster=c", "unknown"},
    {"unknown QOS", "22.05.8 24.11.5 26.05.5", "add account name=a cluster=c",
     "modify account name=a cluster=c set QOS=zz", "refused"},
    {"unknown QOS, the rest is done", "20.11.4", "add account name=a cluster=c",
     "modify account name=a cluster=c set QOS=q1,zz", "unknown"},
    {"an empty number would be 0", kAll, "add account name=a cluster=c",
     "modify account name=a cluster=c set MaxJobs=", "unknown"},
    {"Comment", "20.11.4 22.05.8", kTwoAccounts,
     "modify user name=u account=a cluster=c set Comment=x", "refused"},
    {"coordinator twice", kAll,
     "add account name=a cluster=c;add coordinator account=a name=root",
     "add coordinator account=a name=root", ""},
    {"coordinator of a missing account", kAll, "",
     "add coordinator account=a name=root", "refused"},
    {"default WCKey that is not there", kAll, "",
     "modify user name=root cluster=c set defaultwckey=w", "refused"},
    {"a second WCKey without defaultwckey=", "24.11.5 26.05.5",
     "add user name=root wckey=w cluster=c",
     "add user name=root wckey=x cluster=c", "unknown"},
    {"a second WCKey with defaultwckey=", kAll,
     "add user name=root wckey=w cluster=c",
     "add user name=root wckey=x cluster=c defaultwckey=w", "+wckey:x:root"},
    {"two default WCKeys", "20.11.4 22.05.8",
     "add user name=root wckey=w cluster=c",
     "add user name=root wckey=x cluster=c defaultwckey=x", "unknown"},
    {"delete a QOS that is a default", kAll,
     "add account name=a cluster=c QOS=q1 DefaultQOS=q1", "delete qos name=q1",
     "refused"},
    {"delete a QOS that is listed", "20.11.4 22.05.8 24.05.0",
     "add account name=a cluster=c QOS=q1,q2", "delete qos name=q1", "unknown"},
    {"delete a QOS that is listed", "24.05.8 24.11.5 26.05.5",
     "add account name=a cluster=c QOS=q1,q2", "delete qos name=q1",
     "~a -qos:q1"},
    {"several default accounts to choose from", "22.05.8",
     "add account name=a,b cluster=c", "add user name=u account=a,b cluster=c",
     "unknown"},
};

TEST(SlurmdbdTest, Deletes) { Check(kDeletes); }
TEST(SlurmdbdTest, DefaultAccountGuards) { Check(kGuards); }
TEST(SlurmdbdTest, AddsAndChanges) { Check(kChanges); }

std::string Limits(const Slurmdbd& dbd, absl::string_view account,
                   absl::string_view user = "",
                   absl::string_view partition = "") {
  const auto row = dbd.tree().associations.find(
      {Name(account), Name(user), Name(partition)});
  return row == dbd.tree().associations.end() ? "no row"
                                              : row->second.limits.ToString();
}

TEST(SlurmdbdTest, QosLists) {
  const struct {
    const char* releases;
    const char* commands;
    const char* want;
  } kCases[] = {
      {kAll, "QOS=q1,q2;QOS+=normal;QOS-=q1", "QOS=normal,q2"},
      {kAll, "QOS+=q1;QOS-=q2", "QOS=+q1,-q2"},
      {kAll, "QOS+=q1;QOS-=q1", "QOS=-q1"},
      {kAll, "QOS=q1;QOS=", ""},
      {kAll, "QOS=+q1,-q2", "QOS=+q1,-q2"},
      {"22.05.8 24.11.5 26.05.5", "QOS=q1;QOS-=q1", "QOS=-q1"},
      {"20.11.4", "QOS=q1;QOS-=q1", "QOS="},
      {"20.11.4", "QOS=q1;QOS-=q1;QOS+=q2", "QOS=q2"},
      {kAll, "GrpTRES=cpu=4,mem=8;GrpTRES=cpu=-1,node=2",
       "GrpTRES=mem=8,node=2"},
      {kAll, "GrpTRES=cpu=4;GrpTRES=cpu=-1", ""},
      {kAll, "Fairshare=7;MaxJobs=3;Fairshare=-1;MaxJobs=-1", ""},
      {kAll, "Fairshare=parent", "Fairshare=parent"},
  };
  for (const auto& c : kCases) {
    for (const absl::string_view release : absl::StrSplit(c.releases, ' ')) {
      Slurmdbd dbd = After(release, "add account name=a cluster=c");
      for (const absl::string_view set : absl::StrSplit(c.commands, ';')) {
        const Outcome outcome = dbd.Run(
            Parsed(absl::StrCat("modify account name=a cluster=c set ", set)));
        EXPECT_EQ(outcome.result, Outcome::Result::kDone)
            << release << " " << set << outcome.reason;
      }
      EXPECT_EQ(Limits(dbd, "a"), c.want) << release << " " << c.commands;
    }
  }
}

std::string DefaultOf(const Slurmdbd& dbd, const char* user) {
  const auto found = dbd.tree().users.find(Name(user));
  return found == dbd.tree().users.end()
             ? "no user"
             : found->second.fields.Get(Key::kDefaultAccount).str();
}

// Since 23.11 the flag is used up by the first partition row of an account:
// seen on 24.11 and 26.05.
TEST(SlurmdbdTest, DefaultAccountOfSeveralUsersInAPartition) {
  const char* const kSetup =
      "add account name=a,b cluster=c;"
      "add user name=u,v account=a cluster=c defaultaccount=a;"
      "add user name=u,v,w account=b cluster=c partition=p defaultaccount=b";
  EXPECT_EQ(DefaultOf(After("22.05.8", kSetup), "v"), "b");
  for (const char* release : {"24.11.5", "26.05.5"}) {
    const Slurmdbd dbd = After(release, kSetup);
    EXPECT_EQ(DefaultOf(dbd, "u"), "b") << release;
    EXPECT_EQ(DefaultOf(dbd, "v"), "a") << release;
    EXPECT_EQ(DefaultOf(dbd, "w"), "b") << release;
  }
}

// slurm-facts 0.1: the way around a look-alike.
TEST(SlurmdbdTest, Detour) {
  for (const char* release : {"22.05.8", "24.11.5", "26.05.5"}) {
    Slurmdbd dbd =
        After(release,
              absl::StrCat(
                  kLookalikes,
                  ";add account name=fresh cluster=c;"
                  "add user name=j_doe account=fresh cluster=c;"
                  "modify user name=j_doe cluster=c set defaultaccount=fresh"));
    EXPECT_EQ(Said(dbd.Run(Parsed(
                  "delete user name=j_doe account=a cluster=c partition="))),
              "-a/j_doe")
        << release;
    EXPECT_EQ(
        Said(dbd.Run(Parsed("delete account name=fresh cluster=c partition="))),
        "-fresh -fresh/j_doe")
        << release;
    EXPECT_EQ(Said(dbd.Run(Parsed("delete account name=fresh"))), "-acct:fresh")
        << release;
    EXPECT_TRUE(dbd.state().users.contains(Name("j_doe")));
    EXPECT_FALSE(dbd.tree().users.contains(Name("j_doe")));
  }
}

// 23.11 - 25.05.0: rows below sub-accounts keep the lineage of before a move.
TEST(SlurmdbdTest, StaleLineages) {
  const char* const kSetup =
      "add account name=m,z cluster=c;add account name=x cluster=c parent=m;"
      "add account name=y cluster=c parent=x;"
      "modify account name=m cluster=c set parent=z";
  const Slurmdbd dbd = After("24.11.5", kSetup);
  ASSERT_EQ(dbd.state().lineages.size(), 1u);
  EXPECT_EQ(dbd.state().lineages.at({Name("y"), {}, {}}).view(), "/m/x/y/");
  // By name, then, z's delete misses y, which would be left an orphan.
  EXPECT_EQ(Said(dbd.Predict(Parsed("delete account name=z"))), "unknown");
  EXPECT_TRUE(After("26.05.5", kSetup).state().lineages.empty());
}

// A row that is added below a sub-account gets what slurmdbd remembers of that:
// its lineage from before the last move, not from before the first (24.11).
TEST(SlurmdbdTest, LineagesThatSlurmdbdRemembers) {
  constexpr char kSetup[] =
      "add account name=p,q,r cluster=c; add account name=m cluster=c parent=p;"
      "add account name=kid cluster=c parent=m;"
      "modify account name=m cluster=c set parent=q;";
  const AssocKey row = {Name("kid"), Name("u"), {}};
  constexpr char kAdd[] = "add user name=u account=kid cluster=c";
  Slurmdbd once = After("24.11.5", absl::StrCat(kSetup, kAdd));
  EXPECT_EQ(once.state().lineages.at(row).view(), "/p/m/kid/0-u/");
  Slurmdbd twice =
      After("24.11.5",
            absl::StrCat(
                kSetup, "modify account name=m cluster=c set parent=r;", kAdd));
  EXPECT_EQ(twice.state().lineages.at(row).view(), "/q/m/kid/0-u/");
}

TEST(SlurmdbdTest, FlagsThatNobodyKnows) {
  DatabaseState state = After("26.05.5", kPartitions).state();
  const Command one =
      Parsed("delete user name=u account=a cluster=c partition=p");
  Slurmdbd dbd(Of("26.05.5"), state);
  EXPECT_EQ(Said(dbd.Predict(one)), "unknown");
  // Setting the default that is there flags every row of it.
  dbd.Run(Parsed("modify user name=u cluster=c set defaultaccount=a"));
  EXPECT_EQ(Said(dbd.Predict(one)), "-a/u@p");
  state.knows_default_rows = true;
  state.default_rows = {{Name("a"), Name("u"), {}}};
  EXPECT_EQ(Said(Slurmdbd(Of("26.05.5"), state).Predict(one)), "-a/u@p");
  state.default_rows = {{Name("a"), Name("u"), Name("p")}};
  EXPECT_EQ(Said(Slurmdbd(Of("26.05.5"), state).Predict(one)), "refused");
}

// A refused delete touches nothing, done or predicted; what it found is told
// apart.
TEST(SlurmdbdTest, ARefusedDeleteTouchesNothing) {
  DatabaseState state = After("26.05.5", kPartitions).state();
  state.knows_default_rows = true;
  const AssocKey row{Name("a"), Name("u"), Name("p")};
  state.default_rows = {row};
  Slurmdbd dbd(Of("26.05.5"), state);
  const Command one =
      Parsed("delete user name=u account=a cluster=c partition=p");
  const Outcome predicted = dbd.Predict(one), done = dbd.Run(one);
  EXPECT_EQ(predicted.result, Outcome::Result::kRefused);
  EXPECT_EQ(predicted.result, done.result);
  EXPECT_TRUE(predicted.touched.empty());
  EXPECT_EQ(predicted.touched, done.touched);
  ASSERT_EQ(dbd.Finds(one).size(), 1u);
  EXPECT_EQ(dbd.Finds(one)[0].row, row);
}

TEST(SlurmdbdTest, OtherClusters) {
  DatabaseState state = EmptyState();
  const auto other = [&](const char* account, const char* user,
                         const char* lineage) {
    state.others[{Name("d"), {Name(account), Name(user), {}}}].lineage =
        Name(lineage);
    state.accounts[Name(account)];
  };
  other("root", "", "/");
  other("ax1", "", "/ax1/");
  other("sub", "", "/ax1/sub/");
  other("sub", "u", "/ax1/sub/0-u/");
  state.users[Name("u")];
  Slurmdbd dbd(Of("26.05.5"), state);
  dbd.Run(Parsed("add account name=a_1,b cluster=c"));
  EXPECT_EQ(Said(dbd.Predict(Parsed("delete account name=a_1"))),
            "-a_1 -d:ax1 -d:sub -d:sub/u -acct:a_1");
  EXPECT_EQ(Said(dbd.Predict(Parsed("delete account name=b"))), "-b -acct:b");
  // Who has a row elsewhere is not deleted after the last one here.
  dbd.Run(Parsed("add user name=u account=b cluster=c defaultaccount=b"));
  EXPECT_EQ(Said(dbd.Predict(
                Parsed("delete user name=u account=b cluster=c partition="))),
            "-b/u");
  EXPECT_EQ(Said(dbd.Predict(Parsed("modify account name=b set MaxJobs=1"))),
            "unknown");
}

// Cluster d has account x, account y below it, and there user u; all that a
// command says, and on all releases.
TEST(SlurmdbdTest, WhatIsElsewhere) {
  const struct {
    const char* name;
    const char* releases;
    const char* before;
    const char* command;
    const char* want;
  } kCases[] = {
      {"a user by name goes everywhere", kAll, "", "delete user name=u",
       "-d:y/u -user:u"},
      {"of this cluster, the record stays", kAll,
       "add account name=a cluster=c;add user name=u account=a cluster=c "
       "defaultaccount=a",
       "delete user name=u account=a cluster=c partition=", "-a/u"},
      {"an account by name, all below it there", kNew, "",
       "delete account name=x", "-d:x -d:y -d:y/u -acct:x"},
      {"an account of this cluster, the record stays", kAll,
       "add account name=x cluster=c", "delete account name=x cluster=c", "-x"},
      {"an account that is here too has its record", kAll, "",
       "add account name=x cluster=c description=mine", "+x"},
      {"a user who is there too has a record", kAll,
       "add account name=a cluster=c",
       "add user name=u account=a cluster=c defaultaccount=a", "+a/u"},
      {"adds without cluster= are for all of them", kAll, "",
       "add account name=new", "unknown"},
      {"limits without cluster= too", kAll, "add account name=x cluster=c",
       "modify account name=x set MaxJobs=1", "unknown"},
      {"a default account without cluster= too", kAll, "",
       "modify user name=u set defaultaccount=x", "unknown"},
      {"an AdminLevel has no cluster", kAll, "",
       "modify user name=u set adminlevel=Operator", "~user:u"},
      {"nor have the texts of an account", kAll, "",
       "modify account name=y set description=d", "~acct:y"},
      {"nor have coordinators", kAll, "", "add coordinator account=y name=u",
       "+coord:y:u"},
      {"a QOS that is a default there", kAll, "", "delete qos name=q1",
       "refused"},
      {"a QOS that is listed there", "24.11.5 26.05.5", "",
       "delete qos name=q2", "~d:y/u -qos:q2"},
      {"lists there come out wrong", "20.11.4 22.05.8 23.11.11", "",
       "delete qos name=q2", "unknown"},
  };
  for (const auto& c : kCases) {
    for (const absl::string_view release :
         absl::StrSplit(c.releases, ' ', absl::SkipEmpty())) {
      DatabaseState state = EmptyState();
      const Name d("d"), x("x"), y("y"), u("u");
      state.others[{d, {RootName(), {}, {}}}].lineage = Name("/");
      state.others[{d, {x, {}, {}}}] = {Name("/x/"), Name("q1"), Name("q1")};
      state.others[{d, {y, {}, {}}}].lineage = Name("/x/y/");
      state.others[{d, {y, u, {}}}] = {
          Name("/x/y/0-u/"), Name("normal,q2"), {}};
      for (const Name account : {x, y}) state.accounts[account];
      state.users[u];
      Slurmdbd dbd(Of(release), state);
      for (const absl::string_view command :
           absl::StrSplit(c.before, ';', absl::SkipEmpty())) {
        EXPECT_EQ(dbd.Run(Parsed(command)).result, Outcome::Result::kDone)
            << release << " " << command;
      }
      EXPECT_EQ(Said(dbd.Run(Parsed(c.command))), c.want)
          << release << " " << c.name;
    }
  }
}

TEST(SlurmdbdTest, NamesThatMariaDbMayConfuse) {
  const std::string prefix(42, 'x');
  Slurmdbd dbd = After(
      "26.05.5", absl::StrCat("add account name=", prefix, "1 cluster=c"));
  EXPECT_EQ(Said(dbd.Run(Parsed(
                absl::StrCat("add account name=", prefix, "2 cluster=c")))),
            "unknown");
  DatabaseState state = EmptyState();
  state.users[Name("jos\xc3\xa9")];
  Slurmdbd odd(Of("26.05.5"), state);
  EXPECT_EQ(Said(odd.Run(Parsed("add user name=jose account=root cluster=c "
                                "defaultaccount=root"))),
            "unknown");
  EXPECT_EQ(Said(odd.Run(Parsed("delete user name=a[1-2]"))), "unknown");
  EXPECT_EQ(Said(odd.Run(Parsed("delete user name=A account=root cluster=c"))),
            "unknown");
}

}  // namespace assocsync::slurmdbd_test
