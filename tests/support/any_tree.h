// Legal trees of nothing but hostile names and values: every key, every byte
// that a name or a text may hold. For laws about text; random_tree.h makes the
// trees that a real daemon can be given.
#ifndef ASSOCSYNC_TESTS_SUPPORT_ANY_TREE_H_
#define ASSOCSYNC_TESTS_SUPPORT_ANY_TREE_H_

#include <random>

#include "engine/model/tree.h"

namespace assocsync {

// Names of users may have upper case, as with PreserveCaseUser, but no two fold
// together. Sizes in memory are those that dump prints exactly.
Tree AnyTree(std::mt19937_64& random);

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_ANY_TREE_H_
