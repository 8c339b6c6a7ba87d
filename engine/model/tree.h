// The tree: all that a `sacctmgr dump` says of one cluster, as one value.
#ifndef ASSOCSYNC_ENGINE_MODEL_TREE_H_
#define ASSOCSYNC_ENGINE_MODEL_TREE_H_

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/base/name.h"
#include "engine/model/key.h"

namespace assocsync {

// One option and its canonical text (value.h).
struct Field {
  Key key;
  Name value;
  bool operator==(const Field&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Field& f) {
    return H::combine(std::move(h), f.key, f.value);
  }
};

// The options that are set on one object, sorted by Key, each at most once. An
// absent key is "not set": inherited, or Slurm's default. A present key with an
// empty value is something else: the explicit empty text or list.
//
// Interned, as Name is: a million rows have few distinct sets of options, so
// this is four bytes, equal ones are equal numbers, and what Find and begin
// point to stays good. Whoever sets more than one or two options gathers them
// in a FieldList first: each set that there ever was takes memory.
class Fields {
 public:
  Fields() = default;
  explicit Fields(const class FieldList& list);

  const Name* Find(Key key) const;  // nullptr: not set.
  Name Get(Key key) const;          // Empty where not set.
  bool Has(Key key) const { return Find(key) != nullptr; }
  void Set(Key key, Name value);
  void Erase(Key key);

  const Field* begin() const;
  const Field* end() const;
  bool empty() const { return at_ == 0; }
  size_t size() const { return end() - begin(); }
  bool operator==(const Fields&) const = default;

  // "MaxJobs=4:GrpTRES=cpu=4": for tests and messages.
  std::string ToString() const;

 private:
  uint32_t at_ = 0;
};

// Options on their way to be Fields.
class FieldList {
 public:
  FieldList() = default;
  explicit FieldList(const Fields& fields)
      : fields_(fields.begin(), fields.end()) {}

  void Set(Key key, Name value);
  void Erase(Key key);
  absl::Span<const Field> span() const { return fields_; }

 private:
  absl::InlinedVector<Field, 8> fields_;
};

// Of the list under `key`, only the elements that `stays` wants; a list of
// which none is left is not set. False: all of them stay, and nothing was done.
bool KeepElements(Key key, absl::FunctionRef<bool(absl::string_view)> stays,
                  Fields* fields);

// Names one association inside a cluster. Empty `user`: the account's own row.
// Empty `partition`: the row that holds where no partition row does.
struct AssocKey {
  Name account, user, partition;
  bool is_account() const { return user.empty(); }
  bool operator==(const AssocKey&) const = default;
  auto operator<=>(const AssocKey&) const = default;
  // "hep", "hep/alice", "hep/alice@debug".
  std::string ToString() const;
};

// `line`: where a file declared it, 0 if no file did; no part of the value.
struct Record {
  Fields fields;
  uint32_t line = 0;
  bool operator==(const Record& o) const { return fields == o.fields; }
};

struct Association {
  Name parent;    // Account rows but root: the parent account. Else empty.
  Fields limits;  // Scope::kAssoc and kUserAssoc.
  uint32_t line = 0;
  bool operator==(const Association& o) const {
    return parent == o.parent && limits == o.limits;
  }
};

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

// Account names from the top down: a parent before its children, siblings by
// name. Accounts that do not hang on root are left out.
std::vector<Name> TopDown(const Tree& tree);

// Lower-case hex, 64 bits of FNV-1a over a canonical serialisation: the same on
// every machine. Binds a plan to the trees it was made from; not a secret and
// no defence against forgery (a plan is always made again before it is run).
std::string Fingerprint(const Tree& tree);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_MODEL_TREE_H_
