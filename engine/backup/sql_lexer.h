// The words of an SQL dump, as every server that it was made for reads them
// under the SQL modes that sql_reader.h lets through. Pure.
#ifndef ASSOCSYNC_ENGINE_BACKUP_SQL_LEXER_H_
#define ASSOCSYNC_ENGINE_BACKUP_SQL_LEXER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace assocsync {

struct SqlToken {
  enum class Kind {
    kWord,    // A keyword, or a name without quotes; numbers too.
    kName,    // `between backticks`
    kString,  // 'between' "quotes"
    kSymbol,  // One character.
    kEnd,     // The delimiter: the end of a statement.
  } kind = Kind::kEnd;
  std::string text;  // Without quotes and escapes.
  uint64_t at = 0;   // Its first byte, counted from that of the whole text.

  // A word in any case, or a symbol.
  bool Is(absl::string_view word) const;
  // "'LOAD'", "a string", "the end of the statement": for messages.
  std::string ToString() const;
};

// What one step of reading came to. kNeedMore: the text at hand ends before it
// is certain what it is; nothing was consumed that matters.
enum class SqlStep { kDone, kNeedMore };

// What is at hand of a text that comes in pieces, and how far it was read.
struct SqlText {
  absl::string_view text;
  uint64_t origin;  // The place of text[0] in the whole text.
  bool final;       // No more will come.
  size_t at = 0;    // What comes next.

  bool ended() const { return at == text.size(); }
  absl::string_view rest() const { return text.substr(at); }
  uint64_t place() const { return origin + at; }
};

// Decodes the string literal whose opening quote comes next, and moves behind
// the closing one. `value` points into the text, or, where there are escapes,
// to what was appended to `scratch` for it: as long as that does not grow
// beyond its capacity. The escapes are those of MySQL and MariaDB: \0 \b \n \r
// \t \Z and doubled quotes, \% and \_ stay as they are, and any other character
// stands for itself.
SqlStep ReadSqlString(SqlText* in, std::string* scratch,
                      absl::string_view* value);

// Splits a text that comes in pieces; the tokens do not depend on where it is
// cut. Comments are passed over. The code in comments that only some servers
// run (/*!40101 ... */) is part of the text when every server of today runs it
// (up to version 50699), or in a comment of MySQL's 80000 or MariaDB's 100616,
// which dump programs put around what no value depends on; the opener of
// MariaDB's sandbox mode is a comment. Any other version is refused: servers
// would disagree on what the text says.
class SqlLexer {
 public:
  // Told the text of each line comment, without its opener.
  using LineComment = absl::FunctionRef<void(absl::string_view)>;

  // The next token; moves behind it. At the end of a final text: a kEnd token
  // with no text. kFailedPrecondition: a comment as above. kDataLoss: the text
  // ends inside a comment or quotes.
  absl::StatusOr<SqlStep> Next(SqlText* in, LineComment line_comment,
                               SqlToken* token);

  // Of the client command DELIMITER. Never empty.
  void SetDelimiter(absl::string_view delimiter);
  bool own_delimiter() const { return delimiter_ != ";"; }
  // Inside of code that stands in a comment.
  bool in_comment() const { return executable_; }

 private:
  absl::StatusOr<SqlStep> SkipBlanks(SqlText* in, LineComment line_comment);
  // Moves behind the comment that opens here; kDone on the spot where none
  // does.
  absl::StatusOr<SqlStep> SkipComment(SqlText* in, LineComment line_comment);
  absl::StatusOr<SqlStep> OpenExecutable(SqlText* in);

  std::string delimiter_ = ";";
  bool executable_ = false;
};

// "byte 1234 of the SQL text: what", kFailedPrecondition.
absl::Status SqlRefused(uint64_t at, absl::string_view what);

// "the SQL text ends in the middle of a comment", kDataLoss.
absl::Status SqlEndsInside(absl::string_view what);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_SQL_LEXER_H_
