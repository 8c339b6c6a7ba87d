// Comments where the parser reads a line in another way than it is written; the
// law test has the usual places.
#include "engine/cfg/format.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace assocsync::format_test {

// The lines of the canonical text, without its marks.
std::string Formatted(const std::string& text) {
  const absl::StatusOr<std::string> out = FormatTree("t", text);
  if (!out.ok()) return out.status().ToString();
  std::string shown;
  const std::vector<absl::string_view> lines = absl::StrSplit(*out, '\n');
  for (size_t i = 2; i + 2 < lines.size(); ++i) {
    absl::StrAppend(&shown, lines[i], "\n");
  }
  return shown;
}

struct Case {
  const char* name;
  const char* text;  // After the line "Cluster - 'c'".
  const char* want;
};

constexpr Case kCases[] = {
    {"behind a continued empty line", "  \\\n## c\n# d\n", "## c\n# d\n"},
    {"behind several", "\\\n \\\n  # c\n", "# c\n"},
    {"and no mark behind a line",
     "Account - 'a':Description='a' # assocsync:end\n# c\n",
     "Parent - 'root'\nAccount - 'a':Description='a'\n# c\n"},
    {"of a line that goes, at the next one that stays",
     "Parent - 'root'\nAccount - 'a':Description='a'\n# of a\nParent - 'a'\n"
     "Parent - 'root'\nAccount - 'b':Description='b'\n# c\n",
     "# of a\nParent - 'root'\nAccount - 'a':Description='a'\n"
     "Account - 'b':Description='b'\n# c\n"},
    {"with a backslash at its end", "# c \\\n# d\n", "# c \\\n# d\n"},
};

TEST(FormatTest, EachCommentIsKept) {
  for (const Case& c : kCases) {
    EXPECT_EQ(Formatted(absl::StrCat("Cluster - 'c'\n", c.text)),
              absl::StrCat("Cluster - 'c'\n", c.want))
        << c.name;
  }
}

}  // namespace assocsync::format_test
