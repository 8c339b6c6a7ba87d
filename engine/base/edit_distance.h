// For "did you mean": how far a word is from the one that was meant.
#ifndef ASSOCSYNC_ENGINE_BASE_EDIT_DISTANCE_H_
#define ASSOCSYNC_ENGINE_BASE_EDIT_DISTANCE_H_

#include "absl/strings/string_view.h"

namespace assocsync {

// The number of characters to add, drop or change (Levenshtein), case aside.
// Takes the product of the lengths: words of a person, not texts.
int EditDistance(absl::string_view a, absl::string_view b);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_EDIT_DISTANCE_H_
