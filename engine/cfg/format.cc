#include "engine/cfg/format.h"

#include <iterator>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/status.h"
#include "engine/cfg/errors.h"
#include "engine/cfg/lexer.h"
#include "engine/cfg/marks.h"
#include "engine/cfg/values.h"
#include "engine/cfg/write.h"

namespace assocsync {
namespace {

using absl::string_view;

// A line of a file: what it is about, and the comments at it.
struct Line {
  std::string subject;
  std::vector<std::string> before;
  std::string behind;
};

struct Comments {
  std::vector<Line> lines;
  std::vector<std::string> at_end;
};

// The canonical text's own comment lines, which Write makes anew: just those,
// for what merely begins like one is somebody's.
bool IsMark(string_view comment) {
  comment = absl::StripTrailingAsciiWhitespace(comment);
  return comment == absl::StrCat(cfg::kHeaderMark, cfg::kTitle) ||
         comment == cfg::kTrailerMark || comment == cfg::kEditNote;
}

class Reader {
 public:
  Reader(string_view text, const ParseOptions& options)
      : options_(options),
        values_(options.origin),
        lexer_(text, options.origin, &errors_) {}

  Comments Read() {
    Comments out;
    std::vector<string_view> own;
    lexer_.KeepComments(&own);
    cfg::LexedLine lexed;
    const auto take = [&] {
      std::vector<std::string> texts;
      for (const string_view comment : own) {
        if (!IsMark(comment)) texts.push_back(Trimmed(comment));
      }
      own.clear();
      return texts;
    };
    while (lexer_.Next(&lexed)) {
      Line line;
      line.before = take();
      line.subject = Subject(lexed);
      line.behind = Trimmed(lexer_.TrailingComment());
      out.lines.push_back(std::move(line));
    }
    out.at_end = take();
    return out;
  }

 private:
  static std::string Trimmed(string_view comment) {
    return std::string(absl::StripTrailingAsciiWhitespace(comment));
  }

  // Equal for the two lines that are about one thing; the text has been parsed
  // and is right.
  std::string Subject(const cfg::LexedLine& line) {
    const bool user = line.object == cfg::Object::kUser;
    const std::string name =
        Name(line.View(line.name), !user || options_.fold_users);
    switch (line.object) {
      case cfg::Object::kCluster:
        return "cluster";
      case cfg::Object::kQos:
        return absl::StrCat("qos ", name);
      case cfg::Object::kAccount:
        return absl::StrCat("account ", name);
      case cfg::Object::kParent:
        parent_ = name;
        return absl::StrCat("parent ", name);
      case cfg::Object::kUser:
      case cfg::Object::kUnknown:
        break;
    }
    std::string partition;
    for (const cfg::LexedOption& option : line.options) {
      if (option.meaning->partition) {
        partition = Name(line.View(option.value), true);
      }
    }
    return absl::StrCat("user ", parent_, "\n", name, "\n", partition);
  }

  std::string Name(string_view raw, bool fold) const {
    const absl::StatusOr<Atom> name = values_.Name(raw, fold);
    return name.ok() ? name->str() : std::string(raw);
  }

  const ParseOptions options_;
  cfg::Errors errors_;
  cfg::Values values_;
  cfg::Lexer lexer_;
  std::string parent_ = RootName().str();
};

// Whether a comment behind `line` could be read as a part of its last value.
bool MustMove(string_view line, string_view comment) {
  return absl::EndsWith(comment, "\\") ||
         (absl::EndsWith(line, "'") &&
          comment.find_first_of("'\":") != string_view::npos);
}

}  // namespace

absl::StatusOr<std::string> Format(string_view name, string_view text,
                                   const ParseOptions& options) {
  ASSIGN_OR_RETURN(const Tree tree, ParseTree(name, text, options));
  const std::string canonical = Write(tree);
  ParseOptions as_written = options;
  as_written.origin = Origin::kFile;
  // Each canonical line that is no comment, in order, and what it is about.
  const std::vector<Line> lines = Reader(canonical, as_written).Read().lines;
  absl::flat_hash_map<string_view, size_t> places;
  for (size_t i = 0; i < lines.size(); ++i) places[lines[i].subject] = i;

  struct At {
    std::vector<std::string> before, behind;
  };
  std::vector<At> at(lines.size());
  Comments comments = Reader(text, options).Read();
  std::vector<std::string> waiting;
  for (Line& line : comments.lines) {
    std::move(line.before.begin(), line.before.end(),
              std::back_inserter(waiting));
    const auto place = places.find(line.subject);
    if (place == places.end()) {
      if (!line.behind.empty()) waiting.push_back(std::move(line.behind));
      continue;
    }
    At& to = at[place->second];
    std::move(waiting.begin(), waiting.end(), std::back_inserter(to.before));
    waiting.clear();
    if (!line.behind.empty()) to.behind.push_back(std::move(line.behind));
  }
  std::move(comments.at_end.begin(), comments.at_end.end(),
            std::back_inserter(waiting));

  std::string out;
  size_t next = 0;
  for (string_view rest = canonical; !rest.empty();) {
    const string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    if (absl::StartsWith(line, cfg::kTrailerMark)) {
      for (const std::string& comment : waiting) {
        absl::StrAppend(&out, comment, "\n");
      }
    }
    if (absl::StartsWith(line, "#")) {
      absl::StrAppend(&out, line, "\n");
      continue;
    }
    At& here = at[next++];
    std::string behind;
    for (std::string& comment : here.behind) {
      if (behind.empty() && !MustMove(line, comment)) {
        behind = absl::StrCat(" ", comment);
      } else {
        here.before.push_back(std::move(comment));
      }
    }
    for (const std::string& comment : here.before) {
      absl::StrAppend(&out, comment, "\n");
    }
    absl::StrAppend(&out, line, behind, "\n");
  }
  const absl::StatusOr<Tree> again = ParseTree(name, out, as_written);
  if (!again.ok() || *again != tree) {
    return absl::InternalError(absl::StrCat(
        name,
        ": formatted, it would not be the same tree; it is left as it "
        "is"));
  }
  return out;
}

}  // namespace assocsync
