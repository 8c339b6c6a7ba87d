// How many there are of something, for people.
#ifndef ASSOCSYNC_ENGINE_BASE_COUNTED_H_
#define ASSOCSYNC_ENGINE_BASE_COUNTED_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace assocsync {

// "1 row", "2 rows".
inline std::string Counted(uint64_t n, absl::string_view thing) {
  return absl::StrCat(n, " ", thing, n == 1 ? "" : "s");
}

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_COUNTED_H_
