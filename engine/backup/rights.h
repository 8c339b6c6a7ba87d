// Whether a login may do what is going to be asked of the server, found out
// before anybody is asked and anything is done.
#ifndef ASSOCSYNC_ENGINE_BACKUP_RIGHTS_H_
#define ASSOCSYNC_ENGINE_BACKUP_RIGHTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "engine/io/database.h"

namespace assocsync {

// Whether the login may make, fill, read and drop tables in each of
// `databases`, which need not exist, and move them from each to the next. Tried
// with a RENAME of tables that are not there, which changes nothing: servers
// look at the rights first (CREATE and INSERT there, ALTER and DROP here; seen
// on MariaDB 10.11). What SHOW GRANTS prints would have to be understood:
// roles, patterns, and what a table inherits. kPermissionDenied in the server's
// words, which name the right that is missing; a server that was lost.
absl::Status MayMoveTables(Database& server,
                           absl::Span<const std::string> databases);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_RIGHTS_H_
