// The tree: all that a `sacctmgr dump` says of one cluster, as one value.
#ifndef ASSOCSYNC_ENGINE_MODEL_TREE_H_
#define ASSOCSYNC_ENGINE_MODEL_TREE_H_

#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "engine/base/name.h"
#include "engine/model/fields.h"
#include "engine/model/row.h"

namespace assocsync {

// What a file says by the way it was written. People leave out what they take
// for granted, and a program that dumps a tree leaves out nothing. Two trees
// are equal whoever wrote them.
struct Authorship {
  // People or their generators wrote it: what it does not say of records that
  // exist already is not meant to go (plan/by_hand.h).
  bool by_hand = false;
  // Only by hand: users of whom it says AdminLevel=None in so many words.
  absl::btree_set<Name> no_admin_level;
  // Users whose default account was assumed: the first of their accounts by
  // name. Where several lines claim to be in it, the last of these; else the
  // same.
  absl::btree_map<Name, Name> assumed_default;
  bool operator==(const Authorship&) const { return true; }
};

// Sorted containers throughout: whatever is shown, compared or fingerprinted
// comes in one order on every machine.
struct Tree {
  Name cluster;
  Fields cluster_fields;  // Scope::kCluster.
  // True: `qos` is all QOS of the database. False: the source says nothing of
  // QOS definitions (dumps before 25.05), and nothing may be concluded.
  bool lists_qos = false;
  absl::btree_map<Name, Record> qos;       // Scope::kQos.
  absl::btree_map<Name, Record> accounts;  // Scope::kAccount.
  absl::btree_map<Name, Record> users;     // Scope::kUser.
  absl::btree_map<AssocKey, Association> associations;
  Authorship authorship;

  bool operator==(const Tree&) const = default;
};

// The name of the account at the top of every tree.
Name RootName();

// Of an account of `tree`; empty for root, and where there is no such account.
Name ParentOf(const Tree& tree, Name account);

// What the record of `name` has under `key`; empty: nothing, or no record.
Name FieldOf(const absl::btree_map<Name, Record>& records, Name name, Key key);

// What no release of Slurm could hold, one sentence each, in tree order; empty
// for a legal tree. Checked: the root row; each account row's parent is there
// and no cycle; each user row's account row is there; each account and user has
// its record and each record an association; a default account is one of the
// user's accounts; a default WCKey is one of the user's WCKeys.
std::vector<std::string> Illegalities(const Tree& tree);

struct HangingAccount {
  Name name;
  Association row;
};
// The accounts from the top down: a parent before its children, siblings by
// name. Accounts that do not hang on root are left out.
std::vector<HangingAccount> TopDown(const Tree& tree);

// Lower-case hex, 64 bits of XXH3 over all that the tree says, in its order:
// the same on every machine. Binds a plan to the trees it was made from; not a
// secret and no defence against forgery (a plan is always made again before it
// is run).
std::string Fingerprint(const Tree& tree);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_MODEL_TREE_H_
