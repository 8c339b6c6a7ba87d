#include "engine/restore/restore.h"

#include <filesystem>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/backup/compression.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/restore/names.h"
#include "engine/restore/purge.h"
#include "engine/restore/schema.h"
#include "engine/restore/survey.h"
#include "engine/restore/swap.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/restore/fake_server.h"

namespace assocsync::restore_test {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kDb[] = "slurm_acct_db";
constexpr char kController[] = "ctl1";
constexpr char kShadow[] = "slurm_acct_db_assocsync_new";

const FakeServer::Tables kOld = {
    {"acct_table", 5},      {"cluster_table", 1},  {"convert_version_table", 1},
    {"lab_assoc_table", 9}, {"lab_job_table", 90}, {"lab_resv_table", 2},
    {"user_table", 4}};
const FakeServer::Tables kBackup = {
    {"acct_table", 2},      {"cluster_table", 1}, {"convert_version_table", 1},
    {"lab_assoc_table", 3}, {"lab_job_table", 8}, {"user_table", 2}};

// In memory where that can be: some tests restore hundreds of times, and each
// syncs what it writes.
TempDir MakeDir() {
  absl::StatusOr<TempDir> dir = TempDir::Create("/dev/shm");
  return dir.ok() ? *std::move(dir) : *TempDir::Create(testing::TempDir());
}

class RestoreTest : public testing::Test {
 protected:
  RestoreTest() : dir_(MakeDir()) {
    server_.databases[kDb] = kOld;
    WriteBackup();
    options_.dir = dir_.path() + "/backup";
    options_.backup_dir = dir_.path() + "/runs";
    options_.database = kDb;
    options_.release = {2605, 5};
    options_.daemon_hosts = {"dbd1"};
    deps_.connect = [this] { return server_.Connect(); };
    deps_.load = [this](const Manifest&, const std::string&,
                        const std::string& name) -> absl::StatusOr<Loaded> {
      for (const auto& [table, rows] : loads_) {
        server_.databases[name][table] = rows;
        if (table == load_stops_at_) return absl::InternalError("client died");
      }
      return loaded_;
    };
    deps_.dump = [this](const std::string& dir, Database&) {
      ++dumps_;
      SqlDump dump;
      dump.file = {"slurm_acct_db.sql.zst", 1, std::string(64, 'a')};
      (void)WriteFileAtomic(dir + "/slurm_acct_db.sql.zst", "x");
      for (const auto& [name, rows] : server_.databases[kDb]) {
        dump.tables.push_back({name, rows});
      }
      return absl::StatusOr<SqlDump>(dump);
    };
    deps_.listens = [this](const std::string& host, int) {
      if (host == kController) return controller_listens_;
      ++asked_;
      return answers_from_ > 0 && asked_ >= answers_from_
                 ? absl::StatusOr<bool>(true)
                 : listens_;
    };
    deps_.confirm = [this](const RestorePreview& preview) {
      preview_ = preview;
      ++confirms_;
      return agrees_;
    };
    deps_.now = [] { return absl::FromUnixSeconds(1795484928); };
  }

  // `more`: SQL of one more table, `table`, the fourth by name.
  void WriteBackup(const std::string& more = "",
                   std::optional<TableRows> table = std::nullopt) {
    std::string sql = "-- MariaDB dump\nSET NAMES utf8mb4;\n";
    Manifest manifest;
    for (const auto& [name, rows] : kBackup) {
      absl::StrAppend(&sql, "CREATE TABLE `", name, "` (`a` int);\n");
      for (uint64_t i = 0; i < rows; ++i) {
        absl::StrAppend(&sql, "INSERT INTO `", name, "` VALUES (1);\n");
      }
      manifest.tables.push_back({name, rows});
    }
    absl::StrAppend(&sql, more, "-- Dump completed on 2026-11-24 01:00:00\n");
    if (table.has_value()) {
      manifest.tables.insert(manifest.tables.begin() + 3, *table);
    }
    std::string packed;
    const auto sink = [&](absl::string_view bytes) {
      packed.append(bytes.data(), bytes.size());
      return absl::OkStatus();
    };
    ZstdCompressor zstd;
    ASSERT_TRUE(zstd.Append(sql, sink).ok());
    ASSERT_TRUE(zstd.Finish(sink).ok());
    const std::string dir = dir_.path() + "/backup";
    std::filesystem::create_directory(dir);
    ASSERT_TRUE(WriteFileAtomic(dir + "/slurm_acct_db.sql.zst", packed).ok());
    manifest.created = absl::FromUnixSeconds(1795480000);
    manifest.cluster = "lab";
    manifest.database = kDb;
    manifest.slurm_release = "26.05.5";
    manifest.files.push_back(
        {"slurm_acct_db.sql.zst", packed.size(), Sha256Hex(packed)});
    manifest_ = manifest;
    WriteTheManifest();
  }
  void WriteTheManifest() {
    ASSERT_TRUE(WriteFileAtomic(dir_.path() + "/backup/manifest.json",
                                WriteManifest(manifest_))
                    .ok());
  }

  absl::StatusOr<RestoreReport> Restore() {
    return RestoreDatabase(options_, deps_);
  }
  // It must be an error that says `words`; and all is as it was.
  void ExpectRefused(absl::StatusCode code, const std::string& words) {
    const auto before = server_.databases;
    const auto report = Restore();
    ASSERT_FALSE(report.ok()) << words;
    EXPECT_EQ(report.status().code(), code) << report.status();
    EXPECT_THAT(std::string(report.status().message()), HasSubstr(words));
    EXPECT_EQ(server_.databases, before) << words;
    EXPECT_THAT(Runs(), IsEmpty()) << words;
  }
  std::vector<std::string> Runs() const {
    std::vector<std::string> runs;
    const std::string dir = dir_.path() + "/runs";
    if (!std::filesystem::exists(dir)) return runs;
    for (const auto& entry : std::filesystem::directory_iterator(dir)) {
      if (entry.is_directory()) runs.push_back(entry.path());
    }
    return runs;
  }
  std::vector<std::string> Kept() const {
    std::vector<std::string> names;
    for (const auto& [name, tables] : server_.databases) {
      if (IsKeptName(kDb, name)) names.push_back(name);
    }
    return names;
  }

  TempDir dir_;
  FakeServer server_;
  Manifest manifest_;
  RestoreOptions options_;
  RestoreDeps deps_;
  FakeServer::Tables loads_ = kBackup;
  Loaded loaded_;
  std::string load_stops_at_;
  int dumps_ = 0, asked_ = 0, answers_from_ = 0;
  absl::StatusOr<bool> listens_ = false, controller_listens_ = false;
  bool agrees_ = true;
  int confirms_ = 0;
  std::optional<RestorePreview> preview_;
};

TEST_F(RestoreTest, Restores) {
  const auto report = Restore();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, RestoreReport::Outcome::kRestored);
  EXPECT_THAT(report->problems, IsEmpty());
  EXPECT_EQ(report->tables, 6u);
  EXPECT_EQ(report->rows, 17u);
  EXPECT_EQ(server_.databases[kDb], kBackup);
  EXPECT_EQ(report->kept, "slurm_acct_db_assocsync_old_20261124_014848");
  auto kept = server_.databases[report->kept];
  EXPECT_EQ(kept.erase(kNoteTable), 1u);
  EXPECT_EQ(kept, kOld);
  EXPECT_FALSE(server_.databases.contains(kShadow));
  EXPECT_EQ(dumps_, 1);
  // The database itself is never dropped, nor any table of it.
  for (const std::string& statement : server_.statements) {
    EXPECT_THAT(statement, testing::Not(HasSubstr("DROP DATABASE `slurm_acct_"
                                                  "db`")));
    EXPECT_THAT(statement, testing::Not(HasSubstr("DROP TABLE")));
  }
  ASSERT_TRUE(preview_.has_value());
  EXPECT_EQ(preview_->tables.size(), 7u);
  EXPECT_EQ(preview_->tables[5].name, "lab_resv_table");
  EXPECT_EQ(preview_->tables[5].now, 2u);
  EXPECT_EQ(preview_->tables[5].backup, std::nullopt);
  const auto record = ReadFile(report->run_dir + "/restore.jsonl", 1 << 20);
  ASSERT_TRUE(record.ok());
  EXPECT_THAT(*record, HasSubstr("\"outcome\":\"restored\""));
  const auto manifest = ReadManifest(report->run_dir);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->cluster, "lab");
  EXPECT_EQ(manifest->tables.size(), kOld.size());
}

// Numbers that slurmctld may still use are given to nobody else.
TEST_F(RestoreTest, NoIdIsGivenOutTwice) {
  server_.next_ids[kDb] = {
      {"lab_assoc_table", 10}, {"lab_job_table", 91}, {"lab_resv_table", 3}};
  server_.next_ids[kShadow] = {{"lab_assoc_table", 12}, {"lab_job_table", 9}};
  const auto report = Restore();
  ASSERT_TRUE(report.ok()) << report.status();
  std::vector<std::string> alters;
  for (const std::string& statement : server_.statements) {
    if (statement.starts_with("ALTER")) alters.push_back(statement);
  }
  EXPECT_THAT(alters, ElementsAre(absl::StrCat("ALTER TABLE `", kShadow,
                                               "`.`lab_job_table` "
                                               "AUTO_INCREMENT=91")));
}

TEST_F(RestoreTest, WhereThereIsNothing) {
  for (const bool exists : {true, false}) {
    server_.databases.clear();
    if (exists) server_.databases[kDb];
    const auto report = Restore();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->outcome, RestoreReport::Outcome::kRestored);
    EXPECT_EQ(report->kept, "");
    EXPECT_EQ(dumps_, 0);
    EXPECT_EQ(server_.databases[kDb], kBackup);
    EXPECT_THAT(server_.databases, SizeIs(1));
  }
}

TEST_F(RestoreTest, NotAgreed) {
  agrees_ = false;
  const auto report = Restore();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, RestoreReport::Outcome::kDeclined);
  EXPECT_THAT(server_.statements, IsEmpty());
  EXPECT_THAT(Runs(), IsEmpty());
}

TEST_F(RestoreTest, RefusesWhileSlurmdbdMayRun) {
  constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;
  listens_ = true;
  ExpectRefused(kRefused, "something answers on dbd1:6819");
  listens_ = false;
  server_.sessions = {"slurm"};
  ExpectRefused(kRefused, "connection 7 of slurm from node1:4711");
  // Of a client that was killed: the server has noticed a moment later.
  server_.sessions_seen = 2;
  // It is started while the dump or the load runs: seen before the swap.
  asked_ = 0;
  answers_from_ = 2;
  ExpectRefused(kRefused, "something answers on dbd1:6819");
  EXPECT_EQ(dumps_, 1);
  answers_from_ = 0;
  // What cannot be seen.
  server_.process = false;
  server_.user = "backup@localhost";
  options_.daemon_user = "slurm";
  ExpectRefused(kRefused, "lacks the PROCESS right");
  server_.user = "slurm@db1";
  const auto report = Restore();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(preview_->cautions, Contains(HasSubstr("only connections of")));
}

TEST_F(RestoreTest, SlurmdbdThatComesInDuringTheSwapIsTold) {
  answers_from_ = 3;
  const auto report = Restore();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, RestoreReport::Outcome::kNotVerified);
  EXPECT_THAT(report->problems,
              ElementsAre(HasSubstr("somebody connected during the swap")));
}

TEST_F(RestoreTest, WhatCannotBeToldIsSaid) {
  listens_ = absl::UnavailableError("timed out");
  ASSERT_TRUE(Restore().ok());
  EXPECT_THAT(preview_->cautions, Contains(HasSubstr("cannot be told")));
}

TEST_F(RestoreTest, RefusesWhatTheServerCannotDo) {
  constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;
  server_.read_only = "ON";
  ExpectRefused(kRefused, "read-only");
  server_.read_only = "OFF";
  server_.triggers[kDb] = {"audit"};
  ExpectRefused(kRefused, "has trigger audit");
  server_.triggers.clear();
  server_.keys[kDb] = {"fk_1"};
  ExpectRefused(kRefused, "has foreign key fk_1");
  server_.keys.clear();
  server_.views[kDb] = {"user_table"};
  ExpectRefused(kRefused, "has a view");
  server_.views.clear();
  server_.engines["acct_table"] = "MyISAM";
  ExpectRefused(kRefused, "engine MyISAM");
  server_.engines.clear();
  server_.max_packet = "100";
  ExpectRefused(kRefused, "raise max_allowed_packet");
  server_.max_packet = "16777216";
  server_.denied = true;
  const int confirms = confirms_;
  ExpectRefused(absl::StatusCode::kPermissionDenied, "--defaults-file");
  EXPECT_EQ(confirms_, confirms);  // Nobody was asked.
  EXPECT_EQ(dumps_, 2);
  server_.denied = false;
  server_.version = "10.5.26-MariaDB";
  ExpectRefused(kRefused, "--old-server");
  options_.old_server = true;
  EXPECT_TRUE(Restore().ok());
}

TEST_F(RestoreTest, ViewsStayWhereTheyAre) {
  server_.views[kDb] = {"site_view"};
  loaded_.left_out = {"view old_view", "view site_view"};
  const auto report = Restore();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->cautions,
              ElementsAre(HasSubstr("view old_view of the backup is not")));
}

TEST_F(RestoreTest, TablesThatAreNoneOfSlurmdbdsStayWhereTheyAre) {
  server_.databases[kDb]["inventory"] = 3;
  WriteBackup(
      "CREATE TABLE `inventory` (`a` int);\n"
      "INSERT INTO `inventory` VALUES (1),(2);\n",
      TableRows{"inventory", 2});
  const auto report = Restore();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, RestoreReport::Outcome::kRestored);
  EXPECT_THAT(preview_->cautions,
              Contains(HasSubstr("table inventory of the backup is none of "
                                 "slurmdbd's: it is left out")));
  FakeServer::Tables want = kBackup;
  want["inventory"] = 3;
  EXPECT_EQ(server_.databases[kDb], want);
  ASSERT_THAT(Kept(), SizeIs(1));
  EXPECT_EQ(server_.databases[Kept()[0]].count("inventory"), 0u);
}

TEST_F(RestoreTest, HandsOffForeignDatabases) {
  server_.databases[kShadow]["theirs"] = 7;
  ExpectRefused(absl::StatusCode::kFailedPrecondition,
                "assocsync did not make it (it holds theirs)");
  // A note of another database makes it no more ours.
  server_.databases[kShadow][std::string(kNoteTable)] = 1;
  server_.notes[kShadow] = "another_db";
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "did not make it");
}

TEST_F(RestoreTest, RefusesASchemaThatDoesNotFit) {
  constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;
  // By what the manifest says: before anything is done.
  options_.release = {2411, 5};
  ExpectRefused(kRefused, "of Slurm 26.05.5, slurmdbd is 24.11.5");
  EXPECT_EQ(dumps_, 0);
  // By what the tables say.
  manifest_.slurm_release = "24.11.5";
  WriteTheManifest();
  ExpectRefused(kRefused, "with columns of a later release");
  server_.schema = 17;
  ExpectRefused(kRefused, "schema 17, slurmdbd 24.11.5 has 16");
  server_.schema = 12;
  ExpectRefused(kRefused, "schema 12; slurmdbd 24.11.5 upgrades from 13");
  server_.schema = 13;
  server_.lft = true;
  EXPECT_TRUE(Restore().ok());
}

TEST_F(RestoreTest, ABackupThatIsNotWhole) {
  loads_["acct_table"] = 1;
  ExpectRefused(absl::StatusCode::kDataLoss,
                "table acct_table has 1 row, the backup 2");
  loads_ = kBackup;
  loads_["more"] = 1;
  ExpectRefused(absl::StatusCode::kDataLoss, "more is not in the backup");
  loads_ = kBackup;
  loads_.erase("user_table");
  ExpectRefused(absl::StatusCode::kDataLoss, "user_table is missing");
  loads_ = kBackup;
  load_stops_at_ = "cluster_table";
  ExpectRefused(absl::StatusCode::kInternal, "client died");
  load_stops_at_ = "";
  ASSERT_TRUE(
      WriteFileAtomic(options_.dir + "/slurm_acct_db.sql.zst", "x").ok());
  ExpectRefused(absl::StatusCode::kDataLoss, "slurm_acct_db.sql.zst");
}

TEST_F(RestoreTest, StopsWhereItIsTold) {
  std::atomic<bool> stop{false};
  deps_.stop = &stop;
  deps_.load = [&](const Manifest&, const std::string&, const std::string&) {
    stop = true;
    return absl::CancelledError("killed");
  };
  ExpectRefused(absl::StatusCode::kCancelled, "killed");
}

TEST_F(RestoreTest, PurgeDropsWhatIsOursAndNothingElse) {
  const PurgeOptions purge = {options_.backup_dir, kDb};
  const auto connect = [this] { return server_.Connect(); };
  std::vector<OwnDatabase> shown;
  bool yes = false;
  const auto confirm = [&](const std::vector<OwnDatabase>& kept) {
    shown = kept;
    return yes;
  };
  ASSERT_TRUE(Restore().ok());
  const std::string foreign = "slurm_acct_db_assocsync_old_20200101_000000";
  server_.databases[foreign]["theirs"] = 3;
  EXPECT_THAT(*PurgeKept(purge, connect, confirm), IsEmpty());
  ASSERT_THAT(shown, SizeIs(1));
  EXPECT_EQ(shown[0].tables.size(), kOld.size());
  EXPECT_THAT(Kept(), SizeIs(2));
  yes = true;
  const auto present = server_.databases[kDb];
  server_.databases[kDb].clear();
  EXPECT_THAT(
      std::string(PurgeKept(purge, connect, confirm).status().message()),
      HasSubstr("may be all there is"));
  server_.databases[kDb] = present;
  EXPECT_THAT(*PurgeKept(purge, connect, confirm),
              ElementsAre("slurm_acct_db_assocsync_old_20261124_014848"));
  EXPECT_THAT(Kept(), ElementsAre(foreign));
}

// The law: at any statement, and whatever breaks there, the database is all old
// or all new; and restoring again succeeds.
TEST_F(RestoreTest, KilledAtEveryStatement) {
  int kills = 0, swapped = 0;
  for (const bool done_first : {false, true}) {
    for (const bool server_stays_away : {false, true}) {
      for (int k = 1;; ++k) {
        const std::string what = absl::StrFormat("statement %d, %d%d", k,
                                                 done_first, server_stays_away);
        SCOPED_TRACE(what);
        server_ = FakeServer();
        server_.databases[kDb] = kOld;
        server_.before = [this] {
          const auto& now = server_.databases[kDb];
          EXPECT_TRUE(now == kOld || now == kBackup);
        };
        server_.dies_at = k;
        server_.done_first = done_first;
        server_.refuses_connections = server_stays_away;
        const auto report = Restore();
        server_.before();
        const bool is_new = server_.databases[kDb] == kBackup;
        if (!report.ok()) {
          EXPECT_FALSE(is_new) << report.status();
        } else if (report->outcome == RestoreReport::Outcome::kRestored) {
          EXPECT_TRUE(is_new);
        }
        if (server_.count < k) {
          EXPECT_TRUE(is_new);
          break;
        }
        ++kills;
        swapped += is_new ? 1 : 0;
        server_.dies_at = 0;
        const auto again = Restore();
        ASSERT_TRUE(again.ok()) << again.status();
        EXPECT_EQ(again->outcome, RestoreReport::Outcome::kRestored);
        EXPECT_EQ(server_.databases[kDb], kBackup);
        EXPECT_FALSE(server_.databases.contains(kShadow));
        // What was there at first is kept, and nothing empty is.
        bool found = false;
        for (const std::string& name : Kept()) {
          auto tables = server_.databases[name];
          tables.erase(kNoteTable);
          EXPECT_FALSE(tables.empty());
          found = found || tables == kOld;
        }
        EXPECT_TRUE(found);
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(kills, 100);
  EXPECT_GT(swapped, 10);
}

TEST(RestoreNamesTest, Names) {
  const absl::Time now = absl::FromUnixSeconds(1795484928);
  EXPECT_EQ(ShadowName("acct"), "acct_assocsync_new");
  EXPECT_EQ(KeptName("acct", now), "acct_assocsync_old_20261124_014848");
  EXPECT_TRUE(IsKeptName("acct", KeptName("acct", now)));
  for (const char* name :
       {"acct", "acct_assocsync_old_", "acct_assocsync_old_20261124-014848",
        "acct_assocsync_old_20261124_01484x",
        "acct2_assocsync_old_20261124_014848",
        "acct_assocsync_old_20261124_0148481"}) {
    EXPECT_FALSE(IsKeptName("acct", name)) << name;
  }
  EXPECT_TRUE(CheckRestorable(std::string(34, 'a')).ok());
  EXPECT_FALSE(CheckRestorable(std::string(35, 'a')).ok());
  EXPECT_FALSE(CheckRestorable("-x").ok());
  EXPECT_EQ(KeptName(std::string(34, 'a'), now).size(), 64u);
}

TEST(RestoreServerTest, WhoHasAtomicDdl) {
  for (const char* version :
       {"10.6.1-MariaDB", "10.11.19-MariaDB-0+deb12u1", "11.4.2-MariaDB-log",
        "12.0.1-MariaDB", "8.0.36", "8.4.0-1", "9.1.0"}) {
    EXPECT_TRUE(HasAtomicDdl(version)) << version;
  }
  for (const char* version : {"10.6.0-MariaDB", "10.5.26-MariaDB",
                              "5.5.68-MariaDB", "5.7.44-log", "", "x"}) {
    EXPECT_FALSE(HasAtomicDdl(version)) << version;
  }
}

TEST(RestoreSwapTest, StatementAndJudgement) {
  const Swap swap = {"d", "n", "o", {"a", "b`c"}, {"a", "e"}};
  EXPECT_EQ(SwapStatement(swap),
            "RENAME TABLE `d`.`a` TO `o`.`a`, `d`.`b``c` TO `o`.`b``c`, "
            "`n`.`a` TO `d`.`a`, `n`.`e` TO `d`.`e`");
  const std::vector<std::string> old = {"a", "b`c"}, fresh = {"a", "e"};
  EXPECT_EQ(JudgeSwap(swap, old, fresh, {}), SwapState::kBefore);
  EXPECT_EQ(JudgeSwap(swap, fresh, {}, old), SwapState::kAfter);
  EXPECT_EQ(JudgeSwap(swap, {"b`c"}, fresh, {"a"}), SwapState::kBetween);
  EXPECT_EQ(JudgeSwap(swap, {"a"}, {"e"}, old), SwapState::kBetween);
}

TEST(RestoreSchemaTest, OfEveryPairOfReleases) {
  // What a database of each release looks like, and who starts on it.
  const struct {
    Release release;
    Schema schema;
  } kAll[] = {{{2011, 4}, {9, false, false}},   {{2108, 8}, {10, false, false}},
              {{2205, 8}, {12, false, false}},  {{2302, 7}, {13, false, false}},
              {{2311, 10}, {15, false, false}}, {{2405, 5}, {15, false, true}},
              {{2411, 5}, {16, false, true}},   {{2505, 1}, {16, true, true}},
              {{2511, 1}, {16, true, true}},    {{2605, 5}, {16, true, true}}};
  for (const auto& database : kAll) {
    EXPECT_TRUE(CheckSchema(database.schema, database.release).ok())
        << database.release.ToString();
    for (const auto& daemon : kAll) {
      const bool ok = CheckSchema(database.schema, daemon.release).ok();
      const bool same_tables =
          database.schema.version == daemon.schema.version &&
          database.schema.assoc_lacks_lft == daemon.schema.assoc_lacks_lft &&
          database.schema.acct_has_flags == daemon.schema.acct_has_flags;
      if (database.release.series > daemon.release.series && !same_tables) {
        EXPECT_FALSE(ok) << database.release.ToString() << " -> "
                         << daemon.release.ToString();
      }
    }
  }
  EXPECT_TRUE(CheckSchema({13, false, false}, {2411, 5}).ok());
  EXPECT_FALSE(CheckSchema({12, false, false}, {2411, 5}).ok());
  EXPECT_FALSE(CheckSchema({14, false, false}, {2605, 5}).ok());
  EXPECT_TRUE(CheckSchema({17, true, true}, {2705, 0}).ok());
  EXPECT_FALSE(CheckSchema({13, false, false}, {2705, 0}).ok());
}

TEST_F(RestoreTest, ARunningControllerIsInTheWay) {
  server_.controllers = {{"lab", kController, "6817"}};
  controller_listens_ = true;
  ExpectRefused(absl::StatusCode::kFailedPrecondition,
                "slurmctld of cluster lab runs (ctl1:6817)");

  options_.running_controller = true;
  auto report = Restore();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->running_controllers, ElementsAre("lab"));
}

TEST_F(RestoreTest, AControllerThatDoesNotAnswerIsNot) {
  server_.controllers = {{"lab", kController, "6817"}};
  auto report = Restore();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->running_controllers, IsEmpty());
  EXPECT_THAT(preview_->cautions, IsEmpty());

  controller_listens_ = absl::UnavailableError("timed out");
  ASSERT_TRUE(Restore().ok());
  EXPECT_THAT(preview_->cautions,
              ElementsAre("whether slurmctld of cluster lab answers on ctl1 "
                          "cannot be told: timed out"));
}

}  // namespace assocsync::restore_test
