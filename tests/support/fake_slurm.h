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
    World& world = state.world;
    world.complete = true;
    world.tree.cluster = Atom("lab");
    world.tree.accounts[RootName()];
    world.accounts[RootName()];
    world.tree.associations[{RootName(), {}, {}}];
    world.ids[{RootName(), {}, {}}] = 1;
    for (const char* qos : {"normal", "fast"}) world.qos.insert(Atom(qos));
    state.release = {2411, 5};
  }
  absl::StatusOr<LiveState> Read(absl::string_view) override {
    ++reads;
    if (before_read) before_read();
    if (!read_error.ok()) return read_error;
    return state;
  }
  std::string Name() const override { return "fake"; }

  // What `sacctmgr -i WORDS` does, as execve gets it.
  RunResult Do(const std::vector<std::string>& argv) {
    return Run({argv.begin() + 2, argv.end()});
  }
  RunResult Run(const std::vector<std::string>& words) {
    const auto command = ParseCommand(words);
    EXPECT_TRUE(command.ok()) << command.status();
    Slurmdbd model(*BehaviourOf(state.release), state.world);
    const Outcome outcome = model.Run(*command);
    if (outcome.result != Outcome::Result::kDone) {
      return Ended(1, absl::StrCat(" Nothing modified: ", outcome.reason));
    }
    state.world = model.world();
    for (const auto& [key, row] : state.world.tree.associations) {
      if (state.world.ids.emplace(key, next_id).second) ++next_id;
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
