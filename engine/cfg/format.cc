#include "engine/cfg/format.h"

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/status.h"
#include "engine/cfg/errors.h"
#include "engine/cfg/lexer.h"
#include "engine/cfg/marks.h"
#include "engine/cfg/parts.h"
#include "engine/cfg/recall.h"
#include "engine/cfg/values.h"
#include "engine/cfg/write.h"

namespace assocsync {
namespace {

using absl::string_view;

// Equal for two lines that are about one thing.
struct Subject {
  cfg::Object object = cfg::Object::kUnknown;
  Name name;
  Name parent, partition;  // Of users.
  bool operator==(const Subject&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Subject& s) {
    return H::combine(std::move(h), s.object, s.name, s.parent, s.partition);
  }
};

// The comments at a line: most have none.
struct Around {
  std::vector<std::string> before;
  std::string behind;
};

struct Line {
  Subject subject;
  std::unique_ptr<Around> around;
};

struct Comments {
  bool has_all_lines = false;  // False: `lines` are those that have comments.
  std::vector<Line> lines;
  std::vector<std::string> at_end;
};

// The canonical text's own comment lines, which Write makes anew: just those,
// for what merely begins like one is somebody's.
bool IsMark(string_view comment) {
  comment = absl::StripTrailingAsciiWhitespace(comment);
  return comment == absl::StrCat(cfg::kHeaderMark, cfg::kTitle) ||
         comment == absl::StrCat(cfg::kHeaderMark, cfg::kTitleByHand) ||
         comment == absl::StrCat(cfg::kHeaderMark, cfg::kTitleOfPart) ||
         comment == cfg::kTrailerMark || comment == cfg::kEditNote;
}

class Reader {
 public:
  Reader(string_view text, const ParseOptions& options)
      : options_(options),
        values_(options.origin),
        lexer_(text, options.origin, IsByHand(text, options), &errors_) {}

  // `all`: also the lines that have none.
  Comments Read(bool all) {
    Comments out;
    out.has_all_lines = all;
    std::vector<string_view> own;
    lexer_.KeepComments(&own);
    const auto take = [&] {
      std::vector<std::string> texts;
      for (const string_view comment : own) {
        if (!IsMark(comment)) texts.push_back(Trimmed(comment));
      }
      own.clear();
      return texts;
    };
    while (lexer_.Next(&lexed_)) {
      Around around{take(), ""};
      // Behind a line a mark is one as well: it may have to go before it.
      if (const string_view behind = lexer_.TrailingComment();
          !IsMark(behind)) {
        around.behind = Trimmed(behind);
      }
      if (!around.before.empty() || !around.behind.empty()) {
        out.lines.push_back(
            {SubjectOf(lexed_), std::make_unique<Around>(std::move(around))});
      } else if (all) {
        out.lines.push_back({SubjectOf(lexed_), nullptr});
      } else if (lexed_.object == cfg::Object::kParent) {
        SubjectOf(lexed_);  // Which those below stand under.
      }
    }
    out.at_end = take();
    return out;
  }

  // What the lines are about, one by one; false: there are no more.
  bool Next(Subject* subject) {
    if (!lexer_.Next(&lexed_)) return false;
    *subject = SubjectOf(lexed_);
    return true;
  }

 private:
  static std::string Trimmed(string_view comment) {
    return std::string(absl::StripTrailingAsciiWhitespace(comment));
  }

  // The text has been parsed and is right.
  Subject SubjectOf(const cfg::LexedLine& line) {
    const bool user = line.object == cfg::Object::kUser;
    Subject subject;
    subject.object = line.object;
    if (line.object == cfg::Object::kCluster) return subject;
    subject.name = NameOf(line.View(line.name), !user || options_.fold_users);
    if (line.object == cfg::Object::kParent) parent_ = subject.name;
    if (!user) return subject;
    subject.parent = parent_;
    for (const cfg::LexedOption& option : line.options) {
      if (option.meaning->partition) {
        subject.partition = NameOf(line.View(option.value), true);
      }
    }
    return subject;
  }

  Name NameOf(string_view raw, bool fold) const {
    const absl::StatusOr<Name> name = values_.ReadName(raw, fold);
    return name.ok() ? *name : Name(raw);
  }

  const ParseOptions options_;
  cfg::Errors errors_;
  cfg::Values values_;
  cfg::Lexer lexer_;
  cfg::LexedLine lexed_;
  Name parent_ = RootName();
};

// Whether a comment behind `line` could be read as a part of its last value.
bool MustMove(string_view line, string_view comment) {
  return absl::EndsWith(comment, "\\") ||
         (absl::EndsWith(line, "'") &&
          comment.find_first_of("'\":") != string_view::npos);
}

// The lines of `canonical` that are no comments are numbered; the numbers of
// those that are about what `lines` are about.
absl::flat_hash_map<Subject, uint32_t> PlacesOf(const std::vector<Line>& lines,
                                                string_view canonical,
                                                const ParseOptions& options) {
  absl::flat_hash_set<Subject> sought;
  for (const Line& line : lines) sought.insert(line.subject);
  absl::flat_hash_map<Subject, uint32_t> places;
  Reader reader(canonical, options);
  Subject subject;
  for (uint32_t i = 0; places.size() < sought.size() && reader.Next(&subject);
       ++i) {
    if (sought.contains(subject)) places[subject] = i;
  }
  return places;
}

// `canonical` with the comments that stood in the text of which it was made.
// nullopt: a line that has one is not there, and which lines come behind it is
// not known.
std::optional<std::string> WithComments(string_view canonical,
                                        Comments comments,
                                        const ParseOptions& options) {
  const auto places = PlacesOf(comments.lines, canonical, options);
  struct At {
    std::vector<std::string> before, behind;
  };
  absl::flat_hash_map<uint32_t, At> at;  // By canonical line.
  std::vector<std::string> waiting;
  for (Line& line : comments.lines) {
    if (line.around != nullptr) {
      std::move(line.around->before.begin(), line.around->before.end(),
                std::back_inserter(waiting));
    }
    std::string behind =
        line.around == nullptr ? "" : std::move(line.around->behind);
    if (waiting.empty() && behind.empty()) continue;
    const auto place = places.find(line.subject);
    if (place == places.end()) {
      if (!comments.has_all_lines) return std::nullopt;
      if (!behind.empty()) waiting.push_back(std::move(behind));
      continue;
    }
    At& to = at[place->second];
    std::move(waiting.begin(), waiting.end(), std::back_inserter(to.before));
    waiting.clear();
    if (!behind.empty()) to.behind.push_back(std::move(behind));
  }
  std::move(comments.at_end.begin(), comments.at_end.end(),
            std::back_inserter(waiting));

  std::string out;
  out.reserve(canonical.size() + canonical.size() / 16);
  uint32_t next = 0;
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
    const auto found = at.find(next++);
    if (found == at.end()) {
      absl::StrAppend(&out, line, "\n");
      continue;
    }
    At& here = found->second;
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
  return out;
}

}  // namespace

absl::StatusOr<std::string> FormatTree(string_view name, string_view text,
                                       const ParseOptions& options,
                                       std::vector<ParseError>* notes) {
  cfg::Recall recall;
  ParseOptions as_it_is = options;
  as_it_is.keep = &recall;
  ASSIGN_OR_RETURN(const Tree tree, ParseTree(name, text, as_it_is, notes));
  std::string out = Write(tree, {.part = IsPart(text)});
  ParseOptions as_written = options;
  as_written.recall = &recall;
  as_written.origin = Origin::kFile;
  as_written.written = Written::kTell;
  Comments comments = Reader(text, options).Read(/*all=*/false);
  if (!comments.lines.empty() || !comments.at_end.empty()) {
    std::optional<std::string> with =
        WithComments(out, std::move(comments), as_written);
    if (!with.has_value()) {
      with = WithComments(out, Reader(text, options).Read(/*all=*/true),
                          as_written);
    }
    out = *std::move(with);
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
