#include "engine/restore/cluster_ids.h"

#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "engine/backup/sql_counter.h"
#include "engine/backup/sql_reader.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

using Ids = absl::btree_map<std::string, std::string>;

constexpr char kClusterTable[] = "cluster_table";

// Rows of cluster_table; says kOutOfRange when there can be no more.
class IdReader : public SqlCounter {
 public:
  const Ids& ids() const { return ids_; }

  absl::Status OnTable(const SqlRows&, const SqlTable& table) override {
    if (!columns_.empty()) return absl::OutOfRangeError("all is read");
    if (table.name != kClusterTable) return absl::OkStatus();
    for (const SqlColumn& column : table.columns) {
      columns_.push_back(column.name);
    }
    return absl::OkStatus();
  }

  absl::Status OnRow(const SqlRows& rows,
                     absl::Span<const SqlValue> values) override {
    if (rows.table != kClusterTable) return absl::OkStatus();
    const auto& columns = rows.columns.empty() ? columns_ : rows.columns;
    std::string name, id;
    bool deleted = false;
    for (size_t i = 0; i < columns.size() && i < values.size(); ++i) {
      if (values[i].kind == SqlValue::Kind::kNull) continue;
      if (columns[i] == "name") name = std::string(values[i].text);
      if (columns[i] == "id") id = std::string(values[i].text);
      if (columns[i] == "deleted") deleted = values[i].text != "0";
    }
    if (!deleted && !id.empty()) ids_[name] = id;
    return absl::OkStatus();
  }

 private:
  std::vector<std::string> columns_;
  Ids ids_;
};

absl::StatusOr<Ids> IdsInDump(const std::string& dir,
                              const Manifest& manifest) {
  IdReader found;
  SqlReader reader(&found);
  const absl::Status status = StreamSql(
      dir, manifest, [&](absl::string_view sql) { return reader.Feed(sql); });
  if (!status.ok() && !absl::IsOutOfRange(status)) return status;
  return found.ids();
}

}  // namespace

absl::StatusOr<std::vector<ClusterIdChange>> ClusterIdChanges(
    const std::string& dir, const Manifest& manifest, Database& server,
    absl::string_view database) {
  std::vector<ClusterIdChange> changes;
  const auto rows = server.Query(absl::StrCat(
      "SELECT name, id FROM ", SqlName(database), ".", kClusterTable,
      " WHERE deleted=0 AND id IS NOT "
      "NULL ORDER BY BINARY name"));
  if (absl::IsUnavailable(rows.status()) ||
      absl::IsDeadlineExceeded(rows.status()) ||
      absl::IsCancelled(rows.status())) {
    return rows.status();
  }
  // Before 24.11 there is no such column.
  if (!rows.ok() || rows->empty()) return changes;
  ASSIGN_OR_RETURN(const Ids ids, IdsInDump(dir, manifest));
  for (const Database::Row& row : *rows) {
    if (row.size() != 2) continue;
    const std::string name = row[0].value_or("");
    const std::string now = row[1].value_or("");
    const auto then = ids.find(name);
    if (then == ids.end() || then->second == now) continue;
    changes.push_back({name, now, then->second});
  }
  return changes;
}

}  // namespace assocsync
