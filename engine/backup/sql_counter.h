// For those who want the facts of a dump and not its values.
#ifndef ASSOCSYNC_ENGINE_BACKUP_SQL_COUNTER_H_
#define ASSOCSYNC_ENGINE_BACKUP_SQL_COUNTER_H_

#include <string>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/backup/sql_reader.h"

namespace assocsync {

// The value of `column` in a row of these `columns`; empty for NULL, and where
// there is none.
inline absl::string_view ValueOf(absl::Span<const std::string> columns,
                                 absl::Span<const SqlValue> values,
                                 absl::string_view column) {
  for (size_t i = 0; i < columns.size() && i < values.size(); ++i) {
    if (columns[i] == column) return values[i].text;
  }
  return "";
}

// Lets SqlReader count, and keeps what of the dump cannot be restored: it was
// seen, and named, when the dump was taken.
class SqlCounter : public SqlVisitor {
 public:
  // "view v", "table zz (why)"; sorted.
  const absl::btree_set<std::string>& not_restorable() const {
    return not_restorable_;
  }

  absl::Status OnTable(const SqlRows&, const SqlTable&) override {
    return absl::OkStatus();
  }
  absl::Status OnUnreadableTable(absl::string_view table,
                                 const absl::Status& why) override {
    not_restorable_.insert(
        absl::StrCat("table ", table, " (", why.message(), ")"));
    return absl::OkStatus();
  }
  absl::Status OnRow(const SqlRows&, absl::Span<const SqlValue>) override {
    return absl::OkStatus();
  }
  absl::Status OnObject(const SqlObject& object) override {
    not_restorable_.insert(object.ToString());
    return absl::OkStatus();
  }
  absl::Status OnDatabase(absl::string_view) override {
    return absl::OkStatus();
  }

 private:
  absl::btree_set<std::string> not_restorable_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_SQL_COUNTER_H_
