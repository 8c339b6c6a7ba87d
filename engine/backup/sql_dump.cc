#include "engine/backup/sql_dump.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "engine/backup/client_tool.h"
#include "engine/backup/compression.h"
#include "engine/backup/mydumper.h"
#include "engine/backup/row_counts.h"
#include "engine/backup/sql_counter.h"
#include "engine/backup/sql_reader.h"
#include "engine/base/status.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {

constexpr absl::string_view kTools[] = {"mariadb-dump", "mysqldump"};
// SQL text of such tables is about as long as their data, and zstd makes it
// three to ten times shorter. Half of the data is on the safe side.
constexpr uint64_t kDataPerFileByte = 2;
constexpr uint64_t kSpareBytes = uint64_t{16} << 20;

// `in_files`: all of the SQL text is on disk first, not compressed.
absl::Status CheckRoom(const std::string& dir, uint64_t data_bytes,
                       bool in_files) {
  ASSIGN_OR_RETURN(const uint64_t free, FreeBytes(dir));
  const uint64_t need =
      data_bytes / kDataPerFileByte + kSpareBytes + (in_files ? data_bytes : 0);
  if (free >= need) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      dir, ": ", free >> 20, " MiB free; the dump of ", data_bytes >> 20,
      " MiB of tables may need ", need >> 20, " MiB"));
}

// What the dump program writes, on its way to the disk.
class Pipeline {
 public:
  // `dump` is told what went through.
  Pipeline(AtomicFile* file, const SqlDumpOptions& options, uint64_t expected,
           SqlDump* dump)
      : file_(*file), options_(options), expected_(expected), dump_(*dump) {}

  absl::Status Take(absl::string_view sql) {
    RETURN_IF_ERROR(reader_.Feed(sql));
    dump_.sql_bytes += sql.size();
    if (options_.progress) options_.progress(dump_.sql_bytes, expected_);
    return zstd_.Append(sql, [this](absl::string_view b) { return Write(b); });
  }

  // Ends the compressed text and puts it on disk; the file has no name yet.
  absl::StatusOr<DumpFacts> Finish() {
    ASSIGN_OR_RETURN(DumpFacts facts, reader_.Finish());
    RETURN_IF_ERROR(
        zstd_.Finish([this](absl::string_view b) { return Write(b); }));
    RETURN_IF_ERROR(file_.Sync());
    dump_.file.sha256 = digest_.Hex();
    return facts;
  }

  // Reads the file back, whole.
  absl::Status CheckOnDisk() const {
    uint64_t sql_bytes = 0;
    ASSIGN_OR_RETURN(
        const FileRead read,
        ReadSqlFile(file_.temporary_path(), [&](absl::string_view piece) {
          sql_bytes += piece.size();
          return absl::OkStatus();
        }));
    if (read.bytes == dump_.file.bytes && read.sha256 == dump_.file.sha256 &&
        sql_bytes == dump_.sql_bytes) {
      return absl::OkStatus();
    }
    return absl::DataLossError(
        absl::StrCat(file_.path(), ": read back, it is not what was written"));
  }

  // What the dump holds and `restore` will leave out.
  const absl::btree_set<std::string>& not_restorable() const {
    return counter_.not_restorable();
  }

 private:
  absl::Status Write(absl::string_view compressed) {
    digest_.Update(compressed);
    dump_.file.bytes += compressed.size();
    return file_.Append(compressed);
  }

  AtomicFile& file_;
  const SqlDumpOptions& options_;
  uint64_t expected_;
  SqlDump& dump_;
  SqlCounter counter_;
  SqlReader reader_{&counter_};
  ZstdCompressor zstd_;
  Sha256 digest_;
};

absl::StatusOr<OptionFile> LoginFor(const SqlDumpOptions& options) {
  return OptionFile::Create(options.database, options.secret_dir.empty()
                                                  ? options.dir
                                                  : options.secret_dir);
}

// Runs the program; OK means that it says itself that all went well.
absl::Status RunTool(const SqlDumpOptions& options, const ClientTool& tool,
                     CommandRunner& runner, Pipeline* pipeline,
                     std::vector<std::string>* cautions) {
  ASSIGN_OR_RETURN(const OptionFile option_file, LoginFor(options));
  ASSIGN_OR_RETURN(
      const RunResult result,
      runner.Stream(
          DumpCommand(tool.path, tool.version, option_file.path(),
                      options.database.database),
          {.silence = options.silence, .stop = options.stop},
          [&](absl::string_view sql) { return pipeline->Take(sql); }));
  if (!result.clean()) return ClientToolError(tool, result);
  const absl::string_view words = absl::StripAsciiWhitespace(result.err);
  if (!words.empty()) cautions->push_back(absl::StrCat(tool.path, ": ", words));
  return absl::OkStatus();
}

// The same of mydumper. What it says with exit status 0 is no caution: the
// version is a known one, and its words come with every dump.
absl::Status RunMydumper(const SqlDumpOptions& options, const ClientTool& tool,
                         uint64_t expected, CommandRunner& runner,
                         Pipeline* pipeline) {
  ASSIGN_OR_RETURN(const OptionFile option_file, LoginFor(options));
  ASSIGN_OR_RETURN(const TempDir folder, TempDir::Create(options.dir));
  // It writes to files, and says nothing.
  StreamOptions stream{.stop = options.stop};
  if (options.progress) {
    stream.idle = [&] {
      options.progress(BytesInFiles(folder.path()), expected);
    };
  }
  const std::string& database = options.database.database;
  ASSIGN_OR_RETURN(const RunResult result,
                   runner.Stream(MydumperCommand(tool.path, option_file.path(),
                                                 database, folder.path()),
                                 stream, [](absl::string_view) {
                                   return absl::OkStatus();
                                 }));
  if (!result.clean()) return ClientToolError(tool, result);
  return JoinMydumperFiles(folder.path(), database, tool.version, absl::Now(),
                           absl::LocalTimeZone(), [&](absl::string_view sql) {
                             RETURN_IF_ERROR(CheckStop(options.stop));
                             return pipeline->Take(sql);
                           });
}

// Compares the dump with the database, which may have gone on meanwhile.
absl::Status CheckRows(const std::vector<TableRows>& dumped,
                       const RowCounts& before, Database& database,
                       std::vector<std::string>* cautions) {
  ASSIGN_OR_RETURN(const std::vector<std::string> differ,
                   TablesThatDiffer(dumped, before));
  if (differ.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const RowCounts after, CountRows(database, differ));
  RETURN_IF_ERROR(CheckAgainstAfter(dumped, before, after));
  for (const std::string& table : differ) {
    cautions->push_back(absl::StrCat("table ", table,
                                     " changed while the dump ran (",
                                     after.at(table), " rows after it)"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SqlDump> TakeSqlDump(const SqlDumpOptions& options,
                                    CommandRunner& runner, Database& database) {
  const std::string& name = options.database.database;
  RETURN_IF_ERROR(CheckDatabaseName(name));
  ASSIGN_OR_RETURN(const ClientTool tool,
                   FindClientTool(options.tool, kTools, options.search_path,
                                  options.silence, runner));
  const bool mydumper = IsMydumper(tool.path);
  if (mydumper) RETURN_IF_ERROR(CheckMydumperVersion(tool.version));
  SqlDump dump;
  dump.tool = tool.version;
  ASSIGN_OR_RETURN(dump.server_version, ServerVersion(database));
  ASSIGN_OR_RETURN(const std::vector<TableSize> sizes,
                   TableSizes(database, name));
  uint64_t data_bytes = 0;
  for (const TableSize& table : sizes) {
    data_bytes += table.data_bytes;
    if (!absl::EqualsIgnoreCase(table.engine, "InnoDB")) {
      dump.cautions.push_back(
          absl::StrCat("table ", table.name, " has engine ", table.engine,
                       "; its rows may be of another moment than the rest"));
    }
  }
  if (sizes.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(options.database.Describe(), ": it has no tables"));
  }
  RETURN_IF_ERROR(CheckRoom(options.dir, data_bytes, mydumper));
  ASSIGN_OR_RETURN(const RowCounts before, CountRows(database, NamesOf(sizes)));
  RETURN_IF_ERROR(CheckStop(options.stop));

  dump.file.name = absl::StrCat(name, ".sql.zst");
  ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Open(absl::StrCat(
                                        options.dir, "/", dump.file.name)));
  Pipeline pipeline(&file, options, data_bytes, &dump);
  RETURN_IF_ERROR(Annotate(
      mydumper ? RunMydumper(options, tool, data_bytes, runner, &pipeline)
               : RunTool(options, tool, runner, &pipeline, &dump.cautions),
      "SQL dump"));
  ASSIGN_OR_RETURN(const DumpFacts facts,
                   Annotate(pipeline.Finish(), "SQL dump"));
  dump.tables = TablesOf(facts, name);
  for (const std::string& what : pipeline.not_restorable()) {
    dump.cautions.push_back(absl::StrCat(
        what, " is in the dump, but `assocsync restore` cannot restore it"));
  }
  RETURN_IF_ERROR(Annotate(
      CheckRows(dump.tables, before, database, &dump.cautions), "SQL dump"));
  RETURN_IF_ERROR(pipeline.CheckOnDisk());
  RETURN_IF_ERROR(CheckStop(options.stop));
  RETURN_IF_ERROR(file.Commit());
  return dump;
}

}  // namespace assocsync
