// What the SETs of a dump say about the text around them. Pure.
#ifndef ASSOCSYNC_ENGINE_BACKUP_SQL_SESSION_H_
#define ASSOCSYNC_ENGINE_BACKUP_SQL_SESSION_H_

#include <string>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "engine/backup/sql_lexer.h"

namespace assocsync {

// Follows the few variables that decide how a dump is to be read and what its
// values mean, through SET NAMES, SET variable = literal, and the user
// variables in which dump programs keep the old values. Every variable and
// every value is from a list; in no mode of the list does a quote or a
// backslash mean anything but what sql_lexer.h says, and in no charset of the
// list is one of these bytes a part of another character.
class SqlSession {
 public:
  // The tokens of a statement, from SET up to its end (not among them).
  // kFailedPrecondition: a variable or a value that is not in the list; SET
  // GLOBAL and what else reaches beyond the session.
  absl::Status Set(absl::Span<const SqlToken> tokens);

  // In which the literals are: "utf8mb3", "utf8mb4", "latin1" or "binary" (the
  // very bytes of each column). Empty: the text has not said it.
  const std::string& charset() const { return charset_; }
  // Of TIMESTAMP values: "+00:00". Empty: that of whoever made the dump.
  const std::string& time_zone() const { return time_zone_; }

 private:
  absl::Status Names(absl::Span<const SqlToken> tokens);
  absl::Status Assign(absl::Span<const SqlToken> tokens);
  // The variable `name` becomes `value`, both lower case.
  absl::Status Become(const SqlToken& at, const std::string& name,
                      const std::string& value);
  const std::string& Value(const std::string& name) const;

  std::string charset_, time_zone_;
  // User variables of the known names.
  absl::btree_map<std::string, std::string> kept_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_SQL_SESSION_H_
