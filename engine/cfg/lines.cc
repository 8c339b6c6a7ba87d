// The lexer's lower half: physical lines, joints, places, the end of a line.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/input_limits.h"
#include "engine/cfg/lexer.h"
#include "engine/cfg/marks.h"

namespace assocsync::cfg {

Lexer::Lexer(absl::string_view text, Origin origin, bool by_hand,
             Errors* errors)
    : rest_(text), origin_(origin), by_hand_(by_hand), errors_(errors) {
  absl::ConsumePrefix(&rest_, kByteOrderMark);
}

bool Lexer::TakePhysicalLine(absl::string_view* line) {
  if (rest_.empty()) return false;
  const size_t newline = std::min(rest_.find('\n'), rest_.size());
  // Nothing in a file of Slurm has one; programs written in C read up to it.
  const size_t nul = rest_.substr(0, newline).find('\0');
  if (nul != absl::string_view::npos) {
    errors_->Add({next_line_, static_cast<int>(nul) + 1},
                 "there is a NUL byte; remove it");
  }
  if (newline == rest_.size()) {
    const Place end = {next_line_, static_cast<int>(rest_.size()) + 1};
    if (!by_hand_) {
      errors_->Add(end,
                   "the last line has no newline: the file was cut short; "
                   "read it again from where it came from");
      rest_ = {};
      return false;
    }
    errors_->Note(end, "the last line has no newline; is the file whole?",
                  ParseError::About::kAssumed);
  }
  *line = rest_.substr(0, newline);
  physical_ = newline < rest_.size() ? rest_.substr(0, newline + 1) : "";
  rest_.remove_prefix(std::min(newline + 1, rest_.size()));
  if (origin_ == Origin::kFile && absl::EndsWith(*line, "\r")) {
    line->remove_suffix(1);
  }
  ++next_line_;
  if (line->size() > kMaxLine) {
    TooLong();
    *line = {};
  }
  return true;
}

// It is read as if it were not there.
void Lexer::TooLong() {
  errors_->Add({next_line_ - 1, 1},
               absl::StrCat("this line is longer than ", kMaxLine,
                            " bytes, with what it continues"));
}

void Lexer::Comment(absl::string_view line) {
  if (absl::StartsWith(line, kHeaderMark)) has_header_ = true;
  if (absl::StripTrailingAsciiWhitespace(line) == kTrailerMark) {
    has_trailer_ = true;
  }
}

void Lexer::Begin(absl::string_view line) {
  text_ = line;
  pos_ = 0;
  joints_.clear();
  joints_.push_back({0, next_line_ - 1});
  FindContinuation();
}

// A line continues where it ends in an odd number of backslashes, blanks aside;
// whether that end is outside of quotes shows when it is reached.
void Lexer::FindContinuation() {
  stop_ = text_.size();
  continues_ = false;
  if (origin_ == Origin::kDump) return;
  size_t end = text_.size();
  while (end > joints_.back().offset && IsBlank(text_[end - 1])) --end;
  size_t backslashes = 0;
  while (end > joints_.back().offset + backslashes &&
         text_[end - backslashes - 1] == '\\') {
    ++backslashes;
  }
  if (backslashes % 2 == 1) {
    stop_ = end - 1;
    continues_ = true;
  }
}

// Puts the next physical line in the place of the backslash at stop_.
bool Lexer::Join() {
  absl::string_view next;
  if (!TakePhysicalLine(&next)) {
    continues_ = false;
    return false;
  }
  if (stop_ + next.size() > kMaxLine) {
    TooLong();
    continues_ = false;
    return false;
  }
  if (joints_.size() == 1) joined_.emplace_back(text_);
  std::string& joined = joined_.back();
  joined.resize(stop_);
  absl::StrAppend(&joined, next);
  text_ = joined;
  joints_.push_back({stop_, next_line_ - 1});
  FindContinuation();
  return true;
}

Place Lexer::At(size_t offset) const {
  const auto after = std::upper_bound(
      joints_.begin() + 1, joints_.end(), offset,
      [](size_t at, const Joint& joint) { return at < joint.offset; });
  const Joint& joint = *std::prev(after);
  return {joint.line, static_cast<int>(offset - joint.offset) + 1};
}

void Lexer::Fail(size_t at, std::string message, Errors::Kind kind) {
  errors_->Add(At(at), std::move(message), kind);
}

void Lexer::SkipClientPrefix() {
  if (!by_hand_ || !absl::StartsWith(text_.substr(pos_), kClientPrefix)) return;
  if (!prefix_told_) {
    errors_->Note(At(pos_),
                  "lines begin with `sacctmgr: `, as sacctmgr prints them on a "
                  "terminal; read without it (sacctmgr dump CLUSTER file=NAME "
                  "writes a file)",
                  ParseError::About::kAssumed);
    prefix_told_ = true;
  }
  pos_ += kClientPrefix.size();
}

void Lexer::SkipBlanks() {
  while (!AtEnd() && IsBlank(text_[pos_])) ++pos_;
}

bool Lexer::IsCommentMark(size_t at) const {
  if (origin_ == Origin::kDump) return false;
  size_t backslashes = 0;
  while (backslashes < at && text_[at - backslashes - 1] == '\\') {
    ++backslashes;
  }
  return backslashes % 2 == 0;
}

}  // namespace assocsync::cfg
