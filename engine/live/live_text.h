// A live state as the text of a .cfg file: what backups hold, what `dump`
// prints, and live where another tree is compared with it.
#ifndef ASSOCSYNC_ENGINE_LIVE_LIVE_TEXT_H_
#define ASSOCSYNC_ENGINE_LIVE_LIVE_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/model/tree.h"

namespace assocsync {

struct LiveText {
  // The state's, as the text says it: line breaks in it, which no .cfg file can
  // hold, are blanks.
  Tree tree;
  std::string text;                 // Write(tree), which Parse reads back.
  std::vector<std::string> losses;  // How `tree` is not live, a sentence each.
};

// `fold_users`: as ParseOptions. kDataLoss, with the reason: no .cfg file can
// hold the tree (users bob and Bob, rows that hang on no account).
absl::StatusOr<LiveText> WriteLive(Tree live, bool fold_users);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_LIVE_TEXT_H_
