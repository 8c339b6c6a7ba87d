// Rows of slurmdbd's txn_table: understood, or said not to be; shown on lines
// that no terminal takes for more. Input: action, name, cluster, info, one a
// line; `info` has all the rest.
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "engine/io/database.h"
#include "engine/log/transaction_names.h"
#include "engine/render/log.h"
#include "engine/slurm/sql_text.h"
#include "tests/fuzz/fuzz.h"

namespace assocsync {
namespace {

void CheckSqlText(absl::string_view text) {
  const auto literal = slurm::ReadLiteral(SqlString(text));
  FUZZ_LAW(literal.has_value() && *literal == text, SqlString(text));
  if (const auto list = slurm::ReadAssignments(text); list.has_value()) {
    for (const slurm::Assignment& one : *list) {
      FUZZ_LAW(!one.column.empty(), text);
    }
  }
  if (const auto groups = slurm::ReadCondition(text); groups.has_value()) {
    for (const slurm::Alternatives& group : *groups) {
      FUZZ_LAW(!group.values.empty(), text);
    }
  }
}

TransactionNames Names(const Transaction& transaction) {
  TransactionNames names;
  names.AddRow({ObjectKind::kQos, "", 1}, {.named = true, .name = "normal"}, 0);
  names.AddRow({ObjectKind::kQos, "", 5}, {.named = true, .name = "a|b\n"}, 0);
  names.AddTres(1, "cpu");
  names.AddTres(1001, "gres/gpu:a100");
  TransactionObject row;
  row.named = true;
  row.account = "hep";
  row.user = "alice";
  names.AddRow({ObjectKind::kAssociation, "lab", 5}, row, 0);
  names.AddLogged(transaction);
  names.AddRemoval(transaction);
  return names;
}

}  // namespace
}  // namespace assocsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const std::vector<std::string> lines =
      absl::StrSplit(fuzz::Text(data, size), absl::MaxSplits('\n', 3));
  TransactionRow row;
  row.id = 7;
  row.time = 1795545222;
  row.actor = "root";
  if (!absl::SimpleAtoi(lines[0], &row.action)) row.action = 0;
  if (lines.size() > 1) row.name = lines[1];
  if (lines.size() > 2) row.cluster = lines[2];
  if (lines.size() > 3) row.info = lines[3];
  CheckSqlText(row.name);
  if (row.info.has_value()) CheckSqlText(*row.info);

  Transaction transaction = ReadTransaction(row);
  FUZZ_LAW(transaction.objects_known || transaction.objects.empty(), row.name);
  FUZZ_LAW(transaction.settings_known || transaction.settings.empty(),
           row.name);
  Names(transaction).Resolve(&transaction);
  LogTextOptions options;
  options.verbose = true;
  options.zone = absl::UTCTimeZone();
  const std::string line = LogLine(transaction, options);
  fuzz::CheckShown(line);
  FUZZ_LAW(LogLine(transaction, options) == line, line);
  fuzz::CheckShown(LogJsonEntry(transaction, true));
  return 0;
}
