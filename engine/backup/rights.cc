#include "engine/backup/rights.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

// No table of anybody's has this name.
constexpr char kNoTable[] = "assocsync_no_such_table";

// That there is no such table is what was to be heard.
absl::Status OnlyDenied(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || LostServer(status)
             ? status
             : absl::OkStatus();
}

}  // namespace

absl::Status MayMoveTables(Database& server,
                           absl::Span<const std::string> databases) {
  std::string sql = "RENAME TABLE ";
  for (size_t i = 0; i < databases.size(); ++i) {
    const std::string& to = databases[(i + 1) % databases.size()];
    absl::StrAppend(&sql, i == 0 ? "" : ", ", SqlName(databases[i]), ".",
                    SqlName(absl::StrCat(kNoTable, "_", i)), " TO ",
                    SqlName(to), ".",
                    SqlName(absl::StrCat(kNoTable, "_", i, "_new")));
  }
  RETURN_IF_ERROR(OnlyDenied(server.Execute(sql)));
  for (const std::string& database : databases) {
    RETURN_IF_ERROR(OnlyDenied(server.Execute(absl::StrCat(
        "SELECT 1 FROM ", SqlName(database), ".", SqlName(kNoTable)))));
  }
  return absl::OkStatus();
}

}  // namespace assocsync
