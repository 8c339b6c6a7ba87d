// What `sacctmgr -nP show ...` prints, as rows. Pure. The format has no
// quoting: a `|` or a newline inside a name looks like the end of a field.
// Whatever cannot be told apart with certainty is an error, never a guess.
#ifndef ASSOCSYNC_ENGINE_LIVE_LISTING_H_
#define ASSOCSYNC_ENGINE_LIVE_LISTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace assocsync {

struct Tree;

// Views point into the listing's text, or to names.
struct AssocLine {
  uint64_t id = 0;
  absl::string_view cluster, account, user, partition;
  absl::string_view parent;       // Account rows only.
  absl::string_view default_qos;  // Own value.
  absl::string_view qos;          // Own list; of a delta the names it adds.
  absl::string_view lineage;      // 23.11+, else empty.
};
// The words after format= that AssocLines reads.
absl::string_view AssocFormat(bool lineage);
// `managed`: the tree whose rows are known from its dump; it settles what a `|`
// in one of its names belongs to. kDataLoss: a broken line. kUnimplemented: a
// `|` in a name of another cluster.
absl::StatusOr<std::vector<AssocLine>> AssocLines(absl::string_view text,
                                                  bool lineage,
                                                  const Tree& managed);

// format=adminlevel,user,coordinators
struct UserLine {
  absl::string_view user, admin_level;
  std::vector<absl::string_view> accounts;  // Coordinated ones, sorted, unique;
                                            // also those below them.
};
inline constexpr absl::string_view kUserFormat = "adminlevel,user,coordinators";
absl::StatusOr<std::vector<UserLine>> UserLines(
    absl::string_view text, const absl::btree_set<std::string>& known);

// format=account,... : `rest` is what follows the name, free texts that may
// hold a `|` themselves.
struct AccountLine {
  absl::string_view account, rest;
};
// `known`: names that are certain, for lines with more than `fields` fields.
absl::StatusOr<std::vector<AccountLine>> AccountLines(
    absl::string_view text, size_t fields,
    const absl::btree_set<std::string>& known);

// One word per line; empty lines are errors.
absl::StatusOr<std::vector<absl::string_view>> NameLines(
    absl::string_view text, absl::string_view what);

// format=type,name: "cpu", "gres/gpu:a100".
absl::StatusOr<std::vector<std::string>> TresLines(absl::string_view text);

// The value of `key` in the text of `show configuration` ("Key   = value"); the
// last one that stands there, empty if none does.
absl::string_view ConfigValue(absl::string_view text, absl::string_view key);

// What sacctmgr said, for quoting in a message: its non-empty lines, without
// "sacctmgr: error: ", without control characters, joined by "; "; cut after
// `max` bytes, with " ..." behind them.
std::string Words(absl::string_view text, size_t max = 600);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_LISTING_H_
