// Which QOS a row has, and whom a command is refused for because a default QOS
// would be out of reach (slurm-facts 4.3, 4.6).
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_default_qos_test {

using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kNew;
using slurmdbd_cases::kOld;

// Account b below account a; a command asks for QOS q1 as b's default.
#define BELOW "add account name=b cluster=c parent=a"
#define ASK "modify account name=b cluster=c set DefaultQOS=q1"
constexpr Case kReach[] = {
    {"a QOS that is not there", "22.05.8 24.11.5 26.05.5",
     "add account name=a cluster=c;" BELOW,
     "modify account name=b cluster=c set DefaultQOS=zz",
     "refused: there is no QOS 'zz'"},
    {"nobody has any", kAll, "add account name=a cluster=c;" BELOW, ASK,
     "refused: a row of account 'b' would not have access to its default QOS"},
    {"its own list has it", kAll,
     "add account name=a cluster=c;" BELOW " QOS=q1", ASK, "~b"},
    {"its own list has not", kAll,
     "add account name=a cluster=c QOS=q1;" BELOW " QOS=q2", ASK, "refused"},
    {"it inherits a list with it", kAll,
     "add account name=a cluster=c QOS=q1,q2;" BELOW, ASK, "~b"},
    {"it inherits a list without it", kAll,
     "add account name=a cluster=c QOS=q2;" BELOW, ASK, "refused"},
    {"it inherits the cluster's list", kAll,
     "modify account name=root cluster=c set QOS=q1;add account name=a "
     "cluster=c;" BELOW,
     ASK, "~b"},
    {"the nearest list counts, not the cluster's", kAll,
     "modify account name=root cluster=c set QOS=q1;add account name=a "
     "cluster=c QOS=q2;" BELOW,
     ASK, "refused"},
    {"a change of its own adds it", kAll,
     "add account name=a cluster=c QOS=q2;" BELOW " QOS=+q1", ASK, "~b"},
    {"a change of its own takes it away", kAll,
     "add account name=a cluster=c QOS=q1;" BELOW " QOS=-q1", ASK, "refused"},
    {"a change of another leaves what is inherited", kAll,
     "add account name=a cluster=c QOS=q1;" BELOW " QOS=-q2,+normal", ASK,
     "~b"},
    {"a change above adds it", kAll,
     "modify account name=root cluster=c set QOS=q2;add account name=a "
     "cluster=c QOS=+q1;" BELOW,
     ASK, "~b"},
    {"a change above takes it away", kAll,
     "modify account name=root cluster=c set QOS=q1;add account name=a "
     "cluster=c QOS=-q1;" BELOW,
     ASK, "refused"},
    {"list and default in one command", kAll,
     "add account name=a cluster=c QOS=q2;" BELOW, ASK " QOS=+q1", "~b"},
};

constexpr Case kWhoIsAsked[] = {
    {"a user in it, who has a list without it", kAll,
     "add account name=a cluster=c QOS=q1,q2;add user name=u account=a "
     "cluster=c QOS=q2",
     "modify account name=a cluster=c set DefaultQOS=q1",
     "refused: a row of account 'a' would not have access to its default QOS"},
    {"a user in it, who inherits", kAll,
     "add account name=a cluster=c QOS=q1,q2;add user name=u account=a "
     "cluster=c",
     "modify account name=a cluster=c set DefaultQOS=q1", "~a"},
    {"not those in accounts below", kAll,
     "add account name=a cluster=c QOS=q1,q2;add account name=b cluster=c "
     "parent=a QOS=q2;add user name=u account=b cluster=c",
     "modify account name=a cluster=c set DefaultQOS=q1", "~a"},
    {"the list is cut, and a user uses what goes", kAll,
     "add account name=a cluster=c QOS=q1,q2;add user name=u account=a "
     "cluster=c DefaultQOS=q2",
     "modify account name=a cluster=c set QOS=q1", "refused"},
    {"the list is cut below the account's own default", kAll,
     "add account name=a cluster=c QOS=q1,q2 DefaultQOS=q2",
     "modify account name=a cluster=c set QOS-=q2", "refused"},
    {"the list goes, and above it there is none", kAll,
     "add account name=a cluster=c QOS=q1 DefaultQOS=q1",
     "modify account name=a cluster=c set QOS=", "refused"},
    {"the list goes, and above it there is one", kAll,
     "modify account name=root cluster=c set QOS=q1;add account name=a "
     "cluster=c QOS=q1 DefaultQOS=q1",
     "modify account name=a cluster=c set QOS=", "~a"},
    {"list and default go at once", kAll,
     "add account name=a cluster=c QOS=q1 DefaultQOS=q1",
     "modify account name=a cluster=c set QOS= DefaultQOS=-1", "~a"},
    {"limits ask nobody", kAll,
     "add account name=a cluster=c QOS=q1 DefaultQOS=q1;add account name=b "
     "cluster=c parent=a QOS=q2",
     "modify account name=b cluster=c set MaxJobs=1", "~b"},
    {"moves ask nobody", kAll,
     "add account name=a cluster=c QOS=q1;add account name=b cluster=c "
     "parent=a DefaultQOS=q1",
     "modify account name=b cluster=c set parent=root", "~b"},
    {"of two accounts one would not reach it: neither is changed", kAll,
     "add account name=a,b cluster=c QOS=q1;add user name=u account=b "
     "cluster=c QOS=q2",
     "modify account name=a,b cluster=c set DefaultQOS=q1", "refused"},
    {"an inherited default out of reach", kNew,
     "add account name=a cluster=c QOS=q1 DefaultQOS=q1;add user name=u "
     "account=a cluster=c",
     "modify user name=u account=a cluster=c set QOS=q2",
     "refused: a/u would not have access to its default QOS"},
    {"an account that is added is not asked", kAll,
     "add account name=a cluster=c QOS=q1",
     "add account name=b cluster=c parent=a DefaultQOS=q2", "+b +acct:b"},
    {"a user who is added with the inherited default out of reach", kNew,
     "add account name=a cluster=c QOS=q1 DefaultQOS=q1",
     "add user name=u account=a cluster=c QOS=q2",
     "refused: a/u would not have access to its default QOS"},
    {"a user who is added with one that he inherits", kAll,
     "add account name=a cluster=c QOS=q1,q2",
     "add user name=u account=a cluster=c DefaultQOS=q2", "+a/u +user:u"},
};

// A row is out of reach since its account moved. Up to 23.02 the rows of the
// condition are asked; since 23.11 all of their users in their accounts.
#define MOVED(row)                                                           \
  "add account name=y cluster=c QOS=q1;add account name=z cluster=c QOS=q2;" \
  "add account name=a cluster=c parent=y;add user name=u,v account=a "       \
  "cluster=c;add user " row                                                  \
  " DefaultQOS=q1;modify account name=a "                                    \
  "cluster=c set parent=z"
constexpr Case kPartitions[] = {
    {"another row of the user", kOld,
     MOVED("name=u account=a cluster=c partition=p"),
     "modify user name=u account=a cluster=c partition= set QOS=q2", "~a/u"},
    {"another row of the user", kNew,
     MOVED("name=u account=a cluster=c partition=p"),
     "modify user name=u account=a cluster=c partition= set QOS=q2",
     "refused: a/u@p would not have access to its default QOS"},
    {"another row of the user, and the command is about no QOS", kNew,
     MOVED("name=u account=a cluster=c partition=p"),
     "modify user name=u account=a cluster=c partition= set MaxJobs=1", "~a/u"},
    {"a row of another user", kAll, MOVED("name=w account=a cluster=c"),
     "modify user name=u account=a cluster=c set QOS=q2", "~a/u"},
    {"its own list must have it", kAll,
     "add account name=a cluster=c QOS=q1,q2;add user name=u account=a "
     "cluster=c;add user name=u account=a cluster=c partition=p QOS=q2",
     "modify user name=u account=a cluster=c set DefaultQOS=q1",
     "refused: a/u@p would not have access to its default QOS"},
    {"the row without a partition alone", kAll,
     "add account name=a cluster=c QOS=q1,q2;add user name=u account=a "
     "cluster=c;add user name=u account=a cluster=c partition=p QOS=q2",
     "modify user name=u account=a cluster=c partition= set DefaultQOS=q1",
     "~a/u"},
};

TEST(SlurmdbdDefaultQosTest, Reach) { Check(kReach); }
TEST(SlurmdbdDefaultQosTest, WhoIsAsked) { Check(kWhoIsAsked); }
TEST(SlurmdbdDefaultQosTest, RowsOfPartitions) { Check(kPartitions); }

}  // namespace assocsync::slurmdbd_default_qos_test
