// Lets an SQL dump through only as far as it stays within the database that it
// is loaded into. Pure.
#ifndef ASSOCSYNC_ENGINE_BACKUP_LOAD_GUARD_H_
#define ASSOCSYNC_ENGINE_BACKUP_LOAD_GUARD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace assocsync {

// A client program runs whatever a dump says, in whatever database the dump
// names. This knows the statements that dumps of one database are made of and
// refuses all others, and every one whose object is named with a database:
//
//   SET of session variables; DROP TABLE|VIEW [IF EXISTS] t; CREATE TABLE t
//   ...; INSERT INTO t ...; LOCK TABLES t WRITE; UNLOCK TABLES; ALTER TABLE t
//   DISABLE|ENABLE KEYS; CREATE ... VIEW v ...; COMMIT; START TRANSACTION
//
// Not USE and CREATE DATABASE (dumps made with --databases), not triggers,
// routines, events (slurmdbd has none), not DELIMITER.
class LoadGuard {
 public:
  // Feed each piece before it is passed on, and pass it on only when this is
  // OK: a refused statement is then never complete at the other end. Pieces may
  // be cut anywhere. kFailedPrecondition names line and statement; every later
  // call returns the same.
  absl::Status Feed(absl::string_view bytes);
  // Call once, last: kDataLoss when the text ends inside a statement.
  absl::Status Finish();

 private:
  enum class In {
    kText,
    kDash,         // -
    kDashes,       // --
    kSlash,        // /
    kSlashStar,    // /*
    kSlashStarM,   // /*M
    kVersion,      // the digits behind /*! or /*M!
    kComment,      // inside a comment
    kCommentStar,  // * inside a comment
    kStar,         // * inside an executable comment
    kLineComment,
    kString,
    kEscape,  // behind a backslash in a string
    kName,
  };
  struct Token {
    enum class Kind { kWord, kName, kString, kSymbol } kind;
    std::string text;  // Words in upper case.
    bool sure;  // Every server sees it: it is in no comment that only some run.
  };

  void Byte(char c);
  void Text(char c);
  void Symbol(char c);
  void EndWord();
  void BeginExecutable();
  void EndExecutable();
  void Add(Token::Kind kind, absl::string_view text);
  void EndStatement();
  // Judges what there is of a statement; `whole`: no more will come.
  void Judge(bool whole);
  void JudgeView();
  void JudgeSet();
  void Refuse(absl::string_view why);

  absl::Status status_;
  In in_ = In::kText;
  char quote_ = 0;
  std::string word_;           // The word, name, string or version being read.
  bool executable_ = false;    // Inside /*! ... */.
  bool sure_ = true;           // That comment is run by every server.
  bool judged_ = false;        // The statement at hand is known to be harmless.
  bool began_sure_ = true;     // Its first token was sure.
  bool must_end_ = false;      // And nothing may follow in it.
  std::vector<Token> tokens_;  // Of the statement at hand, until it is judged.
  size_t line_ = 1;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_LOAD_GUARD_H_
