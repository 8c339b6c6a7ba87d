// Law 6: the model agrees with the real slurmdbd after every command of a
// random stream. After each command the tables are read and compared with the
// model; every 50 commands `sacctmgr dump` must say the same as the tables.
//
//   ASSOCSYNC_DIFF_COMMANDS  commands per release (default 150; a full run has
//                            2000 and more and takes a few minutes)
//   ASSOCSYNC_SEED           the first seed (default 1)
//   ASSOCSYNC_DIFF_RELEASE   only this release, e.g. 24.11
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/cfg/parse.h"
#include "engine/io/database.h"
#include "engine/slurm/release.h"
#include "engine/slurm/slurmdbd.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/lab.h"
#include "tests/support/random_command.h"
#include "tests/support/sacctmgr_session.h"
#include "tests/support/sql_state.h"

namespace assocsync::differential_test {

constexpr char kOther[] = "lab2";
constexpr int kCommandsPerEpisode = 120;
constexpr int kTail = 12;  // Commands shown with a mismatch, by default.

template <typename Map, typename F>
void DiffMaps(const char* what, const Map& model, const Map& real, F text,
              std::string* out) {
  for (const auto& [key, value] : model) {
    const auto found = real.find(key);
    if (found == real.end()) {
      absl::StrAppend(out, "  only in the model: ", what, " ", text(key, value),
                      "\n");
    } else if (!(found->second == value)) {
      absl::StrAppend(out, "  ", what, " model: ", text(key, value), "\n  ",
                      what, " real:  ", text(key, found->second), "\n");
    }
  }
  for (const auto& [key, value] : real) {
    if (!model.contains(key)) {
      absl::StrAppend(out, "  only in the database: ", what, " ",
                      text(key, value), "\n");
    }
  }
}

std::string Difference(const DatabaseState& model, const DatabaseState& real) {
  std::string out;
  const auto record = [](Name name, const Record& r) {
    return absl::StrCat("'", name.view(), "' ", r.fields.ToString());
  };
  DiffMaps(
      "row", model.tree.associations, real.tree.associations,
      [](const AssocKey& key, const Association& row) {
        return absl::StrCat(key.ToString(), " of '", row.parent.view(), "' ",
                            row.limits.ToString());
      },
      &out);
  DiffMaps(
      "lineage", model.lineages, real.lineages,
      [](const AssocKey& key, Name lineage) {
        return absl::StrCat(key.ToString(), " ", lineage.view());
      },
      &out);
  DiffMaps("shown user", model.tree.users, real.tree.users, record, &out);
  DiffMaps("shown account", model.tree.accounts, real.tree.accounts, record,
           &out);
  DiffMaps("user record", model.users, real.users, record, &out);
  DiffMaps("account record", model.accounts, real.accounts, record, &out);
  DiffMaps(
      "other row", model.others, real.others,
      [](const DatabaseState::OtherKey& key,
         const DatabaseState::OtherRow& row) {
        return absl::StrCat(key.cluster.view(), " ", key.row.ToString(), " ",
                            row.lineage.view(), " ", row.qos.view());
      },
      &out);
  for (const auto& c : model.coordinators) {
    if (!real.coordinators.contains(c)) {
      absl::StrAppend(&out, "  only in the model: coordinator ",
                      c.account.view(), " ", c.user.view(), "\n");
    }
  }
  for (const auto& c : real.coordinators) {
    if (!model.coordinators.contains(c)) {
      absl::StrAppend(&out, "  only in the database: coordinator ",
                      c.account.view(), " ", c.user.view(), "\n");
    }
  }
  if (model.qos != real.qos) absl::StrAppend(&out, "  names of QOS\n");
  return out;
}

// Rows that were there before and are now, and that the command did not add,
// must be the very same rows.
std::string ChangedIds(const DatabaseState& before, const DatabaseState& after,
                       const Outcome& outcome) {
  std::string out;
  for (const auto& [key, id] : before.ids) {
    const auto now = after.ids.find(key);
    if (now == after.ids.end() || now->second == id) continue;
    bool added = false;
    for (const Outcome::Touched& t : outcome.touched) {
      added = added ||
              (t.what == Outcome::Touched::What::kRow && t.cluster.empty() &&
               t.row == key && t.how != Outcome::Touched::How::kModified);
    }
    if (!added) {
      absl::StrAppend(&out, "  another id: ", key.ToString(), "\n");
    }
  }
  return out;
}

std::string Words(const Outcome& outcome) {
  constexpr absl::string_view kWords[] = {"done", "nothing", "refused",
                                          "unknown"};
  return absl::StrCat(kWords[static_cast<int>(outcome.result)],
                      outcome.reason.empty() ? "" : ": ", outcome.reason);
}

class Differential {
 public:
  Differential(const LabRelease& release, unsigned seed)
      : release_(release), seed_(seed), random_(seed, release.series()) {
    const auto parsed = ParseRelease(release.version());
    behaviour_ = *BehaviourOf(*parsed);
  }

  void Run(int commands);

 private:
  void StartEpisode();
  void RestartSlurmdbd();
  DatabaseState Read() {
    return ReadState(*database_, release_.series(), "lab", {kOther});
  }
  std::string Send(const Command& command);
  void Step();
  void CompareDump();
  void Mismatch(const std::string& command, const Outcome& outcome,
                const std::string& said, const std::string& difference);

  const LabRelease& release_;
  unsigned seed_;
  RandomCommands random_;
  Behaviour behaviour_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<SacctmgrSession> session_;
  std::optional<Slurmdbd> model_;
  DatabaseState real_;
  std::deque<std::string> tail_;
  size_t max_tail_ =
      static_cast<size_t>(FromEnvironment("ASSOCSYNC_DIFF_TAIL", kTail));
  int sent_ = 0;
  int skipped_ = 0;
  int mismatches_ = 0;
  std::map<std::string, int> unknown_;  // By reason.
  int results_[4] = {};
};

void Differential::StartEpisode() {
  session_.reset();
  database_.reset();
  release_.Reset();
  const RunResult added = release_.Sacctmgr({"add", "cluster", kOther});
  ASSERT_TRUE(added.clean()) << added.out << added.err;
  // As if slurmctld of the same release had registered: 23.11 - 24.11 keep lft
  // and rgt for older ones (slurm-facts 4.4).
  if (FromEnvironment("ASSOCSYNC_DIFF_OLD_CTLD", 0) == 0) {
    release_.Sql(absl::StrCat("update cluster_table set rpc_version=",
                              release_.series() >= 2411 ? 10752 : 9728));
  }
  DatabaseOptions options;
  options.defaults_file = release_.Path("my.cnf");
  options.database = release_.Sql("select database()");
  options.database.pop_back();
  auto connected = Connect(options);
  ASSERT_TRUE(connected.ok()) << connected.status();
  database_ = *std::move(connected);
  session_ = std::make_unique<SacctmgrSession>(release_.Path("bin/sacctmgr"));
  session_->Run("add qos name=q1,q2 priority=1");
  real_ = Read();
  for (int i = 0; i < 14; ++i) {
    Send(random_.NextForOther(real_, kOther));
    real_ = Read();
  }
  model_.emplace(behaviour_, real_);
  tail_.clear();
}

void Differential::RestartSlurmdbd() {
  session_.reset();
  release_.Lab("stop");
  release_.Lab("start");
  session_ = std::make_unique<SacctmgrSession>(release_.Path("bin/sacctmgr"));
}

std::string Differential::Send(const Command& command) {
  const WordList words = Argv(command);
  const std::vector<std::string> argv(words.begin(), words.end());
  if (const auto line = SacctmgrSession::Line(argv)) {
    return session_->Run(*line);
  }
  // What a session on 20.11 has open may hold locks.
  session_.reset();
  const RunResult result = release_.Sacctmgr(argv);
  session_ = std::make_unique<SacctmgrSession>(release_.Path("bin/sacctmgr"));
  return result.out + result.err;
}

void Differential::Mismatch(const std::string& command, const Outcome& outcome,
                            const std::string& said,
                            const std::string& difference) {
  ++mismatches_;
  std::string text =
      absl::StrCat(release_.name(), " seed ", seed_, ", command ", sent_, "\n");
  for (const std::string& earlier : tail_) {
    absl::StrAppend(&text, "    ", earlier, "\n");
  }
  absl::StrAppend(&text, "  sacctmgr -i ", command,
                  "\n  model: ", Words(outcome), "\n  sacctmgr said: ", said,
                  "\n", difference);
  ADD_FAILURE() << text;
}

// What the tables say is what `sacctmgr dump` prints.
void Differential::CompareDump() {
  const std::string text = release_.Dump("lab");
  ParseOptions options;
  options.origin = Origin::kDump;
  const auto dumped = ParseTree("dump", text, options);
  DatabaseState want = model_->state();
  // Never in a dump: root's record; before 25.05: MinPrioThresh of rows.
  want.tree.accounts.erase(RootName());
  if (release_.series() < 2505) {
    for (auto& [key, row] : want.tree.associations) {
      row.limits.Erase(Key::kMinPrioThresh);
    }
  }
  DatabaseState shown = want;
  std::string difference;
  if (dumped.ok()) {
    shown.tree = *dumped;
    shown.tree.accounts.erase(RootName());
    difference = Difference(want, shown);
  } else {
    difference = absl::StrCat(dumped.status().ToString(), "\n", text);
  }
  if (!difference.empty()) {
    Mismatch("dump lab", Outcome(), "(model against dump)", difference);
  }
}

void Differential::Step() {
  const Command command = random_.Next(model_->state());
  const std::string text = absl::StrJoin(Argv(command), " ");
  ASSERT_EQ(*ParseCommand(Argv(command)), command) << text;
  Outcome predicted;
  if (command.verb == Command::Verb::kDelete) {
    predicted = model_->Predict(command);
  }
  const Outcome outcome = model_->Run(command);
  if (command.verb == Command::Verb::kDelete) {
    EXPECT_TRUE(predicted.result == outcome.result &&
                predicted.touched == outcome.touched)
        << text;
  }
  ++results_[static_cast<int>(outcome.result)];
  if (outcome.result == Outcome::Result::kUnknown) {
    ++skipped_;
    ++unknown_[outcome.reason.substr(0, 30)];
    return;
  }
  const std::string said = Send(command);
  ++sent_;
  // A session goes on knowing a QOS that it deleted (slurm-facts 4.2).
  if (command.entity == Command::Entity::kQos) {
    session_ = std::make_unique<SacctmgrSession>(release_.Path("bin/sacctmgr"));
  }
  DatabaseState after = Read();
  const std::string difference = absl::StrCat(
      Difference(model_->state(), after), ChangedIds(real_, after, outcome));
  const bool again = !difference.empty();
  if (again) Mismatch(text, outcome, said, difference);
  tail_.push_back(absl::StrCat(text, "  => ", Words(outcome)));
  while (tail_.size() > max_tail_) tail_.pop_front();
  real_ = std::move(after);
  // With stale lineages dump loses accounts and the cluster's limits: it goes
  // by the order of lineages (seen on 24.11).
  if (sent_ % 50 == 0 && model_->state().lineages.empty()) CompareDump();
  // Now and then the model starts from what it can read, as a plan does; and
  // from a source that does not tell which rows are flagged.
  if (again || random_.Chance(3)) {
    if (behaviour_.has_lineage && !behaviour_.move_updates_descendants) {
      // Its cache may be stale, and no table tells. (A start makes the QOS
      // "normal" where it is gone.)
      RestartSlurmdbd();
      real_ = Read();
    }
    DatabaseState start = real_;
    if (!again && random_.Chance(50)) {
      start.knows_default_rows = false;
      start.default_rows.clear();
    }
    model_.emplace(behaviour_, start);
    tail_.push_back("(the model is read anew)");
  }
}

void Differential::Run(int commands) {
  int attempts = 0;
  while (sent_ < commands && mismatches_ < 8 && attempts < commands * 4) {
    StartEpisode();
    if (::testing::Test::HasFatalFailure()) return;
    for (int i = 0;
         i < kCommandsPerEpisode && sent_ < commands && mismatches_ < 8;
         ++i, ++attempts) {
      Step();
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
  std::printf(
      "%s: %d commands, %d mismatches; done %d, nothing %d, refused %d; "
      "%d not sent (the model does not know):\n",
      release_.version().c_str(), sent_, mismatches_, results_[0], results_[1],
      results_[2], skipped_);
  for (const auto& [reason, count] : unknown_) {
    std::printf("  %5d %s\n", count, reason.c_str());
  }
}

TEST(DifferentialTest, ModelAgreesWithSlurmdbd) {
  const std::vector<LabRelease> releases = LabRelease::All();
  if (releases.empty()) GTEST_SKIP() << "no lab runs (tests/lab up)";
  const int commands = FromEnvironment("ASSOCSYNC_DIFF_COMMANDS", 150);
  const int seed = FromEnvironment("ASSOCSYNC_SEED", 1);
  const char* const only = std::getenv("ASSOCSYNC_DIFF_RELEASE");
  for (const LabRelease& release : releases) {
    if (only != nullptr && release.name() != only) continue;
    Differential(release, static_cast<unsigned>(seed)).Run(commands);
  }
}

}  // namespace assocsync::differential_test
