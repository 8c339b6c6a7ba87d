// A run that stopped in the middle of a detour: what it has begun goes back.
#ifndef ASSOCSYNC_ENGINE_APPLY_PUT_BACK_H_
#define ASSOCSYNC_ENGINE_APPLY_PUT_BACK_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "engine/model/tree.h"

namespace assocsync {

// Beside the journal, and like it: the commands that put back.
inline constexpr absl::string_view kPutBackName = "put-back.jsonl";

// Some deletes are exact only while a fresh account has the users' default, and
// some rows are deleted to be added again (AS109, AS141). Stopped in between,
// such a run would leave accounts that nobody asked for, or users without a row
// that they had and were to keep.
//
// The tree that `now` should become again: without accounts that are neither in
// `before` nor in `expected`, with the rows that both have, and with default
// accounts that the users have. All else as it is. nullopt: that is `now`.
std::optional<Tree> TreeToPutBack(const Tree& before, const Tree& now,
                                  const Tree& expected);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_PUT_BACK_H_
