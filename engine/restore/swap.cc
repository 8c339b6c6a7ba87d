#include "engine/restore/swap.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/io/database.h"

namespace assocsync {
namespace {

void AppendMoves(const std::vector<std::string>& tables, absl::string_view from,
                 absl::string_view to, std::string* sql) {
  for (const std::string& table : tables) {
    absl::StrAppend(sql, sql->empty() ? "RENAME TABLE " : ", ", SqlName(from),
                    ".", SqlName(table), " TO ", SqlName(to), ".",
                    SqlName(table));
  }
}

std::vector<std::string> Sorted(std::vector<std::string> names) {
  absl::c_sort(names);
  return names;
}

}  // namespace

std::string SwapStatement(const Swap& swap) {
  std::string sql;
  AppendMoves(swap.present, swap.database, swap.kept, &sql);
  AppendMoves(swap.restored, swap.shadow, swap.database, &sql);
  return sql;
}

SwapState JudgeSwap(const Swap& swap, const std::vector<std::string>& database,
                    const std::vector<std::string>& shadow,
                    const std::vector<std::string>& kept) {
  const std::vector<std::string> present = Sorted(swap.present);
  const std::vector<std::string> restored = Sorted(swap.restored);
  if (database == present && shadow == restored && kept.empty()) {
    return SwapState::kBefore;
  }
  if (database == restored && shadow.empty() && kept == present) {
    return SwapState::kAfter;
  }
  return SwapState::kBetween;
}

}  // namespace assocsync
