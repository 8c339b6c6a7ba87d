#include "engine/backup/compression.h"

#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/base/file_kind.h"
#include "engine/base/status.h"
#include "engine/io/digest.h"
#include "engine/io/file.h"
#include "engine/io/uncompress.h"
#include "engine/io/unique_fd.h"

namespace assocsync {
namespace {

constexpr int kLevel = 3;
constexpr size_t kPiece = size_t{256} << 10;

// The pieces of a file, uncompressed when it begins like a compressed one.
class SqlPieces {
 public:
  SqlPieces(const std::string& path, ByteSink sink)
      : path_(path), sink_(sink) {}

  absl::Status Take(absl::string_view piece) {
    if (first_) {
      first_ = false;
      const FileKind kind = KindOf(piece);
      if (kind == FileKind::kBzip2 || kind == FileKind::kLz4 ||
          kind == FileKind::kZip) {
        return absl::UnimplementedError(
            absl::StrCat(path_, " ", KindWords(kind)));
      }
      if (IsCompressed(kind)) packed_.emplace(path_, kind, ~uint64_t{0});
    }
    return packed_.has_value() ? packed_->Feed(piece, sink_) : sink_(piece);
  }

  absl::Status End() {
    return packed_.has_value() ? packed_->Finish(sink_) : absl::OkStatus();
  }

 private:
  const std::string& path_;
  ByteSink sink_;
  bool first_ = true;
  std::optional<Uncompressor> packed_;
};

}  // namespace

ZstdCompressor::ZstdCompressor()
    : zstd_(ZSTD_createCCtx(), &ZSTD_freeCCtx), buffer_(kPiece, '\0') {
  // Without memory for this there is nothing left to do.
  if (zstd_ == nullptr) std::abort();
  ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_checksumFlag, 1);
}

absl::Status ZstdCompressor::Run(absl::string_view bytes, bool end,
                                 ByteSink sink) {
  ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
  while (true) {
    ZSTD_outBuffer out = {buffer_.data(), buffer_.size(), 0};
    const size_t left = ZSTD_compressStream2(
        zstd_.get(), &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left)) {
      return absl::InternalError(
          absl::StrCat("zstd: ", ZSTD_getErrorName(left)));
    }
    if (out.pos > 0) {
      RETURN_IF_ERROR(sink(absl::string_view(buffer_.data(), out.pos)));
    }
    if (end ? left == 0 : in.pos == in.size) return absl::OkStatus();
  }
}

absl::StatusOr<FileRead> ReadSqlFile(const std::string& path, ByteSink sink) {
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenToRead(path, Readable::kFile));
  FileRead result;
  Sha256 digest;
  SqlPieces pieces(path, sink);
  std::string buffer(kPiece, '\0');
  while (true) {
    const ssize_t n = read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(path, "read", errno);
    if (n == 0) break;
    const absl::string_view piece(buffer.data(), n);
    result.bytes += piece.size();
    digest.Update(piece);
    RETURN_IF_ERROR(pieces.Take(piece));
  }
  RETURN_IF_ERROR(pieces.End());
  result.sha256 = digest.Hex();
  return result;
}

}  // namespace assocsync
