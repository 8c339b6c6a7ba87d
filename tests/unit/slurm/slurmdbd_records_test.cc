// WCKeys, coordinators and names of QOS (slurm-facts 4.8).
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_records_test {

using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::kA;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kNew;
using slurmdbd_cases::kOld;
using slurmdbd_cases::kU;
using slurmdbd_cases::kUab;

constexpr Case kWckeys[] = {
    {"the first one is the default", kAll, kU,
     "add user name=u wckey=w cluster=c", "+wckey:w:u",
     "u{DefaultAccount=a:DefaultWCKey=w:WCKeys=w}"},
    {"the first of several", kAll, kU, "add user name=u wckey=w,x cluster=c",
     "+wckey:w:u +wckey:x:u", "u{DefaultAccount=a:DefaultWCKey=w:WCKeys=w,x}"},
    {"one that is said to be the default", kAll, kU,
     "add user name=u wckey=w,x cluster=c defaultwckey=x",
     "+wckey:w:u +wckey:x:u", "u{DefaultAccount=a:DefaultWCKey=x:WCKeys=w,x}"},
    {"a default that is not in the list", kAll, kU,
     "add user name=u wckey=w cluster=c defaultwckey=x",
     "+wckey:w:u +wckey:x:u", "u{DefaultAccount=a:DefaultWCKey=x:WCKeys=w,x}"},
    {"a second one is not the default", kOld,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u wckey=w cluster=c",
     "add user name=u wckey=x cluster=c", "+wckey:x:u",
     "u{DefaultAccount=a:DefaultWCKey=w:WCKeys=w,x}"},
    {"a second default moves it", kNew,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u wckey=w cluster=c",
     "add user name=u wckey=x cluster=c defaultwckey=x", "+wckey:x:u",
     "u{DefaultAccount=a:DefaultWCKey=x:WCKeys=w,x}"},
    {"all are there", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u wckey=w cluster=c",
     "add user name=u wckey=w cluster=c", "nothing"},
    {"where there is no default, the first that is new", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c;add "
     "user name=u wckey=w,x cluster=c;delete user name=u wckey=w cluster=c",
     "add user name=u wckey=y,z cluster=c", "+wckey:y:u +wckey:z:u",
     "u{DefaultAccount=a:DefaultWCKey=y:WCKeys=x,y,z}"},
    {"where there is no default, and the first is not new", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c;add "
     "user name=u wckey=w,x cluster=c;delete user name=u wckey=w cluster=c",
     "add user name=u wckey=x,y cluster=c",
     "unknown: which WCKey becomes the default of 'u'"},
    {"nobody of that name", kAll, kA, "add user name=v wckey=w cluster=c",
     "unknown"},
    {"a star is Slurm's own mark", kAll, kU,
     "add user name=u wckey=*w cluster=c", "unknown"},
    {"another default", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u wckey=w,x cluster=c",
     "modify user name=u cluster=c set defaultwckey=x", "~user:u",
     "u{DefaultAccount=a:DefaultWCKey=x:WCKeys=w,x}"},
    {"a default that is not there", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u wckey=w cluster=c",
     "modify user name=u cluster=c set defaultwckey=x", "refused"},
    {"no default", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u wckey=w cluster=c",
     "modify user name=u cluster=c set defaultwckey=", "unknown"},
    {"one goes", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u wckey=w,x cluster=c",
     "delete user name=u wckey=x cluster=c", "-wckey:x:u",
     "u{DefaultAccount=a:DefaultWCKey=w:WCKeys=w}"},
    {"the default goes, and no other becomes it", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u wckey=w,x cluster=c",
     "delete user name=u wckey=w cluster=c", "-wckey:w:u",
     "u{DefaultAccount=a:WCKeys=x}"},
    {"several go", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u wckey=w,x,y cluster=c",
     "delete user name=u wckey=w,y cluster=c", "-wckey:w:u -wckey:y:u",
     "u{DefaultAccount=a:WCKeys=x}"},
    {"one that is not there", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u wckey=w cluster=c",
     "delete user name=u wckey=x cluster=c", "nothing"},
    {"account= beside wckey=", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u wckey=w cluster=c",
     "delete user name=u account=a wckey=w cluster=c", "unknown"},
};

constexpr Case kCoordinators[] = {
    {"one", kAll, kUab, "add coordinator account=a name=u", "+coord:a:u",
     "u{DefaultAccount=a:Coordinator=a}"},
    {"of several accounts", kAll, kUab, "add coordinator account=b,a name=u",
     "+coord:a:u +coord:b:u", "u{DefaultAccount=a:Coordinator=a,b}"},
    {"there already: done, and nothing touched", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add coordinator "
     "account=a name=u",
     "add coordinator account=a name=u", "",
     "u{DefaultAccount=a:Coordinator=a}"},
    {"one is there, one is not", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add coordinator "
     "account=a name=u",
     "add coordinator account=a,b name=u", "+coord:b:u",
     "u{DefaultAccount=a:Coordinator=a,b}"},
    {"nobody of that name", kAll, kUab, "add coordinator account=a name=x",
     "refused"},
    {"no such account", kAll, kUab, "add coordinator account=x name=u",
     "refused"},
    {"no account=", kAll, kUab, "add coordinator name=u", "unknown"},
    {"one goes", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add coordinator "
     "account=a,b name=u",
     "delete coordinator account=a name=u", "-coord:a:u",
     "u{DefaultAccount=a:Coordinator=b}"},
    {"one who is none", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add coordinator "
     "account=a name=u",
     "delete coordinator account=b name=u", "nothing"},
    {"nobody of that name goes", kAll, kUab,
     "delete coordinator account=a name=x", "refused: there is no user 'x'"},
    {"of an account that moves", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c;add "
     "coordinator account=b name=u",
     "modify account name=b cluster=c set parent=a", "~b",
     "u{DefaultAccount=a:Coordinator=b}"},
    {"of an account that is not there", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add coordinator "
     "account=a name=u",
     "delete coordinator account=x name=u", "refused"},
    {"with cluster=", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=b cluster=c;add coordinator "
     "account=a name=u",
     "delete coordinator account=a name=u cluster=c", "unknown"},
    {"the account's record goes, and they with it",
     "20.11.4 22.05.8 24.11.5 26.05.5",
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add account name=b cluster=c;add coordinator "
     "account=a,b name=u",
     "delete account name=b", "-b -acct:b -coord:b:u",
     "u{DefaultAccount=a:Coordinator=a}"},
};

constexpr Case kQosNames[] = {
    {"one that nothing lists", kAll, kA, "delete qos name=q1", "-qos:q1",
     "a<root"},
    {"one that is not there", kAll, kA, "delete qos name=zz", "nothing"},
    {"of several, those that are there", kAll, kA, "delete qos name=zz,q1",
     "-qos:q1", "a<root"},
    {"the default of an account", kAll,
     "add account name=a cluster=c QOS=q1 DefaultQOS=q1",
     "delete qos name=q1,q2", "refused"},
    {"a list loses it", "24.05.8 24.11.5 25.05.8 26.05.5",
     "add account name=a cluster=c QOS=q1,q2", "delete qos name=q1",
     "~a -qos:q1", "a<root{QOS=q2}"},
    {"a list of it alone: the row inherits again",
     "24.05.8 24.11.5 25.05.8 26.05.5", "add account name=a cluster=c QOS=q1",
     "delete qos name=q1", "~a -qos:q1", "a<root"},
    {"changes lose it", "24.05.8 24.11.5 25.05.8 26.05.5",
     "add account name=a cluster=c QOS=+q1,-q2", "delete qos name=q1",
     "~a -qos:q1", "a<root{QOS=-q2}"},
    {"lists that hold it come out wrong",
     "20.11.4 22.05.8 23.02.8 23.11.11 24.05.0",
     "add account name=a cluster=c QOS=q1,q2", "delete qos name=q1", "unknown"},
    {"there already", kAll, "", "add qos name=q1", "nothing"},
    {"a new one may be listed at once", kAll, "add qos name=new",
     "add account name=a cluster=c QOS=new", "+a +acct:a", "a<root{QOS=new}"},
    {"a name in upper case", kAll, "", "add qos name=New", "unknown"},
    {"one that a row asks for", "22.05.8 24.11.5 26.05.5", kA,
     "modify account name=a cluster=c set QOS=new", "refused"},
};

TEST(SlurmdbdRecordTest, Wckeys) { Check(kWckeys, "users"); }
TEST(SlurmdbdRecordTest, Coordinators) { Check(kCoordinators, "users"); }
TEST(SlurmdbdRecordTest, QosNames) { Check(kQosNames, "rows"); }

}  // namespace assocsync::slurmdbd_records_test
