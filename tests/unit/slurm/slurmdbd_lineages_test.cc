// Lineages, by which slurmdbd finds rows since 23.11: where a row stands, when
// that is out of date, and what a delete finds then (slurm-facts 4.4, 6.2).
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_lineages_test {

using slurmdbd_cases::After;
using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::kA;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kNew;
using slurmdbd_cases::kOld;
using slurmdbd_cases::Of;
using slurmdbd_cases::Parsed;
using slurmdbd_cases::Said;
using slurmdbd_cases::Shown;

constexpr char kMovesStopBelow[] =
    "23.11.0 23.11.11 24.05.0 24.05.8 24.11.5 25.05.0";
constexpr char kMovesFollow[] =
    "20.11.4 22.05.8 23.02.8 25.05.1 25.05.8 25.11.7 26.05.5";

// m holds user mu and account x; x holds user xu and account y; y holds yu.
#define BELOW_M                                                               \
  "add account name=m,z cluster=c;add account name=x cluster=c parent=m;add " \
  "account name=y cluster=c parent=x;add user name=mu account=m cluster=c;"   \
  "add user name=xu account=x cluster=c;add user name=yu account=y cluster=c"
#define MOVE_M "modify account name=m cluster=c set parent=z"
#define MOVE_M_BACK "modify account name=m cluster=c set parent=root"
#define MOVE_X "modify account name=x cluster=c set parent=z"

constexpr Case kMoves[] = {
    {"rows below sub-accounts keep the old one", kMovesStopBelow, BELOW_M,
     MOVE_M, "~m", "x/xu=/m/x/0-xu/ y=/m/x/y/ y/yu=/m/x/y/0-yu/"},
    {"all rows follow", kMovesFollow, BELOW_M, MOVE_M, "~m", ""},
    {"back again, the old one is right", kMovesStopBelow, BELOW_M ";" MOVE_M,
     MOVE_M_BACK, "~m", ""},
    {"an account's own users follow", kAll,
     "add account name=m,z cluster=c;add user name=mu account=m cluster=c;add "
     "user name=mu account=m cluster=c partition=p",
     MOVE_M, "~m", ""},
    {"a sub-account that moves itself: what stays behind is not found below it",
     kMovesStopBelow, BELOW_M ";" MOVE_M, MOVE_X, "~x",
     "x/xu=/m/x/0-xu/ y=/m/x/y/ y/yu=/m/x/y/0-yu/"},
    {"what it takes along is what stood below it", kMovesStopBelow, BELOW_M,
     MOVE_X, "~x", "y/yu=/m/x/y/0-yu/"},
};

// On 23.11 - 25.05.0 slurmdbd's memory keeps the lineage of before the move for
// the accounts right below, and gives it to rows that are added there.
constexpr Case kAdds[] = {
    {"a row below a sub-account of a moved one", kMovesStopBelow,
     "add account name=p,q cluster=c;add account name=m cluster=c parent=p;add "
     "account name=k cluster=c parent=m;modify account name=m cluster=c set "
     "parent=q",
     "add user name=u account=k cluster=c", "+k/u +user:u", "k/u=/p/m/k/0-u/"},
    {"a row below a sub-account of a moved one", kMovesFollow,
     "add account name=p,q cluster=c;add account name=m cluster=c parent=p;add "
     "account name=k cluster=c parent=m;modify account name=m cluster=c set "
     "parent=q",
     "add user name=u account=k cluster=c", "+k/u +user:u", ""},
    {"after two moves, of before the last", kMovesStopBelow,
     "add account name=p,q,r cluster=c;add account name=m cluster=c parent=p;"
     "add account name=k cluster=c parent=m;modify account name=m cluster=c "
     "set parent=q;modify account name=m cluster=c set parent=r",
     "add user name=u account=k cluster=c", "+k/u +user:u", "k/u=/q/m/k/0-u/"},
    {"an account too", kMovesStopBelow,
     "add account name=p,q cluster=c;add account name=m cluster=c parent=p;add "
     "account name=k cluster=c parent=m;modify account name=m cluster=c set "
     "parent=q",
     "add account name=l cluster=c parent=k", "+l +acct:l", "l=/p/m/k/l/"},
    {"until the sub-account is moved itself", kMovesStopBelow,
     "add account name=p,q cluster=c;add account name=m cluster=c parent=p;add "
     "account name=k cluster=c parent=m;modify account name=m cluster=c set "
     "parent=q;modify account name=k cluster=c set parent=p;modify account "
     "name=k cluster=c set parent=m",
     "add user name=u account=k cluster=c", "+k/u +user:u", ""},
    {"until it is deleted and added again", kMovesStopBelow,
     "add account name=p,q cluster=c;add account name=m cluster=c parent=p;add "
     "account name=k cluster=c parent=m;modify account name=m cluster=c set "
     "parent=q;delete account name=k cluster=c partition=;add account name=k "
     "cluster=c parent=m",
     "add user name=u account=k cluster=c", "+k/u +user:u", ""},
    {"in the moved account itself it is right", kMovesStopBelow,
     "add account name=p,q cluster=c;add account name=m cluster=c parent=p;add "
     "account name=k cluster=c parent=m;modify account name=m cluster=c set "
     "parent=q",
     "add user name=u account=m cluster=c", "+m/u +user:u", ""},
    {"below one that is out of date itself", kMovesStopBelow,
     BELOW_M ";" MOVE_M, "add user name=new account=y cluster=c",
     "+y/new +user:new",
     "x/xu=/m/x/0-xu/ y=/m/x/y/ y/new=/m/x/y/0-new/ y/yu=/m/x/y/0-yu/"},
    {"the slash that 23.11.0 - 23.11.4 say twice", "23.11.0 23.11.4", kA,
     "add user name=u account=a cluster=c partition=p", "+a/u@p +user:u",
     "a/u@p=/a//0-u/p/"},
    {"the slash that 23.11.0 - 23.11.4 say twice", "23.11.5 24.11.5 26.05.5",
     kA, "add user name=u account=a cluster=c partition=p", "+a/u@p +user:u",
     ""},
    {"rows without a partition have one", "23.11.0 23.11.4", kA,
     "add user name=u account=a cluster=c", "+a/u +user:u", ""},
};

// What is out of date is found by what it says.
constexpr Case kDeletes[] = {
    {"a row by its own", "24.05.8 24.11.5",
     BELOW_M ";add user name=xu account=z cluster=c defaultaccount=z;" MOVE_M,
     "delete user name=xu account=x cluster=c partition=", "-x/xu",
     "y=/m/x/y/ y/yu=/m/x/y/0-yu/"},
    {"its user's record, by name", kMovesStopBelow, BELOW_M ";" MOVE_M,
     "delete user name=yu", "-y/yu -user:yu", "x/xu=/m/x/0-xu/ y=/m/x/y/"},
    {"an account by name misses what does not say so", kMovesStopBelow,
     BELOW_M ";" MOVE_M, "delete account name=z",
     "unknown: x/xu would stay without its account"},
    {"an account by name finds all that say so", kMovesStopBelow,
     BELOW_M ";" MOVE_M, "delete account name=x", "-x -x/xu -y -y/yu -acct:x",
     ""},
    {"an account that is back at the old place takes them", "23.11.11 24.05.0",
     "add account name=m,z,w cluster=c;add account name=x cluster=c parent=m;"
     "add account name=y cluster=c parent=x;modify account name=m cluster=c "
     "set parent=z;modify account name=x cluster=c set parent=w;modify account "
     "name=m cluster=c set parent=root",
     "delete account name=m cluster=c", "-m -y", ""},
    {"nothing is out of date", kMovesFollow, BELOW_M ";" MOVE_M,
     "delete account name=z", "-m -m/mu -x -x/xu -y -y/yu -z -acct:z", ""},
};

TEST(SlurmdbdLineagesTest, Moves) { Check(kMoves, "lineages"); }
TEST(SlurmdbdLineagesTest, RowsThatAreAdded) { Check(kAdds, "lineages"); }
TEST(SlurmdbdLineagesTest, Deletes) { Check(kDeletes, "lineages"); }

// The table was read: k, below m, still says where it stood before.
DatabaseState ReadStale() {
  DatabaseState state =
      After("26.05.5",
            "add account name=m,old,z cluster=c;add account name=k cluster=c "
            "parent=m;add user name=u account=k cluster=c")
          .state();
  state.lineages[{Name("m"), {}, {}}] = Name("/m/");
  state.lineages[{Name("k"), {}, {}}] = Name("/old/m/k/");
  state.lineages[{Name("k"), Name("u"), {}}] = Name("/old/m/k/0-u/");
  state.lineages[{Name("gone"), {}, {}}] = Name("/gone/");
  return state;
}
constexpr Case kRead[] = {
    {"what is as the names say is not kept", kNew, "",
     "modify account name=m cluster=c set MaxJobs=1", "~m",
     "k=/old/m/k/ k/u=/old/m/k/0-u/"},
    {"before 23.11 there are none", kOld, "",
     "modify account name=m cluster=c set MaxJobs=1", "~m", ""},
    {"a move does not find them below", "25.05.1 26.05.5", "",
     "modify account name=m cluster=c set parent=z", "~m",
     "k=/old/m/k/ k/u=/old/m/k/0-u/"},
    {"a move of the account itself mends them", "25.05.1 26.05.5", "",
     "modify account name=k cluster=c set parent=z", "~k", ""},
    {"a row added below says what the account says", kNew, "",
     "add user name=new account=k cluster=c", "+k/new +user:new",
     "k=/old/m/k/ k/new=/old/m/k/0-new/ k/u=/old/m/k/0-u/"},
    {"an account elsewhere takes them along", "23.11.11 26.05.5", "",
     "delete account name=old cluster=c", "-k -k/u -old", ""},
    {"not by its exact form", "24.11.5 26.05.5", "",
     "delete account name=old cluster=c partition=", "-old",
     "k=/old/m/k/ k/u=/old/m/k/0-u/"},
    {"the account above misses them", "23.11.11 26.05.5", "",
     "delete account name=m cluster=c",
     "unknown: k would stay without its account"},
};
TEST(SlurmdbdLineagesTest, OutOfDateWhenTheyWereRead) {
  Check(kRead, "lineages", ReadStale());
}

// A start of slurmdbd reads the table, which has the right ones.
TEST(SlurmdbdLineagesTest, AStartForgetsWhatWasRemembered) {
  const Slurmdbd before = After(
      "24.11.5",
      "add account name=p,q cluster=c;add account name=m cluster=c parent=p;"
      "add account name=k cluster=c parent=m;modify account name=m cluster=c "
      "set parent=q");
  const Command add = Parsed("add user name=u account=k cluster=c");
  Slurmdbd same = before;
  EXPECT_EQ(Said(same.Run(add)), "+k/u +user:u");
  EXPECT_EQ(Shown(same, "lineages"), "k/u=/p/m/k/0-u/");
  Slurmdbd started(Of("24.11.5"), before.state());
  EXPECT_EQ(Said(started.Run(add)), "+k/u +user:u");
  EXPECT_EQ(Shown(started, "lineages"), "");
}

}  // namespace assocsync::slurmdbd_lineages_test
