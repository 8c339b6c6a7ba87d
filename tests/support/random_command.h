// Random commands in the words of a plan, with names that are meant to be taken
// for one another: look-alikes by `_`, accounts named like partitions and like
// users' lineages, blanks, `%`.
#ifndef ASSOCSYNC_TESTS_SUPPORT_RANDOM_COMMAND_H_
#define ASSOCSYNC_TESTS_SUPPORT_RANDOM_COMMAND_H_

#include <random>
#include <string>
#include <vector>

#include "engine/slurm/command.h"
#include "engine/slurm/world.h"

namespace assocsync {

class RandomCommands {
 public:
  // `series`: 2411; Comment is used from 23.02 on.
  RandomCommands(unsigned seed, int series) : random_(seed), series_(series) {}

  // The next command; names are mostly of things that `world` has.
  Command Next(const World& world);

  // A command that fills another cluster: accounts and users only.
  Command NextForOther(const World& world, const std::string& cluster);

  int Below(int n) {
    return std::uniform_int_distribution<>(0, n - 1)(random_);
  }
  bool Chance(int percent) { return Below(100) < percent; }

 private:
  std::string Pick(const std::vector<std::string>& names);
  std::string Some(const std::vector<std::string>& names);  // One to three.
  std::string Account(const World& world);
  std::string User(const World& world);
  const AssocKey* UserRow(const World& world);
  void AddLimits(const World& world, bool users, bool add,
                 std::vector<Setting>* set);
  std::string Value(Key key);
  std::string Qos(const World& world);

  Command AddAccount(const World& world);
  Command AddUser(const World& world);
  Command ModifyAccount(const World& world);
  Command ModifyUser(const World& world);
  Command DeleteUser(const World& world);
  Command DeleteAccount(const World& world);
  Command Wckey(const World& world);
  Command Coordinator(const World& world);
  Command QosCommand(const World& world);

  std::mt19937 random_;
  int series_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_RANDOM_COMMAND_H_
