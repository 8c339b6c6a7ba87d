// Which lines of a text came from which file, where several were joined.
#ifndef ASSOCSYNC_ENGINE_CFG_TEXT_FILES_H_
#define ASSOCSYNC_ENGINE_CFG_TEXT_FILES_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace assocsync {

struct TextFiles {
  struct File {
    int first_line = 1;  // Of the text.
    std::string name;    // Within the folder.
  };
  std::vector<File> files;  // By first_line; empty: the text is one file.

  struct Line {
    std::string name;
    int line = 1;
  };
  // Of line `line` of the text that is called `name`: "trees/bio.cfg", 12.
  Line Of(absl::string_view name, int line) const {
    const File* in = nullptr;
    for (const File& file : files) {
      if (file.first_line > line) break;
      in = &file;
    }
    if (in == nullptr) return {std::string(name), line};
    return {absl::StrCat(name, "/", in->name), line - in->first_line + 1};
  }
  // "line 12", "line 12 of bio.cfg"
  std::string Words(int line) const {
    const Line at = Of("", line);
    return at.name.empty()
               ? absl::StrCat("line ", line)
               : absl::StrCat("line ", at.line, " of ", at.name.substr(1));
  }
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CFG_TEXT_FILES_H_
