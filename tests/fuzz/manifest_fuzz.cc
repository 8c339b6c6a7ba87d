// A manifest is an error, or names files inside its folder and is written again
// as what it was.
#include <string>

#include "absl/strings/match.h"
#include "engine/backup/manifest.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const auto manifest = ParseManifest(fuzz::Text(data, size));
  if (!manifest.ok()) return 0;
  for (const BackupFile& file : manifest->files) {
    FUZZ_LAW(!file.name.empty() && file.name != "." && file.name != ".." &&
                 !absl::StrContains(file.name, '/') &&
                 file.name.find('\0') == std::string::npos,
             file.name);
    FUZZ_LAW(file.sha256.size() == 64, file.sha256);
  }
  for (const TreeFile& tree : manifest->trees) {
    FUZZ_LAW(!absl::StrContains(tree.file, '/'), tree.file);
  }
  const std::string text = WriteManifest(*manifest);
  const auto again = ParseManifest(text);
  FUZZ_LAW(again.ok(), again.status().message());
  FUZZ_LAW(*again == *manifest, text);
  return 0;
}
