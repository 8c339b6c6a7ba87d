// A plan in few lines, what could hurt first: for who has five minutes. Text,
// Markdown and HTML say it in these lines.
#ifndef ASSOCSYNC_ENGINE_RENDER_SUMMARY_H_
#define ASSOCSYNC_ENGINE_RENDER_SUMMARY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/render/outline.h"

namespace assocsync {

// In the order in which they are told.
enum class Risk : uint8_t {
  kDelete,
  kRight,  // AdminLevel and coordinators, given or taken.
  kMove,
  kRaise,  // Limits that rise, or go: then there is none.
  kLower,
  kAdd,
  kOther,
};

// What happens in one place in one way: "bio: 12 users get MaxJobs 4 -> 8".
struct SummaryGroup {
  Risk risk;
  Item::Section section;
  Name place;         // The account, the QOS or the cluster; of records empty.
  std::string words;  // "MaxJobs 4 -> 8"; deletes and adds: empty.
  std::optional<Key> key;       // The option that changes.
  bool itself = false;          // The place is one of what is counted.
  size_t users = 0;             // Rows of users, or users' records.
  size_t partitions = 0;        // Of these, those of a partition.
  size_t accounts = 0;          // Records of accounts that clusters share.
  const Item* first = nullptr;  // One of them.

  size_t things() const { return users + accounts + (itself ? 1 : 0); }
};

// By risk, then most things first. Each marked line of the outline is in one
// group of deletes, moves or adds, or in one for each option that changes (of
// what is added or moved, for rights and changed options too): the sums of
// deletes and adds are those of CountsOf. Linear but for sorting groups.
std::vector<SummaryGroup> Summary(const std::vector<Item>& outline);

// On how many things an option changes.
struct OptionTotal {
  Key key;
  size_t raised = 0, lowered = 0, other = 0;  // Limits; all others: other.
  size_t all() const { return raised + lowered + other; }
};
// Sorted by key.
std::vector<OptionTotal> OptionTotals(absl::Span<const SummaryGroup> groups);

struct SummaryLine {
  Risk risk;
  bool heading;      // "To delete: 3 accounts and 200 users, in 4 accounts"
  std::string text;  // Escaped for the eye; one line, without indent.
};

// How much a summary may be.
struct SummaryRoom {
  size_t lines = 34;
  // What the list of places that lose something may take, by `size`. Where it
  // is longer it ends in "and 12 more accounts: 40 users", with the numbers of
  // all that it leaves out.
  size_t deletes = 8000;
  absl::FunctionRef<size_t(absl::string_view)> size;
};

// The groups as lines, each risk behind a heading with its sum. What does not
// fit is told together: several accounts in one line for one change of an
// option, places that lose something as a list; and then how many there are
// more. No place that loses something is left out unless there is no room for
// its name. Each user whose rights change is told by name where there is room.
std::vector<SummaryLine> SummaryLines(const std::vector<SummaryGroup>& groups,
                                      const SummaryRoom& room);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_SUMMARY_H_
