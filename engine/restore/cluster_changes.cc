#include "engine/restore/cluster_changes.h"

#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "engine/backup/sql_counter.h"
#include "engine/backup/sql_reader.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/maps.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

using Clusters = absl::btree_map<std::string, ClusterFacts>;

constexpr char kClusterTable[] = "cluster_table";

// Rows of cluster_table; says kOutOfRange when there can be no more.
class ClusterReader : public SqlCounter {
 public:
  const Clusters& clusters() const { return clusters_; }

  absl::Status OnTable(const SqlRows&, const SqlTable& table) override {
    if (!columns_.empty()) return absl::OutOfRangeError("all is read");
    if (table.name != kClusterTable) return absl::OkStatus();
    columns_ = NamesOf(table.columns);
    return absl::OkStatus();
  }

  absl::Status OnRow(const SqlRows& rows,
                     absl::Span<const SqlValue> values) override {
    if (rows.table != kClusterTable) return absl::OkStatus();
    const auto& columns = rows.columns.empty() ? columns_ : rows.columns;
    const auto value = [&](absl::string_view column) {
      return std::string(ValueOf(columns, values, column));
    };
    const std::string deleted = value("deleted"), name = value("name");
    if ((deleted.empty() || deleted == "0") && !name.empty()) {
      clusters_[name] = {value("id"), value("federation")};
    }
    return absl::OkStatus();
  }

 private:
  std::vector<std::string> columns_;
  Clusters clusters_;
};

absl::StatusOr<Clusters> ClustersInDump(const std::string& dir,
                                        const Manifest& manifest) {
  ClusterReader found;
  SqlReader reader(&found);
  const absl::Status status = StreamSql(
      dir, manifest, [&](absl::string_view sql) { return reader.Feed(sql); });
  if (!status.ok() && !absl::IsOutOfRange(status)) return status;
  return found.clusters();
}

// Before 24.11 clusters have no id.
absl::StatusOr<std::vector<Database::Row>> PresentClusters(
    Database& server, absl::string_view database) {
  const auto rows = [&](absl::string_view id) {
    return server.Query(absl::StrCat("SELECT name, ", id, ", federation FROM ",
                                     SqlName(database), ".", kClusterTable,
                                     " WHERE deleted=0 ORDER BY BINARY name"));
  };
  auto found = rows("id");
  if (!found.ok() && !LostServer(found.status())) found = rows("NULL");
  if (!found.ok() && !LostServer(found.status())) {
    return std::vector<Database::Row>();
  }
  return found;
}

}  // namespace

absl::StatusOr<std::vector<ClusterChange>> ClusterChanges(
    const std::string& dir, const Manifest& manifest, Database& server,
    absl::string_view database) {
  std::vector<ClusterChange> changes;
  ASSIGN_OR_RETURN(const auto rows, PresentClusters(server, database));
  if (rows.empty()) return changes;
  ASSIGN_OR_RETURN(const Clusters then, ClustersInDump(dir, manifest));
  for (const Database::Row& row : rows) {
    const ClusterFacts now = {row[1].value_or(""), row[2].value_or("")};
    const std::string name = row[0].value_or("");
    const ClusterFacts* found = FindIn(then, name);
    if (found == nullptr) continue;
    ClusterFacts backup = *found;
    // Of a backup that knows no ids slurmdbd makes one.
    if (backup.id.empty() || now.id.empty()) backup.id = now.id;
    if (backup == now) continue;
    changes.push_back({name, now, std::move(backup)});
  }
  return changes;
}

}  // namespace assocsync
