// One sacctmgr command: what a step of a plan is, and what the model of
// slurmdbd runs.
#ifndef ASSOCSYNC_ENGINE_SLURM_COMMAND_H_
#define ASSOCSYNC_ENGINE_SLURM_COMMAND_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/word_list.h"

namespace assocsync {

// key=value, key+=value or key-=value. Keys are written in full (slurm-facts
// 4.7b): name, account, cluster, partition, parent, wckey ... in lower case,
// options of the key table in its spelling.
struct Setting {
  enum class Op : uint8_t { kSet, kAdd, kRemove };
  std::string key;
  std::string value;
  Op op = Op::kSet;
  bool operator==(const Setting&) const = default;
};

struct Command {
  enum class Verb : uint8_t { kAdd, kModify, kDelete };
  // kCluster: `modify cluster where name=C set Classification=` only.
  enum class Entity : uint8_t { kAccount, kUser, kCoordinator, kQos, kCluster };
  static Command Add(Entity entity, std::vector<Setting> set) {
    return {Verb::kAdd, entity, {}, std::move(set)};
  }
  static Command Modify(Entity entity, std::vector<Setting> where,
                        std::vector<Setting> set) {
    return {Verb::kModify, entity, std::move(where), std::move(set)};
  }
  static Command Delete(Entity entity, std::vector<Setting> where) {
    return {Verb::kDelete, entity, std::move(where), {}};
  }

  Verb verb = Verb::kAdd;
  Entity entity = Entity::kAccount;
  std::vector<Setting> where;  // kModify, kDelete.
  std::vector<Setting> set;    // kAdd, kModify.
  bool operator==(const Command&) const = default;
};

// Which settings say what it is about: those of an add, else the conditions.
inline const std::vector<Setting>& SubjectOf(const Command& command) {
  return command.verb == Command::Verb::kAdd ? command.set : command.where;
}
// The names that it says; they view the command.
std::vector<absl::string_view> NamesOf(const Command& command);

// The words after `sacctmgr -i`, exactly as execve gets them:
// {"modify", "account", "where", "name=a", "cluster=c", "set", "MaxJobs=4"}.
WordList Argv(const Command& command);

// The reverse; kInvalidArgument for words that Argv never makes. The proof of a
// plan reads the plan's own words through this.
absl::StatusOr<Command> ParseCommand(const WordList& words);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_SLURM_COMMAND_H_
