// Other clusters of the database: users, accounts and QOS are everybody's, rows
// are each cluster's own (slurm-facts 0.1, 4.4, 5.1).
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_clusters_test {

using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::EmptyState;
using slurmdbd_cases::kA;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kNew;
using slurmdbd_cases::kOld;

void AddElsewhere(DatabaseState* state, const char* account, const char* user,
                  const char* lineage) {
  state->others[{Name("d"), {Name(account), Name(user), {}}}].lineage =
      Name(lineage);
  state->accounts[Name(account)];
  if (*user != '\0') state->users[Name(user)];
}

// Cluster d has account x, account y below it, and there user u.
DatabaseState Elsewhere() {
  DatabaseState state = EmptyState();
  AddElsewhere(&state, "root", "", "/");
  AddElsewhere(&state, "x", "", "/x/");
  AddElsewhere(&state, "y", "", "/x/y/");
  AddElsewhere(&state, "y", "u", "/x/y/0-u/");
  auto& x = state.others[{Name("d"), {Name("x"), {}, {}}}];
  x.qos = x.default_qos = Name("q1");
  state.others[{Name("d"), {Name("y"), Name("u"), {}}}].qos = Name("normal,q2");
  return state;
}

constexpr Case kElsewhere[] = {
    {"a user by name goes everywhere", kAll, "", "delete user name=u",
     "-d:y/u -user:u"},
    {"of this cluster, the record stays", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a",
     "delete user name=u account=a cluster=c partition=", "-a/u"},
    {"an account by name, its users there too", "22.05.8 23.11.11 26.05.5", "",
     "delete account name=y", "-d:y -d:y/u -acct:y"},
    {"20.11 asks whose default it is there", "20.11.4", "",
     "delete account name=y",
     "unknown: which rows of user 'u' are flagged as the default account"},
    {"an account by name, all below it there", kNew, "",
     "delete account name=x", "-d:x -d:y -d:y/u -acct:x"},
    {"an account of this cluster, the record stays", kAll,
     "add account name=x cluster=c", "delete account name=x cluster=c", "-x"},
    {"an account that is here too has its record", kAll, "",
     "add account name=x cluster=c description=mine", "+x"},
    {"it need not stand where it stands there", kAll,
     "add account name=y cluster=c", "add account name=x cluster=c parent=y",
     "+x"},
    {"a user who is there too has a record", kAll,
     "add account name=a cluster=c",
     "add user name=u account=a cluster=c defaultaccount=a", "+a/u"},
    {"adds without cluster= are for all of them", kAll, "",
     "add account name=new",
     "unknown: without cluster= it is about all clusters"},
    {"limits without cluster= too", kAll, "add account name=x cluster=c",
     "modify account name=x set MaxJobs=1",
     "unknown: without cluster= it is about all clusters"},
    {"a default account without cluster= too", kAll, "",
     "modify user name=u set defaultaccount=x",
     "unknown: without cluster= it is about all clusters"},
    {"a WCKey without cluster= too", kAll, "", "add user name=u wckey=w",
     "unknown: without cluster= it is about all clusters"},
    {"a WCKey that goes without cluster= too", kAll,
     "add user name=u wckey=w cluster=c", "delete user name=u wckey=w",
     "unknown: without cluster= it is about all clusters"},
    {"a row's delete without cluster= too", kAll, kA,
     "delete user name=u account=a partition=",
     "unknown: without cluster= it is about all clusters"},
    {"that cluster is another's", kAll, "", "add account name=a cluster=d",
     "unknown: it is about another cluster"},
    {"an AdminLevel has no cluster", kAll, "",
     "modify user name=u set adminlevel=Operator", "~user:u"},
    {"nor have the texts of an account", kAll, "",
     "modify account name=y set description=d", "~acct:y"},
    {"nor have coordinators", kAll, "", "add coordinator account=y name=u",
     "+coord:y:u"},
    {"a QOS that is a default there", kAll, "", "delete qos name=q1",
     "refused: it is a default QOS on another cluster"},
    {"a QOS that is listed there", "24.05.3 24.11.5 26.05.5", "",
     "delete qos name=q2", "~d:y/u -qos:q2"},
    {"lists there come out wrong", "20.11.4 22.05.8 23.11.11 24.05.2", "",
     "delete qos name=q2", "unknown"},
    {"a default account here is none there", kAll, kA,
     "modify user name=u cluster=c set defaultaccount=y", "refused"},
    {"`_` is a slash, and then an account's name is a user's row there", kNew,
     "add account name=y_0-u cluster=c", "delete account name=y_0-u",
     "-y_0-u -d:y/u -acct:y_0-u"},
    {"`%` is what stands between", kNew, "add account name=x%u cluster=c",
     "delete account name=x%u", "-x%u -d:y/u -acct:x%u"},
};
TEST(SlurmdbdClustersTest, WhatIsElsewhere) {
  Check(kElsewhere, "rows", Elsewhere());
}

// Cluster d has account ax1, account sub below it, and there user u, also in
// partition p.
DatabaseState LooksAlike() {
  DatabaseState state = EmptyState();
  AddElsewhere(&state, "root", "", "/");
  AddElsewhere(&state, "ax1", "", "/ax1/");
  AddElsewhere(&state, "sub", "", "/ax1/sub/");
  AddElsewhere(&state, "sub", "u", "/ax1/sub/0-u/");
  state.others[{Name("d"), {Name("sub"), Name("u"), Name("p")}}].lineage =
      Name("/ax1/sub/0-u/p/");
  return state;
}
constexpr Case kLike[] = {
    {"an account by name takes what is there", kNew,
     "add account name=sub cluster=c", "delete account name=sub",
     "-sub -d:sub -d:sub/u -d:sub/u@p -acct:sub"},
    {"and what looks like it there", kNew, "add account name=a_1 cluster=c",
     "delete account name=a_1",
     "-a_1 -d:ax1 -d:sub -d:sub/u -d:sub/u@p -acct:a_1"},
    {"exact there as well", kOld, "add account name=a_1 cluster=c",
     "delete account name=a_1", "-a_1 -acct:a_1"},
    {"with cluster= only here", "23.11.11 26.05.5",
     "add account name=a_1 cluster=c", "delete account name=a_1 cluster=c",
     "-a_1"},
    {"a user by name, LIKE, takes what is there", kNew,
     "add account name=b cluster=c;add user name=_ account=b cluster=c",
     "delete user name=_", "-b/_ -d:sub/u -d:sub/u@p -user:_"},
    {"an account's pattern finds a partition there", "24.11.5 26.05.5",
     "add account name=p cluster=c", "delete account name=p",
     "unknown: which rows of user 'u' are flagged as the default account"},
    {"nothing there looks like it", kAll, "add account name=b cluster=c",
     "delete account name=b", "-b -acct:b"},
    {"who has a row elsewhere is not deleted after the last one here", kAll,
     "add account name=b cluster=c;add user name=u account=b cluster=c",
     "delete user name=u account=b cluster=c partition=", "-b/u"},
};
TEST(SlurmdbdClustersTest, LookAlikesElsewhere) {
  Check(kLike, "rows", LooksAlike());
}

// Cluster d is known by names alone: its slurmdbd was never asked.
DatabaseState WithoutLineages() {
  DatabaseState state = EmptyState();
  AddElsewhere(&state, "root", "", "");
  AddElsewhere(&state, "x", "", "");
  AddElsewhere(&state, "y", "", "");
  AddElsewhere(&state, "y", "u", "");
  return state;
}
constexpr Case kNoLineages[] = {
    {"what hangs below an account there", kAll, "", "delete account name=x",
     "unknown: which rows look alike, or hang below, elsewhere"},
    {"one that is only here has nothing there", kAll, kA,
     "delete account name=a", "-a -acct:a"},
    {"of this cluster is known", kAll, "add account name=x cluster=c",
     "delete account name=x cluster=c", "-x"},
    {"users' rows are known by names", kAll, "", "delete user name=u",
     "-d:y/u -user:u"},
    {"a pattern may find what nobody knows", kNew,
     "add account name=a%b cluster=c", "delete account name=a%b",
     "unknown: which rows look alike, or hang below, elsewhere"},
};
TEST(SlurmdbdClustersTest, ParentsThatNobodyKnows) {
  Check(kNoLineages, "rows", WithoutLineages());
}

// There, too, a row may say where its account stood before.
TEST(SlurmdbdClustersTest, OutOfDateElsewhere) {
  DatabaseState state = EmptyState();
  AddElsewhere(&state, "root", "", "/");
  AddElsewhere(&state, "m", "", "/m/");
  AddElsewhere(&state, "k", "", "/old/m/k/");
  constexpr Case kCases[] = {
      {"its old place takes it along", kNew, "add account name=old cluster=c",
       "delete account name=old", "-old -d:k -acct:old"},
      {"before 23.11 there is none", kOld, "add account name=old cluster=c",
       "delete account name=old", "-old -acct:old"},
  };
  Check(kCases, "rows", state);
}

// The marks of rows there are not known, so neither is what a guard says.
constexpr Case kMarksElsewhere[] = {
    {"all rows of the user there", kNew, "", "delete account name=x",
     "-d:x -d:x/u -acct:x"},
    {"one of two rows of a user there", "20.11.4 24.11.5 26.05.5", "",
     "delete account name=y",
     "unknown: which rows of user 'v' are flagged as the default account"},
    {"which alone 22.05 lets go", "22.05.8 23.02.8", "",
     "delete account name=y", "-d:y -d:y/v -acct:y"},
};
TEST(SlurmdbdClustersTest, MarksElsewhere) {
  DatabaseState state = EmptyState();
  AddElsewhere(&state, "x", "", "/x/");
  AddElsewhere(&state, "x", "u", "/x/0-u/");
  AddElsewhere(&state, "y", "", "/y/");
  AddElsewhere(&state, "y", "v", "/y/0-v/");
  AddElsewhere(&state, "z", "", "/z/");
  AddElsewhere(&state, "z", "v", "/z/0-v/");
  Check(kMarksElsewhere, "rows", state);
}

}  // namespace assocsync::slurmdbd_clusters_test
