// Reads the text of an SQL dump (mariadb-dump, mysqldump) as it streams by and
// says what is in it: which tables, how many rows of each, and whether it is
// whole. Pure: bytes in, facts out.
#ifndef ASSOCSYNC_ENGINE_BACKUP_SQL_SCANNER_H_
#define ASSOCSYNC_ENGINE_BACKUP_SQL_SCANNER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace assocsync {

struct DumpTable {
  bool created = false;  // has a CREATE TABLE
  uint64_t rows = 0;     // in all its INSERTs together
  friend bool operator==(const DumpTable&, const DumpTable&) = default;
};

struct DumpFacts {
  // By the database of the last USE statement (empty without one), and name.
  absl::btree_map<std::pair<std::string, std::string>, DumpTable> tables;
  std::string database;        // of the header comment; may be empty
  std::string server_version;  // of the header comment; may be empty
  // Local time of the host that made the dump, "2026-11-23 23:59:59"; empty
  // when the trailer does not say.
  std::string completed_on;
  uint64_t bytes = 0;
};

// Fed in pieces of any size; the facts do not depend on where they are cut. It
// knows quotes, escapes, comments, comments that MySQL executes (skipped: a
// dump keeps session settings and triggers in them) and DELIMITER.
class SqlScanner {
 public:
  void Feed(absl::string_view bytes);

  // Call once, last. kDataLoss when the text ends inside a statement, or when
  // its last line is not "-- Dump completed ...": both mean that the program
  // that made it did not get to its end.
  absl::StatusOr<DumpFacts> Finish();

 private:
  enum class In { kText, kLineComment, kComment, kString, kName };
  // What the statement at hand is, and how far.
  enum class Phase {
    kStart,       // before its first word
    kSkip,        // of no interest
    kCreate,      // CREATE
    kTableName,   // CREATE TABLE
    kUseName,     // USE
    kInsertName,  // INSERT INTO
    kInsertHead,  // between the table and VALUES
    kValues,      // VALUES
    kDelimiter,   // DELIMITER, up to the end of the line
  };

  // Each consumes some of `text` from `at` on and returns where it stopped; the
  // rest waits for the next piece, unless `final`.
  size_t Scan(absl::string_view text, bool final);
  size_t ScanText(absl::string_view text, size_t at, bool final);
  size_t ScanQuoted(absl::string_view text, size_t at);
  size_t ScanComment(absl::string_view text, size_t at, bool final);
  size_t ScanLineComment(absl::string_view text, size_t at);
  size_t ScanWord(absl::string_view text, size_t at, bool final);
  size_t ScanDelimiterLine(absl::string_view text, size_t at);
  // Length of the comment opener at `at` (its state entered), or 0.
  size_t OpenComment(absl::string_view rest);

  // What a statement that begins with `word` is.
  static Phase PhaseAfter(absl::string_view word);
  void OpenQuote(char quote);
  void OnWord(absl::string_view word);
  void OnName();
  void OnLineComment();
  void OnSignificant();  // something that is neither blank nor comment
  void EndStatement();
  bool WantsName() const;

  DumpFacts facts_;
  In in_ = In::kText;
  Phase phase_ = Phase::kStart;
  char quote_ = 0;            // that closes the string or name at hand
  bool escaped_ = false;      // the next byte of a string is taken as it is
  bool name_closed_ = false;  // a name ended, unless its quote is doubled
  bool executable_ = false;   // inside /*! ... */
  bool trailer_ = false;      // nothing came after "-- Dump completed"
  int depth_ = 0;             // of parentheses
  std::string delimiter_ = ";";
  std::string name_;      // the name, or the line comment, being read
  std::string database_;  // of USE
  std::string table_;     // of INSERT
  uint64_t rows_ = 0;     // of the INSERT at hand
  std::string carry_;     // bytes that wait for what follows them
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_SQL_SCANNER_H_
