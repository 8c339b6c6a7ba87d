// `assocsync restore`: real slurmdbd of every release, stopped and started; the
// real binary, killed and refused.
#include "engine/restore/restore.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "engine/io/database.h"
#include "engine/io/file.h"
#include "engine/io/slurmdbd_conf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/site.h"

namespace assocsync::restore_test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using Words = std::vector<std::string>;

class RealRestoreTest : public testing::Test {
 protected:
  ~RealRestoreTest() override {
    if (!site_.has_value()) return;
    DropOwn();
    site_->release().Lab("start");
  }

  const LabRelease& release() const { return site_->release(); }
  std::string Database() const {
    return absl::StrReplaceAll(absl::StrCat("slurm_", release().name()),
                               {{".", "_"}});
  }
  std::string RootFile() const { return release().Path("../mariadb/root.cnf"); }
  // As root of the server, whatever the database.
  std::string RootSql(const std::string& sql) const {
    const RunResult result = RunProgram(
        {"mariadb", "--defaults-file=" + RootFile(), "-N", "-B", "-e", sql});
    EXPECT_TRUE(result.clean()) << sql << result.err;
    return result.out;
  }
  std::vector<std::string> OwnDatabases() const {
    return absl::StrSplit(
        RootSql(absl::StrCat("SELECT SCHEMA_NAME FROM "
                             "information_schema.SCHEMATA WHERE SCHEMA_NAME "
                             "LIKE '",
                             Database(), "\\_assocsync\\_%'")),
        '\n', absl::SkipEmpty());
  }
  void DropOwn() const {
    for (const std::string& name : OwnDatabases()) {
      RootSql(absl::StrCat("DROP DATABASE `", name, "`"));
    }
  }
  // Every row of every table, as one text. A server that is still renaming,
  // for a client that was killed, is waited for: it shows the names that it
  // has come to.
  std::string Contents() const {
    while (RootSql("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE "
                   "INFO LIKE 'RENAME TABLE%'") != "0\n") {
      absl::SleepFor(absl::Milliseconds(20));
    }
    return RootSql(absl::StrCat(
        "USE ", Database(),
        "; SET SESSION group_concat_max_len=100000; SELECT CONCAT('CHECKSUM "
        "TABLE ', GROUP_CONCAT('`', TABLE_NAME, '`' ORDER BY TABLE_NAME)) "
        "INTO @s FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE() "
        "AND TABLE_TYPE='BASE TABLE'; EXECUTE IMMEDIATE @s"));
  }

  // What tables that number their rows give the next one. What was made since
  // the backup had numbers that are not given out again.
  std::string NextIds() const {
    return RootSql(absl::StrCat(
        "SELECT TABLE_NAME, AUTO_INCREMENT FROM information_schema.TABLES "
        "WHERE AUTO_INCREMENT IS NOT NULL AND TABLE_SCHEMA='",
        Database(), "' ORDER BY 1"));
  }

  // Tree A is in the backup; live is something else by now.
  void Begin(const LabRelease& release, bool rich = false) {
    if (site_.has_value()) DropOwn();
    site_.emplace(release);
    release.Reset();
    if (rich) {
      site_->Must(PrepareDatabase());
      site_->Must(TreeA());
    } else {
      site_->Must({"add | cluster | name=other",
                   "add | account | name=top | cluster=lab"});
    }
    backup_ = Backup();
    plain_ = PlainDump();
    lab_ = release.Dump("lab");
    other_ = release.Dump("other");
    contents_ = Contents();
    site_->Must({"add | account | name=younger | cluster=lab",
                 "add | user | name=younger | account=younger | cluster=lab",
                 "modify | account | where | name=top | cluster=lab | set | "
                 "maxjobs=77"});
    lab_later_ = release.Dump("lab");
    Remember();
    ASSERT_NE(lab_, lab_later_);
  }
  LabRelease Of(int series) const {
    for (const LabRelease& release : LabRelease::All()) {
      if (release.series() == series) return release;
    }
    ADD_FAILURE() << "no lab: tests/lab up";
    return {};
  }
  void BeginOn(int series) { Begin(Of(series)); }
  std::string Backup() const {
    const RunResult result = RunProgram(
        {ASSOCSYNC_BINARY, "backup", "--backup-dir", site_->backup_dir,
         "--slurmdbd-conf", site_->slurmdbd_conf, "--cluster", "lab",
         "--sacctmgr", release().Path("bin/sacctmgr")});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    const std::vector<std::string> runs = Folders();
    return runs.empty() ? "" : runs.back();
  }
  // By the program that sites use, of a server that runs.
  std::string PlainDump(const Words& more = {}) const {
    const std::string path = site_->File("plain.sql");
    Words words = {"mariadb-dump", "--defaults-file=" + RootFile(),
                   "--single-transaction", "--result-file=" + path};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(Database());
    const RunResult result = RunProgram(words);
    EXPECT_TRUE(result.clean()) << result.err;
    return path;
  }
  // By name, which is by time; of one second: NAME, NAME-2.
  std::vector<std::string> Folders() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(site_->backup_dir)) {
      if (entry.is_directory()) names.push_back(entry.path());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  // The words of one restore; `login`: empty for slurmdbd's own.
  Words RestoreWords(const std::string& dir, const std::string& login) const {
    Words words = {
        ASSOCSYNC_BINARY,
        "restore",
        dir,
        "--backup-dir",
        site_->backup_dir,
        "--slurmdbd-conf",
        site_->slurmdbd_conf,
        "--slurmdbd",
        slurmdbd_.empty() ? release().Path("bin/slurmdbd") : slurmdbd_,
        "--yes"};
    if (!login.empty()) {
      words.insert(words.end(), {"--defaults-file", login});
    }
    return words;
  }
  RunResult Restore(const std::string& dir, const Words& more = {}) const {
    Words words = RestoreWords(dir, RootFile());
    words.insert(words.end(), more.begin(), more.end());
    return RunProgram(words);
  }
  // Where what was there before is, as the restore said.
  static std::string WayBack(const RunResult& result) {
    const std::string before = "Backup of it: ";
    const size_t at = result.out.find(before);
    if (at == std::string::npos) return "";
    const size_t begin = at + before.size();
    return result.out.substr(begin, result.out.find('\n', begin) - begin);
  }
  void ExpectTree(const std::string& lab, const std::string& what) {
    release().Lab("start");
    EXPECT_EQ(SortedDump(release().Dump("lab")), SortedDump(lab)) << what;
    EXPECT_EQ(SortedDump(release().Dump("other")), SortedDump(other_)) << what;
    release().Lab("stop");
  }
  // Nothing was changed, and it says why.
  void ExpectRefused(const RunResult& result, int exit_code,
                     const std::string& words) {
    EXPECT_EQ(result.exit_code, exit_code) << result.out << result.err;
    EXPECT_THAT(result.err, HasSubstr(words));
    EXPECT_THAT(absl::AsciiStrToLower(result.err),
                HasSubstr("nothing was changed"));
    EXPECT_EQ(Contents(), before_) << words;
    EXPECT_EQ(OwnDatabases(), own_before_) << words;
  }
  void Remember() {
    before_ = Contents();
    own_before_ = OwnDatabases();
  }

  std::optional<LabSite> site_;
  std::string slurmdbd_;  // Empty: the release's own.
  std::string plain_;     // A plain dump of the backup's moment.
  std::string backup_, lab_, lab_later_, other_, contents_, before_;
  std::vector<std::string> own_before_;
};

TEST_F(RealRestoreTest, OnEveryRelease) {
  const std::vector<LabRelease> all = LabRelease::All();
  ASSERT_FALSE(all.empty()) << "no lab: tests/lab up";
  for (const LabRelease& r : all) {
    SCOPED_TRACE(r.name());
    Begin(r, /*rich=*/true);
    ExpectRefused(Restore(backup_), 3, "something answers on 127.0.0.1:");
    r.Lab("stop");
    const std::string ids = NextIds();
    EXPECT_THAT(ids, HasSubstr("lab_assoc_table"));
    RunResult result = Restore(backup_);
    ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("associations made since"));
    EXPECT_EQ(Contents(), contents_);
    EXPECT_EQ(NextIds(), ids);
    ExpectTree(lab_, "restored");
    // No database at all: what slurmdbd needs beside tables it makes itself,
    // on the oldest release and on the newest.
    if (r.series() != all.front().series() &&
        r.series() != all.back().series()) {
      r.Lab("start");
      continue;
    }
    RootSql(absl::StrCat("DROP DATABASE ", Database()));
    result = Restore(backup_);
    ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("There is no such database now"));
    ExpectTree(lab_, "out of nothing");
    r.Lab("start");
    if (HasFailure()) return;
  }
}

// A plain dump, as the site's own cron makes one.
TEST_F(RealRestoreTest, PlainDumpsOnEveryRelease) {
  const Words packers = {"gzip", "xz", "zstd", ""};
  size_t packer = 0;
  for (const LabRelease& r : LabRelease::All()) {
    SCOPED_TRACE(r.name());
    Begin(r, /*rich=*/true);
    // As the program writes one with --databases.
    const bool uses = packer % 2 == 1;
    std::string plain = plain_;
    if (uses) {
      const auto text = ReadFile(plain, 1 << 26);
      ASSERT_TRUE(text.ok());
      plain = site_->Put(
          "uses.sql",
          absl::StrCat(
              "-- MariaDB dump\n/*!40101 SET NAMES utf8mb4 */;\nCREATE "
              "DATABASE /*!32312 IF NOT EXISTS*/ `acct`;\nUSE `acct`;\n",
              *text));
    }
    if (!packers[packer].empty()) {
      ASSERT_TRUE(RunProgram({packers[packer], plain}).clean());
      plain += packers[packer] == "gzip" ? ".gz"
               : packers[packer] == "xz" ? ".xz"
                                         : ".zst";
    }
    packer = (packer + 1) % packers.size();
    const RunResult verified =
        RunProgram({ASSOCSYNC_BINARY, "verify", "--load", plain,
                    "--defaults-file", RootFile()});
    ASSERT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    EXPECT_THAT(verified.out, HasSubstr("clusters lab, other"));
    EXPECT_THAT(verified.out, HasSubstr("loaded into a scratch database"));
    ExpectRefused(Restore(plain), 3, "something answers on 127.0.0.1:");
    r.Lab("stop");
    const RunResult result = Restore(plain);
    ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr(absl::StrCat("of database ",
                                                   uses ? "acct" : Database(),
                                                   ", clusters lab, other")));
    EXPECT_THAT(result.out, HasSubstr("associations made since"));
    EXPECT_THAT(result.err, HasSubstr("whether rows were lost before"));
    EXPECT_EQ(Contents(), contents_);
    ExpectTree(lab_, "restored");
    r.Lab("start");
    if (HasFailure()) return;
  }
}

TEST_F(RealRestoreTest, PlainDumpsThatAreRefused) {
  BeginOn(2411);
  release().Lab("stop");
  const auto text = ReadFile(plain_, 1 << 26);
  ASSERT_TRUE(text.ok());
  const auto refused = [&](const std::string& sql, int exit_code,
                           const std::string& words) {
    ExpectRefused(Restore(site_->Put("bad.sql", sql)), exit_code, words);
  };
  refused(text->substr(0, text->size() / 2), 1, "bad.sql");
  refused(absl::StrReplaceAll(*text, {{"-- Dump completed", "-- Dump"}}), 1,
          "does not end with the line '-- Dump completed");
  refused(absl::StrReplaceAll(*text, {{"lab_event_table", "lab_evnt_table"}}),
          3, "no table lab_event_table");
  refused(absl::StrReplaceAll(*text, {{"`max_jobs` ", "`max_jbos` "}}), 3,
          "lab_assoc_table.max_jobs");
  refused(absl::StrReplaceAll(*text, {{"ENGINE=InnoDB", "ENGINE=MyISAM"}}), 3,
          "MyISAM");
  refused(absl::StrCat("USE `a`;\n", *text, "USE `b`;\n"), 3,
          "of several databases (a, b)");
  refused(absl::StrReplaceAll(*text, {{"SET NAMES utf8mb4", "SET NAMES gbk"}}),
          3, "gbk");
  ExpectRefused(Restore(plain_, {"--release", "23.02.7"}), 3,
                "slurmdbd 23.02.7 has 13: it is of a newer release");
  const RunResult signed_only =
      Restore(plain_, {"--key", site_->Put("key.pub", "no key")});
  EXPECT_EQ(signed_only.exit_code, 1) << signed_only.err;
  EXPECT_EQ(Restore(plain_).exit_code, 0);
}

// What a login lacks is told before anybody is asked: there is no terminal
// here, and that is not what is said.
TEST_F(RealRestoreTest, RightsAreTriedBeforeTheQuestion) {
  BeginOn(2411);
  release().Lab("stop");
  const std::string user = "'plain_rights'@'127.0.0.1'";
  const std::string shadow =
      absl::StrReplaceAll(Database(), {{"_", "\\_"}}) + "\\_assocsync\\_%";
  const auto conf = ReadSlurmdbdConf(site_->slurmdbd_conf);
  ASSERT_TRUE(conf.ok());
  const std::string login = site_->Put(
      "login.cnf",
      absl::StrCat("[client]\nhost=127.0.0.1\nport=", conf->storage_port,
                   "\nuser=plain_rights\npassword=p\n"));
  RootSql(absl::StrCat("CREATE OR REPLACE USER ", user,
                       " IDENTIFIED BY 'p'; GRANT PROCESS ON *.* TO ", user));
  Words words = RestoreWords(backup_, login);
  std::erase(words, "--yes");
  const struct {
    std::string grant, missing;
  } kSteps[] = {
      {absl::StrCat("GRANT SELECT ON ", Database(), ".* TO ", user), "denied"},
      {absl::StrCat("GRANT ALL ON ", Database(), ".* TO ", user), "CREATE"},
      {absl::StrCat("GRANT CREATE, INSERT, SELECT ON `", shadow, "`.* TO ",
                    user),
       "DROP"},
  };
  for (const auto& step : kSteps) {
    RootSql(step.grant);
    const RunResult result = RunProgram(words);
    ExpectRefused(result, 1, "--defaults-file");
    EXPECT_THAT(result.err, HasSubstr(step.missing));
    EXPECT_THAT(result.out, Not(HasSubstr("Database"))) << "it was shown";
    const RunResult load = RunProgram({ASSOCSYNC_BINARY, "verify", "--load",
                                       backup_, "--defaults-file", login});
    EXPECT_EQ(load.exit_code, 1);
    EXPECT_THAT(load.err,
                HasSubstr("to load a backup the user needs: GRANT ALL ON"));
  }
  RootSql(absl::StrCat("GRANT ALL ON `", shadow, "`.* TO ", user));
  RunResult result = RunProgram(words);
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("no terminal to ask on"));
  EXPECT_EQ(Contents(), before_);
  words.push_back("--yes");
  result = RunProgram(words);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Contents(), contents_);
  RootSql(absl::StrCat("DROP USER ", user));
}

TEST_F(RealRestoreTest, TheWayBackAndPurge) {
  BeginOn(2411);
  release().Lab("stop");
  RunResult result = Restore(backup_);
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  result = Restore(WayBack(result));
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  ExpectTree(lab_later_, "and back");
  Remember();  // slurmdbd has been at it.
  EXPECT_THAT(OwnDatabases(), testing::SizeIs(2));
  Words purge = {ASSOCSYNC_BINARY,     "restore",         "--purge",
                 "--backup-dir",       site_->backup_dir, "--slurmdbd-conf",
                 site_->slurmdbd_conf, "--defaults-file", RootFile()};
  result = RunProgram(purge);
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("nothing was dropped"));
  EXPECT_THAT(OwnDatabases(), testing::SizeIs(2));
  purge.push_back("--yes");
  result = RunProgram(purge);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(OwnDatabases(), testing::IsEmpty());
  EXPECT_EQ(Contents(), before_);
}

// ASSOCSYNC_RESTORE_KILLS: how many.
TEST_F(RealRestoreTest, KilledAtAnyMoment) {
  BeginOn(2411);
  release().Lab("stop");
  const absl::Time start = absl::Now();
  RunResult result = Restore(backup_);
  double whole = absl::ToDoubleSeconds(absl::Now() - start);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  // To and fro between the two.
  struct Side {
    std::string dir, contents;
  } sides[2] = {{WayBack(result), before_}, {backup_, contents_}};
  const char* asked = std::getenv("ASSOCSYNC_RESTORE_KILLS");
  const int kills = asked == nullptr ? 3 : std::atoi(asked);
  std::mt19937 random(kills);
  int killed = 0, was_new = 0;
  for (int i = 0; i < kills; ++i) {
    const Side& to = sides[i % 2];
    const Side& from = sides[1 - i % 2];
    ASSERT_EQ(Contents(), from.contents);
    // One in each part of the whole, so that none is left out.
    const double at =
        whole * (i + std::uniform_real_distribution<>(0, 1)(random)) / kills;
    Words words = {"timeout", "-s", "KILL", absl::StrFormat("%.3f", at)};
    for (const std::string& word : RestoreWords(to.dir, RootFile())) {
      words.push_back(word);
    }
    result = RunProgram(words);
    killed += result.clean() ? 0 : 1;
    const std::string now = Contents();
    EXPECT_TRUE(now == from.contents || now == to.contents)
        << "killed at " << at << " s: neither the one nor the other";
    was_new += now == to.contents ? 1 : 0;
    // At once: what the killed one had started may run on for a moment, and its
    // sessions too, and is waited for.
    const absl::Time again = absl::Now();
    result = Restore(to.dir);
    // The machine may be busier by now: later kills come later too, so that the
    // end of a restore is not left out.
    whole = std::max(whole, absl::ToDoubleSeconds(absl::Now() - again));
    EXPECT_EQ(result.exit_code, 0) << at << result.out << result.err;
    EXPECT_EQ(Contents(), to.contents) << at;
    for (const std::string& name : OwnDatabases()) {
      EXPECT_THAT(name, HasSubstr("_assocsync_old_"));
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(killed, 0);
  std::printf(
      "killed %d times within %.2f s; the new one was in place %d "
      "times\n",
      killed, whole, was_new);
  ExpectTree(kills % 2 == 0 ? lab_ : lab_later_, "after all");
}

TEST_F(RealRestoreTest, Refusals) {
  BeginOn(2411);
  release().Lab("stop");
  {
    // Somebody else's connection.
    const auto conf = ReadSlurmdbdConf(site_->slurmdbd_conf);
    ASSERT_TRUE(conf.ok());
    const auto other = Connect(conf->Database());
    ASSERT_TRUE(other.ok()) << other.status();
    ExpectRefused(Restore(backup_), 3,
                  absl::StrCat("of ", Database(), " from 127.0.0.1:"));
  }
  const std::string good_conf = site_->slurmdbd_conf;
  const auto text = ReadFile(good_conf, 1 << 20);
  ASSERT_TRUE(text.ok());
  site_->slurmdbd_conf = site_->Put(
      "wrong.conf", absl::StrCat(*text, "\nStoragePass=wrong-secret\n"));
  const RunResult denied = RunProgram(RestoreWords(backup_, ""));
  ExpectRefused(denied, 1, "Access denied");
  EXPECT_THAT(denied.err, Not(HasSubstr("wrong-secret")));
  site_->slurmdbd_conf = good_conf;

  // slurmdbd's user has no right to make databases.
  ExpectRefused(RunProgram(RestoreWords(backup_, "")), 1, "--defaults-file");
  slurmdbd_ = "/nowhere/slurmdbd";
  ExpectRefused(Restore(backup_), 3, "--release R");
  slurmdbd_.clear();
  ExpectRefused(Restore(backup_, {"--release", "23.02.7"}), 3,
                "it cannot go back to an older release");

  const std::string shadow = Database() + "_assocsync_new";
  RootSql(absl::StrCat("CREATE DATABASE ", shadow, "; CREATE TABLE ", shadow,
                       ".theirs (a int)"));
  own_before_ = OwnDatabases();
  ExpectRefused(Restore(backup_), 3, "assocsync did not make it");
  RootSql(absl::StrCat("DROP DATABASE ", shadow));
  own_before_.clear();

  RootSql(absl::StrCat("CREATE TRIGGER ", Database(),
                       ".audit BEFORE INSERT ON ", Database(),
                       ".user_table FOR EACH ROW SET NEW.deleted = 0"));
  ExpectRefused(Restore(backup_), 3, "has trigger audit");
  RootSql(absl::StrCat("DROP TRIGGER ", Database(), ".audit"));

  // A byte of the dump.
  const std::string bad = site_->File("bad");
  fs::copy(backup_, bad);
  const std::string dump = absl::StrCat(bad, "/", Database(), ".sql.zst");
  auto bytes = ReadFile(dump, 1 << 26);
  ASSERT_TRUE(bytes.ok());
  (*bytes)[bytes->size() / 2] ^= 1;
  ASSERT_TRUE(WriteFileAtomic(dump, *bytes).ok());
  ExpectRefused(Restore(bad), 1, "its bytes changed");
  // And after all that it still can.
  EXPECT_EQ(Restore(backup_).exit_code, 0);
  EXPECT_EQ(Contents(), contents_);
}

// With slurmdbd's own login and the GRANT that --help tells. The password is
// nowhere: not in `ps`, not in the environment of children, not in files.
TEST_F(RealRestoreTest, WithTheDocumentedGrantAndNoPasswordAnywhere) {
  BeginOn(2605);
  release().Lab("stop");
  // Of this test alone: `ps` shows other processes of this machine too.
  const std::string password = absl::StrCat("open-sesame-", getpid());
  const std::string user = absl::StrCat("'", Database(), "'@'127.0.0.1'");
  RootSql(absl::StrCat("ALTER USER ", user, " IDENTIFIED BY '", password, "'"));
  const auto conf = ReadFile(site_->slurmdbd_conf, 1 << 20);
  ASSERT_TRUE(conf.ok());
  site_->slurmdbd_conf = site_->Put(
      "own.conf", absl::StrCat(*conf, "\nStoragePass=", password, "\n"));
  const std::string pattern =
      absl::StrReplaceAll(Database(), {{"_", "\\_"}}) + "\\_assocsync\\_%";
  RootSql(absl::StrCat("GRANT ALL ON `", pattern, "`.* TO ", user));
  fs::create_directory(site_->File("bin"));
  for (const std::string tool : {"mariadb", "mariadb-dump"}) {
    site_->Put("bin/" + tool,
               absl::StrCat("#!/bin/sh\nps axeww >>'", site_->File("ps"),
                            "'\nexec /usr/bin/", tool, " \"$@\"\n"),
               0700);
  }
  Words words = {"/usr/bin/env", absl::StrCat("PATH=", site_->File("bin"), ":",
                                              std::getenv("PATH"))};
  for (const std::string& word : RestoreWords(backup_, "")) {
    words.push_back(word);
  }
  const RunResult result = RunProgram(words);
  RootSql(absl::StrCat("REVOKE ALL ON `", pattern, "`.* FROM ", user,
                       "; ALTER USER ", user, " IDENTIFIED BY 'labpass'"));
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.err, HasSubstr("only connections of"));
  EXPECT_EQ(Contents(), contents_);
  const auto seen = ReadFile(site_->File("ps"), 1 << 26);
  ASSERT_TRUE(seen.ok()) << "the tools never ran";
  EXPECT_THAT(*seen, HasSubstr("mariadb-dump"));
  EXPECT_THAT(*seen, Not(HasSubstr(password)));
  EXPECT_THAT(result.out + result.err, Not(HasSubstr(password)));
  EXPECT_NE(RunProgram({"grep", "-rl", password, site_->backup_dir}).exit_code,
            0);
  ExpectTree(lab_, "restored");
}

// A backup of one release, and the slurmdbd of another.
TEST_F(RealRestoreTest, SchemasThatDoNotFit) {
  const struct {
    int from, to;
    std::string by_manifest, by_tables;
  } kCases[] = {
      {2605, 2205, "of Slurm 26.05.5, slurmdbd is 22.05.8",
       "schema 16, slurmdbd 22.05.8 has 12"},
      {2011, 2605, "schema 9; slurmdbd 26.05.5 upgrades from 15",
       "schema 9; slurmdbd 26.05.5 upgrades from 15"},
  };
  for (const auto& c : kCases) {
    BeginOn(c.from);
    auto keep = TempDir::Create(testing::TempDir());
    ASSERT_TRUE(keep.ok());
    const std::string foreign = keep->path() + "/backup";
    fs::copy(backup_, foreign);
    const std::string from = release().version();
    DropOwn();
    site_.emplace(Of(c.to));
    release().Lab("stop");
    Remember();
    ExpectRefused(Restore(foreign), 3, c.by_manifest);
    // The manifest lies: the tables tell.
    auto manifest = ReadFile(foreign + "/manifest.json", 1 << 20);
    ASSERT_TRUE(manifest.ok());
    ASSERT_TRUE(WriteFileAtomic(foreign + "/manifest.json",
                                absl::StrReplaceAll(
                                    *manifest, {{from, release().version()}}))
                    .ok());
    ExpectRefused(Restore(foreign), 3, c.by_tables);
    release().Lab("start");
  }
}

}  // namespace assocsync::restore_test
