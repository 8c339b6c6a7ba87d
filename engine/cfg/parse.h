// .cfg text -> Tree: everything that `sacctmgr dump` writes (more than
// `sacctmgr load` can read) and what people edit by hand.
#ifndef ASSOCSYNC_ENGINE_CFG_PARSE_H_
#define ASSOCSYNC_ENGINE_CFG_PARSE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/model/tree.h"
#include "engine/model/value.h"

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
  // What kind of fault, for those who treat kinds differently.
  enum class About : uint8_t { kOther, kDefaultAccount } about = About::kOther;
};

struct ParseOptions {
  // Names of users are lower-cased unless slurmdbd runs with PreserveCaseUser.
  bool fold_users = true;
  // kDump, for text straight from `sacctmgr dump` and nothing else: `\#`, a
  // backslash at the end of a line and units mean what dump means by them, and
  // a user line without DefaultAccount means that there is none.
  Origin origin = Origin::kFile;
};

struct ParseResult {
  Tree tree;                       // Only meaningful where `errors` is empty.
  std::vector<ParseError> errors;  // By place.
  // Values that dump prints for two different ones, with the likely one taken
  // (mem=1.50T); the first place of each.
  std::vector<ParseError> notes;
};

// Reads a whole file. All faults of the file are found in one run; the tree is
// whole or not used at all. What is over a limit of input_limits.h is a fault.
//
// A file that was cut short is an error where that can be told: within a line;
// in a file of assocsync's own format, anywhere; in a dump, where a user's
// default account comes to lie behind the cut, or the cut right behind a Parent
// line. Other cuts after a whole line of a dump look like a smaller tree.
ParseResult Parse(absl::string_view text, const ParseOptions& options = {});

// "name:line:col: message", the line, a caret under the column, for each error.
std::string FormatErrors(absl::string_view name,
                         const std::vector<ParseError>& errors);

// Parse with the errors as one kInvalidArgument status (FormatErrors).
absl::StatusOr<Tree> ParseTree(absl::string_view name, absl::string_view text,
                               const ParseOptions& options = {});

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CFG_PARSE_H_
