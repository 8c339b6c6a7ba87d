// add account, add user: what comes, with what values (slurm-facts 4.3 - 4.5).
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_adds_test {

using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::kA;
using slurmdbd_cases::kAb;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kNew;
using slurmdbd_cases::kOld;
using slurmdbd_cases::kU;

constexpr Case kAccounts[] = {
    {"below root an account is its own organization", kAll, "",
     "add account name=a cluster=c", "+a +acct:a",
     "a{Description=a:Organization=a}"},
    {"below another one it has that one's name", kAll, kA,
     "add account name=b cluster=c parent=a", "+b +acct:b",
     "a{Description=a:Organization=a} b{Description=b:Organization=a}"},
    {"what is said is stored in lower case", kAll, "",
     "add account name=a cluster=c description=Big~Group organization=Physics",
     "+a +acct:a", "a{Description=big group:Organization=physics}"},
    {"one text for all of a list", kAll, "",
     "add account name=a,b cluster=c description=d", "+a +b +acct:a +acct:b",
     "a{Description=d:Organization=a} b{Description=d:Organization=b}"},
    {"where it is there its texts stay", kAll, kA,
     "add account name=a,b cluster=c description=new", "+b +acct:b",
     "a{Description=a:Organization=a} b{Description=new:Organization=b}"},
    {"a record without a row keeps its texts", "22.05.8 24.11.5 26.05.5",
     "add account name=a cluster=c description=old;delete account name=a "
     "cluster=c partition=",
     "add account name=a cluster=c description=new organization=o", "+a",
     "a{Description=old:Organization=a}"},
    {"a parent must be named once", kAll, kAb,
     "add account name=k cluster=c parent=a,b", "unknown"},
    {"upper case is not what sacctmgr would say", kAll, "",
     "add account name=A cluster=c", "unknown"},
    {"an empty name in a list", kAll, "", "add account name=a,,b cluster=c",
     "unknown"},
    {"a name with a backslash", kAll, "", "add account name=a\\b cluster=c",
     "unknown"},
};

constexpr Case kAccountRows[] = {
    {"a name twice is one account", kAll, "", "add account name=a,a cluster=c",
     "+a +acct:a", "a<root"},
    {"limits hold for each of a list", kAll, "",
     "add account name=a,b cluster=c MaxJobs=4 GrpTRES=cpu=2",
     "+a +b +acct:a +acct:b",
     "a<root{GrpTRES=cpu=2:MaxJobs=4} b<root{GrpTRES=cpu=2:MaxJobs=4}"},
    {"limits are not for those that were there", kAll, kA,
     "add account name=a,b cluster=c MaxJobs=4", "+b +acct:b",
     "a<root b<root{MaxJobs=4}"},
    {"a limit of -1 is none", kAll, "",
     "add account name=a cluster=c MaxJobs=-1 Fairshare=-1", "+a +acct:a",
     "a<root"},
    {"a TRES that is not there", "22.05.8 24.11.5 26.05.5", "",
     "add account name=a cluster=c GrpTRES=license/x=1", "refused"},
    {"changes to a list that nothing has", kAll, "",
     "add account name=a cluster=c QOS=+q1", "+a +acct:a", "a<root{QOS=+q1}"},
    {"a Comment is for users", "24.11.5 26.05.5", "",
     "add account name=a cluster=c Comment=x", "unknown"},
    {"what no account has", kAll, "", "add account name=a cluster=c colour=red",
     "unknown"},
};

constexpr Case kUserRows[] = {
    {"each user in each account in each partition", kOld, kAb,
     "add user name=u,v account=a,b cluster=c partition=p,q defaultaccount=a",
     "+a/u@p +a/u@q +a/v@p +a/v@q +b/u@p +b/u@q +b/v@p +b/v@q +user:u +user:v",
     "a<root a/u@p a/u@q a/v@p a/v@q b<root b/u@p b/u@q b/v@p b/v@q"},
    {"each user in each account in each partition", kNew, kAb,
     "add user name=u,v account=a,b cluster=c partition=p,q defaultaccount=a",
     "unknown"},
    {"those that are there stay as they are", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a MaxJobs=1",
     "add user name=u account=a,b cluster=c defaultaccount=a MaxJobs=9", "+b/u",
     "a<root a/u{MaxJobs=1} b<root b/u{MaxJobs=9}"},
    {"the default account need not be among the others", kAll, kAb,
     "add user name=u account=b cluster=c defaultaccount=a",
     "+a/u +b/u +user:u", "a<root a/u b<root b/u"},
    {"all are there", kAll, kU, "add user name=u account=a cluster=c",
     "nothing"},
    {"no account", kAll, kA, "add user name=u cluster=c", "refused"},
    {"one of several accounts is not there", kAll, kA,
     "add user name=u account=a,x cluster=c defaultaccount=a", "unknown"},
    {"limits of users", kAll, kA,
     "add user name=u,v account=a cluster=c defaultaccount=a Fairshare=parent "
     "MaxTRESPerJob=cpu=2 QOS=q1,q2 DefaultQOS=q1",
     "+a/u +a/v +user:u +user:v",
     "a<root a/u{DefaultQOS=q1:Fairshare=parent:MaxTRESPerJob=cpu=2:QOS=q1,q2} "
     "a/v{DefaultQOS=q1:Fairshare=parent:MaxTRESPerJob=cpu=2:QOS=q1,q2}"},
    {"a Comment", "24.11.5 26.05.5", kA,
     "add user name=u account=a cluster=c defaultaccount=a Comment=hello",
     "+a/u +user:u", "a<root a/u{Comment=hello}"},
    {"a Comment", "20.11.4 22.05.8", kA,
     "add user name=u account=a cluster=c defaultaccount=a Comment=hello",
     "refused"},
    {"in account root", kAll, "",
     "add user name=u account=root cluster=c defaultaccount=root MaxJobs=1",
     "+root/u +user:u", "root/u{MaxJobs=1}"},
    {"a default QOS out of reach is no matter to the client", kOld,
     "add account name=a cluster=c QOS=q1",
     "add user name=u account=a cluster=c defaultaccount=a DefaultQOS=q2",
     "+a/u +user:u", "a<root{QOS=q1} a/u{DefaultQOS=q2}"},
};

constexpr Case kDefaults[] = {
    {"it is said", kAll, kAb,
     "add user name=u account=a,b cluster=c defaultaccount=b",
     "+a/u +b/u +user:u", "u{DefaultAccount=b}"},
    {"the only account is it", kAll, kA, "add user name=u account=a cluster=c",
     "+a/u +user:u", "u{DefaultAccount=a}"},
    {"nothing said, two accounts: the first",
     "20.11.4 23.11.11 24.11.5 26.05.5", kAb,
     "add user name=u account=b,a cluster=c", "+a/u +b/u +user:u",
     "u{DefaultAccount=b}"},
    {"a second account leaves it where it is", kAll,
     "add account name=a,b cluster=c;add user name=u account=b cluster=c "
     "defaultaccount=b",
     "add user name=u account=a cluster=c", "+a/u", "u{DefaultAccount=b}"},
    {"a second account that is said to be it", kAll,
     "add account name=a,b cluster=c;add user name=u account=b cluster=c "
     "defaultaccount=b",
     "add user name=u account=a cluster=c defaultaccount=a", "+a/u",
     "u{DefaultAccount=a}"},
    {"an AdminLevel is for those who are new", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a",
     "add user name=u,v account=b cluster=c defaultaccount=b "
     "adminlevel=Operator",
     "+b/u +b/v +user:v",
     "u{DefaultAccount=b} v{DefaultAccount=b:AdminLevel=Operator}"},
    {"an AdminLevel that there is not", kAll, kA,
     "add user name=u account=a cluster=c adminlevel=king", "unknown"},
    {"two default accounts", kAll, kAb,
     "add user name=u account=a,b cluster=c defaultaccount=a,b", "unknown"},
};

TEST(SlurmdbdAddTest, Accounts) { Check(kAccounts, "accounts"); }
TEST(SlurmdbdAddTest, RowsOfAccounts) { Check(kAccountRows, "rows"); }
TEST(SlurmdbdAddTest, RowsOfUsers) { Check(kUserRows, "rows"); }
TEST(SlurmdbdAddTest, DefaultAccounts) { Check(kDefaults, "users"); }

}  // namespace assocsync::slurmdbd_adds_test
