// Dumps are streamed through zstd; existing ones are read as they come.
#ifndef ASSOCSYNC_ENGINE_BACKUP_COMPRESSION_H_
#define ASSOCSYNC_ENGINE_BACKUP_COMPRESSION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct ZSTD_CCtx_s;

namespace assocsync {

using ByteSink = absl::FunctionRef<absl::Status(absl::string_view)>;

// One zstd frame, level 3, with a checksum of its content.
class ZstdCompressor {
 public:
  ZstdCompressor();

  // Compressed bytes go to `sink` when there are enough of them; its error is
  // returned.
  absl::Status Append(absl::string_view bytes, ByteSink sink) {
    return Run(bytes, /*end=*/false, sink);
  }
  // Ends the frame. Call once, last.
  absl::Status Finish(ByteSink sink) { return Run("", /*end=*/true, sink); }

 private:
  absl::Status Run(absl::string_view bytes, bool end, ByteSink sink);

  std::unique_ptr<ZSTD_CCtx_s, size_t (*)(ZSTD_CCtx_s*)> zstd_;
  std::string buffer_;
};

struct FileRead {
  uint64_t bytes = 0;  // of the file as it is on disk
  std::string sha256;  // of the same
};

// Hands the SQL text in `path` to `sink` piece by piece: plain, or out of gzip,
// xz or zstd (uncompress.h); told apart by the first bytes, not by the name.
// What was read is what the digest is of. kUnimplemented for other
// compressions, saying which program undoes them; uncompress.h and file.h for
// the rest.
absl::StatusOr<FileRead> ReadSqlFile(const std::string& path, ByteSink sink);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_COMPRESSION_H_
