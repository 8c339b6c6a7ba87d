// The default account: which of a user's rows carry its mark, and who refuses
// that it goes (slurm-facts 4.4, 4.5, 5.7, 10).
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_defaults_test {

using slurmdbd_cases::After;
using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::EmptyState;
using slurmdbd_cases::kA;
using slurmdbd_cases::kAll;
using slurmdbd_cases::kMarked;
using slurmdbd_cases::kNew;
using slurmdbd_cases::kOld;
using slurmdbd_cases::kU;
using slurmdbd_cases::kUab;
using slurmdbd_cases::Of;
using slurmdbd_cases::Parsed;
using slurmdbd_cases::Said;

constexpr Case kMarks[] = {
    {"the row in the default account", kAll, kA,
     "add user name=u account=a cluster=c", "+a/u +user:u", "a/u"},
    {"not those in others", kAll, kU, "add account name=b cluster=c",
     "+b +acct:b", "a/u"},
    {"all partitions of a new user", kOld, kA,
     "add user name=u account=a cluster=c partition=p,q defaultaccount=a",
     "+a/u@p +a/u@q +user:u", "a/u@p a/u@q"},
    {"the first partition of a new user", kNew, kA,
     "add user name=u account=a cluster=c partition=p,q defaultaccount=a",
     "+a/u@p +a/u@q +user:u", "a/u@p"},
    {"all rows in it, once it is set", kAll,
     "add account name=a cluster=c;add user name=u account=a cluster=c "
     "partition=p,q defaultaccount=a",
     "modify user name=u cluster=c set defaultaccount=a", "~user:u",
     "a/u@p a/u@q"},
    {"it moves with the default account", kAll, kUab,
     "modify user name=u cluster=c set defaultaccount=b", "~user:u", "b/u"},
    {"and with an add that says so", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "defaultaccount=a",
     "add user name=u account=b cluster=c defaultaccount=b", "+b/u", "b/u"},
    {"what is there and not added gets none", kAll,
     "add account name=a,b cluster=c;add user name=u account=a cluster=c "
     "partition=p defaultaccount=a",
     "add user name=u account=b cluster=c", "+b/u", "a/u@p"},
    {"a row of another partition in an account that is none", kAll, kUab,
     "add user name=u account=b cluster=c partition=p", "+b/u@p", "a/u"},
    {"one of several goes with its row", "22.05.8 23.02.8 25.11.7 26.05.5",
     kMarked, "delete user name=u account=a cluster=c partition=p", "-a/u@p",
     "a/u"},
};

// One command on four kinds of guards: 20.11's client, the inverted one of
// 22.05.0 - 23.11.0, the strict one, and that of 25.11.6.
constexpr char kClient[] = "20.11.4 21.08.8";
constexpr char kInverted[] = "22.05.0 22.05.8 23.02.8 23.11.0";
constexpr char kStrict[] =
    "23.11.1 23.11.11 24.05.0 24.05.8 24.11.5 25.05.8 25.11.5";
constexpr char kRemaining[] = "25.11.6 25.11.7 26.05.5";

constexpr Case kGuards[] = {
    {"the default row alone", kClient, kUab,
     "delete user name=u account=a cluster=c partition=", "refused"},
    {"the default row alone, and no default is left", kInverted, kUab,
     "delete user name=u account=a cluster=c partition=", "-a/u", "u"},
    {"the default row alone", kStrict, kUab,
     "delete user name=u account=a cluster=c partition=", "refused"},
    {"the default row alone", kRemaining, kUab,
     "delete user name=u account=a cluster=c partition=", "refused"},

    {"all rows of a user", kClient, kUab, "delete user name=u cluster=c",
     "-a/u -b/u -user:u", ""},
    {"all rows of a user", kInverted, kUab, "delete user name=u cluster=c",
     "refused"},
    {"all rows of a user", kStrict, kUab, "delete user name=u cluster=c",
     "-a/u -b/u -user:u", ""},
    {"all rows of a user", kRemaining, kUab, "delete user name=u cluster=c",
     "-a/u -b/u -user:u", ""},
    {"all rows of a user, the default one last", kAll,
     "add account name=a,b cluster=c;add user name=u account=a,b cluster=c "
     "defaultaccount=a;delete user name=u account=b cluster=c partition=",
     "delete user name=u account=a cluster=c partition=", "-a/u -user:u", ""},

    {"one of two marked rows of a user", kClient, kMarked,
     "delete user name=u account=a cluster=c partition=p", "-a/u@p",
     "u{DefaultAccount=a}"},
    {"one of two marked rows of a user", "22.05.0 22.05.8 23.02.8", kMarked,
     "delete user name=u account=a cluster=c partition=p", "-a/u@p",
     "u{DefaultAccount=a}"},
    {"one of two marked rows of a user", kStrict, kMarked,
     "delete user name=u account=a cluster=c partition=p", "refused"},
    {"one of two marked rows of a user", kRemaining, kMarked,
     "delete user name=u account=a cluster=c partition=p", "-a/u@p",
     "u{DefaultAccount=a}"},

    {"an account that is all that its user has", kClient, kU,
     "delete account name=a cluster=c",
     "refused: account 'a' is the default of user 'u'"},
    {"an account that is all that its user has", kInverted, kU,
     "delete account name=a cluster=c", "-a -a/u", ""},
    {"an account that is all that its user has", kStrict, kU,
     "delete account name=a cluster=c", "-a -a/u", ""},
    {"an account that is all that its user has", kRemaining, kU,
     "delete account name=a cluster=c", "-a -a/u", ""},
};

// The inverted guard goes through the rows by user: one that is no default,
// then one that is.
constexpr char kUvBefore[] =
    "add account name=a,b cluster=c;add user name=u account=a,b cluster=c "
    "defaultaccount=a;add user name=v account=b cluster=c defaultaccount=b";
constexpr char kVuBefore[] =
    "add account name=a,b cluster=c;add user name=v account=a,b cluster=c "
    "defaultaccount=a;add user name=u account=b cluster=c defaultaccount=b";
constexpr Case kByUser[] = {
    {"another's default behind a row that is none", kInverted, kUvBefore,
     "delete account name=b cluster=c",
     "refused: user 'v' would be left without a default account"},
    {"another's default before it", kInverted, kVuBefore,
     "delete account name=b cluster=c", "-b -b/u -b/v", "v{DefaultAccount=a}"},
    {"the order is no matter any more", kStrict, kUvBefore,
     "delete account name=b cluster=c", "-b -b/u -b/v", "u{DefaultAccount=a}"},
    {"the order is no matter any more", kRemaining, kUvBefore,
     "delete account name=b cluster=c", "-b -b/u -b/v", "u{DefaultAccount=a}"},
    {"20.11 asks for defaults in the account alone", kClient, kUvBefore,
     "delete account name=b cluster=c",
     "refused: account 'b' is the default of user 'v'"},
    {"20.11 does not see those below it", kClient,
     "add account name=a cluster=c;add account name=k cluster=c parent=a;add "
     "user name=u account=k cluster=c defaultaccount=k",
     "delete account name=a cluster=c", "-a -k -k/u", ""},
    {"who has lost his gets none while others are added", "22.05.8 23.02.8",
     "add account name=a,b cluster=c;add user name=u account=a,b cluster=c "
     "defaultaccount=a;delete user name=u account=a cluster=c partition=",
     "add user name=u,v account=b cluster=c", "+b/v +user:v",
     "u v{DefaultAccount=b}"},
};

// A dump has the default account, not which of its rows are marked.
DatabaseState FromADump() {
  DatabaseState state = After("26.05.5", kMarked).state();
  state.accounts[Name("b")];
  state.tree.accounts[Name("b")];
  state.tree.associations[{Name("b"), {}, {}}].parent = RootName();
  state.tree.associations[{Name("b"), Name("u"), {}}];
  return state;
}
constexpr Case kUnknownMarks[] = {
    {"one of the rows that may be marked", kAll, "",
     "delete user name=u account=a cluster=c partition=p",
     "unknown: which rows of user 'u' are flagged as the default account"},
    {"a row of another account is not", "22.05.8 24.05.8 24.11.5 26.05.5", "",
     "delete user name=u account=b cluster=c partition=", "-b/u", ""},
    {"all rows go, marked or not", "24.05.8 24.11.5 25.05.8 26.05.5", "",
     "delete user name=u cluster=c", "-a/u -a/u@p -b/u -user:u", ""},
    {"for the inverted guard the order is open", "22.05.8 23.02.8", "",
     "delete user name=u cluster=c",
     "unknown: which rows of user 'u' are flagged as the default account"},
    {"one of them is marked for sure", "20.11.4", "",
     "delete account name=a cluster=c",
     "refused: account 'a' is the default of user 'u'"},
    {"by name nobody asks", kAll, "", "delete user name=u",
     "-a/u -a/u@p -b/u -user:u", ""},
    {"once it is set, all are", "25.11.7 26.05.5",
     "modify user name=u cluster=c set defaultaccount=a",
     "delete user name=u account=a cluster=c partition=p", "-a/u@p", "a/u"},
    {"elsewhere, all that were are not", kAll, "",
     "modify user name=u cluster=c set defaultaccount=b", "~user:u", "b/u"},
    {"one that is marked for sure beside them", "23.11.11 24.11.5 25.05.8",
     "add user name=u account=a cluster=c partition=q defaultaccount=a",
     "delete user name=u account=a cluster=c partition=q", "refused"},
    {"one that is marked for sure beside them", "25.11.6 26.05.5",
     "add user name=u account=a cluster=c partition=q defaultaccount=a",
     "delete user name=u account=a cluster=c partition=q",
     "unknown: which rows of user 'u' are flagged as the default account"},
    {"a row that is added changes nothing about them", kAll, "",
     "add user name=v account=b cluster=c", "+b/v +user:v", "b/v"},
};

// AllowNoDefAcct=yes in slurmdbd.conf.
DatabaseState AllowsNone() {
  DatabaseState state = EmptyState();
  state.allows_no_default_account = true;
  return state;
}
constexpr Case kAllowNoDefAcct[] = {
    {"a default account is taken away", "24.11.5 26.05.5", kUab,
     "modify user name=u cluster=c set defaultaccount=", "~user:u", "u"},
    {"nobody is there", "24.11.5 26.05.5", kUab,
     "modify user name=x cluster=c set defaultaccount=", "nothing"},
    {"deletes are not asked about it", kRemaining, kUab,
     "delete user name=u account=a cluster=c partition=", "-a/u", "u"},
    {"deletes are not asked about it", kRemaining, kUab,
     "delete account name=a cluster=c", "-a -a/u", "u"},
    {"before 25.11.6 they are", kStrict, kUab,
     "delete user name=u account=a cluster=c partition=",
     "refused: user 'u' would be left without a default account"},
};

TEST(SlurmdbdDefaultsTest, Marks) { Check(kMarks, "marks"); }
TEST(SlurmdbdDefaultsTest, Guards) { Check(kGuards, "users"); }
TEST(SlurmdbdDefaultsTest, GuardsOfAccounts) { Check(kByUser, "users"); }
TEST(SlurmdbdDefaultsTest, MarksThatNobodyKnows) {
  Check(kUnknownMarks, "marks", FromADump());
}
TEST(SlurmdbdDefaultsTest, AllowNoDefAcct) {
  Check(kAllowNoDefAcct, "users", AllowsNone());
}

// Since 23.11 the flag is used up by the first partition row of an account:
// seen on 24.11 and 26.05.
constexpr char kSeveral[] =
    "add account name=a,b cluster=c;add user name=u,v account=a cluster=c "
    "defaultaccount=a";
constexpr Case kUsedUp[] = {
    {"each of them gets it", kOld, kSeveral,
     "add user name=u,v,w account=b cluster=c partition=p defaultaccount=b",
     "+b/u@p +b/v@p +b/w@p +user:w",
     "u{DefaultAccount=b} v{DefaultAccount=b} w{DefaultAccount=b}"},
    {"the first and who has no other", kNew, kSeveral,
     "add user name=u,v,w account=b cluster=c partition=p defaultaccount=b",
     "+b/u@p +b/v@p +b/w@p +user:w",
     "u{DefaultAccount=b} v{DefaultAccount=a} w{DefaultAccount=b}"},
    {"without partitions all get it", kAll, kSeveral,
     "add user name=u,v,w account=b cluster=c defaultaccount=b",
     "+b/u +b/v +b/w +user:w",
     "u{DefaultAccount=b} v{DefaultAccount=b} w{DefaultAccount=b}"},
};
TEST(SlurmdbdDefaultsTest, SeveralUsersInAPartition) {
  Check(kUsedUp, "users");
}

// What the source tells of the marks decides.
TEST(SlurmdbdDefaultsTest, MarksThatTheSourceTells) {
  const Command one =
      Parsed("delete user name=u account=a cluster=c partition=p");
  DatabaseState state = After("26.05.5", kMarked).state();
  EXPECT_EQ(Said(Slurmdbd(Of("26.05.5"), state).Predict(one)), "unknown");
  state.knows_default_rows = true;
  state.default_rows = {{Name("a"), Name("u"), {}}};
  EXPECT_EQ(Said(Slurmdbd(Of("26.05.5"), state).Predict(one)), "-a/u@p");
  state.default_rows = {{Name("a"), Name("u"), Name("p")}};
  Slurmdbd dbd(Of("26.05.5"), state);
  // A refused delete touches nothing; what it found is told apart.
  EXPECT_EQ(Said(dbd.Predict(one)), "refused");
  EXPECT_TRUE(dbd.Predict(one).touched.empty());
  EXPECT_EQ(Said(dbd.Run(one)), "refused");
  EXPECT_TRUE(dbd.Run(one).touched.empty());
  ASSERT_EQ(dbd.Finds(one).size(), 1u);
  EXPECT_EQ(dbd.Finds(one)[0].row, *state.default_rows.begin());
}

}  // namespace assocsync::slurmdbd_defaults_test
