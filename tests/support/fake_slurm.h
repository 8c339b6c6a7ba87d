// slurmdbd with one cluster, as the model has it: read by a LiveSource, changed
// by the words of commands.
#ifndef ASSOCSYNC_TESTS_SUPPORT_FAKE_SLURM_H_
#define ASSOCSYNC_TESTS_SUPPORT_FAKE_SLURM_H_

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/io/file.h"
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
    if (words[0] == "load") return Load(words[1].substr(strlen("file=")));
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

  // `sacctmgr load` of a file as bulk_load.h makes it: all of it, or nothing.
  RunResult Load(const std::string& file) {
    const auto text = ReadFile(file, 1 << 20);
    EXPECT_TRUE(text.ok()) << text.status();
    std::string parent;
    for (absl::string_view line : absl::StrSplit(*text, '\n')) {
      const std::vector<std::string> parts = absl::StrSplit(line, ':');
      const std::vector<std::string> head = absl::StrSplit(parts[0], '\'');
      if (head[0] == "Parent - ") parent = head[1];
      if (head[0] != "User - ") continue;
      std::vector<std::string> add = {"add", "user", "name=" + head[1],
                                      "account=" + parent, "cluster=lab"};
      for (size_t i = 1; i < parts.size(); ++i) {
        const std::string word = absl::StrReplaceAll(parts[i], {{"'", ""}});
        if (word == "DefaultAccount=" + parent || i > 1) add.push_back(word);
      }
      Run(add);
    }
    return Ended(0, " Users\n");
  }

  LiveState state;
  uint64_t next_id = 2;
  int reads = 0;
  std::function<void()> before_read;
  absl::Status read_error;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_FAKE_SLURM_H_
