#include "engine/cfg/parse.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cfg/builder.h"
#include "engine/cfg/drafts.h"
#include "engine/cfg/errors.h"
#include "engine/cfg/lexer.h"

namespace assocsync {
namespace {

// Nothing in a file of Slurm has a NUL; programs written in C read up to it.
void FindNuls(absl::string_view text, cfg::Errors* errors) {
  size_t nul = text.find('\0');
  int line = 1;
  size_t line_begin = 0;
  while (nul != absl::string_view::npos) {
    for (size_t at = line_begin; at < nul; ++at) {
      if (text[at] != '\n') continue;
      ++line;
      line_begin = at + 1;
    }
    errors->Add({line, static_cast<int>(nul - line_begin) + 1},
                "there is a NUL byte; remove it");
    const size_t newline = text.find('\n', nul);  // One error for each line.
    if (newline == absl::string_view::npos) return;
    line_begin = newline + 1;
    ++line;
    nul = text.find('\0', line_begin);
  }
}

// By place, each with the text of its line.
void Finish(absl::string_view text, std::vector<ParseError>* errors) {
  std::stable_sort(errors->begin(), errors->end(),
                   [](const ParseError& a, const ParseError& b) {
                     return a.line != b.line ? a.line < b.line
                                             : a.column < b.column;
                   });
  if (absl::StartsWith(text, "\xef\xbb\xbf")) text.remove_prefix(3);
  int line = 1;
  for (ParseError& error : *errors) {
    for (; line < error.line; ++line) {
      const size_t newline = text.find('\n');
      text.remove_prefix(std::min(newline, text.size() - 1) + 1);
    }
    error.text = std::string(text.substr(0, text.find('\n')));
    if (!error.text.empty() && error.text.back() == '\r') {
      error.text.pop_back();
    }
  }
}

}  // namespace

ParseResult Parse(absl::string_view text, const ParseOptions& options) {
  cfg::Errors errors;
  FindNuls(text, &errors);
  cfg::Lexer lexer(text, options.origin, &errors);
  cfg::Builder builder(options.origin, options.fold_users, &lexer, &errors);
  cfg::LexedLine line;
  while (lexer.Next(&line)) builder.Add(line);
  builder.Finish();
  ParseResult result;
  result.tree = cfg::Assemble(builder.TakeDrafts(),
                              options.origin == Origin::kFile, &errors);
  if (lexer.has_header() && !lexer.has_trailer()) {
    const int last =
        1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    errors.Add({last, 1},
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
                         const std::vector<ParseError>& errors) {
  std::string out;
  for (const ParseError& error : errors) {
    absl::StrAppend(&out, name, ":", error.line, ":", error.column, ": ",
                    error.message, "\n");
    if (error.text.empty()) continue;
    absl::StrAppend(&out, "  ", error.text, "\n  ");
    // One blank for each character, not byte, and tabs as they are: the caret
    // stands under its column on a terminal.
    const size_t before =
        std::min(static_cast<size_t>(error.column) - 1, error.text.size());
    for (const char c : absl::string_view(error.text).substr(0, before)) {
      if ((static_cast<unsigned char>(c) & 0xc0) == 0x80) continue;
      out += c == '\t' ? '\t' : ' ';
    }
    out += "^\n";
  }
  return out;
}

absl::StatusOr<Tree> ParseTree(absl::string_view name, absl::string_view text,
                               const ParseOptions& options) {
  ParseResult result = Parse(text, options);
  if (!result.errors.empty()) {
    return absl::InvalidArgumentError(FormatErrors(name, result.errors));
  }
  return std::move(result.tree);
}

}  // namespace assocsync
