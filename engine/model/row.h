// One association, and one record of a user, an account or a QOS.
#ifndef ASSOCSYNC_ENGINE_MODEL_ROW_H_
#define ASSOCSYNC_ENGINE_MODEL_ROW_H_

#include <compare>
#include <cstdint>
#include <string>

#include "engine/base/name.h"
#include "engine/model/fields.h"

namespace assocsync {

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

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_MODEL_ROW_H_
