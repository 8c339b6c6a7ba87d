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
#include "engine/cfg/parse_error.h"
#include "engine/cfg/recall.h"
#include "engine/cfg/text_files.h"
#include "engine/model/tree.h"
#include "engine/model/value.h"

namespace assocsync {

// Whether a program that leaves nothing out wrote the file: `sacctmgr dump`, or
// assocsync itself (backup, fmt). The comment that the text begins with tells:
// both write one that nobody has a reason to copy or to remove.
bool WasDumped(absl::string_view text);

struct ParseOptions;
// What `options` come to for `text`.
bool IsByHand(absl::string_view text, const ParseOptions& options);

struct ParseOptions {
  // Names of users are lower-cased unless slurmdbd runs with PreserveCaseUser.
  bool fold_users = true;
  // kDump, for text straight from `sacctmgr dump` and nothing else: `\#`, a
  // backslash at the end of a line and units mean what dump means by them, and
  // a user line without DefaultAccount means that there is none.
  Origin origin = Origin::kFile;
  // Only for kFile. By hand, what sacctmgr load takes and a dump never holds is
  // read with a note: options that Slurm ignores, one given twice, a user
  // without a default account, a last line without a newline.
  Written written = Written::kComplete;
  // Of texts that programs wrote, for speed alone; may be null, not owned, one
  // at most. The lines of this one are kept there, for those below that end
  // alike, and for other texts that mostly say the same ...
  cfg::Recall* keep = nullptr;
  // ... and these are those of such another one, whose text is still there.
  const cfg::Recall* recall = nullptr;
  // The files that the text was joined from, for messages; may be null, not
  // owned.
  const TextFiles* files = nullptr;
};

struct ParseResult {
  Tree tree;                       // Only meaningful where `errors` is empty.
  std::vector<ParseError> errors;  // By place.
  // What was read, but deserves a word (see About); the first place of each.
  // tree.authorship tells how the file was taken.
  std::vector<ParseError> notes;
};

// Reads a whole file. All faults of the file are found in one run; the tree is
// whole or not used at all. What is over a limit of input_limits.h is a fault.
//
// A file that was cut short is an error where that can be told: within a line;
// in a file of assocsync's own format, anywhere; in a dump, where a user's
// default account comes to lie behind the cut, or the cut right behind a Parent
// line. Other cuts after a whole line of a dump look like a smaller tree.
//
// Of a part (parts.h) that is read by itself, default accounts may be in others
// of them, and have to be said.
ParseResult Parse(absl::string_view text, const ParseOptions& options = {});

// "name:line:col: message", the line, a caret under the column, for each error.
// `files` (may be null): those of ParseOptions.
std::string FormatErrors(absl::string_view name,
                         const std::vector<ParseError>& errors,
                         const TextFiles* files = nullptr);

// Parse with the errors as one kInvalidArgument status (FormatErrors). `notes`
// (may be null): ParseResult::notes.
absl::StatusOr<Tree> ParseTree(absl::string_view name, absl::string_view text,
                               const ParseOptions& options = {},
                               std::vector<ParseError>* notes = nullptr);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CFG_PARSE_H_
