// Transactions as lines of text and as JSON (schema:
// engine/render/log.schema.json), one after the other: a log may be long.
#ifndef ASSOCSYNC_ENGINE_RENDER_LOG_H_
#define ASSOCSYNC_ENGINE_RENDER_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/log/transaction.h"

namespace assocsync {

inline constexpr int kLogFormatVersion = 1;

struct LogTextOptions {
  bool color = false;
  bool verbose = false;  // All objects of a transaction, and what Slurm wrote.
  absl::TimeZone zone;
  size_t actor_width = 0;  // See ActorWidth.
};

// Columns that the names of these actors need, within reason.
size_t ActorWidth(const std::vector<std::string>& actors);

// One line with its newline:
// "2026-11-24 08:12:03 +01:00  root  delete  association hep/alice on lab".
// Names and values are untrusted: control characters are shown, not sent. What
// is not understood is shown as it stands in the table.
std::string LogLine(const Transaction& transaction,
                    const LogTextOptions& options);

// Slurm sometimes writes one deed down twice.
bool SameDeed(const Transaction& a, const Transaction& b);

// The document is LogJsonBegin, transactions with LogJsonEntry, LogJsonEnd.
// `oldest`: of the whole table. Times are UTC (RFC 3339). A text that is not
// UTF-8 becomes {"base64": "..."}.
std::string LogJsonBegin(std::optional<int64_t> oldest);
std::string LogJsonEntry(const Transaction& transaction, bool first);
std::string LogJsonEnd();

// "2026-11-24T07:12:03Z"
std::string UtcTime(int64_t unix_seconds);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_LOG_H_
