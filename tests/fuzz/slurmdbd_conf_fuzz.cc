// slurmdbd.conf: an error that gives no password away, or a port that is one.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/slurmdbd_conf.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const absl::string_view text = fuzz::Text(data, size);
  const absl::StatusOr<TempDir> folder = TempDir::Create("/tmp");
  if (!folder.ok()) std::abort();
  const std::string path = absl::StrCat(folder->path(), "/c");
  const auto read = [&](absl::string_view all) {
    FUZZ_LAW(WriteFileAtomic(path, all).ok(), path);
    return ReadSlurmdbdConf(path);
  };
  const auto conf = read(text);
  if (conf.ok()) {
    FUZZ_LAW(conf->dbd_port >= 0 && conf->dbd_port <= 65535, text);
    FUZZ_LAW(conf->storage_port >= 0 && conf->storage_port <= 65535, text);
    FUZZ_LAW(*read(text) == *conf, text);
  } else {
    FUZZ_LAW(absl::StartsWith(conf.status().message(), path),
             conf.status().message());
  }
  // Whatever is wrong elsewhere in the file. What else holds that word is no
  // password: an error may tell it.
  if (absl::StrContains(text, "kUckuck7Zwei")) return 0;
  const auto secret = read(absl::StrCat("StoragePass=kUckuck7Zwei", text));
  if (!secret.ok()) {
    FUZZ_LAW(!absl::StrContains(secret.status().message(), "kUckuck7Zwei"),
             secret.status().message());
  }
  return 0;
}
