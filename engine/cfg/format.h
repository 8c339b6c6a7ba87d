// A file that people edit, in canonical form and with its comments.
#ifndef ASSOCSYNC_ENGINE_CFG_FORMAT_H_
#define ASSOCSYNC_ENGINE_CFG_FORMAT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/cfg/parse.h"

namespace assocsync {

// The canonical text of `text` (write.h, with its marks) and every comment of
// it: they go with their line, where lines change places. One on lines of its
// own stays before the line that it stood before, one behind a line stays
// there, or moves before it where a quote in it could be taken for the value's.
// Comments before a Parent line with nothing under it, which has no canonical
// line, go to the next line that has one; those at the end stay at the end.
// A part (parts.h) stays one, and of each of its users it says the default
// account. Blank lines go. Formatting again changes nothing. Errors: those of
// ParseTree; kInternal: it would not be the same tree (a bug). `notes` (may be
// null): ParseResult::notes.
absl::StatusOr<std::string> FormatTree(
    absl::string_view name, absl::string_view text,
    const ParseOptions& options = {}, std::vector<ParseError>* notes = nullptr);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CFG_FORMAT_H_
