#include "engine/backup/row_counts.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/backup/slurm_tables.h"
#include "engine/base/counted.h"
#include "engine/base/maps.h"

namespace assocsync {
namespace {

uint64_t CountOf(const RowCounts& counts, const std::string& name) {
  const auto it = counts.find(name);
  return it == counts.end() ? 0 : it->second;
}

}  // namespace

std::vector<TableRows> TablesOf(const DumpFacts& facts,
                                absl::string_view database) {
  std::vector<TableRows> tables;
  for (const auto& [key, table] : facts.tables) {
    const auto& [in, name] = key;
    if (!table.created || (!in.empty() && in != database)) continue;
    tables.push_back({name, table.rows});
  }
  absl::c_sort(tables, [](const TableRows& a, const TableRows& b) {
    return a.name < b.name;
  });
  return tables;
}

RowCounts CountsOf(const std::vector<TableRows>& tables) {
  RowCounts counts;
  for (const TableRows& table : tables) counts[table.name] = table.rows;
  return counts;
}

absl::StatusOr<std::vector<std::string>> TablesThatDiffer(
    const std::vector<TableRows>& dumped, const RowCounts& before) {
  RowCounts missing = before;
  std::vector<std::string> differ;
  for (const TableRows& table : dumped) {
    const auto it = before.find(table.name);
    if (it == before.end() || it->second != table.rows) {
      differ.push_back(table.name);
    }
    missing.erase(table.name);
  }
  if (missing.empty()) return differ;
  return absl::DataLossError(absl::StrCat(
      "the dump lacks ",
      absl::StrJoin(missing, ", ", [](std::string* out, const auto& entry) {
        absl::StrAppend(out, "table ", entry.first);
      })));
}

absl::Status CheckAgainstAfter(const std::vector<TableRows>& dumped,
                               const RowCounts& before,
                               const RowCounts& after) {
  for (const TableRows& table : dumped) {
    const auto it = after.find(table.name);
    if (it == after.end()) continue;
    const uint64_t first = CountOf(before, table.name);
    const auto [low, high] = std::minmax(first, it->second);
    if (table.rows >= low && table.rows <= high) continue;
    return absl::DataLossError(
        absl::StrCat("the dump holds ", Counted(table.rows, "row"),
                     " of table ", table.name, ", the database had ", first,
                     " before and ", it->second, " after it; take it again"));
  }
  return absl::OkStatus();
}

absl::Status CheckSlurmTables(const std::vector<TableRows>& tables,
                              absl::Span<const std::string> clusters) {
  const RowCounts counts = CountsOf(tables);
  std::vector<std::string> wrong;
  const auto need = [&](const SlurmTable& table, const std::string& name) {
    const uint64_t* rows = FindIn(counts, name);
    if (rows == nullptr) {
      wrong.push_back(absl::StrCat("no table ", name));
    } else if (table.never_empty && *rows == 0) {
      wrong.push_back(absl::StrCat("no rows in ", name));
    }
  };
  for (const SlurmTable& table : SlurmTables()) {
    if (!table.always) continue;
    if (!table.of_cluster) need(table, std::string(table.name));
    for (const std::string& cluster : clusters) {
      if (table.of_cluster) need(table, absl::StrCat(cluster, "_", table.name));
    }
  }
  if (wrong.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "not a full dump of a slurmdbd database with cluster ",
      absl::StrJoin(clusters, ", "), ": ", absl::StrJoin(wrong, ", ")));
}

absl::StatusOr<absl::Time> ParseTrailerTime(absl::string_view text,
                                            absl::TimeZone zone) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime("%Y-%m-%d %H:%M:%S", text, zone, &time, &error)) {
    return time;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not a time like 2026-11-23 23:59:59"));
}

}  // namespace assocsync
