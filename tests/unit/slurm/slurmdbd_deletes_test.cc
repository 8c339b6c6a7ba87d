// delete user, delete account: what goes along where no name is like another
// (slurm-facts 0.1, 4.4, 4.5; those that are: slurmdbd_test.cc).
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_deletes_test {

using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::kA;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kNew;
using slurmdbd_cases::kOld;
using slurmdbd_cases::kUab;
using slurmdbd_cases::kUWithPartitions;

constexpr Case kCascades[] = {
    {"a user's row, where another is left", kAll, kUab,
     "delete user name=u account=b cluster=c partition=", "-b/u",
     "a<root a/u b<root"},
    {"a user of the cluster, all rows",
     "20.11.4 23.11.11 24.05.8 24.11.5 25.05.8 26.05.5",
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add user name=v "
     "account=b cluster=c defaultaccount=b",
     "delete user name=u cluster=c", "-a/u -b/u -user:u", "a<root b<root b/v"},
    {"a user by name", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add user name=v "
     "account=b cluster=c defaultaccount=b",
     "delete user name=u", "-a/u -b/u -user:u", "a<root b<root b/v"},
    {"several users by name", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add user name=v "
     "account=b cluster=c defaultaccount=b",
     "delete user name=u,v", "-a/u -b/u -b/v -user:u -user:v", "a<root b<root"},
    {"of several, those that are there", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add user name=v "
     "account=b cluster=c defaultaccount=b",
     "delete user name=u,nobody", "-a/u -b/u -user:u", "a<root b<root b/v"},
    {"nobody is there", kAll, kUab, "delete user name=nobody", "nothing"},
    {"one partition's row",
     "20.11.4 22.05.8 23.02.8 24.05.8 24.11.5 25.05.8 26.05.5",
     kUWithPartitions, "delete user name=u account=a cluster=c partition=q",
     "-a/u@q", "a<root a/u a/u@p"},
    {"a partition that has no row", kAll, kUWithPartitions,
     "delete user name=u account=a cluster=c partition=x", "nothing"},
    {"an account by name, with its users", "22.05.8 23.11.11 24.11.5 26.05.5",
     "add account name=a,b cluster=c;add user name=v account=b cluster=c "
     "defaultaccount=b",
     "delete account name=b", "-b -b/v -acct:b", "a<root"},
    {"an account by name, with all that is below it",
     "22.05.8 23.11.11 24.11.5 26.05.5",
     "add account name=a cluster=c;add account name=k cluster=c parent=a;add "
     "user name=u account=k cluster=c defaultaccount=k",
     "delete account name=a", "-a -k -k/u -acct:a", ""},
    {"an account whose user has another default", kAll, kUab,
     "delete account name=b cluster=c", "-b -b/u", "a<root a/u"},
    {"the default account of a user who has another",
     "20.11.4 23.11.11 24.11.5 26.05.5", kUab,
     "delete account name=a cluster=c", "refused"},
    {"two accounts, no user is left with one", "22.05.8", kUab,
     "delete account name=a,b", "refused"},
    {"two accounts, no user is left with one", "24.11.5 26.05.5", kUab,
     "delete account name=a,b", "-a -a/u -b -b/u -acct:a -acct:b", ""},
    {"a partition's row, exact", kOld,
     "add account name=a cluster=c;add account name=0-u cluster=c parent=a;add "
     "account name=p cluster=c parent=0-u;add user name=u account=a cluster=c;"
     "add user name=u account=a cluster=c partition=p",
     "delete user name=u account=a cluster=c partition=p", "-a/u@p",
     "0-u<a a<root a/u p<0-u"},
    {"a partition's row whose lineage is an account's too", kNew,
     "add account name=a cluster=c;add account name=0-u cluster=c parent=a;add "
     "account name=p cluster=c parent=0-u;add user name=u account=a cluster=c;"
     "add user name=u account=a cluster=c partition=p",
     "delete user name=u account=a cluster=c partition=p",
     "refused: an account's row would go as well"},
    {"the account goes, and the row with it", "24.05.8 24.11.5 26.05.5",
     "add account name=a cluster=c;add account name=0-u cluster=c parent=a;add "
     "account name=p cluster=c parent=0-u;add user name=u account=a cluster=c;"
     "add user name=u account=a cluster=c partition=p",
     "delete account name=p cluster=c partition=", "-a/u@p -p",
     "0-u<a a<root a/u"},
    {"an account that is not there", kAll, kA, "delete account name=x",
     "nothing"},
    {"an account without a row here", kAll, kA,
     "delete account name=x cluster=c", "nothing"},
    {"root", kAll, kA, "delete account name=root cluster=c", "refused"},
    {"all of an account's rows, by its exact form", "24.05.8 24.11.5 26.05.5",
     "add account name=a,b cluster=c;add user name=v account=b cluster=c "
     "defaultaccount=b",
     "delete account name=b cluster=c partition=", "-b -b/v", "a<root"},
    {"on 24.11.0 no account can be deleted", "24.11.0 24.11.1", kA,
     "delete account name=a cluster=c", "unknown"},
    {"a condition that the model does not know", kAll, kA,
     "delete account name=a cluster=c parent=root", "unknown"},
};

constexpr Case kRights[] = {
    {"of a user by name", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add user name=v "
     "account=b cluster=c defaultaccount=b;add coordinator account=a,b "
     "name=u,v;add user name=u,v wckey=w cluster=c",
     "delete user name=u", "-a/u -b/u -user:u -coord:a:u -coord:b:u -wckey:w:u",
     "v{DefaultAccount=b:DefaultWCKey=w:Coordinator=a,b:WCKeys=w}"},
    {"of a user whose last row goes", "22.05.8 24.05.8 24.11.5 26.05.5",
     "add account name=a,b cluster=c;add user name=v account=b cluster=c "
     "defaultaccount=b;add user name=u account=a cluster=c "
     "defaultaccount=a;add coordinator account=b name=u;add user name=u "
     "wckey=w cluster=c",
     "delete user name=u account=a cluster=c partition=",
     "-a/u -user:u -coord:b:u -wckey:w:u", "v{DefaultAccount=b}"},
    {"not of a user who has another row", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add coordinator "
     "account=b name=u",
     "delete user name=u account=b cluster=c partition=", "-b/u",
     "u{DefaultAccount=a:Coordinator=b}"},
    {"over an account by name", "22.05.8 24.11.5 26.05.5",
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add account name=k "
     "cluster=c;add coordinator account=a,k name=u",
     "delete account name=k", "-k -acct:k -coord:k:u",
     "u{DefaultAccount=a:Coordinator=a}"},
    {"not over an account of this cluster", "22.05.8 24.11.5 26.05.5",
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add account name=k "
     "cluster=c;add coordinator account=a,k name=u",
     "delete account name=k cluster=c", "-k",
     "u{DefaultAccount=a:Coordinator=a,k}"},
    {"over an account below one that is deleted by name", kAll,
     "add account name=a,b cluster=c;add account name=k cluster=c parent=a;add "
     "user name=u account=b cluster=c;add coordinator account=a,k name=u",
     "delete account name=a", "-a -k -acct:a -coord:a:u",
     "u{DefaultAccount=b:Coordinator=k}"},
    {"of a user whose rows went because his name is like another", kNew,
     "add account name=a cluster=c;add user name=j_doe,j-doe account=a "
     "cluster=c;add coordinator account=a name=j_doe,j-doe;add user name=j-doe "
     "account=root cluster=c partition=p",
     "delete user name=j_doe",
     "-a/j-doe -a/j_doe -root/j-doe@p -user:j_doe -coord:a:j_doe", ""},
    {"they are there when he comes back", kNew,
     "add account name=a cluster=c;add user name=j_doe,j-doe account=a "
     "cluster=c;add coordinator account=a name=j_doe,j-doe;delete user "
     "name=j_doe",
     "add user name=j-doe account=a cluster=c", "+a/j-doe",
     "j-doe{DefaultAccount=a:Coordinator=a}"},
};

TEST(SlurmdbdDeleteTest, Cascades) { Check(kCascades, "rows"); }
TEST(SlurmdbdDeleteTest, RightsGoWithTheRecord) { Check(kRights, "users"); }

}  // namespace assocsync::slurmdbd_deletes_test
