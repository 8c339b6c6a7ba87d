// The behaviour table at its borders: the last release that does it in one way,
// the first that does it in another, and a command by which one sees it. Rows
// in the order of the releases (release.cc says how each is known).
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::release_borders_test {

using slurmdbd_cases::Check;
using slurmdbd_cases::kA;
using slurmdbd_cases::kU;
using slurmdbd_cases::kUab;

struct Border {
  const char* name;
  const char* last;   // Release with the old way.
  const char* first;  // With the new one.
  const char* before;
  const char* command;
  const char* old_want;
  const char* new_want;
  const char* old_then = nullptr;  // Rows, or what `shown` says.
  const char* new_then = nullptr;
  const char* shown = "rows";
};

#define SUB "add account name=a cluster=c;add account name=k cluster=c parent=a"
#define LOOKALIKES                                                    \
  "add account name=a,ab_1,abx1 cluster=c;add user name=j_doe,j-doe " \
  "account=a cluster=c defaultaccount=a;add user name=j_doe,j-doe "   \
  "account=ab_1 cluster=c;add user name=j_doe account=abx1 cluster=c"

constexpr Border kBorders[] = {
    {"a LimitFactor of QOS", "20.11.9", "21.08.0", "",
     "modify qos name=q1 set LimitFactor=2",
     "refused: this release does not know LimitFactor", "~qos:q1"},

    {"who asks about default accounts: the client, the server wrongly",
     "21.08.8", "22.05.0", kUab,
     "delete user name=u account=a cluster=c partition=", "refused", "-a/u"},
    {"a QOS that is not there", "21.08.8", "22.05.0", kA,
     "modify account name=a cluster=c set QOS=zz",
     "unknown: there is no QOS 'zz'", "refused: there is no QOS 'zz'"},
    {"a TRES that is not there", "21.08.8", "22.05.0", kA,
     "modify account name=a cluster=c set GrpTRES=cpu=1,gres/zz=1",
     "unknown: there is no TRES 'gres/zz'",
     "refused: there is no TRES 'gres/zz'"},
    {"the last of a QOS list goes", "21.08.8", "22.05.0",
     "add account name=a cluster=c QOS=q1",
     "modify account name=a cluster=c set QOS-=q1", "~a", "~a", "a<root{QOS=}",
     "a<root{QOS=-q1}"},
    {"a mode of preemption and gang", "22.05.2", "22.05.3", "",
     "modify qos name=q1 set PreemptMode=gang,suspend",
     "refused: this release does not know gang", "~qos:q1"},

    {"a Comment", "22.05.11", "23.02.0", kU,
     "modify user name=u account=a cluster=c set Comment=x",
     "refused: this release knows no Comment", "~a/u", "a<root a/u",
     "a<root a/u{Comment=x}"},

    {"a user by name", "23.02.8", "23.11.0", LOOKALIKES,
     "delete user name=j_doe", "-a/j_doe -ab_1/j_doe -abx1/j_doe -user:j_doe",
     "-a/j-doe -a/j_doe -ab_1/j-doe -ab_1/j_doe -abx1/j_doe -user:j_doe"},
    {"an account by name", "23.02.8", "23.11.1", LOOKALIKES,
     "delete account name=ab_1", "-ab_1 -ab_1/j-doe -ab_1/j_doe -acct:ab_1",
     "-ab_1 -ab_1/j-doe -ab_1/j_doe -abx1 -abx1/j_doe -acct:ab_1"},
    {"one row", "23.02.8", "23.11.1", LOOKALIKES,
     "delete user name=j_doe account=ab_1 cluster=c partition=", "-ab_1/j_doe",
     "-ab_1/j-doe -ab_1/j_doe -abx1/j_doe"},
    {"the row without a partition", "23.02.8", "23.11.11",
     "add account name=a,b cluster=c;add user name=u account=b cluster=c;add "
     "user name=u account=a cluster=c;add user name=u account=a cluster=c "
     "partition=p",
     "delete user name=u account=a cluster=c partition=", "-a/u",
     "-a/u -a/u@p"},
    {"an account below its own child", "23.02.8", "23.11.0", SUB,
     "modify account name=a cluster=c set parent=k", "~a ~k",
     "unknown: the new parent is below the account", "a<k k<root",
     "a<root k<a"},
    {"rows below the sub-accounts of one that moves", "23.02.8", "23.11.0",
     "add account name=a,z cluster=c;add account name=k cluster=c parent=a;add "
     "account name=l cluster=c parent=k",
     "modify account name=a cluster=c set parent=z", "~a", "~a", "",
     "l=/a/k/l/", "lineages"},
    {"the slash in the lineage of a partition's row", "23.02.8", "23.11.0", kA,
     "add user name=u account=a cluster=c partition=p", "+a/u@p +user:u",
     "+a/u@p +user:u", "", "a/u@p=/a//0-u/p/", "lineages"},
    {"which partition's row is marked", "23.02.8", "23.11.0", kA,
     "add user name=u account=a cluster=c partition=p,q defaultaccount=a",
     "+a/u@p +a/u@q +user:u", "+a/u@p +a/u@q +user:u", "a/u@p a/u@q", "a/u@p",
     "marks"},
    {"a new user's default QOS out of reach", "23.02.8", "23.11.0",
     "add account name=a cluster=c QOS=q1",
     "add user name=u account=a cluster=c DefaultQOS=q2", "+a/u +user:u",
     "refused: a/u would not have access to its default QOS"},
    {"who is asked about a new DefaultQOS", "23.02.8", "23.11.0",
     "add account name=a cluster=c QOS=q1,q2;add user name=u account=a "
     "cluster=c QOS=q1 DefaultQOS=q1",
     "modify account name=a cluster=c set DefaultQOS=q2", "refused", "~a"},
    {"a second WCKey", "23.02.8", "23.11.0",
     "add account name=a cluster=c;add user name=u account=a cluster=c;add "
     "user name=u wckey=w cluster=c",
     "add user name=u wckey=x cluster=c", "+wckey:x:u",
     "unknown: without defaultwckey= 'u' may or may not get the new WCKey as "
     "its default"},
    {"a flag of QOS", "23.02.8", "23.11.0", "",
     "modify qos name=q1 set Flags=Relative",
     "refused: this release does not know Relative", "~qos:q1"},

    {"the guard the right way round", "23.11.0", "23.11.1", kUab,
     "delete user name=u account=a cluster=c partition=", "-a/u", "refused"},
    {"the guard, all rows", "23.11.0", "23.11.1", kUab,
     "delete user name=u cluster=c", "refused", "-a/u -b/u -user:u"},
    {"the slash is said once", "23.11.4", "23.11.5", kA,
     "add user name=u account=a cluster=c partition=p", "+a/u@p +user:u",
     "+a/u@p +user:u", "a/u@p=/a//0-u/p/", "", "lineages"},

    {"lists that hold a deleted QOS", "24.05.2", "24.05.3",
     "add account name=a cluster=c QOS=q1,q2", "delete qos name=q1",
     "unknown: this release mixes up lists that hold a deleted QOS",
     "~a -qos:q1", "a<root{QOS=q1,q2}", "a<root{QOS=q2}"},
    {"one row is one row again", "24.05.3", "24.05.4", LOOKALIKES,
     "delete user name=j_doe account=ab_1 cluster=c partition=",
     "-ab_1/j-doe -ab_1/j_doe -abx1/j_doe", "-ab_1/j_doe"},
    {"without partition= too", "24.05.3", "24.05.4", LOOKALIKES,
     "delete user name=j_doe account=ab_1 cluster=c",
     "-ab_1/j-doe -ab_1/j_doe -abx1/j_doe", "-ab_1/j_doe"},
    {"a partition's row stays", "24.05.3", "24.05.4",
     "add account name=a,b cluster=c;add user name=u account=b cluster=c;add "
     "user name=u account=a cluster=c;add user name=u account=a cluster=c "
     "partition=p",
     "delete user name=u account=a cluster=c partition=", "-a/u -a/u@p",
     "-a/u"},
    {"a cluster's account leaves those below it orphans", "24.05.3", "24.05.4",
     SUB, "delete account name=a cluster=c", "-a -k",
     "unknown: k would stay without its account"},
    {"by name the subtree goes as before", "24.05.3", "24.05.4", SUB,
     "delete account name=a", "-a -k -acct:a", "-a -k -acct:a"},

    {"accounts cannot be modified", "24.05.8", "24.11.0", kA,
     "modify account name=a cluster=c set MaxJobs=1", "~a",
     "unknown: this release cannot modify accounts"},
    {"nor deleted", "24.05.8", "24.11.1", kA, "delete account name=a",
     "-a "
     "-acct:a",
     "unknown: this release cannot delete accounts"},
    {"accounts can be modified", "24.11.1", "24.11.2", kA,
     "modify account name=a cluster=c set MaxJobs=1",
     "unknown: this release cannot modify accounts", "~a"},
    {"and deleted", "24.11.1", "24.11.2", kA, "delete account name=a",
     "unknown: this release cannot delete accounts", "-a -acct:a"},

    {"below its own child is refused", "25.05.0", "25.05.1", SUB,
     "modify account name=a cluster=c set parent=k",
     "unknown: the new parent is below the account",
     "refused: the new parent is below the account"},
    {"all rows follow a move", "25.05.0", "25.05.1",
     "add account name=a,z cluster=c;add account name=k cluster=c parent=a;add "
     "account name=l cluster=c parent=k",
     "modify account name=a cluster=c set parent=z", "~a", "~a", "l=/a/k/l/",
     "", "lineages"},

    {"a cluster's account takes those below it", "25.11.3", "25.11.4", SUB,
     "delete account name=a cluster=c",
     "unknown: k would stay without its account", "-a -k"},
    {"without partition= by LIKE again", "25.11.3", "25.11.4", LOOKALIKES,
     "delete user name=j_doe account=ab_1 cluster=c", "-ab_1/j_doe",
     "-ab_1/j-doe -ab_1/j_doe -abx1/j_doe"},
    {"with it exact as before", "25.11.3", "25.11.4", LOOKALIKES,
     "delete user name=j_doe account=ab_1 cluster=c partition=", "-ab_1/j_doe",
     "-ab_1/j_doe"},
    {"one of two marked rows may go", "25.11.5", "25.11.6",
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "partition=p,q;modify user name=u cluster=c set defaultaccount=a",
     "delete user name=u account=a cluster=c partition=p", "refused", "-a/u@p"},
    {"the last marked row still may not", "25.11.5", "25.11.6", kUab,
     "delete user name=u account=a cluster=c partition=", "refused", "refused"},
};

TEST(ReleaseBordersTest, LastOfTheOldAndFirstOfTheNew) {
  for (const Border& b : kBorders) {
    Check({{b.name, b.last, b.before, b.command, b.old_want, b.old_then}},
          b.shown);
    Check({{b.name, b.first, b.before, b.command, b.new_want, b.new_then}},
          b.shown);
  }
}

// A row that nothing here sees would be a border without a case.
TEST(ReleaseBordersTest, EachRowThatCommandsTellApartHasACase) {
  std::string missing;
  for (const Behaviour& row : BehaviourTable().subspan(1)) {
    bool seen = false;
    for (const Border& b : kBorders) {
      seen = seen || (*ParseRelease(b.last) < row.since &&
                      row.since <= *ParseRelease(b.first));
    }
    if (!seen) absl::StrAppend(&missing, row.since.ToString(), " ");
  }
  // Dumps and tables differ there, and how many names one command may have.
  EXPECT_EQ(missing, "24.05.0 25.05.0 25.11.0 26.05.0 ");
}

}  // namespace assocsync::release_borders_test
