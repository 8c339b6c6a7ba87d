// What the lines of a file said, before it is a tree: names are numbered, so
// that the tree's order can be made by comparing numbers.
#ifndef ASSOCSYNC_ENGINE_CFG_DRAFTS_H_
#define ASSOCSYNC_ENGINE_CFG_DRAFTS_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
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
  uint32_t default_column = 0;
  // Found while the tree is assembled.
  uint32_t account = 0;  // Of the first row; by hand, the first by name.
  bool several_accounts = false;
  bool has_default_row = false;

  // Keys of the record that lines gave, a bit each from kFirst on.
  static constexpr int kFirst = static_cast<int>(Key::kDefaultAccount);
  static constexpr int kKeys = static_cast<int>(Key::kWckeys) - kFirst + 1;
  static_assert(kKeys <= 8);
  uint8_t given = 0;
  static int At(Key key) { return static_cast<int>(key) - kFirst; }
  bool Gives(Key key) const { return (given >> At(key) & 1) != 0; }
  void Give(Key key) { given |= static_cast<uint8_t>(1 << At(key)); }
};

// What is told of few users.
struct OddUser {
  // Where a key was first given, if on a later line of the user than the first.
  std::array<uint32_t, UserDraft::kKeys> given_later = {};
  // By hand: what the last line in a default account says, if not always what
  // the first one did; and a default that a line elsewhere names.
  Name last_default, default_elsewhere;
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
  absl::flat_hash_map<Name, OddUser> odd_users;
  std::vector<RowDraft> rows;  // The first is root's.

  const OddUser& OddOf(const UserDraft& user) const {
    static const OddUser* const none = new OddUser();
    const auto odd = odd_users.find(user.name);
    return odd == odd_users.end() ? *none : odd->second;
  }
  // The line that gave a key first; 0: none did.
  uint32_t GivenOn(const UserDraft& user, Key key) const {
    if (!user.Gives(key)) return 0;
    const uint32_t later = OddOf(user).given_later[UserDraft::At(key)];
    return later != 0 ? later : user.line;
  }
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
