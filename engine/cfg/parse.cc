#include "engine/cfg/parse.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "engine/base/escape.h"
#include "engine/base/input_limits.h"
#include "engine/cfg/builder.h"
#include "engine/cfg/drafts.h"
#include "engine/cfg/errors.h"
#include "engine/cfg/lexer.h"
#include "engine/cfg/marks.h"
#include "engine/cfg/parts.h"

namespace assocsync {
namespace {

constexpr absl::string_view kCut = "...";

// MariaDB stores `?` for what is not UTF-8, and the plan would never converge.
void FindOtherCharsets(absl::string_view text, cfg::Errors* errors) {
  size_t line_begin = 0;
  int line = 1;
  while (line_begin < text.size()) {
    const size_t newline = std::min(text.find('\n', line_begin), text.size());
    const absl::string_view here =
        text.substr(line_begin, newline - line_begin);
    if (const size_t valid = Utf8Prefix(here); valid < here.size()) {
      errors->Add(
          {line, static_cast<int>(valid) + 1},
          absl::StrFormat("byte 0x%02x is not UTF-8, in which Slurm keeps its "
                          "texts; if the file is Latin-1: iconv -f ISO-8859-1 "
                          "-t UTF-8 OLD.cfg > NEW.cfg",
                          static_cast<unsigned char>(here[valid])));
    }
    line_begin = newline + 1;
    ++line;
  }
}

// What is shown of `line`, with the caret: all of it, or a window of it.
void Show(absl::string_view line, ParseError* error) {
  size_t at = std::min(static_cast<size_t>(error->column) - 1, line.size());
  if (line.size() <= kMaxShownLine) {
    error->text = std::string(line);
    error->caret = at;
    return;
  }
  const auto is_inside = [&](size_t i) {  // A character of several bytes.
    return i < line.size() &&
           (static_cast<unsigned char>(line[i]) & 0xc0) == 0x80;
  };
  size_t begin = at - std::min(at, kMaxShownLine / 2);
  size_t end = std::min(begin + kMaxShownLine, line.size());
  begin = end - kMaxShownLine;
  for (int i = 0; i < 3 && begin > 0 && is_inside(begin); ++i) --begin;
  for (int i = 0; i < 3 && is_inside(end); ++i) ++end;
  const absl::string_view before = begin > 0 ? kCut : "";
  error->text = absl::StrCat(before, line.substr(begin, end - begin),
                             end < line.size() ? kCut : "");
  error->caret = before.size() + at - begin;
}

// Each with its line's text. They are sorted by place.
void Finish(absl::string_view text, std::vector<ParseError>* errors) {
  if (absl::StartsWith(text, "\xef\xbb\xbf")) text.remove_prefix(3);
  int line = 1;
  absl::string_view here;
  int of_line = 0;  // `here` is this line.
  for (ParseError& error : *errors) {
    for (; line < error.line; ++line) {
      const size_t newline = text.find('\n');
      text.remove_prefix(std::min(newline, text.size() - 1) + 1);
    }
    if (of_line != line) {
      here = text.substr(0, text.find('\n'));
      if (absl::EndsWith(here, "\r")) here.remove_suffix(1);
      of_line = line;
    }
    Show(here, &error);
  }
}

// How many there are if all are as long as the first ones.
size_t AboutLines(absl::string_view text) {
  const absl::string_view some = text.substr(0, 1 << 16);
  const auto lines =
      static_cast<size_t>(std::count(some.begin(), some.end(), '\n'));
  return some.empty() ? 0 : lines * (text.size() / some.size() + 1);
}

}  // namespace

bool WasDumped(absl::string_view text) {
  absl::ConsumePrefix(&text, cfg::kByteOrderMark);
  while (absl::StartsWith(text, "\n") || absl::StartsWith(text, "\r\n")) {
    text.remove_prefix(text.find('\n') + 1);
  }
  absl::ConsumePrefix(&text, cfg::kClientPrefix);
  if (absl::StartsWith(text, cfg::kDumpHeader)) return true;
  return absl::ConsumePrefix(&text, cfg::kHeaderMark) &&
         !absl::StartsWith(text, cfg::kTitleByHand);
}

bool IsByHand(absl::string_view text, const ParseOptions& options) {
  return options.origin == Origin::kFile &&
         (options.written == Written::kByHand ||
          (options.written == Written::kTell && !WasDumped(text)));
}

ParseResult Parse(absl::string_view text, const ParseOptions& options) {
  cfg::Errors errors(options.files);
  const bool by_hand = IsByHand(text, options);
  // A line brings one name, and none is shorter than `User - 'u1'`. No site has
  // more than these, and a text that looks like it must not cost the memory.
  constexpr size_t kMostExpected = size_t{1} << 22;
  const size_t about =
      std::min({AboutLines(text), text.size() / 12, kMostExpected});
  Name::Expect(about);
  if (by_hand) FindOtherCharsets(text, &errors);
  cfg::Lexer lexer(text, options.origin, by_hand, &errors);
  cfg::Builder builder({.origin = options.origin,
                        .fold_users = options.fold_users,
                        .by_hand = by_hand},
                       &lexer, &errors);
  builder.Expect(about);
  if (options.origin == Origin::kFile && !by_hand) {
    if (options.keep != nullptr) options.keep->Expect(about);
    builder.Use(options.keep, options.recall);
  }
  cfg::LexedLine line;
  const auto next = [&] {
    while (builder.AddKnown()) continue;
    return lexer.Next(&line);
  };
  while (next()) builder.Add(line);
  builder.Finish();
  ParseResult result;
  result.tree = cfg::Assemble(builder.TakeDrafts(),
                              {.infer_default = options.origin == Origin::kFile,
                               .by_hand = by_hand,
                               .part = IsPart(text)},
                              &errors);
  if (lexer.has_header() && !lexer.has_trailer()) {
    const auto lines = std::count(text.begin(), text.end(), '\n');
    errors.Add({static_cast<int>(lines) + 1, 1},
               "the mark of the file's end (# assocsync:end) is missing: the "
               "file was cut short; read it again from where it came from");
  }
  result.errors = errors.TakeErrors();
  result.notes = errors.TakeNotes();
  Finish(text, &result.errors);
  Finish(text, &result.notes);
  return result;
}

std::string FormatErrors(absl::string_view name,
                         const std::vector<ParseError>& errors,
                         const TextFiles* files) {
  std::string out;
  for (const ParseError& error : errors) {
    const TextFiles::Line at = cfg::FilesOrNone(files).Of(name, error.line);
    absl::StrAppend(&out, at.name, ":", at.line, ":", error.column, ": ",
                    error.message, "\n");
    if (error.text.empty()) continue;
    // The line is escaped where it is shown, and the caret stands under what is
    // seen then.
    const std::string before = Escaped(error.text.substr(0, error.caret));
    absl::StrAppend(&out, "  ", error.text, "\n  ",
                    std::string(Columns(before), ' '), "^\n");
  }
  return out;
}

absl::StatusOr<Tree> ParseTree(absl::string_view name, absl::string_view text,
                               const ParseOptions& options,
                               std::vector<ParseError>* notes) {
  ParseResult result = Parse(text, options);
  if (notes != nullptr) *notes = std::move(result.notes);
  if (!result.errors.empty()) {
    return absl::InvalidArgumentError(
        FormatErrors(name, result.errors, options.files));
  }
  return std::move(result.tree);
}

}  // namespace assocsync
