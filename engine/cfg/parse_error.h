// What reading a file finds in it.
#ifndef ASSOCSYNC_ENGINE_CFG_PARSE_ERROR_H_
#define ASSOCSYNC_ENGINE_CFG_PARSE_ERROR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace assocsync {

// One fault of a file. Lines and columns count from 1, columns in bytes.
struct ParseError {
  int line = 0;
  int column = 0;
  // What is wrong, and what to do. Of many faults of one kind the first are
  // told, and another entry says how many more there are.
  std::string message;
  // The physical line, without its newline; of a long one what stands around
  // the column, with `...` where something is left out.
  std::string text;
  size_t caret = 0;  // Where the column is in `text`, in bytes.
  // What kind of fault or note, for those who treat kinds differently.
  enum class About : uint8_t {
    kOther,
    kDefaultAccount,
    // Notes: a value that could be meant otherwise; what Slurm does not heed
    // (a word on the wrong line, the first of two values); what the file does
    // not say, or says in a way that no dump does, and what was taken for it.
    kTwoReadings,
    kIgnored,
    kAssumed,
  } about = About::kOther;
};

// Whether a file says everything (engine/README.md, "complete").
enum class Written {
  kTell,      // As WasDumped tells.
  kComplete,  // What it does not say is not there.
  kByHand,    // Read as `sacctmgr load` reads it, wherever that can be meant.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CFG_PARSE_ERROR_H_
