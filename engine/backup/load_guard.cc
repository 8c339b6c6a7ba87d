// The lexer half: tokens outside of comments, inside those that servers run.
#include "engine/backup/load_guard.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"

namespace assocsync {
namespace {

// Comments for servers up to this version are code to every server of today.
constexpr int kSurelyRun = 50699;
// Comments for servers from this version on are comments to all.
constexpr int kNeverRun = 999999;
constexpr size_t kMaxText = 300;

bool IsWord(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

absl::Status LoadGuard::Feed(absl::string_view bytes) {
  for (size_t i = 0; i < bytes.size() && status_.ok(); ++i) {
    if (bytes[i] == '\n') ++line_;
    Byte(bytes[i]);
  }
  return status_;
}

absl::Status LoadGuard::Finish() {
  if (in_ != In::kLineComment) Byte('\n');
  const bool between = in_ == In::kText || in_ == In::kLineComment;
  if (status_.ok() &&
      (!between || judged_ || executable_ || !tokens_.empty())) {
    status_ = absl::DataLossError("the SQL text ends inside a statement");
  }
  return status_;
}

void LoadGuard::Byte(char c) {
  switch (in_) {
    case In::kText:
      Text(c);
      return;
    case In::kDash:
      if (c == '-') {
        in_ = In::kDashes;
        return;
      }
      in_ = In::kText;
      Symbol('-');
      Text(c);
      return;
    case In::kDashes:
      if (absl::ascii_isspace(c) || absl::ascii_iscntrl(c)) {
        in_ = c == '\n' ? In::kText : In::kLineComment;
        return;
      }
      in_ = In::kText;
      Symbol('-');
      Symbol('-');
      Text(c);
      return;
    case In::kSlash:
      if (c == '*') {
        if (executable_) Refuse("comments inside comments are not understood");
        in_ = In::kSlashStar;
        return;
      }
      in_ = In::kText;
      Symbol('/');
      Text(c);
      return;
    case In::kSlashStar:
    case In::kSlashStarM:
      if (c == '!') {
        in_ = In::kVersion;
      } else if (c == 'M' && in_ == In::kSlashStar) {
        in_ = In::kSlashStarM;
      } else {
        in_ = c == '*' ? In::kCommentStar : In::kComment;
      }
      return;
    case In::kVersion:
      if (absl::ascii_isdigit(c) && word_.size() < 6) {
        word_.push_back(c);
        return;
      }
      BeginExecutable();
      Byte(c);
      return;
    case In::kComment:
      if (c == '*') in_ = In::kCommentStar;
      return;
    case In::kCommentStar:
      if (c != '*') in_ = c == '/' ? In::kText : In::kComment;
      return;
    case In::kStar:
      in_ = In::kText;
      if (c == '/') {
        EndExecutable();
      } else {
        Symbol('*');
        Text(c);
      }
      return;
    case In::kLineComment:
      if (c == '\n') in_ = In::kText;
      return;
    case In::kString:
    case In::kName:
      if (c == quote_) {
        Add(in_ == In::kName ? Token::Kind::kName : Token::Kind::kString,
            word_);
        word_.clear();
        in_ = In::kText;
      } else if (c == '\\' && in_ == In::kString) {
        in_ = In::kEscape;
      } else if (!judged_ && word_.size() < kMaxText) {
        word_.push_back(c);
      }
      return;
    case In::kEscape:
      in_ = In::kString;
      return;
  }
}

void LoadGuard::Text(char c) {
  if (IsWord(c)) {
    if (!judged_ || must_end_) {
      if (word_.size() < kMaxText) word_.push_back(c);
    }
    return;
  }
  EndWord();
  switch (c) {
    case '\'':
    case '"':
    case '`':
      quote_ = c;
      in_ = c == '`' ? In::kName : In::kString;
      return;
    case '-':
      in_ = In::kDash;
      return;
    case '/':
      in_ = In::kSlash;
      return;
    case '#':
      in_ = In::kLineComment;
      return;
    case '*':
      if (executable_) {
        in_ = In::kStar;
        return;
      }
      break;
    case ';':
      EndStatement();
      return;
    default:
      if (absl::ascii_isspace(c)) return;
      break;
  }
  Symbol(c);
}

void LoadGuard::Symbol(char c) {
  Add(Token::Kind::kSymbol, absl::string_view(&c, 1));
}

void LoadGuard::EndWord() {
  if (word_.empty()) return;
  Add(Token::Kind::kWord, word_);
  word_.clear();
}

void LoadGuard::BeginExecutable() {
  int version = 0;
  if (!word_.empty() && !absl::SimpleAtoi(word_, &version)) version = kNeverRun;
  word_.clear();
  if (version >= kNeverRun) {
    in_ = In::kComment;
    return;
  }
  executable_ = true;
  sure_ = version <= kSurelyRun;
  in_ = In::kText;
}

void LoadGuard::EndExecutable() {
  // A server that skips this comment would begin the statement behind it.
  if (!sure_ && !began_sure_ && (judged_ || !tokens_.empty())) {
    must_end_ = true;
  }
  executable_ = false;
  sure_ = true;
}

void LoadGuard::Add(Token::Kind kind, absl::string_view text) {
  if (judged_ && !must_end_) return;
  if (must_end_) {
    Refuse("what it means depends on the server's version");
    return;
  }
  Token token{kind, std::string(text), sure_};
  if (kind == Token::Kind::kWord) absl::AsciiStrToUpper(&token.text);
  if (tokens_.empty()) began_sure_ = sure_;
  tokens_.push_back(std::move(token));
  Judge(/*whole=*/false);
}

void LoadGuard::EndStatement() {
  if (executable_) {
    Refuse("a trigger or routine, which a Slurm database does not have");
    return;
  }
  if (!judged_ && !tokens_.empty()) Judge(/*whole=*/true);
  judged_ = false;
  must_end_ = false;
  if (status_.ok()) tokens_.clear();
}

}  // namespace assocsync
