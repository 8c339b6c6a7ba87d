#include "tests/support/several_clusters.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/live/state_from_tree.h"
#include "engine/model/value.h"
#include "engine/slurm/limits.h"
#include "engine/slurm/slurmdbd.h"

namespace assocsync {

void ShareRecords(std::vector<Tree>* trees) {
  absl::btree_map<Name, Fields> users, accounts;
  absl::btree_map<Name, Record> qos;
  bool lists_qos = false;
  for (const Tree& tree : *trees) {
    for (const auto& [name, record] : tree.users) {
      users.emplace(name, record.fields);
    }
    for (const auto& [name, record] : tree.accounts) {
      accounts.emplace(name, record.fields);
    }
    qos.insert(tree.qos.begin(), tree.qos.end());
    lists_qos |= tree.lists_qos;
  }
  for (Tree& tree : *trees) {
    for (auto& [name, record] : tree.users) {
      for (const Key key : {Key::kAdminLevel, Key::kCoordinator}) {
        slurm::SetOrErase(key, users.at(name).Get(key), &record.fields);
      }
    }
    for (auto& [name, record] : tree.accounts) {
      record.fields = accounts.at(name);
    }
    tree.lists_qos = lists_qos;
    tree.qos = qos;
  }
}

std::vector<DatabaseState> DatabaseOf(const Behaviour& behaviour,
                                      const std::vector<Tree>& trees) {
  std::vector<DatabaseState> states;
  DatabaseState all;
  const RandomTreeOptions names;
  for (const std::string& tres : names.tres) all.tres.insert(Name(tres));
  for (const Tree& tree : trees) {
    DatabaseState state = StateFromTree(tree);
    all.users.insert(state.users.begin(), state.users.end());
    all.accounts.insert(state.accounts.begin(), state.accounts.end());
    all.coordinators.insert(state.coordinators.begin(),
                            state.coordinators.end());
    all.qos.insert(state.qos.begin(), state.qos.end());
    if (!tree.lists_qos) {
      for (const std::string& qos : names.qos) all.qos.insert(Name(qos));
    }
    states.push_back(std::move(state));
  }
  for (DatabaseState& state : states) {
    state.complete = state.knows_all_options = true;
    state.users = all.users;
    state.accounts = all.accounts;
    state.coordinators = all.coordinators;
    state.qos = all.qos;
    state.tres = all.tres;
  }
  for (size_t i = 0; i < states.size(); ++i) {
    const Slurmdbd model(behaviour, states[i]);
    for (size_t j = 0; j < states.size(); ++j) {
      if (i != j) SeeElsewhere(model, &states[j]);
    }
  }
  return states;
}

TreesOfClusters RandomClusters(std::mt19937_64& random, size_t clusters,
                               RandomTreeOptions options) {
  TreesOfClusters out;
  for (size_t i = 0; i < clusters; ++i) {
    options.cluster = std::string(1, static_cast<char>('a' + i));
    TreePair pair = RandomPair(random, options);
    out.live.push_back(std::move(pair.live));
    out.target.push_back(std::move(pair.target));
  }
  ShareRecords(&out.live);
  ShareRecords(&out.target);
  return out;
}

std::vector<PlanInput> InputsOf(const std::vector<DatabaseState>& live,
                                const std::vector<Tree>& targets,
                                const PlanOptions& options) {
  std::vector<PlanInput> inputs;
  for (size_t i = 0; i < live.size(); ++i) {
    inputs.push_back({live[i], targets[i], options});
  }
  return inputs;
}

std::string PlaceInClusters(size_t input, uint32_t line) {
  const std::string file = absl::StrCat(
      std::string(1, static_cast<char>('a' + input)), "/cluster.cfg");
  return line == 0 ? file : absl::StrCat(file, ":", line);
}

}  // namespace assocsync
