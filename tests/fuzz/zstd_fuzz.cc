// SQL files, plain or compressed, as they may lie in a folder that others can
// write: an error or the bytes; and what we compress is what comes out, unless
// the end is missing.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/backup/compression.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "tests/fuzz/fuzz.h"

namespace assocsync {
namespace {

// A file of this process, written anew each time.
class InputFile {
 public:
  InputFile() : dir_(TempDir::Create("/tmp").value()) {
    path_ = absl::StrCat(dir_.path(), "/input.sql.zst");
  }
  const std::string& Put(absl::string_view bytes) const {
    const int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || WriteAll(file, bytes) != 0) std::abort();
    close(file);
    return path_;
  }

 private:
  TempDir dir_;
  std::string path_;
};

absl::StatusOr<std::string> Read(const std::string& path) {
  std::string out;
  const auto read = ReadSqlFile(path, [&](absl::string_view bytes) {
    FUZZ_LAW(!bytes.empty(), path);
    // A frame may hold a thousand times its own size; enough was seen.
    if (out.size() > (16 << 20)) return absl::CancelledError("enough");
    absl::StrAppend(&out, bytes);
    return absl::OkStatus();
  });
  if (!read.ok()) return read.status();
  return out;
}

}  // namespace
}  // namespace assocsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  static const InputFile* const file = new InputFile;
  const absl::string_view text = fuzz::Text(data, size);
  (void)Read(file->Put(text));

  std::string compressed;
  const auto keep = [&](absl::string_view bytes) {
    absl::StrAppend(&compressed, bytes);
    return absl::OkStatus();
  };
  ZstdCompressor compressor;
  FUZZ_LAW(compressor.Append(text, keep).ok(), "");
  FUZZ_LAW(compressor.Finish(keep).ok(), "");
  const auto whole = Read(file->Put(compressed));
  FUZZ_LAW(whole.ok(), whole.status().message());
  FUZZ_LAW(*whole == text, "");
  const size_t cut = compressed.size() / 2;
  const auto part =
      Read(file->Put(absl::string_view(compressed).substr(0, cut)));
  FUZZ_LAW(cut < 4 || part.status().code() == absl::StatusCode::kDataLoss,
           part.status().message());
  return 0;
}
