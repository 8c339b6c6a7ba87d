// What the lines of a file said, before it is a tree: names are numbered, so
// that the tree's order can be made by comparing numbers.
#ifndef ASSOCSYNC_ENGINE_CFG_DRAFTS_H_
#define ASSOCSYNC_ENGINE_CFG_DRAFTS_H_

#include <array>
#include <cstdint>
#include <vector>

#include "engine/cfg/errors.h"
#include "engine/model/tree.h"

namespace assocsync::cfg {

struct AccountDraft {
  Name name;
  Fields record;
  uint32_t line = 0;   // 0: root, which no line declares.
  uint32_t depth = 0;  // Below root.
  // Only a Parent line named it so far, which is an error of its own.
  bool assumed = false;
  uint32_t row = 0;  // Its own in Drafts::rows.
};

// A user's record, which dump repeats on every line of the user.
struct UserDraft {
  Name name;
  Name spelling;  // Before any folding, where the user came first.
  uint32_t line = 0;
  Fields record;
  // Where each of the keys of the record was first given; 0: nowhere.
  static constexpr int kFirst = static_cast<int>(Key::kDefaultAccount);
  static constexpr int kKeys = static_cast<int>(Key::kWckeys) - kFirst + 1;
  std::array<uint32_t, kKeys> given = {};
  uint32_t default_column = 0;
  // By hand: what the last line in a default account says, the first being the
  // record's; and a default that a line elsewhere names.
  Name last_default, default_elsewhere;
  // Found while the tree is assembled.
  uint32_t account = 0;  // Of the first row; by hand, the first by name.
  bool several_accounts = false;
  bool has_default_row = false;
};

struct RowDraft {
  uint32_t account = 0;  // In Drafts::accounts.
  uint32_t user = 0;     // In Drafts::users, plus one; 0: an account's row.
  Name name;             // Of the user; of an account's row, its parent.
  Name partition;
  Fields limits;
  uint32_t line = 0;
};

struct Drafts {
  Name cluster;
  Fields cluster_fields;
  Tree qos;                            // Only `qos` and `lists_qos`.
  std::vector<AccountDraft> accounts;  // The first is root.
  std::vector<UserDraft> users;
  std::vector<RowDraft> rows;  // The first is root's.
};

struct AssembleOptions {
  // A user of one account who has no DefaultAccount has that.
  bool infer_default = true;
  // Any user has the first account by name for want of another, and two lines
  // of a row that say the same are one.
  bool by_hand = false;
  // Other files of the tree may hold rows of the users; theirs are theirs.
  bool part = false;
};
// The tree, and the faults that only the whole file shows: the same row twice,
// users without a default account, default accounts without a row.
Tree Assemble(Drafts drafts, const AssembleOptions& options, Errors* errors);

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_DRAFTS_H_
