// Random legal trees with hostile names, and legal neighbours of a tree: what
// the laws and the tests on real daemons are run over.
#ifndef ASSOCSYNC_TESTS_SUPPORT_RANDOM_TREE_H_
#define ASSOCSYNC_TESTS_SUPPORT_RANDOM_TREE_H_

#include <random>
#include <string>
#include <vector>

#include "engine/model/tree.h"

namespace assocsync {

struct RandomTreeOptions {
  std::string cluster = "lab";
  int release = 2605;  // Series: which options there are.
  int max_accounts = 9;
  int max_users = 9;
  // Names, drawn from without repetition. The defaults are look-alikes for
  // LIKE, names of partitions, and every byte that a name may hold and survive.
  std::vector<std::string> accounts;
  std::vector<std::string> users;
  std::vector<std::string> partitions;
  std::vector<std::string> qos;   // All exist; "normal" is one of them.
  std::vector<std::string> tres;  // All exist.
  // Trees list QOS definitions: some of `qos`, with options of their own.
  bool qos_definitions = false;

  RandomTreeOptions();
};

Tree RandomTree(std::mt19937_64& random, const RandomTreeOptions& options);

// `tree` after `edits` random changes: adds, deletes of rows and of subtrees,
// moves (swaps and rotations too), values, defaults, rights.
Tree MutateTree(std::mt19937_64& random, const Tree& tree, int edits,
                const RandomTreeOptions& options);

// Half of them are two trees that have little to do with each other, the others
// a tree and what became of it.
struct TreePair {
  Tree live, target;
};
TreePair RandomPair(std::mt19937_64& random, const RandomTreeOptions& options);

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_RANDOM_TREE_H_
