// From the values of a dump to statements of assocsync's own.
#ifndef ASSOCSYNC_ENGINE_BACKUP_LOAD_WRITER_H_
#define ASSOCSYNC_ENGINE_BACKUP_LOAD_WRITER_H_

#include <cstddef>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "engine/backup/sql_reader.h"
#include "engine/io/database.h"

namespace assocsync {

// OK where the text says in which charset these rows are. kFailedPrecondition.
absl::Status CharsetIsSaid(const SqlRows& rows);

// Sends what it is told to `database`, a connection whose default database is
// the one to fill. Call Start first and Finish last.
class LoadWriter : public SqlVisitor {
 public:
  struct Options {
    bool leave_out_others = false;
    bool newer_release = false;
    std::string uses = {};  // The only database that the dump may choose.
  };
  LoadWriter(Database* database, const Options& options)
      : database_(*database), options_(options) {}

  absl::Status Start();
  absl::Status Finish() { return Flush(); }
  const absl::btree_set<std::string>& left_out() const { return left_out_; }

  absl::Status OnTable(const SqlRows& at, const SqlTable& table) override;
  absl::Status OnUnreadableTable(absl::string_view table,
                                 const absl::Status& why) override;
  absl::Status OnRow(const SqlRows& rows,
                     absl::Span<const SqlValue> values) override;
  absl::Status OnObject(const SqlObject& object) override;
  absl::Status OnDatabase(absl::string_view database) override;

 private:
  // Whether to pass over the table; kFailedPrecondition: refused.
  absl::StatusOr<bool> LeaveOut(absl::string_view table);
  absl::Status Pass(const std::string& what);
  // From here on rows are those of `rows`.
  absl::Status Begin(const SqlRows& rows);
  // Charset and time zone of the session become those of `rows`.
  absl::Status Adopt(const SqlRows& rows);
  absl::Status Flush();

  Database& database_;
  Options options_;
  size_t max_statement_ = 0, max_packet_ = 0;
  std::string charset_, time_zone_, own_time_zone_;
  SqlRows of_;           // Those of the statement at hand.
  bool passed_ = false;  // They are left out.
  std::string head_;     // "INSERT INTO `t` VALUES "
  std::string sql_;      // The statement at hand; empty: none.
  std::string row_;
  absl::btree_set<std::string> left_out_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_LOAD_WRITER_H_
