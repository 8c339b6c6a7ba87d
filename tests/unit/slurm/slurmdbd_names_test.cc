// Names that are one to MariaDB, that sacctmgr cannot say, or that a delete
// reads as a pattern (slurm-facts 0.1, 4.4, 5.2 - 5.4).
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_names_test {

using slurmdbd_cases::After;
using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::EmptyState;
using slurmdbd_cases::kA;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kNew;
using slurmdbd_cases::kOld;
using slurmdbd_cases::kU;
using slurmdbd_cases::Of;
using slurmdbd_cases::Parsed;
using slurmdbd_cases::Said;

#define P41 "ppppppppppppppppppppppppppppppppppppppppp"
#define JOSE "jos\xc3\xa9"
#define MARIA   \
  "mar\xc3\xad" \
  "a"

// The collation ignores case and accents: what may be one name is not for
// plans.
constexpr Case kOneToMariaDb[] = {
    {"an account with an accent is there", kAll,
     "add account name=" JOSE " cluster=c", "add account name=jose cluster=c",
     "unknown: MariaDB may take 'jose' for another name"},
    {"one without is there", kAll, "add account name=jose cluster=c",
     "add account name=" JOSE " cluster=c",
     "unknown: MariaDB may take '" JOSE "' for another name"},
    {"an accent in another name", kAll, "add account name=" MARIA " cluster=c",
     "add account name=jose cluster=c", "+jose +acct:jose"},
    {"a user with an accent is there", kAll,
     "add account name=a cluster=c;add user name=" JOSE " account=a cluster=c",
     "add user name=jose account=a cluster=c",
     "unknown: MariaDB may take 'jose' for another name"},
    {"a user without is there", kAll,
     "add account name=a cluster=c;add user name=jose account=a cluster=c",
     "add user name=" JOSE " account=a cluster=c",
     "unknown: MariaDB may take '" JOSE "' for another name"},
    {"a user and an account need not differ", kAll,
     "add account name=" JOSE " cluster=c",
     "add user name=jose account=root cluster=c defaultaccount=root",
     "+root/jose +user:jose"},
    {"a partition with an accent is there", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "partition=" JOSE " defaultaccount=a",
     "add user name=u account=a cluster=c partition=jose",
     "unknown: MariaDB may take 'jose' for another name"},
    {"a partition without is there", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "partition=jose defaultaccount=a",
     "add user name=u account=a cluster=c partition=" JOSE,
     "unknown: MariaDB may take '" JOSE "' for another name"},
    {"it can be said where there is nothing like it", kAll,
     "add account name=a cluster=c;add user name=" JOSE " account=a cluster=c",
     "modify user name=" JOSE " account=a cluster=c set MaxJobs=1", "~a/" JOSE,
     "a<root a/" JOSE "{MaxJobs=1}"},
    {"under a wildcard it is one character or two", kNew,
     "add account name=a cluster=c;add user name=" JOSE " account=a cluster=c;"
     "add user name=j_s_ account=a cluster=c",
     "delete user name=j_s_", "unknown: which rows look alike to MariaDB"},
    {"without wildcards it is no matter", kOld,
     "add account name=a cluster=c;add user name=" JOSE " account=a cluster=c;"
     "add user name=j_s_ account=a cluster=c",
     "delete user name=j_s_", "-a/j_s_ -user:j_s_"},
};

// The unique index has 42 characters of a name: 20.11 and 22.05 refuse the
// second, 24.11 and 26.05 write it over the first.
constexpr Case kFortyTwo[] = {
    {"the 42nd character tells two apart", kAll,
     "add account name=" P41 "1 cluster=c",
     "add account name=" P41 "2 cluster=c", "+" P41 "2 +acct:" P41 "2"},
    {"the 43rd does not: accounts", kAll,
     "add account name=" P41 "p1 cluster=c",
     "add account name=" P41 "p2 cluster=c",
     "unknown: '" P41
     "p2' shares its first 42 characters with another account"},
    {"the 43rd does not: an account that has the first 42", kAll,
     "add account name=" P41 "p cluster=c",
     "add account name=" P41 "p2 cluster=c",
     "unknown: '" P41
     "p2' shares its first 42 characters with another account"},
    {"the 43rd does not: an account without a row here", kAll,
     "add account name=" P41 "p1 cluster=c;delete account name=" P41
     "p1 cluster=c",
     "add account name=" P41 "p2 cluster=c",
     "unknown: '" P41
     "p2' shares its first 42 characters with another account"},
    {"the 43rd does not: users", kAll,
     "add account name=a cluster=c;add user name=" P41 "p1 account=a cluster=c",
     "add user name=" P41 "p2 account=a cluster=c",
     "unknown: '" P41 "p2' shares its first 42 characters with another user"},
    {"the 43rd does not: partitions", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a partition=" P41 "p1",
     "add user name=u account=a cluster=c partition=" P41 "p2",
     "unknown: two partitions share their first 42 characters"},
    {"the same long name again is no other", kAll,
     "add account name=a,b cluster=c;add user name=" P41
     "p1 account=a cluster=c defaultaccount=a",
     "add user name=" P41 "p1 account=b cluster=c", "+b/" P41 "p1"},
};

constexpr Case kSaid[] = {
    {"blanks, equals signs, colons, percents: one word is enough", kAll, "",
     "add account name=two~words,a=b,a:b,a%b cluster=c",
     "+a%b +a:b +a=b +two words +acct:a%b +acct:a:b +acct:a=b +acct:two words"},
    {"what names of people have", kAll, kA,
     "add user name=a.b-c_d@e account=a cluster=c",
     "+a/a.b-c_d@e "
     "+user:a.b-c_d@e"},
    {"brackets are a list of hosts", kAll, "",
     "add account name=n[1-3] cluster=c",
     "unknown: 'n[1-3]' holds a bracket, which sacctmgr expands as a list of "
     "hosts"},
    {"a quote becomes a backtick", kAll, kA,
     "add user name=o'brien account=a cluster=c",
     "unknown: 'o'brien' holds a quote, which sacctmgr turns into a backtick"},
    {"a blank at the end is cut off or is not", kAll, "",
     "add account name=a~ cluster=c",
     "unknown: 'a ' begins or ends with a blank, which newer releases cut off"},
    {"upper case becomes lower case", kAll, kU,
     "modify user name=U account=a cluster=c set MaxJobs=1",
     "unknown: 'U' is not lower case"},
    {"in a delete too", kAll, kU, "delete user name=U account=a cluster=c",
     "unknown: 'U' is not lower case"},
    {"a list of hosts in a delete", kAll, kU, "delete user name=u[1-2]",
     "unknown: 'u[1-2]' holds a bracket, which sacctmgr expands as a list of "
     "hosts"},
};

// slurmdbd runs with PreserveCaseUser: user Bob is there.
DatabaseState WithBob() {
  DatabaseState state = EmptyState();
  state.users[Name("Bob")];
  state.accounts[Name("a")];
  state.tree.accounts[Name("a")];
  state.tree.associations[{Name("a"), {}, {}}].parent = RootName();
  state.tree.associations[{Name("a"), Name("Bob"), {}}];
  state.tree.users[Name("Bob")].fields.Set(Key::kDefaultAccount, Name("a"));
  return state;
}

constexpr Case kKeptCase[] = {
    {"a user who is there is said as he is", kAll, "",
     "modify user name=Bob account=a cluster=c set MaxJobs=1", "~a/Bob"},
    {"he is added elsewhere", kAll, "add account name=b cluster=c",
     "add user name=Bob account=b cluster=c", "+b/Bob"},
    {"a new one may come out in lower case", kAll, "",
     "add user name=Eve account=a cluster=c",
     "unknown: 'Eve' is not lower case"},
    {"in lower case he would be another, and one to MariaDB", kAll, "",
     "add user name=bob account=a cluster=c",
     "unknown: MariaDB may take 'bob' for another name"},
    {"lineages are compared without case", kAll,
     "add user name=eve account=a cluster=c", "delete user name=Bob",
     "-a/Bob -user:Bob"},
    {"accounts are in lower case all the same", kAll, "",
     "modify account name=A cluster=c set MaxJobs=1",
     "unknown: 'A' is not lower case"},
};

// Only deletes read names as patterns.
constexpr char kLike[] =
    "add account name=ab_1,abx1,d cluster=c;add user name=j_doe,jxdoe "
    "account=d cluster=c defaultaccount=d;add user name=j_doe account=ab_1 "
    "cluster=c;add user name=j_doe account=abx1 cluster=c;add coordinator "
    "account=ab_1,abx1 name=j_doe,jxdoe;add user name=j_doe,jxdoe "
    "wckey=w cluster=c";
constexpr Case kWildcards[] = {
    {"`_` in an account that is added", kAll, "add account name=abx1 cluster=c",
     "add account name=ab_1 cluster=c", "+ab_1 +acct:ab_1"},
    {"in one that is modified", kAll, kLike,
     "modify account name=ab_1 cluster=c set MaxJobs=1", "~ab_1"},
    {"in one that moves", kAll, kLike,
     "modify account name=ab_1 cluster=c set parent=d", "~ab_1"},
    {"in one whose texts change", kAll, kLike,
     "modify account name=ab_1 set description=d", "~acct:ab_1"},
    {"in a user's row", kAll, kLike,
     "modify user name=j_doe account=ab_1 cluster=c set MaxJobs=1",
     "~ab_1/j_doe"},
    {"in a user with a level", kAll, kLike,
     "modify user name=j_doe set adminlevel=Operator", "~user:j_doe"},
    {"in a coordinator", kAll, kLike,
     "delete coordinator account=ab_1 name=j_doe", "-coord:ab_1:j_doe"},
    {"in a user who loses a WCKey", kAll, kLike,
     "delete user name=j_doe wckey=w cluster=c", "-wckey:w:j_doe"},
    {"in a WCKey", kAll, "add user name=root wckey=w_1,wx1 cluster=c",
     "delete user name=root wckey=w_1 cluster=c", "-wckey:w_1:root"},
    {"in a QOS", kAll, "add qos name=q_3,qx3", "delete qos name=q_3",
     "-qos:q_3"},
    {"in the account of a row that is deleted",
     "20.11.4 24.05.8 24.11.5 26.05.5", kLike,
     "delete user name=j_doe account=ab_1 cluster=c partition=", "-ab_1/j_doe"},
    {"in the account of a row that is deleted, by LIKE", "23.11.11 24.05.3",
     kLike, "delete user name=j_doe account=ab_1 cluster=c partition=",
     "-ab_1/j_doe -abx1/j_doe"},
    {"without partition= 26.05 is no better", "25.11.4 26.05.5", kLike,
     "delete user name=j_doe account=ab_1 cluster=c",
     "-ab_1/j_doe -abx1/j_doe"},
    {"in a partition", "20.11.4 24.05.8 24.11.5 26.05.5",
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=root cluster=c "
     "partition=p_1,px1",
     "delete user name=u account=root cluster=c partition=p_1", "-root/u@p_1"},
    {"in a partition, by LIKE", "23.11.11 24.05.3",
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a;add user name=u account=root cluster=c "
     "partition=p_1,px1",
     "delete user name=u account=root cluster=c partition=p_1",
     "-root/u@p_1 -root/u@px1"},
    {"`%` in an account, exact", kOld,
     "add account name=a%b,axxb,ab,a cluster=c", "delete account name=a%b",
     "-a%b -acct:a%b"},
    {"`%` in an account, LIKE: as many characters as there are", kNew,
     "add account name=a%b,axxb,ab,a cluster=c", "delete account name=a%b",
     "-a%b -ab -axxb -acct:a%b"},
    {"`%` in a user, LIKE", kNew,
     "add account name=a cluster=c;add user name=w%,walt,eve account=a "
     "cluster=c defaultaccount=a",
     "delete user name=w%", "-a/w% -a/walt -user:w%"},
    {"an account's pattern is no user's", kNew,
     "add account name=a cluster=c;add account name=u cluster=c parent=a;add "
     "user name=u account=a,u cluster=c defaultaccount=a",
     "delete account name=u", "-u -u/u -acct:u"},
};

// What slurmdbd read from its tables it puts into the next statement as it is:
// there a backslash escapes what follows.
constexpr char kBackslash[] =
    "add account name=a,b cluster=c;add user name=ex\\jd,exjd account=a "
    "cluster=c defaultaccount=a;add user name=ex\\jd account=b cluster=c";
constexpr Case kBackslashes[] = {
    {"a user is added", kAll, kA,
     "add user name=ex\\jd account=a cluster=c defaultaccount=a",
     "+a/ex\\jd +user:ex\\jd"},
    {"his row is modified", kAll, kBackslash,
     "modify user name=ex\\jd account=a cluster=c set MaxJobs=1", "~a/ex\\jd"},
    {"his level is another's", kAll, kBackslash,
     "modify user name=ex\\jd set adminlevel=Operator",
     "unknown: slurmdbd takes the backslash of 'ex\\jd' for an escape here, "
     "and another name for it"},
    {"his default account too", kAll, kBackslash,
     "modify user name=ex\\jd cluster=c set defaultaccount=b",
     "unknown: slurmdbd takes the backslash of 'ex\\jd' for an escape here, "
     "and another name for it"},
    {"by name another user goes", kAll, kBackslash, "delete user name=ex\\jd",
     "unknown: slurmdbd takes the backslash of 'ex\\jd' for an escape here, "
     "and another name for it"},
    {"rows are found by lft and rgt", kOld, kBackslash,
     "delete user name=ex\\jd account=b cluster=c partition=", "-b/ex\\jd"},
    {"rows are found by lineages", kNew, kBackslash,
     "delete user name=ex\\jd account=b cluster=c partition=",
     "unknown: slurmdbd takes the backslash in '/b/0-ex\\jd/' for an escape, "
     "and finds other rows"},
    {"an account above him moves", kOld, kBackslash,
     "modify account name=a cluster=c set parent=b", "~a"},
    {"an account above him moves, and lineages lose it", kNew, kBackslash,
     "modify account name=a cluster=c set parent=b",
     "unknown: a name below it holds a backslash, which is lost"},
    {"an account: slurmdbd hangs", kAll, "", "add account name=a\\b cluster=c",
     "unknown: 'a\\b' or an account above it holds a backslash, on which "
     "slurmdbd hangs"},
    {"a partition", kAll, kA,
     "add user name=u account=a cluster=c partition=p\\q",
     "unknown: a partition with a backslash"},
    {"a QOS that is modified", kAll, "add qos name=q\\1",
     "modify qos name=q\\1 set Priority=1",
     "unknown: slurmdbd takes the backslash of 'q\\1' for an escape here, and "
     "another name for it"},
    {"a WCKey", kAll, kU, "add user name=u wckey=w\\1 cluster=c",
     "+wckey:w\\1:u"},
};

TEST(SlurmdbdNamesTest, OneToMariaDb) { Check(kOneToMariaDb); }
TEST(SlurmdbdNamesTest, FortyTwoCharacters) { Check(kFortyTwo); }
TEST(SlurmdbdNamesTest, WhatSacctmgrCanSay) { Check(kSaid); }
TEST(SlurmdbdNamesTest, UsersThatKeepTheirCase) {
  Check(kKeptCase, "rows", WithBob());
}
TEST(SlurmdbdNamesTest, Wildcards) { Check(kWildcards); }
TEST(SlurmdbdNamesTest, Backslashes) { Check(kBackslashes); }

// A plan asks before it says a delete.
TEST(SlurmdbdNamesTest, RowsThatNoDeleteFinds) {
  const AssocKey odd = {Name("b"), Name("ex\\jd"), {}};
  const AssocKey plain = {Name("a"), Name("exjd"), {}};
  for (const char* release : {"20.11.4", "22.05.8", "23.02.8"}) {
    EXPECT_TRUE(After(release, kBackslash).CanDelete(odd)) << release;
  }
  for (const char* release : {"23.11.11", "24.11.5", "26.05.5"}) {
    EXPECT_FALSE(After(release, kBackslash).CanDelete(odd)) << release;
    EXPECT_TRUE(After(release, kBackslash).CanDelete(plain)) << release;
  }
}

// Whoever has a record but no row counts too.
TEST(SlurmdbdNamesTest, NamesOfRecordsAlone) {
  DatabaseState state = EmptyState();
  state.users[Name(JOSE)];
  state.users[Name(P41 "p1")];
  Slurmdbd dbd(Of("26.05.5"), state);
  for (const char* user : {"jose", P41 "p2"}) {
    EXPECT_EQ(Said(dbd.Run(Parsed(absl::StrCat(
                  "add user name=", user,
                  " account=root cluster=c defaultaccount=root")))),
              "unknown")
        << user;
  }
}

}  // namespace assocsync::slurmdbd_names_test
