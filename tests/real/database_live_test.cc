// The database_state from rows against what sacctmgr says of the same moment,
// on random trees: seeds per release by ASSOCSYNC_PAIRS, the first by
// ASSOCSYNC_SEED, one release only by ASSOCSYNC_RELEASE.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/backup/dump_tables.h"
#include "engine/cfg/parse.h"
#include "engine/diff/diff.h"
#include "engine/io/program.h"
#include "engine/live/live.h"
#include "engine/live/read_state.h"
#include "engine/model/value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/as_dumped.h"
#include "tests/support/database_site.h"
#include "tests/support/environment.h"
#include "tests/support/lab.h"
#include "tests/support/naive_build.h"
#include "tests/support/random_tree.h"
#include "tests/support/sacctmgr_session.h"
#include "tests/support/sql_state.h"

namespace assocsync::database_live_test {

// What each of them sets, as far as the release knows it.
constexpr const char* kQosSettings[] = {
    "description=a text, with = and `ticks`",
    "flags=DenyOnLimit,NoDecay,PartitionTimeLimit",
    "flags=UsageFactorSafe,OverPartQOS,EnforceUsageThreshold",
    "gracetime=90",
    "grptres=cpu=4,mem=2560,gres/gpu:a100=2",
    "grptresmins=cpu=1000",
    "grptresrunmins=mem=7",
    "grpjobs=0",
    "grpjobsaccrue=3",
    "grpsubmitjobs=4",
    "grpwall=1:30:00",
    "maxjobspa=5",
    "maxjobspu=6",
    "maxjobsaccruepa=7",
    "maxjobsaccruepu=8",
    "maxsubmitjobspa=9",
    "maxsubmitjobspu=10",
    "maxtresminsperjob=cpu=11",
    "maxtrespa=cpu=12",
    "maxtresperjob=cpu=13",
    "maxtrespernode=mem=1536",
    "maxtrespu=cpu=15",
    "maxtresrunminspa=cpu=16",
    "maxtresrunminspu=cpu=17",
    "maxwall=18",
    "minpriothresh=19",
    "mintresperjob=cpu=20",
    "preempt=normal",
    "preemptmode=cancel",
    "preemptmode=requeue",
    "preemptexempttime=21",
    "priority=22",
    "usagefactor=0.25",
    "usagethreshold=0.75",
    "limitfactor=1.5",
};

// One cluster after the other in one database: what is shared, stays, and each
// tree meets records of those before it.
class Builder {
 public:
  explicit Builder(const LabRelease& release) : release_(release) {
    release.Reset();
    session_ = std::make_unique<SacctmgrSession>(release.Path("bin/sacctmgr"));
    for (const std::string& qos : RandomTreeOptions().qos) {
      if (qos != "normal") Send({"add", "qos", "name=" + qos});
    }
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{
             {"add", "cluster", "name=other"},
             {"add", "account", "name=po", "cluster=other", "qos=normal"},
             {"add", "account", "name=po1", "cluster=other", "parent=po"},
             {"add", "user", "name=m2", "account=po1", "cluster=other",
              "defaultaccount=po1"},
             {"add", "coordinator", "account=po1", "names=m2"}}) {
      Send(words);
    }
  }

  void Build(const Tree& tree, const RandomTreeOptions& options,
             std::mt19937_64& random) {
    const std::string cluster = tree.cluster.str();
    Send({"delete", "cluster", "name=" + cluster_});
    Send({"add", "cluster", "name=" + cluster});
    cluster_ = cluster;
    for (const std::string& qos : options.qos) {
      for (int i = 0; i < 6; ++i) {
        const std::string set =
            kQosSettings[random() % std::size(kQosSettings)];
        // A QOS that preempts itself is refused.
        if (qos == "normal" && absl::StartsWith(set, "preempt=")) continue;
        Send({"modify", "qos", "where", "name=" + qos, "set", set});
      }
    }
    for (const auto& words : NaiveCommands(tree)) Send(words);
  }

 private:
  void Send(const std::vector<std::string>& words) {
    if (const auto line = SacctmgrSession::Line(words)) {
      session_->Run(*line);
    } else {
      release_.Sacctmgr(words);
    }
  }

  const LabRelease& release_;
  std::unique_ptr<SacctmgrSession> session_;
  std::string cluster_ = "lab";
};

// Changes from one tree to the other, in words; QOS only where both list it.
std::string Difference(const Tree& have, const Tree& want) {
  std::string out;
  for (const Change& change : Diff(have, want)) {
    absl::StrAppend(&out, "  ", change.ToString(), "\n");
  }
  if (out.empty() && !(have == want)) {
    out = absl::StrCat("  fingerprints ", Fingerprint(have), " and ",
                       Fingerprint(want), "\n");
  }
  return out;
}

absl::btree_set<Name> Accounts(const LabRelease& release,
                               const std::string& condition) {
  absl::btree_set<Name> names;
  if (release.series() < 2405) return names;
  const std::string text = release.Sql(
      "SELECT name FROM acct_table WHERE deleted=0 AND " + condition);
  for (absl::string_view name : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    names.insert(Name(name));
  }
  return names;
}

void ExpectDumpSaysTheSame(const LabRelease& release,
                           const DatabaseState& rows) {
  ParseOptions options;
  options.origin = Origin::kDump;
  const std::string text = release.Dump(rows.tree.cluster.str());
  const auto dumped = ParseTree("dump", text, options);
  ASSERT_TRUE(dumped.ok()) << dumped.status();
  const auto want =
      AsDumped(rows.tree, release.series(), Accounts(release, "flags & 65536"));
  ASSERT_TRUE(want.ok()) << want.status();
  EXPECT_TRUE(*dumped == *want) << Difference(*dumped, *want) << text;
  EXPECT_GT(rows.tree.qos.size(), 1u);
}

// In everything that both know.
void ExpectSacctmgrSaysTheSame(const LabRelease& release,
                               const DatabaseState& rows) {
  ProcessRunner runner(CleanEnvironment({"PATH=/usr/bin:/bin"}));
  SacctmgrOptions options;
  options.program = release.Path("bin/sacctmgr");
  options.temp_dir = testing::TempDir();
  const auto state =
      LiveFromSacctmgr(&runner, options)->Read(rows.tree.cluster.view());
  ASSERT_TRUE(state.ok()) << state.status();
  const DatabaseState& listed = state->database;
  EXPECT_TRUE(listed.ids == rows.ids);
  EXPECT_TRUE(listed.users == rows.users);
  EXPECT_TRUE(listed.accounts == rows.accounts);
  // Of users without any association sacctmgr lists what comes from above, too.
  absl::btree_set<Name> seen;
  for (const auto& [user, record] : rows.tree.users) seen.insert(user);
  for (const auto& [key, row] : rows.others) seen.insert(key.row.user);
  const auto rights = [&](const DatabaseState& database_state) {
    absl::btree_set<DatabaseState::Coordinator> all;
    for (const DatabaseState::Coordinator& pair : database_state.coordinators) {
      if (seen.contains(pair.user)) all.insert(pair);
    }
    return all;
  };
  EXPECT_TRUE(rights(listed) == rights(rows));
  EXPECT_TRUE(listed.qos == rows.qos);
  EXPECT_TRUE(listed.tres == rows.tres);
  ASSERT_EQ(listed.others.size(), rows.others.size());
  for (const auto& [key, row] : listed.others) {
    const auto found = rows.others.find(key);
    ASSERT_NE(found, rows.others.end()) << key.row.ToString();
    EXPECT_EQ(found->second.qos.view(), row.qos.view());
    EXPECT_EQ(found->second.default_qos.view(), row.default_qos.view());
    if (release.series() >= 2311) {
      EXPECT_EQ(found->second.lineage.view(), row.lineage.view());
    }
  }
  Tree tree = listed.tree;
  tree.lists_qos = true;
  tree.qos = rows.tree.qos;
  if (release.series() < 2505) {
    for (auto& [key, row] : tree.associations) {
      const Fields& limits = rows.tree.associations.at(key).limits;
      if (limits.Has(Key::kMinPrioThresh)) {
        row.limits.Set(Key::kMinPrioThresh, limits.Get(Key::kMinPrioThresh));
      }
    }
  }
  EXPECT_TRUE(tree == rows.tree) << Difference(tree, rows.tree);
}

// The reader that the tests have for themselves. It gives comments to accounts
// too, and defines no QOS.
void ExpectWitnessSaysTheSame(const LabRelease& release, Database& database,
                              DatabaseState rows) {
  DatabaseState want =
      ReadState(database, release.series(), rows.tree.cluster.str(), {"other"});
  rows.tree.qos.clear();
  rows.tree.lists_qos = false;
  EXPECT_TRUE(rows.tree == want.tree) << Difference(rows.tree, want.tree);
  want.tree = rows.tree;
  want.tres.erase(Name("dynamic_offset"));
  EXPECT_TRUE(rows.lineages == want.lineages);
  EXPECT_TRUE(rows.default_rows == want.default_rows);
  EXPECT_TRUE(rows.others == want.others);
  EXPECT_TRUE(rows == want);
}

// Every other user, read alone, with and without all accounts; without rights
// by the names of the reading before.
void ExpectAPartSaysTheSame(Database& database, const DatabaseState& whole) {
  StatePart part;
  for (const auto& [name, record] : whole.users) {
    if (part.users.size() * 2 < whole.users.size()) part.users.insert(name);
  }
  const auto of_row = [](const auto& entry) { return entry.first.user; };
  const auto of_record = [](const auto& entry) { return entry.first; };
  for (const auto& [accounts, rights] :
       {std::pair(true, true), {false, true}, {false, false}}) {
    part.accounts = accounts;
    part.rights = rights;
    DatabaseReadOptions how;
    how.part = &part;
    auto read = ReadDatabase(database, whole.tree.cluster.view(), how);
    ASSERT_TRUE(read.ok()) << read.status();
    const DatabaseSchema schema = read->schema;
    how.schema = &schema;
    if (!accounts) how.names = read->names;
    read = ReadDatabase(database, whole.tree.cluster.view(), how);
    ASSERT_TRUE(read.ok()) << read.status();
    DatabaseState want = whole;
    const auto keep = [&](auto& map, const auto& user_of) {
      for (auto it = map.begin(); it != map.end();) {
        const Name user = user_of(*it);
        const bool kept = user.empty() ? accounts : part.users.contains(user);
        it = kept ? std::next(it) : map.erase(it);
      }
    };
    keep(want.tree.associations, of_row);
    keep(want.ids, of_row);
    keep(want.lineages, of_row);
    keep(want.default_rows, [](const AssocKey& key) { return key.user; });
    keep(want.users, of_record);
    keep(want.tree.users, of_record);
    want.others.clear();
    if (!accounts) {
      keep(want.coordinators, [](const auto& pair) { return pair.user; });
      want.lineages.clear();
      want.accounts.clear();
      want.tree.accounts.clear();
      want.tree.qos.clear();
      want.tree.cluster_fields = Fields();
      want.qos.clear();
      want.tres.clear();
    }
    if (!rights) {
      want.coordinators.clear();
      for (auto* users : {&want.users, &want.tree.users}) {
        for (auto& [name, record] : *users) {
          for (const Key key :
               {Key::kCoordinator, Key::kWckeys, Key::kDefaultWckey}) {
            record.fields.Erase(key);
          }
        }
      }
    }
    EXPECT_TRUE(read->database == want)
        << accounts << rights << ": "
        << Difference(read->database.tree, want.tree);
  }
}

// A plain dump of the same moment, as mariadb-dump writes it with and without
// the options that people give it.
void ExpectSqlDumpSaysTheSame(const LabRelease& release,
                              const DatabaseState& rows, int seed) {
  std::vector<std::string> words = {"mariadb-dump",
                                    "--defaults-file=" + release.Path("my.cnf"),
                                    "--single-transaction"};
  if (seed % 3 == 1) words.push_back("--complete-insert");
  if (seed % 3 == 1) words.push_back("--hex-blob");
  if (seed % 3 == 2) words.push_back("--skip-extended-insert");
  if (seed % 2 == 1) words.push_back("--databases");
  words.push_back(std::string(
      absl::StripAsciiWhitespace(release.Sql("SELECT DATABASE()"))));
  const RunResult dump = RunProgram(words);
  ASSERT_EQ(dump.exit_code, 0) << dump.err;
  ASSERT_TRUE(IsSqlDump(dump.out));
  const auto read = ReadDump("old.sql", dump.out, rows.tree.cluster.view(),
                             /*fold_users=*/true);
  ASSERT_TRUE(read.ok()) << read.status();
  const DatabaseState& have = read->database;
  EXPECT_TRUE(have.tree == rows.tree) << Difference(have.tree, rows.tree);
  EXPECT_TRUE(have.ids == rows.ids);
  EXPECT_TRUE(have.lineages == rows.lineages);
  EXPECT_TRUE(have.default_rows == rows.default_rows);
  EXPECT_TRUE(have.users == rows.users);
  EXPECT_TRUE(have.accounts == rows.accounts);
  EXPECT_TRUE(have.coordinators == rows.coordinators);
  EXPECT_TRUE(have.qos == rows.qos);
  EXPECT_TRUE(have.tres == rows.tres);
  EXPECT_TRUE(have.others == rows.others);
  EXPECT_TRUE(have == rows);
  EXPECT_LE(read->schema.oldest, release.series());
}

TEST(DatabaseLiveTest, RowsAreWhatSacctmgrSays) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab is running: tests/lab up";
  const int trees = FromEnvironment("ASSOCSYNC_PAIRS", 6);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  const char* const only = std::getenv("ASSOCSYNC_RELEASE");
  for (const LabRelease& release : releases) {
    if (only != nullptr && release.name() != only) continue;
    int same = 0;
    size_t rows = 0;
    Builder builder(release);
    for (int seed = first; seed < first + trees; ++seed) {
      SCOPED_TRACE(absl::StrCat("release ", release.name(), " seed ", seed));
      std::mt19937_64 random(seed);
      RandomTreeOptions options;
      options.release = release.series();
      options.cluster = absl::StrCat("lab", seed);
      builder.Build(RandomTree(random, options), options, random);
      const auto database = LeastRights(release);
      const auto read = ReadDatabase(*database, options.cluster);
      ASSERT_TRUE(read.ok()) << read.status();
      for (const Finding& note : read->findings) {
        ADD_FAILURE() << note.message << ": " << absl::StrJoin(note.rows, "; ");
      }
      EXPECT_LE(read->schema.oldest, release.series());
      EXPECT_GE(read->schema.newest, release.series());
      EXPECT_THAT(Illegalities(read->database.tree), testing::IsEmpty());
      rows += read->database.tree.associations.size();
      ExpectDumpSaysTheSame(release, read->database);
      ExpectSacctmgrSaysTheSame(release, read->database);
      ExpectWitnessSaysTheSame(release, *database, read->database);
      ExpectAPartSaysTheSame(*database, read->database);
      ExpectSqlDumpSaysTheSame(release, read->database, seed);
      if (testing::Test::HasFailure()) return;
      ++same;
    }
    EXPECT_GT(rows, 6u * trees);  // A tree of root alone has two.
    std::printf("release %s (%s): rows are the dump for %d of %d trees\n",
                release.name().c_str(), release.version().c_str(), same, trees);
  }
}

}  // namespace assocsync::database_live_test
