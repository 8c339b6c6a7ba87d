// What differs between two trees, as typed, sorted values.
#ifndef ASSOCSYNC_ENGINE_DIFF_DIFF_H_
#define ASSOCSYNC_ENGINE_DIFF_DIFF_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "engine/model/row.h"

namespace assocsync {

struct Tree;

// One option of one object. nullopt: not set.
struct FieldChange {
  Key key;
  std::optional<Name> from, to;
  bool operator==(const FieldChange&) const = default;
  std::string ToString() const;  // "MaxJobs 4 -> 8", "MaxJobs (not set) -> 8"
};

// Most rows change in one option.
using FieldChanges = absl::InlinedVector<FieldChange, 1>;

struct Change {
  // In the order in which changes are listed.
  enum class What : uint8_t {
    kCluster,
    kQos,          // .row.account is the QOS name.
    kAccount,      // The account's record; .row.account.
    kUser,         // The user's record; .row.user.
    kAssociation,  // .row
  } what;
  enum class How : uint8_t { kAdd, kModify, kRemove } how;
  AssocKey row;
  // Account rows: the parent in live and in target. Equal unless it moves.
  Name parent_from, parent_to;
  uint32_t line = 0;  // Where the target file says so; 0: nowhere (removes).
  // The other clusters of the database on which this changes something too, a
  // list as JoinElements makes it; only of records that clusters share
  // (plan/shared.h).
  Name reaches;
  // kUser, kAdd: the database has the record already, and nothing of it changes
  // but what is this cluster's own (plan/shared.h). Not a part of the change.
  bool record_is_there = false;
  FieldChanges fields;  // Sorted by key. Adds: all that is set; removes: all
                        // that was set.

  bool moves() const { return how == How::kModify && parent_from != parent_to; }
  bool Names(Key key) const;  // Among its fields.
  bool operator==(const Change& o) const {
    return what == o.what && how == o.how && row == o.row &&
           parent_from == o.parent_from && parent_to == o.parent_to &&
           fields == o.fields && reaches == o.reaches;
  }
  // "~ association hep/alice MaxJobs 4 -> 8"
  std::string ToString() const;
};

// Which change it is, among those between two trees.
struct ChangeId {
  Change::What what;
  AssocKey row;
  bool operator==(const ChangeId&) const = default;
  auto operator<=>(const ChangeId&) const = default;
};

// What must happen to `live` for it to be `target`. Pure; linear in the sizes;
// sorted by What, then by name. QOS definitions are compared only where both
// trees list them.
std::vector<Change> Diff(const Tree& live, const Tree& target);

// The changes between two sets of options, sorted by key.
FieldChanges DiffFields(const Fields& live, const Fields& target);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_DIFF_DIFF_H_
