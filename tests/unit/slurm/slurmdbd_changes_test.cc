// modify account, modify user: limits, lists, moves, records (slurm-facts 4.3 -
// 4.6).
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_changes_test {

using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::kA;
using slurmdbd_cases::kAb;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kOld;
using slurmdbd_cases::kU;
using slurmdbd_cases::kUab;
using slurmdbd_cases::kUWithPartitions;

constexpr Case kLimits[] = {
    {"a number", kAll, kA, "modify account name=a cluster=c set MaxJobs=4",
     "~a", "a<root{MaxJobs=4}"},
    {"zero is a number", kAll, kA,
     "modify account name=a cluster=c set MaxJobs=0", "~a",
     "a<root{MaxJobs=0}"},
    {"-1 takes it away", kAll,
     "add account name=a cluster=c MaxJobs=4 GrpWall=10",
     "modify account name=a cluster=c set MaxJobs=-1", "~a",
     "a<root{GrpWall=10}"},
    {"the same again is a change too", kAll,
     "add account name=a cluster=c MaxJobs=4",
     "modify account name=a cluster=c set MaxJobs=4", "~a",
     "a<root{MaxJobs=4}"},
    {"a share of 1 is none", kAll, "add account name=a cluster=c Fairshare=7",
     "modify account name=a cluster=c set Fairshare=1", "~a", "a<root"},
    {"the parent's share", kAll, kA,
     "modify account name=a cluster=c set Fairshare=parent", "~a",
     "a<root{Fairshare=parent}"},
    {"a time becomes minutes, rounded up", kAll, kA,
     "modify account name=a cluster=c set GrpWall=1-00:00:30", "~a",
     "a<root{GrpWall=1441}"},
    {"TRES are merged into what is there", kAll,
     "add account name=a cluster=c GrpTRES=cpu=4,mem=8",
     "modify account name=a cluster=c set GrpTRES=cpu=5,node=2", "~a",
     "a<root{GrpTRES=cpu=5,mem=8,node=2}"},
    {"item=-1 takes one away", kAll,
     "add account name=a cluster=c GrpTRES=cpu=4,mem=8",
     "modify account name=a cluster=c set GrpTRES=cpu=-1", "~a",
     "a<root{GrpTRES=mem=8}"},
    {"a TRES by -1 and by number", kAll,
     "add account name=a cluster=c GrpTRES=cpu=4",
     "modify account name=a cluster=c set GrpTRES=cpu=-1,cpu=3", "unknown"},
    {"a count of TRES that is none", kAll, kA,
     "modify account name=a cluster=c set GrpTRES=cpu=x", "unknown"},
    {"TRES without an item", kAll, kA,
     "modify account name=a cluster=c set GrpTRES=", "unknown"},
    {"-= is for lists of QOS", kAll, kA,
     "modify account name=a cluster=c set MaxJobs-=1", "unknown"},
    {"an option twice", kAll, kA,
     "modify account name=a cluster=c set MaxJobs=1 MaxJobs=2", "unknown"},
    {"the users of an account are not touched", kAll, kU,
     "modify account name=a cluster=c set MaxJobs=4", "~a",
     "a<root{MaxJobs=4} a/u"},
    {"several accounts, those that are there", kAll, kAb,
     "modify account name=a,x,b cluster=c set MaxJobs=4", "~a ~b",
     "a<root{MaxJobs=4} b<root{MaxJobs=4}"},
    {"a partition has no account's row", kAll, kA,
     "modify account name=a cluster=c partition=p set MaxJobs=4",
     "unknown: an account's row with a partition"},
    {"the account's row is without one", kAll, kA,
     "modify account name=a cluster=c partition= set MaxJobs=4", "~a",
     "a<root{MaxJobs=4}"},
    {"none of them is there", kAll, kA,
     "modify account name=x,y cluster=c set MaxJobs=4", "nothing"},
    {"the root account", kAll, kA,
     "modify account name=root cluster=c set GrpTRESMins=cpu=9 GrpWall=5",
     "~root", "a<root root{GrpTRESMins=cpu=9:GrpWall=5}"},
    {"nothing to set but cluster=", kAll, kA,
     "modify account name=a set cluster=c", "unknown"},
    {"no cluster= where there is but one", kAll, kA,
     "modify account name=a set MaxJobs=4", "~a", "a<root{MaxJobs=4}"},
};

constexpr Case kUserLimits[] = {
    {"one row", kAll, kUWithPartitions,
     "modify user name=u account=a cluster=c partition=p set MaxJobs=4",
     "~a/u@p", "a<root a/u a/u@p{MaxJobs=4} a/u@q"},
    {"the row without a partition", kAll, kUWithPartitions,
     "modify user name=u account=a cluster=c partition= set MaxJobs=4", "~a/u",
     "a<root a/u{MaxJobs=4} a/u@p a/u@q"},
    {"several partitions", kAll, kUWithPartitions,
     "modify user name=u account=a cluster=c partition=p,q set MaxJobs=4",
     "~a/u@p ~a/u@q", "a<root a/u a/u@p{MaxJobs=4} a/u@q{MaxJobs=4}"},
    {"all rows in an account", kAll, kUWithPartitions,
     "modify user name=u account=a cluster=c set MaxJobs=4",
     "~a/u ~a/u@p ~a/u@q",
     "a<root a/u{MaxJobs=4} a/u@p{MaxJobs=4} a/u@q{MaxJobs=4}"},
    {"users and accounts by lists", kAll, kUab,
     "modify user name=u,v account=a,b cluster=c partition= set MaxJobs=4",
     "~a/u ~b/u", "a<root a/u{MaxJobs=4} b<root b/u{MaxJobs=4}"},
    {"a partition that has no row", kAll, kUWithPartitions,
     "modify user name=u account=a cluster=c partition=x set MaxJobs=4",
     "nothing"},
    {"no account=", kAll, kUab, "modify user name=u cluster=c set MaxJobs=4",
     "unknown"},
    {"a Comment goes empty, never away", "24.11.5 26.05.5",
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;modify user name=u account=a cluster=c set Comment=x",
     "modify user name=u account=a cluster=c set Comment=", "~a/u",
     "a<root a/u{Comment=}"},
    {"a Comment of -1 is a text", "24.11.5 26.05.5", kU,
     "modify user name=u account=a cluster=c set Comment=-1", "~a/u",
     "a<root a/u{Comment=-1}"},
    {"a default QOS that the row has", kAll, kU,
     "modify user name=u account=a cluster=c set QOS=q1,q2 DefaultQOS=q1",
     "~a/u", "a<root a/u{DefaultQOS=q1:QOS=q1,q2}"},
    {"a list without the row's default QOS", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;modify user name=u account=a cluster=c set QOS=q1,q2 "
     "DefaultQOS=q1",
     "modify user name=u account=a cluster=c set QOS=q2", "refused"},
    {"a refusal leaves no row changed", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;modify user name=u "
     "account=a cluster=c set QOS=q1",
     "modify user name=u account=a,b cluster=c set DefaultQOS=q2 MaxJobs=1",
     "refused"},
    {"the default QOS away", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;modify user name=u account=a cluster=c set QOS=q1 "
     "DefaultQOS=q1",
     "modify user name=u account=a cluster=c set DefaultQOS=-1", "~a/u",
     "a<root a/u{QOS=q1}"},
    {"DefaultQOS= is not how", kAll, kU,
     "modify user name=u account=a cluster=c set DefaultQOS=", "unknown"},
    {"a partition's row asks for its own default QOS", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=a cluster=c partition=p;add "
     "user name=u account=a cluster=c partition=q;modify user name=u account=a "
     "cluster=c partition=p set QOS=q1 DefaultQOS=q1",
     "modify user name=u account=a cluster=c partition=p set QOS-=q1",
     "refused"},
};

constexpr Case kUserRecords[] = {
    {"a default account", kAll, kUab,
     "modify user name=u cluster=c set defaultaccount=b", "~user:u",
     "u{DefaultAccount=b}"},
    {"the one that it is", kAll, kUab,
     "modify user name=u cluster=c set defaultaccount=a", "~user:u",
     "u{DefaultAccount=a}"},
    {"of several users, who are there", kAll, kUab,
     "modify user name=u,nobody cluster=c set defaultaccount=b", "~user:u",
     "u{DefaultAccount=b}"},
    {"of several users, one of whom is not in it", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add user name=v "
     "account=a cluster=c defaultaccount=a",
     "modify user name=u,v cluster=c set defaultaccount=b", "refused"},
    {"nobody is there", kAll, kA,
     "modify user name=x cluster=c set defaultaccount=a", "nothing"},
    {"no default account", kAll, kUab,
     "modify user name=u cluster=c set defaultaccount=", "nothing"},
    {"an AdminLevel", kAll, kU, "modify user name=u set adminlevel=Operator",
     "~user:u", "u{DefaultAccount=a:AdminLevel=Operator}"},
    {"an AdminLevel by its first letter", kAll, kU,
     "modify user name=u set adminlevel=a", "~user:u",
     "u{DefaultAccount=a:AdminLevel=Administrator}"},
    {"None takes it away", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;modify user name=u set adminlevel=Administrator",
     "modify user name=u set adminlevel=None", "~user:u",
     "u{DefaultAccount=a}"},
    {"an AdminLevel that there is not", kAll, kU,
     "modify user name=u set adminlevel=king", "unknown"},
    {"a level and a default account", kAll, kUab,
     "modify user name=u cluster=c set adminlevel=Operator defaultaccount=b",
     "unknown"},
    {"a level and a limit", kAll, kU,
     "modify user name=u account=a cluster=c set adminlevel=Operator MaxJobs=1",
     "unknown"},
    {"a name with a backslash is read back as another", kAll,
     "add account name=a cluster=c;add user name=x\\y account=a cluster=c "
     "defaultaccount=a",
     "modify user name=x\\y set adminlevel=Operator", "unknown"},
};

constexpr Case kAccountRecords[] = {
    {"a description", kAll, kA,
     "modify account name=a set description=New~Text", "~acct:a",
     "a{Description=new text:Organization=a}"},
    {"empty texts", kAll, kA,
     "modify account name=a set description= organization=", "~acct:a",
     "a{Description=:Organization=}"},
    {"of several, those that are there", kAll, kAb,
     "modify account name=a,x,b set organization=o", "~acct:a ~acct:b",
     "a{Description=a:Organization=o} b{Description=b:Organization=o}"},
    {"none is there", kAll, kA, "modify account name=x set organization=o",
     "nothing"},
    {"with cluster= it would be about rows", kAll, kA,
     "modify account name=a cluster=c set description=d", "unknown"},
    {"texts and limits", kAll, kA,
     "modify account name=a set description=d MaxJobs=1", "unknown"},
    {"on 24.11.0 nothing of accounts can be said", "24.11.0 24.11.1", kA,
     "modify account name=a set description=d", "unknown"},
};

constexpr Case kMoves[] = {
    {"an account and what is below it", kAll,
     "add account name=a,b cluster=c;add account name=k cluster=c parent=a;add "
     "user name=u account=k cluster=c defaultaccount=k",
     "modify account name=a cluster=c set parent=b", "~a",
     "a<b b<root k<a k/u"},
    {"up to root", kAll,
     "add account name=a cluster=c;add account name=k cluster=c parent=a",
     "modify account name=k cluster=c set parent=root", "~k", "a<root k<root"},
    {"below itself", kAll, kA, "modify account name=a cluster=c set parent=a",
     "nothing"},
    {"below one that is not there", kAll, kA,
     "modify account name=a cluster=c set parent=x", "refused"},
    {"one that is not there", kAll, kA,
     "modify account name=x cluster=c set parent=a", "nothing"},
    {"below a name that sacctmgr would not say so", kAll, kA,
     "modify account name=a cluster=c set parent=B",
     "unknown: 'B' is not lower case"},
    {"below two", kAll, "add account name=a,b,k cluster=c",
     "modify account name=k cluster=c set parent=a,b",
     "unknown: several parents"},
    {"two at once", kAll,
     "add account name=a,b cluster=c;add account name=k cluster=c",
     "modify account name=a,b cluster=c set parent=k", "unknown"},
    {"root", kAll, kA, "modify account name=root cluster=c set parent=a",
     "unknown"},
    {"below the grandchild, which comes up first", kOld,
     "add account name=a cluster=c;add account name=k cluster=c parent=a;add "
     "account name=l cluster=c parent=k",
     "modify account name=a cluster=c set parent=l", "~a ~l", "a<l k<a l<root"},
    {"below the grandchild is not for plans", "23.11.11 24.05.8 24.11.5",
     "add account name=a cluster=c;add account name=k cluster=c parent=a;add "
     "account name=l cluster=c parent=k",
     "modify account name=a cluster=c set parent=l", "unknown"},
    {"below the grandchild is refused", "25.05.8 26.05.5",
     "add account name=a cluster=c;add account name=k cluster=c parent=a;add "
     "account name=l cluster=c parent=k",
     "modify account name=a cluster=c set parent=l", "refused"},
};

constexpr Case kQosLists[] = {
    {"a list takes the place of another", kAll,
     "add account name=a cluster=c QOS=q1,q2",
     "modify account name=a cluster=c set QOS=normal", "~a",
     "a<root{QOS=normal}"},
    {"+= appends", kAll, "add account name=a cluster=c QOS=q1,q2",
     "modify account name=a cluster=c set QOS+=normal", "~a",
     "a<root{QOS=normal,q1,q2}"},
    {"+= of what is there", kAll, "add account name=a cluster=c QOS=q1,q2",
     "modify account name=a cluster=c set QOS+=q1", "~a", "a<root{QOS=q1,q2}"},
    {"-= removes", kAll, "add account name=a cluster=c QOS=q1,q2",
     "modify account name=a cluster=c set QOS-=q1", "~a", "a<root{QOS=q2}"},
    {"-= of what is not there", kAll, "add account name=a cluster=c QOS=q1,q2",
     "modify account name=a cluster=c set QOS-=normal", "~a",
     "a<root{QOS=q1,q2}"},
    {"+= and -= in one command", kAll, "add account name=a cluster=c QOS=q1,q2",
     "modify account name=a cluster=c set QOS+=normal QOS-=q2", "~a",
     "a<root{QOS=normal,q1}"},
    {"signs in the value are the same", kAll,
     "add account name=a cluster=c QOS=q1,q2",
     "modify account name=a cluster=c set QOS=+normal,-q2", "~a",
     "a<root{QOS=normal,q1}"},
    {"the last one goes: from now on it inherits, without it",
     "22.05.8 23.02.8 24.11.5 26.05.5", "add account name=a cluster=c QOS=q1",
     "modify account name=a cluster=c set QOS-=q1", "~a", "a<root{QOS=-q1}"},
    {"the last one goes: an empty list", "20.11.4",
     "add account name=a cluster=c QOS=q1",
     "modify account name=a cluster=c set QOS-=q1", "~a", "a<root{QOS=}"},
    {"a row that inherits keeps the changes", kAll, kA,
     "modify account name=a cluster=c set QOS+=q1 QOS-=normal", "~a",
     "a<root{QOS=+q1,-normal}"},
    {"a change to a change", kAll, "add account name=a cluster=c QOS=+q1",
     "modify account name=a cluster=c set QOS-=q1", "~a", "a<root{QOS=-q1}"},
    {"QOS= takes list and changes away", kAll,
     "add account name=a cluster=c QOS=+q1,-q2",
     "modify account name=a cluster=c set QOS=", "~a", "a<root"},
    {"QOS= and changes in one command", kAll,
     "add account name=a cluster=c QOS=q1,q2",
     "modify account name=a cluster=c set QOS= QOS+=q1", "unknown"},
    {"names and changes in one value", kAll,
     "add account name=a cluster=c QOS=q1,q2",
     "modify account name=a cluster=c set QOS=q1,+q2", "unknown"},
    {"a sign after +=", kAll, "add account name=a cluster=c QOS=q1,q2",
     "modify account name=a cluster=c set QOS+=-q1", "unknown"},
    {"the list of the cluster", kAll, kA,
     "modify account name=root cluster=c set QOS=q1,q2", "~root",
     "a<root root{QOS=q1,q2}"},
};

TEST(SlurmdbdChangeTest, Limits) { Check(kLimits, "rows"); }
TEST(SlurmdbdChangeTest, LimitsOfUsers) { Check(kUserLimits, "rows"); }
TEST(SlurmdbdChangeTest, RecordsOfUsers) { Check(kUserRecords, "users"); }
TEST(SlurmdbdChangeTest, RecordsOfAccounts) {
  Check(kAccountRecords, "accounts");
}
TEST(SlurmdbdChangeTest, Moves) { Check(kMoves, "rows"); }
TEST(SlurmdbdChangeTest, QosLists) { Check(kQosLists, "rows"); }

}  // namespace assocsync::slurmdbd_changes_test
