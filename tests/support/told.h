// A result of Parse as one text, for comparisons.
#ifndef ASSOCSYNC_TESTS_SUPPORT_TOLD_H_
#define ASSOCSYNC_TESTS_SUPPORT_TOLD_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/cfg/parse.h"

namespace assocsync {

// Errors, notes, and all rows with the line on which each stands, on which the
// equality of trees does not look.
inline std::string ToldBy(const ParseResult& parsed) {
  std::string out = absl::StrCat(FormatErrors("error", parsed.errors),
                                 FormatErrors("note", parsed.notes));
  const Tree& tree = parsed.tree;
  for (const auto* records : {&tree.qos, &tree.accounts, &tree.users}) {
    for (const auto& [name, record] : *records) {
      absl::StrAppend(&out, record.line, ": ", name.view(), " ",
                      record.fields.ToString(), "\n");
    }
  }
  for (const auto& [key, row] : tree.associations) {
    absl::StrAppend(&out, row.line, ": ", key.ToString(), " ",
                    row.parent.view(), " ", row.limits.ToString(), "\n");
  }
  return out;
}

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_TOLD_H_
