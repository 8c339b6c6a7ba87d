// A dump that anybody may have written: refused, or values. What is told does
// not depend on how the text is cut; and the statements that LoadWriter makes
// of it hold the same tables and the same values, and nothing else, when they
// are read in their turn.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "engine/backup/load_writer.h"
#include "engine/backup/sql_reader.h"
#include "tests/fuzz/fuzz.h"

namespace assocsync {
namespace {

class Recorder : public SqlVisitor {
 public:
  std::vector<std::string> told;

  absl::Status OnTable(const SqlRows&, const SqlTable& table) override {
    told.push_back(CreateStatement(table));
    return absl::OkStatus();
  }
  absl::Status OnUnreadableTable(absl::string_view table,
                                 const absl::Status& why) override {
    told.push_back(absl::StrCat("unreadable ", table, " ", why.message()));
    return absl::OkStatus();
  }
  absl::Status OnRow(const SqlRows& rows,
                     absl::Span<const SqlValue> values) override {
    told.push_back(absl::StrCat(
        rows.charset, " ", rows.database, ".", rows.table, "[",
        absl::StrJoin(rows.columns, ","), "] ",
        absl::StrJoin(values, "|", [](std::string* out, const SqlValue& value) {
          absl::StrAppend(out, static_cast<int>(value.kind),
                          absl::CHexEscape(value.text));
        })));
    ++rows_;
    return absl::OkStatus();
  }
  absl::Status OnObject(const SqlObject& object) override {
    told.push_back(object.ToString());
    return absl::OkStatus();
  }
  absl::Status OnDatabase(absl::string_view database) override {
    told.push_back(absl::StrCat("database ", database));
    return absl::OkStatus();
  }
  uint64_t rows() const { return rows_; }

 private:
  uint64_t rows_ = 0;
};

absl::StatusOr<DumpFacts> Read(absl::string_view text, size_t piece,
                               SqlVisitor* visitor) {
  SqlReader reader(visitor);
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    const absl::Status status = reader.Feed(text.substr(0, piece));
    if (!status.ok()) return status;
  }
  return reader.Finish();
}

// A server that obeys, and keeps what it is told as the text of a dump.
class Server : public Database {
 public:
  std::string text;

  absl::Status ForEachRow(absl::string_view sql, RowSink sink) override {
    if (absl::ConsumePrefix(&sql, "SELECT @@session.")) {
      std::string value = "65536";  // max_allowed_packet
      if (sql == "sql_mode") value = "STRICT_ALL_TABLES";
      if (sql == "time_zone") value = time_zone_;
      if (sql == "character_set_client") value = charset_;
      return sink({Value(value)});
    }
    if (absl::StartsWith(sql, "SET NAMES ")) {
      charset_ = std::string(sql.substr(10));
    } else if (absl::ConsumePrefix(&sql, "SET SESSION ")) {
      if (absl::ConsumePrefix(&sql, "time_zone = '")) {
        time_zone_ = std::string(absl::StripSuffix(sql, "'"));
      }
      return absl::OkStatus();
    } else {
      FUZZ_LAW(absl::StartsWith(sql, "CREATE TABLE ") ||
                   absl::StartsWith(sql, "INSERT INTO "),
               sql);
    }
    absl::StrAppend(&text, sql, ";\n");
    return absl::OkStatus();
  }

 private:
  std::string charset_, time_zone_ = "SYSTEM";
};

void CheckLoad(absl::string_view dump, const std::vector<std::string>& told) {
  Server server;
  LoadWriter writer(&server, {false, true});
  FUZZ_LAW(writer.Start().ok(), "");
  if (!Read(dump, dump.size(), &writer).ok() || !writer.Finish().ok()) return;
  absl::StrAppend(&server.text, "-- Dump completed\n");
  Recorder again;
  const auto facts = Read(server.text, server.text.size(), &again);
  FUZZ_LAW(facts.ok(), absl::StrCat(facts.status().message(), "\n",
                                    absl::CHexEscape(server.text)));
  FUZZ_LAW(again.told == told,
           absl::StrCat(absl::StrJoin(told, "\n"), "\n-- again:\n",
                        absl::StrJoin(again.told, "\n")));
}

}  // namespace
}  // namespace assocsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const absl::string_view text = fuzz::Text(data, size);
  Recorder whole, pieces;
  const auto facts = Read(text, std::max<size_t>(size, 1), &whole);
  const auto again = Read(text, 1 + size % 13, &pieces);
  FUZZ_LAW(
      facts.status() == again.status(),
      absl::StrCat(facts.status().ToString(), "\n", again.status().ToString()));
  FUZZ_LAW(whole.told == pieces.told,
           absl::StrCat(absl::StrJoin(whole.told, "\n"), "\n-- in pieces:\n",
                        absl::StrJoin(pieces.told, "\n")));
  if (!facts.ok()) {
    FUZZ_LAW(facts.status().code() == absl::StatusCode::kFailedPrecondition ||
                 facts.status().code() == absl::StatusCode::kDataLoss ||
                 facts.status().code() == absl::StatusCode::kResourceExhausted,
             facts.status().ToString());
    return 0;
  }
  FUZZ_LAW(facts->tables == again->tables && facts->bytes == size, "");
  uint64_t rows = 0;
  for (const auto& [name, table] : facts->tables) rows += table.rows;
  FUZZ_LAW(rows == whole.rows(), absl::StrCat(rows, " ", whole.rows()));
  CheckLoad(text, whole.told);
  return 0;
}
