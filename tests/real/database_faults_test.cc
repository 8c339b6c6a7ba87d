// Databases as no slurmdbd leaves them, and servers that cannot be reached: a
// clear error or a listed finding, never a smaller tree.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/io/file.h"
#include "engine/live/database_look.h"
#include "engine/live/read_state.h"
#include "engine/plan/plan.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/database_site.h"
#include "tests/support/site.h"

namespace assocsync::database_faults_test {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> SmallTree() {
  return {
      "add | cluster | name=other",
      "add | qos | name=q1",
      "add | account | name=p | cluster=lab | qos=q1,normal",
      "add | account | name=c1 | parent=p | cluster=lab | grptres=cpu=4",
      "add | account | name=c2 | parent=c1 | cluster=lab",
      "add | account | name=s | cluster=lab",
      "add | user | name=ann | account=c1 | cluster=lab | defaultaccount=c1",
      "add | user | name=ann | account=s | cluster=lab",
      "add | user | name=bob | account=s | partition=gpu | cluster=lab | "
      "defaultaccount=s",
      "add | account | name=o1 | cluster=other",
  };
}

struct Case {
  const char* name;
  const char* sql;
  // An error with these words; else a finding (`found`), or an
  // Illegality, with them in a row.
  const char* words;
  absl::StatusCode code = absl::StatusCode::kOk;
  FindingCode found = kContradictoryRows;
  enum class How { kError, kNote, kIllegality } how = How::kError;
  int since = 0, until = 9999;
};

constexpr auto kFailed = absl::StatusCode::kFailedPrecondition;
constexpr auto kLost = absl::StatusCode::kDataLoss;
constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kDenied = kContradictoryRows;

constexpr Case kCases[] = {
    {"no QOS table", "DROP TABLE qos_table",
     "missing, or this user may not "
     "read them: table qos_table",
     kFailed},
    {"no WCKey table", "DROP TABLE lab_wckey_table", "table lab_wckey_table",
     kFailed},
    {"no table of another cluster", "DROP TABLE other_assoc_table",
     "table other_assoc_table", kFailed},
    {"no slurmdbd database", "DROP TABLE cluster_table",
     "it is no database of slurmdbd", kFailed},
    {"half upgraded", "ALTER TABLE lab_assoc_table DROP COLUMN lineage",
     "lab_assoc_table.lineage; if an upgrade stopped half way", kFailed,
     kDenied, Case::How::kError, 2311},
    {"half upgraded, old", "ALTER TABLE other_assoc_table DROP COLUMN rgt",
     "other_assoc_table.rgt", kFailed, kDenied, Case::How::kError, 0, 2302},
    {"an option's column", "ALTER TABLE qos_table DROP COLUMN usage_thres",
     "qos_table.usage_thres", kFailed},
    {"MyISAM", "ALTER TABLE acct_table ENGINE=MyISAM", "acct_table (MyISAM)",
     kFailed},
    {"account without its parent",
     "UPDATE lab_assoc_table SET deleted=1 WHERE acct='p' AND user=''",
     "account c1: its parent 'p' does not exist", kOk, kDenied,
     Case::How::kIllegality},
    {"user without the account's row",
     "UPDATE lab_assoc_table SET deleted=1 WHERE acct='s' AND user=''",
     "association s/bob@gpu: its account does not exist", kOk, kDenied,
     Case::How::kIllegality},
    {"user without a record",
     "UPDATE user_table SET deleted=1 WHERE "
     "name='bob'",
     "user bob has no record", kOk, kDenied, Case::How::kIllegality},
    {"a circle",
     "UPDATE lab_assoc_table a, (SELECT id_assoc FROM lab_assoc_table WHERE "
     "acct='c2' AND user='') b SET a.parent_acct='c2', a.id_parent=b.id_assoc "
     "WHERE acct='p' AND user=''",
     "account p: does not hang on root", kOk, kDenied, Case::How::kIllegality,
     2311},
    {"a circle, old",
     "UPDATE lab_assoc_table SET parent_acct='c2' WHERE acct='p' AND user=''",
     "account p: does not hang on root", kOk, kDenied, Case::How::kIllegality,
     0, 2302},
    {"parents by name and id",
     "UPDATE lab_assoc_table SET parent_acct='s' WHERE acct='c1' AND user=''",
     "parent_acct is 's', id_parent is that of 'p'", kOk, kDenied,
     Case::How::kNote, 2311},
    {"parents by name and place",
     "UPDATE lab_assoc_table SET parent_acct='s' WHERE acct='c1' AND user=''",
     "parent_acct is 's', lft and rgt lie within 'p'", kOk, kDenied,
     Case::How::kNote, 0, 2302},
    {"a user in another place",
     "UPDATE lab_assoc_table a, (SELECT lft FROM lab_assoc_table WHERE "
     "acct='s' AND user='') b SET a.lft=b.lft+1, a.rgt=b.lft+2 WHERE "
     "acct='c1' AND user='ann'",
     "c1/ann (id_assoc ", kOk, kDenied, Case::How::kNote, 0, 2302},
    {"two rows in one place",
     "UPDATE lab_assoc_table a, (SELECT lft, rgt FROM lab_assoc_table WHERE "
     "acct='c2' AND user='') b SET a.lft=b.lft, a.rgt=b.rgt WHERE "
     "acct='c1' AND user=''",
     "lft or rgt is that of another row as well", kOk, kDenied,
     Case::How::kNote, 0, 2302},
    {"no lineage", "UPDATE lab_assoc_table SET lineage='' WHERE user='bob'",
     "s/bob@gpu (id_assoc ", kOk, kDenied, Case::How::kNote, 2311},
    {"two default accounts",
     "UPDATE lab_assoc_table SET is_def=1 WHERE "
     "user='ann'",
     "user ann: both c1 and s are the default account", kOk, kDenied,
     Case::How::kNote},
    {"a QOS that is not there",
     "UPDATE lab_assoc_table SET qos=',1,77,' "
     "WHERE acct='p' AND user=''",
     "QOS holds QOS 77", kOk, kSkippedIds, Case::How::kNote},
    {"a DefaultQOS that is not there",
     "UPDATE lab_assoc_table SET "
     "def_qos_id=88 WHERE acct='p' AND user=''",
     "DefaultQOS holds QOS 88", kOk, kSkippedIds, Case::How::kNote},
    {"a TRES that is not there",
     "UPDATE lab_assoc_table SET "
     "grp_tres='1=4,999=3' WHERE acct='p' AND user=''",
     "GrpTRES holds TRES 999", kOk, kSkippedIds, Case::How::kNote},
    {"a flag without a name",
     "UPDATE qos_table SET flags=flags|2048 WHERE "
     "name='q1'",
     "qos_table, q1: Flags holds flags 0x800", kOk, kSkippedIds,
     Case::How::kNote},
    {"no TRES list",
     "UPDATE lab_assoc_table SET grp_tres='cpu' WHERE "
     "acct='p' AND user=''",
     "(p): GrpTRES: 'cpu' is not a list of id=count", kLost},
    {"no level", "UPDATE user_table SET admin_level=9 WHERE name='bob'",
     "user_table, 'bob': AdminLevel: '9' is no AdminLevel", kLost},
    {"a line break in a name",
     "UPDATE lab_assoc_table SET acct='s\\nx' WHERE "
     "acct='s'",
     "the name 's\\nx' holds a control character", kFailed},
    {"a quote in a name",
     "UPDATE lab_assoc_table SET user='o''brien' WHERE "
     "user='bob'",
     "o\\'brien", kFailed},
    {"a comma in a coordinator's account",
     "INSERT INTO acct_coord_table (creation_time, acct, user) VALUES (1, "
     "'a,b', 'ann')",
     "holds a comma", kFailed},
};

class DatabaseFaultsTest : public testing::Test {
 protected:
  // Resets the release, unless it still holds what these tests only read.
  void Begin(const LabRelease& release) {
    site_.emplace(release);
    const bool there =
        release.Sql("SHOW TABLES LIKE 'lab\\_assoc\\_table'") != "";
    if (there &&
        release.Sql("SELECT COUNT(*), SUM(acct IN ('p', 'c1', 'c2', "
                    "'s')) FROM lab_assoc_table WHERE deleted=0") == "9\t7\n") {
      return;
    }
    release.Reset();
    site_->Must(SmallTree());
  }
  std::optional<LabSite> site_;
};

#define FOR_EACH_RELEASE(release)                                 \
  const std::vector<LabRelease> all_releases = LabRelease::All(); \
  ASSERT_FALSE(all_releases.empty()) << "no lab: tests/lab up";   \
  for (const LabRelease& release : all_releases)

void Expect(const Case& c, const absl::StatusOr<DatabaseRead>& read,
            Database* database) {
  EXPECT_EQ(read.status().code(), c.code) << read.status();
  if (c.how == Case::How::kError || !read.ok()) {
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(c.words));
    return;
  }
  const auto counted =
      database->Query("SELECT COUNT(*) FROM lab_assoc_table WHERE deleted=0");
  ASSERT_TRUE(counted.ok()) << counted.status();
  const size_t rows = std::stoul(*(*counted)[0][0]);
  EXPECT_EQ(read->database.tree.associations.size(), rows);
  EXPECT_EQ(read->database.ids.size(), rows);
  if (c.how == Case::How::kIllegality) {
    EXPECT_THAT(Illegalities(read->database.tree),
                Contains(HasSubstr(c.words)));
    return;
  }
  std::vector<std::string> found;
  for (const Finding& note : read->findings) {
    if (note.code != c.found) continue;
    found.insert(found.end(), note.rows.begin(), note.rows.end());
  }
  EXPECT_THAT(found, Contains(HasSubstr(c.words)));
}

TEST_F(DatabaseFaultsTest, BadRowsAndTables) {
  FOR_EACH_RELEASE(release) {
    Begin(release);
    LabDatabase scratch(release);
    for (const Case& c : kCases) {
      if (release.series() < c.since || release.series() > c.until) continue;
      SCOPED_TRACE(absl::StrCat(release.name(), ": ", c.name));
      scratch.Sql(c.sql);
      const auto database = scratch.Open();
      Expect(c, ReadDatabase(*database, "lab"), database.get());
    }
  }
}

// A look at users knows names of QOS from the one before, but not of those that
// came since.
TEST_F(DatabaseFaultsTest, AQosThatCameSinceTheLastLook) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    DatabaseLook look(LabConf(release).Database(), "lab", /*fold_users=*/true);
    const AssocKey row{Name("s"), Name("ann"), {}};
    StatePart part;
    part.users.insert(row.user);
    part.accounts = part.rights = false;
    const auto qos = [&](const StatePart* of) {
      const absl::StatusOr<DatabaseState> seen = look.Read(of);
      EXPECT_TRUE(seen.ok()) << seen.status();
      return seen->tree.associations.at(row).limits.Get(Key::kQos).str();
    };
    EXPECT_EQ(qos(nullptr), "");
    site_->Must({"add | qos | name=late",
                 "modify | user | where | name=ann | account=s | cluster=lab | "
                 "set | qos=late"});
    EXPECT_EQ(qos(&part), "late");
    EXPECT_EQ(qos(&part), "late");
  }
}

// Long names, other character sets, bytes that are no text at all.
TEST_F(DatabaseFaultsTest, OddBytesAreKept) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    LabDatabase scratch(release);
    scratch.Sql(
        "UPDATE lab_assoc_table SET acct=REPEAT('x', 60) WHERE acct='c2'; "
        "UPDATE acct_table SET name=REPEAT('x', 60) WHERE name='c2'; "
        "UPDATE acct_table SET description='two\\nlines, it''s' WHERE "
        "name='p'; ALTER TABLE acct_table MODIFY organization BLOB; "
        "UPDATE acct_table SET organization=X'ff41' WHERE name='p'; "
        "ALTER TABLE user_table CONVERT TO CHARACTER SET latin1; "
        "UPDATE user_table SET name=CONVERT(X'6ae9' USING latin1) WHERE "
        "name='bob'; UPDATE lab_assoc_table SET user=CONVERT(X'6ae9' USING "
        "latin1) WHERE user='bob'");
    const auto read = ReadDatabase(*scratch.Open(), "lab");
    ASSERT_TRUE(read.ok()) << read.status();
    const Tree& tree = read->database.tree;
    EXPECT_THAT(Illegalities(tree), IsEmpty());
    EXPECT_TRUE(tree.accounts.contains(Name(std::string(60, 'x'))));
    const Fields& fields = tree.accounts.at(Name("p")).fields;
    EXPECT_EQ(fields.Get(Key::kDescription).view(), "two\nlines, it`s");
    EXPECT_EQ(fields.Get(Key::kOrganization).view(),
              "\xff"
              "A");
  }
}

// One row that sacctmgr made odd stands in nobody's way; from a dump it cannot
// be read, and the error says what to do.
TEST_F(DatabaseFaultsTest, QosAndChangesInOneList) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const std::string target = site_->Put("target.cfg", release.Dump("lab"));
    site_->Must(
        {"add | account | name=odd | cluster=lab | qos=q1 | qos+=normal",
         "add | user | name=daemon | account=odd | cluster=lab | "
         "qos+=q1 | qos=normal"});
    const auto read = ReadDatabase(*LeastRights(release), "lab");
    ASSERT_TRUE(read.ok()) << read.status();
    const Name odd("odd"), daemon("daemon");
    const auto qos = [&](const AssocKey& key) {
      return std::string(read->database.tree.associations.at(key)
                             .limits.Get(Key::kQos)
                             .view());
    };
    EXPECT_EQ(qos({odd, {}, {}}), "normal,q1");
    // 22.05 gives both the sign.
    EXPECT_THAT(qos({odd, daemon, {}}), StartsWith("+"));
    ASSERT_EQ(read->findings.size(), 1u);
    EXPECT_EQ(read->findings[0].code, kSkippedIds);
    EXPECT_THAT(read->findings[0].rows,
                Contains(HasSubstr("QOS and changes in one list")));

    const RunResult backup = RunProgram(
        {ASSOCSYNC_BINARY, "backup", "--sacctmgr", release.Path("bin/sacctmgr"),
         "--slurmdbd-conf", site_->slurmdbd_conf, "--backup-dir",
         site_->File("backups")});
    EXPECT_EQ(backup.exit_code, 0) << backup.err;
    const RunResult plan =
        site_->Assocsync({"plan", target, "--live", "sacctmgr"});
    EXPECT_EQ(plan.exit_code, 1) << plan.out << plan.err;
    EXPECT_THAT(plan.err, HasSubstr("set this row's QOS anew"));
    site_->Must(
        {"modify | account | where | name=odd | cluster=lab | set | "
         "qos=normal,q1",
         "delete | user | where | name=daemon"});
    EXPECT_EQ(
        site_
            ->Assocsync({"plan", site_->Put("now.cfg", release.Dump("lab")),
                         "--live", "sacctmgr"})
            .exit_code,
        0);
  }
}

TEST_F(DatabaseFaultsTest, AServerThatTakesNoWrites) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const auto database = LeastRights(release);
    release.Sql("SET GLOBAL read_only=1");
    const auto read = ReadDatabase(*database, "lab");
    release.Sql("SET GLOBAL read_only=0");
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_EQ(read->findings.size(), 1u);
    EXPECT_EQ(read->findings[0].code, kReplicaRead);
    EXPECT_THAT(read->findings[0].message, HasSubstr("read_only"));
  }
}

// What a user without the right to see a table is told.
TEST_F(DatabaseFaultsTest, MissingRights) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const std::string database = LabConf(release).storage_loc;
    LeastRights(release);
    release.Sql(absl::StrCat("REVOKE SELECT ON ", database, ".* FROM '",
                             database, "_reader'@'127.0.0.1'; GRANT SELECT ON ",
                             database, ".cluster_table TO '", database,
                             "_reader'@'127.0.0.1'"));
    DatabaseOptions options = LabConf(release).Database();
    options.user = absl::StrCat(database, "_reader");
    options.password = "reader's own";
    const auto connected = Connect(options);
    ASSERT_TRUE(connected.ok()) << connected.status();
    const auto read = ReadDatabase(**connected, "lab");
    EXPECT_EQ(read.status().code(), kFailed);
    EXPECT_THAT(std::string(read.status().message()),
                HasSubstr("table acct_table"));
    EXPECT_THAT(std::string(read.status().message()),
                HasSubstr("grant SELECT"));
  }
}

class DatabaseChoiceTest : public DatabaseFaultsTest {
 protected:
  // slurmdbd.conf with one line changed; its path.
  std::string Conf(const std::string& from, const std::string& to) {
    const auto text = ReadFile(site_->release().Path("slurmdbd.conf"), 1 << 20);
    EXPECT_TRUE(text.ok());
    EXPECT_THAT(*text, HasSubstr(from));
    return site_->Put("slurmdbd.conf",
                      absl::StrReplaceAll(*text, {{from, to}}));
  }
  RunResult Plan(const std::string& live, const std::string& conf,
                 std::vector<std::string> more = {}) {
    std::vector<std::string> words = {
        "plan", target_, "--live", live, "--slurmdbd-conf", conf, "--verbose"};
    words.insert(words.end(), more.begin(), more.end());
    const RunResult result = site_->Assocsync(words);
    EXPECT_THAT(result.out + result.err, Not(HasSubstr("labpass")));
    return result;
  }
  void Start(const LabRelease& release) {
    Begin(release);
    target_ = site_->Put("target.cfg", release.Dump("lab"));
  }
  std::string target_;
};

TEST_F(DatabaseChoiceTest, AutoSaysWhyItDoesNotTakeTheDatabase) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Start(release);
    const struct {
      std::string conf, words;
    } cases[] = {
        {Conf("StoragePass=labpass", "StoragePass=labpass2"),
         "check user and password"},
        {site_->Put("port.conf", "StorageHost=127.0.0.1\nStoragePort=1\n"),
         "is the server running"},
        {site_->File("none.conf"), "none.conf"},
    };
    // Once: looking up a name that nobody has may take seconds.
    if (release.series() == all_releases[0].series()) {
      const RunResult asked =
          Plan("mysql",
               site_->Put("host.conf", "StorageHost=no.such.host.invalid\n"));
      EXPECT_EQ(asked.exit_code, 1) << asked.out;
      EXPECT_THAT(asked.err, HasSubstr("is the server running"));
    }
    for (const auto& c : cases) {
      const RunResult asked = Plan("mysql", c.conf);
      EXPECT_EQ(asked.exit_code, 1) << asked.out;
      EXPECT_THAT(asked.err, HasSubstr(c.words));
      if (c.words == "is the server running") continue;  // As for the first.
      const RunResult chosen = Plan("auto", c.conf);
      EXPECT_EQ(chosen.exit_code, 0) << chosen.err;
      EXPECT_THAT(chosen.err, HasSubstr("live is read by sacctmgr"));
      EXPECT_THAT(chosen.err, HasSubstr(c.words));
    }
  }
}

TEST_F(DatabaseChoiceTest, OptionsThroughTheDefaultsFile) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Start(release);
    // By TCP, as a user who may only read.
    const std::string file =
        LeastRightsFile(release, site_->File("reader.cnf"));
    const std::string conf = release.Path("slurmdbd.conf");
    const RunResult tcp = Plan("auto", conf, {"--defaults-file", file});
    EXPECT_EQ(tcp.exit_code, 0) << tcp.err;
    EXPECT_THAT(tcp.err, HasSubstr("mysql"));
    // By the server's socket.
    const std::string socket = release.Sql("SELECT @@socket");
    auto text = ReadFile(file, 1 << 16);
    ASSERT_TRUE(text.ok());
    const std::string by_socket = site_->Put(
        "socket.cnf",
        absl::StrReplaceAll(
            *text,
            {{"protocol=tcp", absl::StrCat("protocol=socket\nsocket=", socket)},
             {"host=127.0.0.1\n", ""}}));
    const RunResult local = Plan("mysql", conf, {"--defaults-file", by_socket});
    EXPECT_EQ(local.exit_code, 0) << local.err;
  }
}

// slurmdbd.conf of this node names a copy that slurmdbd does not use.
TEST_F(DatabaseChoiceTest, AStaleCopyMakesNoPlan) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Start(release);
    LabDatabase copy(release);
    const std::string name = LabConf(release).storage_loc;
    const std::string conf = Conf(absl::StrCat("StorageLoc=", name),
                                  absl::StrCat("StorageLoc=", copy.name()));
    site_->Must({"add | account | name=later | cluster=lab"});
    for (const char* const live : {"mysql", "auto"}) {
      const RunResult result = Plan(live, conf);
      EXPECT_EQ(result.exit_code, 1) << result.out;
      EXPECT_THAT(result.err,
                  HasSubstr(release.series() < 2605
                                ? "slurmdbd uses another database"
                                : "slurmdbd knows transactions that the "
                                  "database does not hold"));
    }
    // Taken at its word.
    const RunResult given =
        Plan("mysql", conf, {"--release", release.version()});
    EXPECT_EQ(given.exit_code, 0) << given.err;
    const RunResult wrong =
        Plan("mysql", conf,
             {"--release", release.series() < 2311 ? "24.11.5" : "22.05.8"});
    EXPECT_EQ(wrong.exit_code, 1) << wrong.out;
    EXPECT_THAT(wrong.err, HasSubstr("has the tables of Slurm"));
  }
}

TEST_F(DatabaseChoiceTest, BrokenRowsAreRefusedWithTheirNames) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Start(release);
    LabDatabase copy(release);
    copy.Sql(
        "UPDATE lab_assoc_table SET is_def=1 WHERE user='ann'; UPDATE "
        "lab_assoc_table SET def_qos_id=88 WHERE acct='p'");
    const std::string name = LabConf(release).storage_loc;
    const std::string conf = Conf(absl::StrCat("StorageLoc=", name),
                                  absl::StrCat("StorageLoc=", copy.name()));
    const RunResult result =
        Plan("mysql", conf, {"--release", release.version()});
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_THAT(result.out, HasSubstr("refused AS120"));
    EXPECT_THAT(result.out, HasSubstr("user ann: both c1 and s"));
    EXPECT_THAT(result.out, HasSubstr("warning AS121"));
    EXPECT_THAT(result.out, HasSubstr("DefaultQOS holds QOS 88"));
    EXPECT_THAT(result.out, Not(HasSubstr("AS119")));
  }
}

}  // namespace assocsync::database_faults_test
