// A folder of mydumper's files, which become one text: all of them, whole
// statements only, or an error. Input: NAME, a newline, the text, %%, and so on
// for each file.
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/backup/mydumper.h"
#include "engine/io/dir.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const absl::StatusOr<TempDir> folder = TempDir::Create("/tmp");
  if (!folder.ok()) std::abort();
  std::string rows;
  for (const absl::string_view part : fuzz::Parts(fuzz::Text(data, size), 6)) {
    const size_t end = part.find('\n');
    const std::string name(part.substr(0, end));
    if (name.empty() || name == "." || name == ".." ||
        absl::StrContains(name, '/') || name.find('\0') != name.npos) {
      continue;
    }
    const absl::string_view text = end == part.npos ? "" : part.substr(end + 1);
    std::ofstream out(absl::StrCat(folder->path(), "/", name),
                      std::ios::binary);
    if (!out) continue;  // No file has a name of more than 255 bytes.
    out << text;
    if (absl::EndsWith(name, ".sql") && !absl::EndsWith(name, "-create.sql")) {
      rows = std::string(text);
    }
  }
  std::string joined;
  const absl::Status status = JoinMydumperFiles(
      folder->path(), "db", "mydumper 0.10.0", absl::UnixEpoch(),
      absl::UTCTimeZone(), [&](absl::string_view bytes) {
        absl::StrAppend(&joined, bytes);
        return absl::OkStatus();
      });
  if (!status.ok()) return 0;
  FUZZ_LAW(absl::StrContains(joined, rows), joined);
  FUZZ_LAW(absl::EndsWith(joined, "-- Dump completed on 1970-01-01 00:00:00\n"),
           joined);
  return 0;
}
