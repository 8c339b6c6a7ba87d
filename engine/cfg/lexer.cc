#include "engine/cfg/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"
#include "engine/cfg/marks.h"

namespace assocsync::cfg {
namespace {

constexpr size_t kNone = absl::string_view::npos;

bool IsQuote(char c) { return c == '\'' || c == '"'; }

size_t SkipBlanksBack(absl::string_view text, size_t end, size_t begin = 0) {
  while (end > begin && IsBlank(text[end - 1])) --end;
  return end;
}

// Most bytes of a file are none of these.
constexpr std::array<bool, 256> kMeansSomething = [] {
  std::array<bool, 256> table{};
  for (const unsigned char c : {'#', '\'', '"', ':', '='}) table[c] = true;
  return table;
}();

}  // namespace

void Lexer::SkipPlain() {
  while (pos_ < stop_ &&
         !kMeansSomething[static_cast<unsigned char>(text_[pos_])]) {
    ++pos_;
  }
}

bool Lexer::ReadObject(LexedLine* out) {
  const size_t begin = pos_;
  while (!AtEnd() && text_[pos_] != '-' && !IsQuote(text_[pos_]) &&
         text_[pos_] != ':' && !AtComment(pos_)) {
    ++pos_;
  }
  const absl::string_view word =
      text_.substr(begin, SkipBlanksBack(text_, pos_, begin) - begin);
  if (pos_ == stop_ || text_[pos_] != '-') {
    Fail(begin,
         "this line is no object; write Cluster, Parent, Account, User or QOS, "
         "then - 'name'");
    return false;
  }
  out->object = FindObject(word);
  if ((out->object == Object::kQos) != (object_ == Object::kQos)) {
    before_.clear();
  }
  object_ = out->object;
  if (out->object == Object::kUnknown) {
    Fail(begin, absl::StrCat("'", Shown(word),
                             "' is no object; write Cluster, Parent, Account, "
                             "User or QOS"));
    return false;
  }
  ++pos_;
  return true;
}

bool Lexer::ReadName(LexedLine* out) {
  SkipBlanks();
  bool quoted = false;
  const size_t begin = pos_;
  if (!ReadValue(nullptr, &out->name, &quoted)) return false;
  const absl::string_view name =
      text_.substr(out->name.begin, out->name.end - out->name.begin);
  if (name.empty()) {
    Fail(begin, "the name is empty");
    return false;
  }
  if (!quoted && absl::StrContains(name, '=')) {
    Fail(begin, absl::StrCat("there is no name before '", Shown(name),
                             "'; if this is the name, put it in quotes"));
    return false;
  }
  out->has_name = true;
  return true;
}

// The word and its `=`, where they are those that stand in that place of the
// line before, as on most lines.
bool Lexer::TakeWordOfBefore(size_t index, LexedOption* option) {
  if (index >= before_.size()) return false;
  const Before& before = before_[index];
  if (before.meaning == nullptr ||
      !absl::StartsWith(text_.substr(pos_, stop_ - pos_), before.text)) {
    return false;
  }
  option->word = {pos_, pos_ + before.text.size() - 1};
  option->meaning = before.meaning;
  pos_ += before.text.size();
  return true;
}

// At the byte after a colon. True, and no meaning: no option begins here; the
// value before it went on, or by hand there is nothing.
bool Lexer::ReadWord(LexedLine* out, LexedOption* option) {
  const size_t begin = pos_;
  for (SkipPlain();
       !AtEnd() && text_[pos_] != '=' && text_[pos_] != ':' && !AtComment(pos_);
       SkipPlain()) {
    ++pos_;
  }
  const Piece word = {begin, SkipBlanksBack(text_, pos_, begin)};
  const absl::string_view word_text =
      text_.substr(word.begin, word.end - word.begin);
  if (pos_ == stop_ || text_[pos_] != '=') {
    LexedOption* const last =
        out->options.empty() ? nullptr : &out->options.back();
    if (last != nullptr && !last->quoted && !word_text.empty() &&
        (last->meaning->is(Kind::kMinutes) ||
         last->meaning->is(Kind::kSeconds))) {
      last->value.end = word.end;  // 1-00:00:00
      return true;
    }
    if (word_text.empty()) {
      // Allocation managers end their lines so.
      if (by_hand_) return true;
      Fail(begin, "there is no option after this colon");
    } else {
      Fail(begin,
           absl::StrCat("'", Shown(word_text),
                        "' has no '='; if the colon before it belongs to a "
                        "value, put that value in quotes"));
    }
    return false;
  }
  if (word_text.empty()) {
    Fail(begin, "there is no option before this '='");
    return false;
  }
  ++pos_;
  option->word = word;
  option->meaning = &Meaning(word_text);
  const size_t index = out->options.size();
  if (option->meaning->found() && pos_ == word.end + 1 && joints_.size() == 1) {
    before_.resize(std::max(before_.size(), index + 1));
    before_[index] = {text_.substr(begin, pos_ - begin), option->meaning};
  }
  return true;
}

bool Lexer::ReadOption(LexedLine* out) {
  SkipBlanks();
  LexedOption option;
  if (!TakeWordOfBefore(out->options.size(), &option) &&
      !ReadWord(out, &option)) {
    return false;
  }
  if (option.meaning == nullptr) return true;
  SkipBlanks();
  if (!ReadValue(option.meaning, &option.value, &option.quoted)) return false;
  out->options.push_back(option);
  return true;
}

bool Lexer::ReadValue(const Word* meaning, Piece* value, bool* quoted) {
  if (AtEnd() || !IsQuote(text_[pos_])) return ReadBare(meaning, value);
  *quoted = true;
  return ReadQuoted(value);
}

// Whether the quote at `quote`, of the kind that opened, ends the text.
bool Lexer::Closes(size_t quote) {
  size_t at = quote + 1;
  if (at == text_.size()) return true;
  if (origin_ == Origin::kDump) {
    // Dump always writes a word and `=` after the colon: a text with `':` in
    // it, which only the REST interface can make, is told apart by that.
    if (text_[at] != ':') return false;
    const size_t word = ++at;
    while (at < text_.size() && absl::ascii_isalpha(text_[at])) ++at;
    return at > word && at < text_.size() && text_[at] == '=';
  }
  if (text_[at] == ':') return true;
  // People leave blanks, before an option, a comment or nothing.
  while (at < stop_ && IsBlank(text_[at])) ++at;
  if (at == stop_) return true;
  if (text_[at] == '#') return at > quote + 1;
  if (text_[at] != ':') return false;
  const size_t equals = text_.find_first_of("=:#'\"", at + 1);
  if (equals == kNone || text_[equals] != '=') return false;
  const Word& word = Meaning(
      absl::StripAsciiWhitespace(text_.substr(at + 1, equals - at - 1)));
  return word.found() || word.partition;
}

bool Lexer::ReadQuoted(Piece* value) {
  const size_t open = pos_;
  const char mark = text_[open];
  size_t at = open;
  do {
    at = text_.find(mark, at + 1);
  } while (at != kNone && !Closes(at));
  if (at == kNone) {
    Fail(open,
         "this quote never closes; a closing quote stands right before a "
         "colon or the end of the line");
    return false;
  }
  const size_t after = text_.find_first_not_of(" \t", at + 1);
  if (after != kNone && text_[after] == '#') {
    // Text may look like that as well: is there another end for it?
    for (size_t later = text_.find(mark, at + 1); later != kNone;
         later = text_.find(mark, later + 1)) {
      if (later + 1 < text_.size() && text_[later + 1] != ':') continue;
      Fail(at,
           "it cannot be told whether the text ends here; leave no blank "
           "after the closing quote, and put comments on lines of their own");
      return false;
    }
  }
  *value = {open + 1, at};
  pos_ = at + 1;
  SkipBlanks();
  return true;
}

bool Lexer::ReadBare(const Word* meaning, Piece* value) {
  const size_t begin = pos_;
  for (; SkipPlain(), !AtEnd(); ++pos_) {
    const char c = text_[pos_];
    if (AtComment(pos_)) {
      if (pos_ == begin || IsBlank(text_[pos_ - 1])) break;
      // No number or list holds one.
      if (by_hand_ && meaning != nullptr && meaning->found() &&
          !meaning->is(Kind::kText) && !meaning->is(Kind::kName)) {
        break;
      }
      Fail(pos_,
           "it cannot be told whether this # begins a comment; put the value "
           "in quotes if it holds the #, or else a blank before it");
      return false;
    }
    if (IsQuote(c)) {
      Fail(pos_,
           "there is a quote inside a value that does not begin with one; put "
           "the whole value in quotes");
      return false;
    }
    if (c == ':' && !(meaning != nullptr && meaning->is(Kind::kTres) &&
                      IsTypedTres(begin, pos_))) {
      break;
    }
  }
  *value = {begin, SkipBlanksBack(text_, pos_, begin)};
  return true;
}

// The colon of gres/gpu:a100=2: the item up to it has a slash and no colon.
bool Lexer::IsTypedTres(size_t begin, size_t colon) {
  const absl::string_view value = text_.substr(begin, colon - begin);
  const size_t item = value.find_last_of(",=:");
  if (item != kNone && value[item] == ':') return false;
  if (!absl::StrContains(value.substr(item == kNone ? 0 : item + 1), '/')) {
    return false;
  }
  if (origin_ == Origin::kDump) return true;
  // Not GrpTRES=gres/gpu:MaxJobs=4, where somebody forgot the count.
  const absl::string_view after = text_.substr(colon + 1);
  const absl::string_view type = after.substr(0, after.find_first_of("=:,"));
  return !Meaning(absl::StripAsciiWhitespace(type)).exact;
}

const Word& Lexer::Meaning(absl::string_view word) {
  return words_.Find(word, object_ == Object::kQos);
}

bool Lexer::Next(LexedLine* out) {
  absl::string_view line;
  while (TakePhysicalLine(&line)) {
    Begin(line);
    SkipBlanks();
    SkipClientPrefix();
    if (AtEnd()) continue;
    if (text_[pos_] == '#') {
      Comment(line);
      if (comments_ != nullptr) comments_->push_back(text_.substr(pos_));
      continue;
    }
    out->Clear();
    if (words_.Shrink()) before_.clear();
    if (!ReadObject(out)) continue;
    if (has_trailer_) {
      Fail(0, "this line stands behind the mark of the file's end; move it up");
    }
    if (ReadName(out)) {
      while (!AtEnd() && text_[pos_] == ':') {
        if (out->options.size() == kMaxOptions) {
          Fail(pos_, absl::StrCat("this line has more than ", kMaxOptions,
                                  " options; the rest is not read"));
          break;
        }
        ++pos_;
        if (!ReadOption(out)) break;
      }
    }
    out->text = text_;
    return true;
  }
  return false;
}

}  // namespace assocsync::cfg
