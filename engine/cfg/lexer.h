// Bytes -> logical lines -> an object, its name and its options, each with its
// place. Knows quotes, comments, continuations and where a colon separates;
// knows nothing of what an option means beyond that.
//
//   OBJECT - 'name'[:option=value]...
//
// A value that begins with a quote is quoted. Inside quotes everything is text,
// and the quote closes only before a colon or at the end of the line, so that
// 'it's' is a text with a quote in it, as dump may write it. The one escape is
// `\#`, which sacctmgr load needs for a `#`. Outside of quotes a `#` begins a
// comment and a backslash at the end of a line joins the next line to it.
// What dump wrote itself (Origin::kDump) has neither escapes nor comments
// beside the lines that begin with `#`.
#ifndef ASSOCSYNC_ENGINE_CFG_LEXER_H_
#define ASSOCSYNC_ENGINE_CFG_LEXER_H_

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/cfg/errors.h"
#include "engine/cfg/words.h"
#include "engine/model/value.h"

namespace assocsync::cfg {

inline bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// A part of a logical line.
struct Piece {
  size_t begin = 0, end = 0;
};

struct LexedOption {
  Piece word, value;  // The value without its quotes, escapes untouched.
  const Word* meaning = nullptr;
  bool quoted = false;
};

struct LexedLine {
  absl::string_view text;  // The logical line; stays good as long as the lexer.
  Object object = Object::kUnknown;
  bool has_name = false;  // False after an error that swallowed the name.
  Piece name;
  std::vector<LexedOption> options;  // Those before the first error.

  void Clear() {
    text = {};
    object = Object::kUnknown;
    has_name = false;
    options.clear();
  }
  absl::string_view View(Piece piece) const {
    return text.substr(piece.begin, piece.end - piece.begin);
  }
};

class Lexer {
 public:
  // `text` must outlive this, and so must `errors`. `by_hand`: what only people
  // write is a note (ParseOptions).
  Lexer(absl::string_view text, Origin origin, bool by_hand, Errors* errors);

  // The next line that holds an object; false at the end of the text. Faults go
  // to `errors`; a line of which no object can be told is not returned.
  bool Next(LexedLine* line);

  // Of the line that Next gave last.
  int line() const { return joints_[0].line; }
  Place At(size_t offset) const;

  // What Next takes from, and the number of its first line.
  absl::string_view rest() const { return rest_; }
  uint32_t next_line() const { return static_cast<uint32_t>(next_line_); }
  // Its first line, of so many bytes with the newline, is not to be read.
  void SkipLine(size_t size) {
    rest_.remove_prefix(size);
    ++next_line_;
  }
  // The line that Next gave last as it stands in the text, with its newline;
  // empty: it is several, or has none.
  absl::string_view whole_line() const {
    return joints_.size() == 1 ? physical_ : absl::string_view();
  }

  // The comment behind the line that Next gave last, from its `#` on; empty:
  // there is none.
  absl::string_view TrailingComment() const {
    return pos_ < text_.size() && text_[pos_] == '#' ? text_.substr(pos_)
                                                     : absl::string_view();
  }
  // From now on, comments that stand on a line of their own are added there,
  // without the blanks before them. Not owned.
  void KeepComments(std::vector<absl::string_view>* comments) {
    comments_ = comments;
  }

  // True when the text carries the mark of the canonical format, and when the
  // mark of its end came too. Between them the file is whole.
  bool has_header() const { return has_header_; }
  bool has_trailer() const { return has_trailer_; }

 private:
  // Where a physical line begins in the logical one.
  struct Joint {
    size_t offset;
    int line;
  };

  // An option's word with its `=`, as it stood in an earlier line.
  struct Before {
    absl::string_view text;
    const Word* meaning = nullptr;
  };

  bool TakePhysicalLine(absl::string_view* line);
  void Comment(absl::string_view line);
  void Begin(absl::string_view line);
  bool Join();
  void TooLong();
  void FindContinuation();

  void Fail(size_t at, std::string message,
            Errors::Kind kind = Errors::Kind::current());
  void SkipBlanks();
  void SkipClientPrefix();
  // Joins the next line when this one is used up and continues.
  bool AtEnd() {
    while (pos_ >= stop_) {
      if (!continues_ || !Join()) return true;
    }
    return false;
  }
  // A `#` outside of quotes with an even number of backslashes before it.
  bool AtComment(size_t at) const {
    return text_[at] == '#' && IsCommentMark(at);
  }
  bool IsCommentMark(size_t at) const;
  // To the end, or to the next byte that may mean something outside of quotes.
  void SkipPlain();
  bool ReadObject(LexedLine* out);
  bool ReadName(LexedLine* out);
  bool TakeWordOfBefore(size_t index, LexedOption* option);
  bool ReadWord(LexedLine* out, LexedOption* option);
  bool ReadOption(LexedLine* out);
  bool ReadValue(const Word* meaning, Piece* value, bool* quoted);
  bool ReadQuoted(Piece* value);
  bool Closes(size_t quote);
  bool ReadBare(const Word* meaning, Piece* value);
  bool IsTypedTres(size_t begin, size_t colon);
  const Word& Meaning(absl::string_view word);

  absl::string_view rest_;      // Not yet taken.
  absl::string_view physical_;  // Taken last, if it ends in a newline.
  const Origin origin_;
  const bool by_hand_;
  Errors* const errors_;
  Words words_;
  std::vector<Before> before_;  // By the option's place in its line.
  int next_line_ = 1;
  bool has_header_ = false, has_trailer_ = false;
  bool prefix_told_ = false;
  std::vector<absl::string_view>* comments_ = nullptr;

  absl::string_view text_;  // The logical line so far.
  Object object_ = Object::kUnknown;
  size_t pos_ = 0;                  // In text_.
  size_t stop_ = 0;                 // Its end, or its continuation backslash.
  bool continues_ = false;          // That backslash is there.
  std::vector<Joint> joints_;       // At least one.
  std::deque<std::string> joined_;  // Lines made of several: views stay good.
};

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_LEXER_H_
