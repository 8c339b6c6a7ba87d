// What the model takes from a DatabaseState, and what it tells besides the
// outcome of a command.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_state_test {

using slurmdbd_cases::After;
using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::EmptyState;
using slurmdbd_cases::kA;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kMarked;
using slurmdbd_cases::kU;
using slurmdbd_cases::kUab;
using slurmdbd_cases::Of;
using slurmdbd_cases::Parsed;
using slurmdbd_cases::Said;
using slurmdbd_cases::Shown;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A file has the tree alone: what it does not list may be there.
DatabaseState FromAFile() {
  DatabaseState state =
      After("26.05.5",
            "add account name=a cluster=c;add user name=u account=a cluster=c "
            "adminlevel=Operator;add coordinator account=a name=u")
          .state();
  state.complete = false;
  state.users.clear();
  state.accounts.clear();
  state.coordinators.clear();
  return state;
}
constexpr Case kFromAFile[] = {
    {"a QOS that it does not list", kAll, "",
     "modify account name=a cluster=c set QOS=elsewhere", "~a"},
    {"a default QOS that it does not list", kAll, "",
     "modify account name=a cluster=c set QOS=new DefaultQOS=new", "~a"},
    {"a TRES that it does not list", kAll, "",
     "modify account name=a cluster=c set GrpTRES=license/x=1", "~a"},
    {"a QOS that is preempted", kAll, "",
     "modify qos name=q1 set Preempt=elsewhere", "~qos:q1"},
    {"a QOS that goes", kAll, "", "delete qos name=elsewhere",
     "-qos:elsewhere"},
    {"its users have records", kAll, "",
     "modify user name=u set adminlevel=None", "~user:u"},
    {"and others none", kAll, "", "modify user name=v set adminlevel=None",
     "nothing"},
    {"its accounts have records", kAll, "",
     "modify account name=a set description=d", "~acct:a"},
    {"its coordinators are known", kAll, "",
     "delete coordinator account=a name=u", "-coord:a:u"},
    {"and go with the user", kAll, "", "delete user name=u",
     "-a/u -user:u -coord:a:u"},
};
TEST(SlurmdbdStateTest, FromAFile) { Check(kFromAFile, "rows", FromAFile()); }

// A user without a row has a record, and may have rights and WCKeys.
DatabaseState RecordsAlone() {
  DatabaseState state = EmptyState();
  Fields& fields = state.users[Name("u")].fields;
  fields.Set(Key::kAdminLevel, Name("Operator"));
  fields.Set(Key::kWckeys, Name("w,x"));
  fields.Set(Key::kDefaultWckey, Name("w"));
  state.accounts[Name("b")].fields.Set(Key::kDescription, Name("old"));
  state.coordinators.insert({Name("b"), Name("u")});
  return state;
}
constexpr Case kRecordsAlone[] = {
    {"a row brings all of it to light", kAll, kA,
     "add user name=u account=a cluster=c", "+a/u",
     "u{DefaultAccount=a:DefaultWCKey=w:AdminLevel=Operator:Coordinator=b:"
     "WCKeys=w,x}"},
    {"what is said of a new user's level is not for him", kAll, kA,
     "add user name=u account=a cluster=c adminlevel=Administrator", "+a/u",
     "u{DefaultAccount=a:DefaultWCKey=w:AdminLevel=Operator:Coordinator=b:"
     "WCKeys=w,x}"},
    {"without a row no dump shows him", kAll, "",
     "modify user name=u set adminlevel=None", "~user:u", ""},
    {"a WCKey goes", kAll, "", "delete user name=u wckey=w cluster=c",
     "-wckey:w:u", ""},
    {"a WCKey comes", kAll, "",
     "add user name=u wckey=y cluster=c defaultwckey=w", "+wckey:y:u", ""},
    {"all goes with the record", kAll, "", "delete user name=u",
     "-user:u -coord:b:u -wckey:w:u -wckey:x:u", ""},
    {"an account without a row is deleted", kAll, "", "delete account name=b",
     "-acct:b -coord:b:u", ""},
    {"with cluster= it has nothing there", kAll, "",
     "delete account name=b cluster=c", "nothing", ""},
    {"and is no parent", kAll, "", "add account name=k cluster=c parent=b",
     "refused", ""},
    {"nor one to move below", kAll, kA,
     "modify account name=a cluster=c set parent=b", "refused", ""},
    {"nor one for a user", kAll, "", "add user name=v account=b cluster=c",
     "refused", ""},
    {"WCKeys outlive the last row", "22.05.8 24.11.5 26.05.5",
     "add account name=a cluster=c;add user name=u account=a cluster=c;delete "
     "account name=a cluster=c partition=",
     "add user name=u account=root cluster=c", "+root/u",
     "u{DefaultAccount=root:DefaultWCKey=w:AdminLevel=Operator:Coordinator=b:"
     "WCKeys=w,x}"},
};
TEST(SlurmdbdStateTest, RecordsWithoutRows) {
  Check(kRecordsAlone, "users", RecordsAlone());
}

// sacctmgr reads whom it is to delete after his last row from its own message,
// up to a character that it does not expect in a name: of `zed o` that is
// `zed`.
constexpr Case kPrinted[] = {
    {"the one who is meant stays, and another without a row goes", kAll,
     "add account name=a cluster=c;add user name=zed~o account=a cluster=c",
     "delete user name=zed~o account=a cluster=c partition=",
     "-a/zed o -user:zed", "u.x zed o"},
    {"who has a row does not", kAll,
     "add account name=a,b cluster=c;add user name=zed account=b cluster=c;add "
     "user name=zed~o account=a cluster=c",
     "delete user name=zed~o account=a cluster=c partition=", "-a/zed o",
     "u.x zed zed o"},
    {"dots, underscores, hyphens and at signs are expected", kAll,
     "add account name=a cluster=c;add user name=u.x account=a cluster=c",
     "delete user name=u.x account=a cluster=c partition=", "-a/u.x -user:u.x",
     "zed"},
    {"one that begins with another character is nobody's", kAll,
     "add account name=a cluster=c;add user name=+zed account=a cluster=c",
     "delete user name=+zed account=a cluster=c partition=", "-a/+zed",
     "+zed u.x zed"},
    {"by name the right one goes", kAll,
     "add account name=a cluster=c;add user name=zed~o account=a cluster=c",
     "delete user name=zed~o", "-a/zed o -user:zed o", "u.x zed"},
};
TEST(SlurmdbdStateTest, NamesAsSacctmgrPrintsThem) {
  DatabaseState state = EmptyState();
  state.users[Name("zed")];
  state.users[Name("u.x")];
  Check(kPrinted, "records", state);
}

// Ids are of rows that stay.
TEST(SlurmdbdStateTest, Ids) {
  DatabaseState state = After("26.05.5", kUab).state();
  const AssocKey a = {Name("a"), Name("u"), {}}, b = {Name("b"), Name("u"), {}};
  state.ids = {{a, 7}, {b, 8}};
  Slurmdbd dbd(Of("26.05.5"), state);
  for (const char* command :
       {"modify user name=u account=a cluster=c set MaxJobs=1",
        "modify account name=a cluster=c set parent=b",
        "delete user name=u account=b cluster=c partition=",
        "add user name=u account=b cluster=c"}) {
    EXPECT_EQ(dbd.Run(Parsed(command)).result, Outcome::Result::kDone);
  }
  EXPECT_EQ(dbd.state().ids, (DatabaseState::Ids{{a, 7}}));
}

TEST(SlurmdbdStateTest, AccountsBelowParentsFirst) {
  const Slurmdbd dbd =
      After("26.05.5",
            "add account name=z,q cluster=c;add account name=y cluster=c "
            "parent=z;add "
            "account name=a,b cluster=c parent=y;add user name=u account=a "
            "cluster=c");
  EXPECT_THAT(dbd.AccountsBelow(Name("z")),
              ElementsAre(Name("y"), Name("a"), Name("b")));
  EXPECT_THAT(dbd.AccountsBelow(Name("q")), IsEmpty());
}

// Of copies each goes its way: the planner tries commands on them.
TEST(SlurmdbdStateTest, CopiesAreApart) {
  const Slurmdbd first = After("26.05.5", kU);
  Slurmdbd second = first;
  EXPECT_EQ(Said(second.Run(Parsed("delete user name=u"))), "-a/u -user:u");
  EXPECT_EQ(Shown(second, "rows"), "a<root");
  EXPECT_EQ(Shown(first, "rows"), "a<root a/u");
  second = first;
  EXPECT_EQ(Shown(second, "rows"), "a<root a/u");
  EXPECT_EQ(second.behaviour().since, first.behaviour().since);
}

// A user with a row in each of many accounts.
TEST(SlurmdbdStateTest, ManyRowsOfAUser) {
  Slurmdbd dbd(Of("26.05.5"), EmptyState());
  std::string names, rows;
  for (char c = 'a'; c <= 'z'; ++c) {
    names += names.empty() ? "" : ",";
    names += c;
    rows += std::string("-") + c + "/u ";
  }
  dbd.Run(Parsed("add account name=" + names + " cluster=c"));
  dbd.Run(Parsed("add user name=u account=" + names +
                 " cluster=c defaultaccount=m"));
  const Slurmdbd copy = dbd;
  EXPECT_EQ(Said(dbd.Run(Parsed("delete user name=u account=k cluster=c "
                                "partition="))),
            "-k/u");
  EXPECT_EQ(Said(dbd.Run(Parsed("delete user name=u account=m cluster=c "
                                "partition="))),
            "refused");
  EXPECT_EQ(Said(copy.Predict(Parsed("delete user name=u"))), rows + "-user:u");
}

constexpr Case kNoCommands[] = {
    {"a cluster is added", kAll, "", "add cluster name=d",
     "unknown: there is no such command"},
    {"a cluster goes", kAll, "", "delete cluster name=c",
     "unknown: a cluster would go"},
    {"a coordinator is modified", kAll, "",
     "modify coordinator account=a set name=u",
     "unknown: there is no such command"},
    {"an account without a name", kAll, "", "add account cluster=c",
     "unknown: no name"},
    {"a user without a name", kAll, kA, "add user account=a cluster=c",
     "unknown: no name"},
    {"a QOS without a name", kAll, "", "add qos Priority=1",
     "unknown: no name"},
    {"everybody's rows of the cluster", kAll, kU, "delete user cluster=c",
     "unknown"},
    {"all accounts of the cluster", kAll, kA, "delete account cluster=c",
     "unknown"},
    {"a word that sacctmgr has, but the model not", kAll, kU,
     "modify user name=u set newname=v",
     "unknown: the model does not know 'newname' here"},
    {"a condition twice", kAll, kA,
     "modify account name=a name=b cluster=c set MaxJobs=1", "unknown"},
    {"a name with +=", kAll, "", "add account name+=a cluster=c", "unknown"},
};
TEST(SlurmdbdStateTest, WhatIsNoCommandOfAPlan) { Check(kNoCommands); }

TEST(SlurmdbdStateTest, OnlyDeletesArePredicted) {
  const Slurmdbd dbd = After("26.05.5", kMarked);
  for (const char* command :
       {"add account name=b cluster=c",
        "modify account name=a cluster=c set MaxJobs=1"}) {
    EXPECT_EQ(Said(dbd.Predict(Parsed(command))), "unknown") << command;
  }
  for (const char* command : {"delete qos name=q1", "delete cluster name=c",
                              "add account name=b cluster=c"}) {
    EXPECT_THAT(dbd.Finds(Parsed(command)), IsEmpty()) << command;
  }
}

constexpr Case kCluster[] = {
    {"a classification", kAll, "",
     "modify cluster name=c set Classification=capacity", "",
     "c{Classification=capacity}"},
    {"another one", kAll, "modify cluster name=c set Classification=capacity",
     "modify cluster name=c set Classification=capability", "",
     "c{Classification=capability}"},
    {"it cannot be taken away", kAll,
     "modify cluster name=c set Classification=capacity",
     "modify cluster name=c set Classification=",
     "unknown: that Classification", "c{Classification=capacity}"},
    {"one that there is not", kAll, "",
     "modify cluster name=c set Classification=zz", "unknown", "c"},
    {"of another cluster", kAll, "",
     "modify cluster name=d set Classification=capacity",
     "unknown: it is about another cluster", "c"},
    {"its limits are those of account root", kAll, "",
     "modify cluster name=c set MaxJobs=1", "unknown", "c"},
};
TEST(SlurmdbdStateTest, TheCluster) { Check(kCluster, "cluster"); }

}  // namespace assocsync::slurmdbd_state_test
