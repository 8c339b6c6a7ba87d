// Hazards of slurm-facts 0.1 and 4.3 - 4.8, one row per hazard and release:
// what was there, one command, what it did. Seen on real daemons where the
// release is one of the lab's; the differential test goes on from there.
#include "engine/slurm/slurmdbd.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_test {

using slurmdbd_cases::After;
using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kMarked;
using slurmdbd_cases::kNew;
using slurmdbd_cases::kOld;
using slurmdbd_cases::kUab;
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

constexpr Case kGuards[] = {
    {"default row alone", "22.05.8 23.02.8", kUab,
     "delete user name=u account=a cluster=c", "-a/u"},
    {"default row alone", "20.11.4 23.11.11 24.11.5 26.05.5", kUab,
     "delete user name=u account=a cluster=c", "refused"},
    {"all rows, the default among them", "22.05.8 23.02.8", kUab,
     "delete user name=u cluster=c", "refused"},
    {"all rows, the default among them", "20.11.4 24.11.5 26.05.5", kUab,
     "delete user name=u cluster=c", "-a/u -b/u -user:u"},
    {"one of two flagged rows", "24.11.5 25.05.8", kMarked,
     "delete user name=u account=a cluster=c partition=p", "refused"},
    {"one of two flagged rows", "20.11.4 22.05.8 26.05.5", kMarked,
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
    {"record settings with account=", kAll, kUab,
     "modify user name=u account=a cluster=c set defaultaccount=b", "unknown"},
    {"default account that is none of the user's", kAll,
     "add account name=a,b cluster=c;"
     "add user name=u account=a cluster=c defaultaccount=a",
     "modify user name=u cluster=c set defaultaccount=b", "refused"},
    {"without partition= all of them", kAll, kMarked,
     "modify user name=u account=a cluster=c set MaxJobs=1", "~a/u ~a/u@p"},
    {"with partition= one", kAll, kMarked,
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
    {"users of one command that share 42 characters", kAll, kUab,
     "add user name=" P42 "1," P42 "2 account=a cluster=c", "unknown"},
    {"partitions of one command that share 42 characters", kAll, kUab,
     "add user name=u account=a cluster=c partition=" P42 "1," P42 "2",
     "unknown"},
    {"accounts of one command that share 42 characters", kAll, "",
     "add account name=" P42 "1," P42 "2 cluster=c", "unknown"},
    {"users of one command that are one to MariaDB", kAll, kUab,
     "add user name=jose,jos\xc3\xa9 account=a cluster=c", "unknown"},
    {"unknown QOS", "22.05.8 24.11.5 26.05.5", "add account name=a cluster=c",
     "modify account name=a cluster=c set QOS=zz", "refused"},
    {"unknown QOS, the rest is done", "20.11.4", "add account name=a cluster=c",
     "modify account name=a cluster=c set QOS=q1,zz", "unknown"},
    {"an empty number would be 0", kAll, "add account name=a cluster=c",
     "modify account name=a cluster=c set MaxJobs=", "unknown"},
    {"Comment", "20.11.4 22.05.8", kUab,
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

std::string Limits(const Slurmdbd& dbd) {
  return dbd.tree().associations.at({Name("a"), {}, {}}).limits.ToString();
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
      EXPECT_EQ(Limits(dbd), c.want) << release << " " << c.commands;
    }
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

}  // namespace assocsync::slurmdbd_test
