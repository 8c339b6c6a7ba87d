// Random commands in the words of a plan, with names that are meant to be taken
// for one another: look-alikes by `_`, accounts named like partitions and like
// users' lineages, blanks, `%`.
#ifndef ASSOCSYNC_TESTS_SUPPORT_RANDOM_COMMAND_H_
#define ASSOCSYNC_TESTS_SUPPORT_RANDOM_COMMAND_H_

#include <random>
#include <string>
#include <vector>

#include "engine/slurm/command.h"
#include "engine/slurm/database_state.h"

namespace assocsync {

class RandomCommands {
 public:
  // `series`: 2411; Comment is used from 23.02 on.
  RandomCommands(unsigned seed, int series) : random_(seed), series_(series) {}

  // The next command; names are mostly of things that `state` has.
  Command Next(const DatabaseState& state);

  // A command that fills another cluster: accounts and users only.
  Command NextForOther(const DatabaseState& state, const std::string& cluster);

  int Below(int n) {
    return std::uniform_int_distribution<>(0, n - 1)(random_);
  }
  bool Chance(int percent) { return Below(100) < percent; }

 private:
  std::string Pick(const std::vector<std::string>& names);
  std::string Some(const std::vector<std::string>& names);  // One to three.
  std::string Account(const DatabaseState& state);
  std::string User(const DatabaseState& state);
  const AssocKey* UserRow(const DatabaseState& state);
  void AddLimits(const DatabaseState& state, bool users, bool add,
                 std::vector<Setting>* set);
  std::string Value(Key key);
  std::string Qos(const DatabaseState& state);

  Command AddAccount(const DatabaseState& state);
  Command AddUser(const DatabaseState& state);
  Command ModifyAccount(const DatabaseState& state);
  void AddAnotherRow(const DatabaseState& state, std::vector<Setting>* where);
  Command ModifyUser(const DatabaseState& state);
  Command DeleteUser(const DatabaseState& state);
  Command DeleteAccount(const DatabaseState& state);
  Command Wckey(const DatabaseState& state);
  Command Coordinator(const DatabaseState& state);
  Command QosCommand(const DatabaseState& state);

  std::mt19937 random_;
  int series_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_RANDOM_COMMAND_H_
