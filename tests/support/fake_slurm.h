// slurmdbd with one cluster, as the model has it: read by a LiveSource, changed
// by the words of commands.
#ifndef ASSOCSYNC_TESTS_SUPPORT_FAKE_SLURM_H_
#define ASSOCSYNC_TESTS_SUPPORT_FAKE_SLURM_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/live/live.h"
#include "engine/slurm/command.h"
#include "engine/slurm/slurmdbd.h"
#include "gtest/gtest.h"
#include "tests/support/fake_runner.h"

namespace assocsync {

// A database with one cluster, as the model of slurmdbd has it.
class FakeSlurm : public LiveSource {
 public:
  FakeSlurm() {
    DatabaseState& database_state = state.database;
    database_state.complete = true;
    database_state.tree.cluster = Name("lab");
    database_state.tree.accounts[RootName()];
    database_state.accounts[RootName()];
    database_state.tree.associations[{RootName(), {}, {}}];
    database_state.ids[{RootName(), {}, {}}] = 1;
    for (const char* qos : {"normal", "fast"})
      database_state.qos.insert(Name(qos));
    state.release = {2411, 5};
  }
  absl::StatusOr<LiveState> Read(absl::string_view) override {
    ++reads;
    if (before_read) before_read();
    if (!read_error.ok()) return read_error;
    return state;
  }
  std::string Origin() const override { return "fake"; }

  // What `sacctmgr -i WORDS` does, as execve gets it.
  RunResult Do(const std::vector<std::string>& argv) {
    return Run({argv.begin() + 2, argv.end()});
  }
  RunResult Run(const std::vector<std::string>& words) {
    const auto command = ParseCommand(words);
    EXPECT_TRUE(command.ok()) << command.status();
    Slurmdbd model(*BehaviourOf(state.release), state.database);
    const Outcome outcome = model.Run(*command);
    if (outcome.result != Outcome::Result::kDone) {
      return Ended(1, absl::StrCat(" Nothing modified: ", outcome.reason));
    }
    state.database = model.state();
    for (const auto& [key, row] : state.database.tree.associations) {
      if (state.database.ids.emplace(key, next_id).second) ++next_id;
    }
    return Ended(0, " Done\n");
  }

  LiveState state;
  uint64_t next_id = 2;
  int reads = 0;
  std::function<void()> before_read;
  absl::Status read_error;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_FAKE_SLURM_H_
