// A dump program and a database that do what a test tells them.
#ifndef ASSOCSYNC_TESTS_UNIT_BACKUP_FAKES_H_
#define ASSOCSYNC_TESTS_UNIT_BACKUP_FAKES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/io/database.h"
#include "engine/io/file.h"
#include "engine/io/process.h"

namespace assocsync {

// Tables that only know how many rows they have.
class FakeDatabase : public Database {
 public:
  absl::Status ForEachRow(absl::string_view sql, RowSink sink) override {
    if (!error.ok()) return error;
    if (sql == "SELECT VERSION()") return Send(sink, {"10.11.6-MariaDB"});
    if (absl::StrContains(sql, "information_schema.TABLES")) {
      for (const auto& [name, count] : rows) {
        const absl::Status status =
            Send(sink, {name, engine, absl::StrCat(count),
                        absl::StrCat(bytes_per_table), "0"});
        if (!status.ok()) return status;
      }
      return absl::OkStatus();
    }
    for (const auto& [name, count] : rows) {
      if (sql == absl::StrCat("SELECT COUNT(*) FROM ", SqlName(name))) {
        return Send(sink, {absl::StrCat(count)});
      }
    }
    return absl::OkStatus();
  }

  absl::btree_map<std::string, uint64_t> rows;
  std::string engine = "InnoDB";
  uint64_t bytes_per_table = 16384;
  absl::Status error;

 private:
  static absl::Status Send(RowSink sink, std::vector<std::string> row) {
    std::vector<Value> values;
    for (const std::string& value : row) values.emplace_back(value);
    return sink(values);
  }
};

class FakeDumpProgram : public CommandRunner {
 public:
  absl::StatusOr<RunResult> Run(const std::vector<std::string>&,
                                absl::Duration) override {
    RunResult result;
    result.out = version;
    return result;
  }
  absl::StatusOr<RunResult> Stream(const std::vector<std::string>& words,
                                   const StreamOptions& options,
                                   Sink sink) override {
    argv = words;
    option_file = words[1].substr(words[1].find('=') + 1);
    const auto text = ReadFile(option_file, 1 << 20);
    if (text.ok()) option_text = *text;
    if (meanwhile) meanwhile();
    // In pieces, as a pipe would.
    for (size_t at = 0; at < sql.size(); at += 1000) {
      if (options.stop != nullptr && options.stop->load()) {
        return absl::CancelledError("stopped on request, killed");
      }
      const absl::Status status = sink(absl::string_view(sql).substr(at, 1000));
      if (!status.ok()) return status;
    }
    if (!error.ok()) return error;
    return result;
  }

  std::string version = "mariadb-dump  Ver 10.19 Distrib 10.11.6-MariaDB";
  std::string sql;
  RunResult result;
  absl::Status error;
  std::function<void()> meanwhile;
  // What the last Stream saw.
  std::vector<std::string> argv;
  std::string option_file, option_text;
};

// A dump of tables with so many rows each.
inline std::string DumpText(
    const absl::btree_map<std::string, uint64_t>& tables,
    absl::string_view trailer = "-- Dump completed on 2026-11-23 23:59:59\n") {
  std::string sql = "-- Server version\t10.11.6-MariaDB\n";
  for (const auto& [name, rows] : tables) {
    absl::StrAppend(&sql, "DROP TABLE IF EXISTS `", name, "`;\nCREATE TABLE `",
                    name, "` (\n  `a` int(11)\n);\n");
    if (rows > 0) {
      absl::StrAppend(&sql, "INSERT INTO `", name, "` VALUES\n");
      for (uint64_t i = 0; i < rows; ++i) {
        absl::StrAppend(&sql, "(", i, ")", i + 1 < rows ? ",\n" : ";\n");
      }
    }
  }
  absl::StrAppend(&sql, trailer);
  return sql;
}

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_UNIT_BACKUP_FAKES_H_
