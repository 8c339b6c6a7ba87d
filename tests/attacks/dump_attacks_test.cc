// What a hostile dump could say, loaded by `verify --load` and `restore` as the
// server's administrator. Each text must be refused, or be as harmless as its
// rows; a general log of the server shows that no word of it ever arrived.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/backup/compression.h"
#include "engine/backup/manifest.h"
#include "engine/io/digest.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/site.h"

namespace assocsync::dump_attacks_test {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::HasSubstr;

// In every hostile text, and in nothing that assocsync says to a server.
constexpr char kMark[] = "evilmark";
// What is left out of a table in another database, `victim.evilmark`.
constexpr char kElsewhere[] = "table victim (";
// What is written to, of slurmdbd's and in no good dump.
constexpr char kTable[] = "lab_x_suspend_table";

enum class Want {
  kRefused,   // Exit 1 (verify), 1 or 3 (restore).
  kHarmless,  // Loaded as rows of zz_table, or passed over by name.
};

struct Attack {
  const char* name;
  // Before the trailer of a good dump. $T: a table of slurmdbd's that is in no
  // good dump; it is made first. $E: a statement that writes elsewhere.
  std::string sql;
  uint64_t rows = 0;  // Of $T, as the hostile manifest tells.
  Want want = Want::kRefused;
};

const std::vector<Attack>& Attacks() {
  static const std::vector<Attack> attacks = {
      // A second lexer that disagrees: modes.
      {"no escapes by number",
       "SET @m=1048576; SET sql_mode=@m; INSERT INTO $T VALUES ('\\'); $E; -- "
       "');",
       1},
      {"no escapes by word",
       "SET sql_mode='NO_BACKSLASH_ESCAPES'; INSERT INTO $T VALUES ('\\'); $E; "
       "-- ');",
       1},
      {"no escapes by number, directly",
       "SET sql_mode=1048576; INSERT INTO $T VALUES ('\\'); $E; -- ');", 1},
      {"no escapes by expression",
       "SET sql_mode=CONCAT('NO_BACKSLASH','_ESCAPES'); INSERT INTO $T VALUES "
       "('\\'); $E; -- ');",
       1},
      {"no escapes by hex",
       "SET sql_mode=0x4e4f5f4241434b534c4153485f45534341504553; INSERT INTO "
       "$T VALUES ('\\'); $E; -- ');",
       1},
      {"no escapes kept in a known variable",
       "SET @OLD_SQL_MODE='NO_BACKSLASH_ESCAPES'; SET sql_mode=@OLD_SQL_MODE; "
       "INSERT INTO $T VALUES ('\\'); $E; -- ');",
       1},
      {"no escapes for the session",
       "SET @@session.sql_mode='NO_BACKSLASH_ESCAPES'; INSERT INTO $T VALUES "
       "('\\'); $E; -- ');",
       1},
      {"no escapes, local", "SET LOCAL sql_mode='NO_BACKSLASH_ESCAPES'; $E;"},
      {"no escapes in code of a comment",
       "/*!40101 SET sql_mode='NO_BACKSLASH_ESCAPES' */; INSERT INTO $T VALUES "
       "('\\'); $E; -- ');",
       1},
      {"ansi quotes",
       "SET sql_mode='ANSI_QUOTES'; INSERT INTO $T VALUES (\"a\"); $E;"},
      {"ansi", "SET sql_mode='ANSI'; $E;"},
      {"oracle", "SET sql_mode='ORACLE'; $E;"},
      {"mode of a select",
       "SELECT 'NO_BACKSLASH_ESCAPES' INTO @m; SET sql_mode=@m; $E;"},
      {"mode of the server", "SET GLOBAL sql_mode='ANSI_QUOTES'; -- evilmark"},
      // Charsets.
      {"gbk", "SET NAMES gbk; INSERT INTO $T VALUES ('\xbf\\'); $E; -- ');", 1},
      {"big5", "SET NAMES big5; INSERT INTO $T VALUES ('\xa5\\'); $E; -- ');",
       1},
      {"sjis", "SET NAMES sjis; INSERT INTO $T VALUES ('\x95\\'); $E; -- ');",
       1},
      {"cp932", "SET NAMES cp932; $E;"},
      {"gb18030", "SET NAMES gb18030; $E;"},
      {"ucs2", "SET NAMES ucs2; $E;"},
      {"utf16", "SET character_set_client=utf16; $E;"},
      {"gbk in quotes", "SET NAMES 'gbk'; $E;"},
      {"gbk for the client alone",
       "SET character_set_client=gbk; INSERT INTO $T VALUES ('\xbf\\'); $E; -- "
       "');",
       1},
      {"gbk in a comment", "/*!40101 SET NAMES gbk */; $E;"},
      {"charset gbk", "SET CHARACTER SET gbk; $E;"},
      {"charset command", "\\C gbk\n$E;"},
      {"charset command in words", "charset gbk\n$E;"},
      {"charset of an introducer",
       "INSERT INTO $T VALUES (_gbk'\xbf\\'); $E; -- ');", 1},
      {"half a character",
       "INSERT INTO $T VALUES ('\xf0\x9f\\'); UPDATE victim.t SET a=1; -- ');",
       1, Want::kHarmless},
      // Comments.
      {"a quote in a comment of the future",
       "INSERT INTO $T VALUES (0x61 /*!999998 ' */); $E; -- ' */);", 1},
      {"a quote in a comment of MariaDB",
       "INSERT INTO $T VALUES (0x61 /*M!100000 ' */); $E; -- ' */);", 1},
      {"a quote in a comment of MySQL",
       "INSERT INTO $T VALUES (0x61 /*!80000 ' */); $E; -- ' */);", 1},
      {"code for MariaDB alone", "/*M! $E */;"},
      {"code for MariaDB 10.1", "/*M!100101 $E */;"},
      {"code for all", "/*! $E */;"},
      {"code for old servers", "/*!32302 $E */;"},
      {"code of six digits", "/*!050003 $E */;"},
      {"code of MySQL 8", "/*!80000 $E */;"},
      {"two statements in one comment", "/*!40000 COMMIT; $E */;"},
      {"a comment that ends early", "/* /*!40000 */ $E; */"},
      {"a comment in a comment", "/*!40000 /* */ $E */;"},
      {"dashes without a blank", "--\x01 x\n$E;"},
      {"dashes that are no comment", "COMMIT--$E;"},
      {"a comment without an end", "COMMIT; /* $E;"},
      {"a line that does not end", "COMMIT; # x\r$E;\n", 0, Want::kHarmless},
      // Statements.
      {"a view into another database",
       "CREATE VIEW v_evilmark AS SELECT * FROM victim.t; INSERT INTO "
       "v_evilmark VALUES('x'); DROP VIEW v_evilmark;"},
      {"update", "$E;"},
      {"delete", "DELETE FROM victim.t -- evilmark\n;"},
      {"insert elsewhere", "INSERT INTO victim.t VALUES ('evilmark');"},
      {"insert elsewhere, quoted",
       "INSERT INTO `victim`.`t` VALUES "
       "('evilmark');"},
      {"replace", "REPLACE INTO victim.t VALUES ('evilmark');"},
      {"insert from select",
       "INSERT INTO $T SELECT 'evilmark' FROM mysql.user;", 1},
      {"insert with an update",
       "INSERT INTO $T VALUES ('a') ON DUPLICATE KEY UPDATE a='evilmark';", 1},
      {"insert that returns",
       "INSERT INTO $T VALUES ('a') RETURNING LOAD_FILE('evilmark');", 1},
      {"insert by set", "INSERT INTO $T SET a='evilmark';", 1},
      {"use", "USE victim; INSERT INTO t VALUES ('evilmark');"},
      {"create database", "CREATE DATABASE evilmark;"},
      {"drop database", "DROP DATABASE IF EXISTS victim_evilmark;"},
      {"drop elsewhere", "DROP TABLE IF EXISTS victim.evilmark;"},
      {"drop many", "DROP TABLE IF EXISTS a, victim.evilmark;"},
      {"rename", "RENAME TABLE $T TO victim.evilmark;"},
      {"alter", "ALTER TABLE $T RENAME TO victim.evilmark;"},
      {"alter default",
       "ALTER TABLE $T ALTER a SET DEFAULT (LOAD_FILE('evilmark'));"},
      {"lock elsewhere", "LOCK TABLES victim.t WRITE, evilmark READ;"},
      {"grant", "GRANT ALL ON *.* TO 'evilmark'@'%' WITH GRANT OPTION;"},
      {"user", "CREATE USER 'evilmark'@'%' IDENTIFIED BY 'x';"},
      {"set password", "SET PASSWORD FOR root@localhost = 'evilmark';"},
      {"set role", "SET ROLE evilmark;"},
      {"global", "SET GLOBAL general_log_file='/evilmark';"},
      {"global by at", "SET @@GLOBAL.general_log_file='/evilmark';"},
      {"persist", "SET PERSIST max_connections=1; -- evilmark"},
      {"statement",
       "SET STATEMENT sql_mode='ANSI' FOR UPDATE victim.t SET a='evilmark';"},
      {"load data",
       "LOAD DATA INFILE '/etc/passwd' INTO TABLE $T; -- evilmark"},
      {"load data local",
       "LOAD DATA LOCAL INFILE '/etc/shadow' INTO TABLE $T; -- evilmark"},
      {"into outfile", "SELECT 'evilmark' INTO OUTFILE '/tmp/evilmark';"},
      {"handler", "HANDLER $T OPEN; -- evilmark"},
      {"prepare", "PREPARE s FROM 'UPDATE victim.t SET a=''evilmark''';"},
      {"execute immediate", "EXECUTE IMMEDIATE 'DROP TABLE evilmark';"},
      {"do", "DO SLEEP(60), 'evilmark';"},
      {"call", "CALL victim.evilmark();"},
      {"install plugin", "INSTALL SONAME 'evilmark';"},
      {"create server",
       "CREATE SERVER evilmark FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x');"},
      {"create function",
       "CREATE FUNCTION evilmark RETURNS INTEGER SONAME 'x.so';"},
      {"trigger",
       "CREATE TRIGGER evilmark BEFORE INSERT ON $T FOR EACH ROW SET @a=1;"},
      {"event",
       "CREATE EVENT evilmark ON SCHEDULE EVERY 1 SECOND DO SET @a=1;"},
      {"procedure",
       "DELIMITER ;;\nCREATE PROCEDURE evilmark() BEGIN $E; END;;\nDELIMITER "
       ";\n"},
      {"begin not atomic",
       "DELIMITER ;;\nBEGIN NOT ATOMIC $E; END;;\nDELIMITER ;\n"},
      {"a delimiter that hides", "DELIMITER '\n$E '\nDELIMITER ;\n"},
      {"the client's shell", "\\! touch /tmp/evilmark\n;"},
      {"the client's shell in words", "system touch /tmp/evilmark\n;"},
      {"the client's source", "source /tmp/evilmark.sql\n;"},
      {"the client's tee", "tee /tmp/evilmark\n;"},
      // Tables.
      {"data directory",
       "CREATE TABLE `lab_evilmark_step_table` (`a` int) DATA "
       "DIRECTORY='/tmp';"},
      {"federated",
       "CREATE TABLE `lab_evilmark_step_table` (`a` int) ENGINE=FEDERATED "
       "CONNECTION='mysql://root@localhost/victim/t';"},
      {"connect",
       "CREATE TABLE `lab_evilmark_step_table` (`a` int) ENGINE=CONNECT "
       "TABLE_TYPE=CSV FILE_NAME='/etc/passwd';"},
      {"csv",
       "CREATE TABLE `lab_evilmark_step_table` (`a` int NOT NULL) "
       "ENGINE=CSV;"},
      {"merge",
       "CREATE TABLE `lab_evilmark_step_table` (`a` int) "
       "ENGINE=MERGE UNION=(victim.t);"},
      {"table from select",
       "CREATE TABLE `lab_evilmark_step_table` AS SELECT * FROM mysql.user;"},
      {"table like", "CREATE TABLE `lab_evilmark_step_table` LIKE mysql.user;"},
      {"generated",
       "CREATE TABLE `lab_evilmark_step_table` (`a` text AS "
       "(LOAD_FILE('/etc/shadow')));"},
      {"default by function",
       "CREATE TABLE `lab_evilmark_step_table` (`a` text DEFAULT "
       "(LOAD_FILE('/etc/shadow')));"},
      {"check",
       "CREATE TABLE `lab_evilmark_step_table` (`a` int CHECK "
       "(SLEEP(60)));"},
      {"table elsewhere", "CREATE TABLE `victim`.`evilmark` (`a` int);"},
      {"a table of nobody", "CREATE TABLE `evilmark` (`a` int);"},
      {"or replace", "CREATE OR REPLACE TABLE `victim`.`evilmark` (`a` int);"},
      {"sequence", "CREATE SEQUENCE `evilmark`;"},
      {"a comment in a definition",
       "CREATE TABLE `lab_evilmark_step_table` (`a` int /*!99999 ) DATA "
       "DIRECTORY='/tmp' */);"},
      // Values.
      {"load_file", "INSERT INTO $T VALUES (LOAD_FILE('/etc/shadow'));", 1},
      {"sleep", "INSERT INTO $T VALUES (SLEEP(60));", 1},
      {"user variable", "INSERT INTO $T VALUES (@@datadir);", 1},
      {"subquery",
       "INSERT INTO $T VALUES ((SELECT 'evilmark' FROM mysql.user LIMIT 1));",
       1},
      {"sum", "INSERT INTO $T VALUES (1+1);", 1},
      {"default", "INSERT INTO $T VALUES (DEFAULT);", 1},
      {"odbc literal", "INSERT INTO $T VALUES ({d '2026-01-01'});", 1},
      {"placeholder", "INSERT INTO $T VALUES (?);", 1},
      {"national", "INSERT INTO $T VALUES (N'evilmark');", 1},
      {"partition", "INSERT INTO $T PARTITION (p) VALUES ('evilmark');", 1},
      {"names of columns elsewhere",
       "INSERT INTO $T (victim.t.a) VALUES ('evilmark');", 1},
      // Harmless: what looks hostile is a value.
      {"a value that looks like a statement",
       "INSERT INTO $T VALUES ('\\'); UPDATE victim.t SET a=\\'x\\'; -- ');", 1,
       Want::kHarmless},
      {"a value of quotes", "INSERT INTO $T VALUES (\"'\\\"';''\");", 1,
       Want::kHarmless},
      {"a value of latin1",
       "SET NAMES latin1; INSERT INTO $T VALUES ('\xe9\xff\\'');", 1,
       Want::kHarmless},
      {"a value of NUL and bytes",
       "INSERT INTO $T VALUES (0x00275c22),(_binary '\\0\\'');", 2,
       Want::kHarmless},
  };
  return attacks;
}

class DumpAttacksTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const LabRelease& release : LabRelease::All()) {
      if (release.series() == 2411) site_.emplace(release);
    }
    ASSERT_TRUE(site_.has_value()) << "no lab: tests/lab up";
    site_->release().Reset();
    RootSql(
        "DROP DATABASE IF EXISTS victim; CREATE DATABASE victim; CREATE TABLE "
        "victim.t (a TEXT); INSERT INTO victim.t VALUES ('whole')");
    const RunResult made =
        RunProgram({ASSOCSYNC_BINARY, "backup", "--backup-dir",
                    site_->backup_dir, "--slurmdbd-conf", site_->slurmdbd_conf,
                    "--sacctmgr", site_->release().Path("bin/sacctmgr")});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    for (const auto& entry : fs::directory_iterator(site_->backup_dir)) {
      if (entry.is_directory()) good_ = entry.path();
    }
    const auto sink = [this](absl::string_view sql) {
      absl::StrAppend(&sql_, sql);
      return absl::OkStatus();
    };
    manifest_ = *ReadManifest(good_);
    for (const BackupFile& file : manifest_.files) {
      if (!absl::EndsWith(file.name, ".sql.zst")) continue;
      file_ = file.name;
      ASSERT_TRUE(ReadSqlFile(good_ + "/" + file_, sink).ok());
    }
    canary_ = Canary();
    RootSql(
        "SET GLOBAL log_output='TABLE'; TRUNCATE mysql.general_log; SET GLOBAL "
        "general_log=1");
  }
  void TearDown() override {
    RootSql("SET GLOBAL general_log=0; DROP DATABASE IF EXISTS victim");
  }

  std::string RootSql(const std::string& sql) const {
    const RunResult result = RunProgram(
        {"mariadb",
         "--defaults-file=" + site_->release().Path("../mariadb/root.cnf"),
         "-N", "-B", "-e", sql});
    EXPECT_TRUE(result.clean()) << sql << result.err;
    return result.out;
  }
  // Whatever an attack could have changed.
  std::string Canary() const {
    return RootSql(
        "SELECT * FROM victim.t; SELECT User, Host, Password FROM mysql.user "
        "ORDER BY 1, 2; SELECT SCHEMA_NAME FROM information_schema.SCHEMATA "
        "ORDER BY 1; SELECT TABLE_NAME FROM information_schema.TABLES WHERE "
        "TABLE_SCHEMA='victim'; SELECT @@global.sql_mode, "
        "@@global.general_log_file, @@global.max_connections");
  }

  // A good dump that says `attack` as well.
  std::string Sql(const Attack& attack) const {
    const std::string hostile = absl::StrReplaceAll(
        attack.sql,
        {{"$T", kTable}, {"$E", "UPDATE victim.t SET a=\"evilmark\""}});
    const size_t trailer = sql_.rfind("-- Dump completed");
    return absl::StrCat(sql_.substr(0, trailer),
                        "SET NAMES utf8mb4;\nCREATE TABLE `", kTable,
                        "` (`a` blob);\n", hostile, "\n", sql_.substr(trailer));
  }
  std::string Plain(const Attack& attack) const {
    return site_->Put("attack.sql", Sql(attack));
  }

  // A folder like the good one whose dump says `attack`, with a manifest that
  // fits it.
  std::string Folder(const Attack& attack) const {
    const std::string dir = site_->File("attack");
    fs::remove_all(dir);
    fs::copy(good_, dir);
    fs::permissions(dir, fs::perms::owner_all);
    const std::string table = kTable;
    const std::string sql = Sql(attack);
    std::string packed;
    const auto sink = [&](absl::string_view bytes) {
      absl::StrAppend(&packed, bytes);
      return absl::OkStatus();
    };
    ZstdCompressor zstd;
    EXPECT_TRUE(zstd.Append(sql, sink).ok() && zstd.Finish(sink).ok());
    Manifest manifest = manifest_;
    manifest.tables.push_back({table, attack.rows});
    std::sort(
        manifest.tables.begin(), manifest.tables.end(),
        [](const TableRows& a, const TableRows& b) { return a.name < b.name; });
    for (BackupFile& file : manifest.files) {
      if (file.name != file_) continue;
      file.bytes = packed.size();
      file.sha256 = Sha256Hex(packed);
    }
    EXPECT_TRUE(WriteFileAtomic(dir + "/" + file_, packed).ok());
    EXPECT_TRUE(
        WriteFileAtomic(dir + "/manifest.json", WriteManifest(manifest)).ok());
    return dir;
  }
  RunResult Run(const std::vector<std::string>& words) const {
    std::vector<std::string> argv = {ASSOCSYNC_BINARY};
    argv.insert(argv.end(), words.begin(), words.end());
    argv.insert(argv.end(), {"--defaults-file",
                             site_->release().Path("../mariadb/root.cnf")});
    return RunProgram(argv);
  }
  void ExpectNothingArrived(const std::string& name) const {
    EXPECT_EQ(RootSql(absl::StrCat(
                  "SET GLOBAL general_log=0; SELECT argument FROM "
                  "mysql.general_log WHERE argument LIKE '%",
                  kMark,
                  "%' AND argument NOT LIKE "
                  "'%general_log%'; TRUNCATE mysql.general_log; SET GLOBAL "
                  "general_log=1")),
              "")
        << name;
    EXPECT_EQ(Canary(), canary_) << name;
    EXPECT_FALSE(fs::exists("/tmp/evilmark")) << name;
  }

  void Restores(bool plain);

  std::optional<LabSite> site_;
  std::string good_, sql_, file_, canary_;
  Manifest manifest_;
};

TEST_F(DumpAttacksTest, VerifyLoadRefusesThemOrTheyAreRows) {
  size_t refused = 0, harmless = 0;
  for (const Attack& attack : Attacks()) {
    const RunResult result = Run({"verify", "--load", Folder(attack)});
    const bool good = attack.want == Want::kHarmless;
    EXPECT_EQ(result.exit_code, good ? 0 : 1)
        << attack.name << ": " << result.out << result.err;
    ++(good ? harmless : refused);
    ExpectNothingArrived(attack.name);
  }
  RecordProperty("refused", static_cast<int>(refused));
  RecordProperty("harmless", static_cast<int>(harmless));
}

// A plain dump has no manifest that could tell what does not belong there: what
// is none of slurmdbd's is left out, and named.
TEST_F(DumpAttacksTest, PlainDumpsAreRefusedOrWhatIsHostileIsLeftOut) {
  for (const Attack& attack : Attacks()) {
    const RunResult result = Run({"verify", "--load", Plain(attack)});
    if (attack.want == Want::kHarmless || result.exit_code == 0) {
      EXPECT_EQ(result.exit_code, 0) << attack.name << result.err;
    }
    if (attack.want == Want::kRefused && result.exit_code == 0) {
      EXPECT_THAT(result.out, AnyOf(HasSubstr(kMark), HasSubstr(kElsewhere)))
          << attack.name;
    }
    ExpectNothingArrived(attack.name);
  }
}

// The very first reading of the backup refuses, or the load does; what is no
// table of slurmdbd's is passed over and named.
TEST_F(DumpAttacksTest, RestoreRefusesThemToo) { Restores(false); }
TEST_F(DumpAttacksTest, RestoreRefusesPlainDumpsToo) { Restores(true); }

void DumpAttacksTest::Restores(bool plain) {
  const LabRelease& release = site_->release();
  release.Lab("stop");
  for (const Attack& attack : Attacks()) {
    if (attack.want == Want::kHarmless) continue;
    const RunResult result =
        Run({"restore", plain ? Plain(attack) : Folder(attack), "--yes",
             "--no-sql-dump", "--release", release.version(), "--slurmdbd-conf",
             site_->slurmdbd_conf, "--backup-dir", site_->backup_dir});
    if (result.exit_code == 0) {
      EXPECT_THAT(result.err, AnyOf(HasSubstr(kMark), HasSubstr(kElsewhere)))
          << attack.name << ": " << result.out << result.err;
      RootSql(
          RootSql("SELECT CONCAT('DROP DATABASE `', SCHEMA_NAME, '`;') FROM "
                  "information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE "
                  "'%\\_assocsync\\_old\\_%'"));
    } else {
      EXPECT_TRUE(result.exit_code == 1 || result.exit_code == 3)
          << attack.name << ": " << result.exit_code << result.err;
    }
    ExpectNothingArrived(attack.name);
  }
  release.Lab("start");
}

}  // namespace assocsync::dump_attacks_test
