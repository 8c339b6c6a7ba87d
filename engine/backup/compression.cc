#include "engine/backup/compression.h"

#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/io/digest.h"
#include "engine/io/file.h"
#include "engine/io/unique_fd.h"

namespace assocsync {
namespace {

constexpr int kLevel = 3;
constexpr size_t kPiece = size_t{256} << 10;

// Other formats by their first bytes, and what turns them into plain SQL.
constexpr std::pair<absl::string_view, absl::string_view> kForeign[] = {
    {"\x1f\x8b", "gunzip"},
    {"BZh", "bunzip2"},
    {"\xfd\x37zXZ", "unxz"},
    {"PK\x03\x04", "unzip"}};
constexpr absl::string_view kZstd = "\x28\xb5\x2f\xfd";

// The pieces of a file, decompressed when it begins like a zstd file.
class Reader {
 public:
  Reader(const std::string& path, ByteSink sink) : path_(path), sink_(sink) {}

  absl::Status Take(absl::string_view piece) {
    if (first_) {
      first_ = false;
      for (const auto& [magic, program] : kForeign) {
        if (!absl::StartsWith(piece, magic)) continue;
        return absl::UnimplementedError(
            absl::StrCat(path_, ": compressed; use ", program,
                         " on it and name the plain .sql file"));
      }
      if (absl::StartsWith(piece, kZstd)) {
        zstd_.reset(ZSTD_createDCtx());
        if (zstd_ == nullptr) return absl::ResourceExhaustedError("no memory");
        ZSTD_DCtx_setParameter(zstd_.get(), ZSTD_d_windowLogMax,
                               kMaxZstdWindowLog);
      }
    }
    return zstd_ == nullptr ? sink_(piece) : Decompress(piece);
  }

  absl::Status End() const {
    if (zstd_ == nullptr || pending_ == 0) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat(path_, ": cut short in the middle of a zstd frame"));
  }

 private:
  absl::Status Decompress(absl::string_view piece) {
    ZSTD_inBuffer in = {piece.data(), piece.size(), 0};
    bool full = false;
    taken_ += piece.size();
    // Inside a frame, a full output buffer may mean that more is waiting.
    while (in.pos < in.size || full) {
      ZSTD_outBuffer out = {buffer_.data(), buffer_.size(), 0};
      pending_ = ZSTD_decompressStream(zstd_.get(), &out, &in);
      if (ZSTD_isError(pending_)) {
        return absl::DataLossError(
            absl::StrCat(path_, ": ", ZSTD_getErrorName(pending_)));
      }
      if (out.pos > 0) {
        given_ += out.pos;
        if (given_ > kFreeZstdBytes + taken_ * kMaxZstdRatio) {
          return absl::DataLossError(absl::StrCat(
              path_, ": grows to more than ", kMaxZstdRatio,
              " times its size, which no dump does; decompress it with zstd "
              "and name the plain .sql file if it is one"));
        }
        RETURN_IF_ERROR(sink_(absl::string_view(buffer_.data(), out.pos)));
      }
      full = out.pos == out.size && pending_ != 0;
    }
    return absl::OkStatus();
  }

  const std::string& path_;
  ByteSink sink_;
  bool first_ = true;
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> zstd_{nullptr,
                                                           &ZSTD_freeDCtx};
  uint64_t taken_ = 0, given_ = 0;  // Bytes, compressed and not.
  size_t pending_ = 0;              // 0: exactly at the end of a frame
  std::string buffer_ = std::string(kPiece, '\0');
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
  Reader reader(path, sink);
  std::string buffer(kPiece, '\0');
  while (true) {
    const ssize_t n = read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(path, "read", errno);
    if (n == 0) break;
    const absl::string_view piece(buffer.data(), n);
    result.bytes += piece.size();
    digest.Update(piece);
    RETURN_IF_ERROR(reader.Take(piece));
  }
  RETURN_IF_ERROR(reader.End());
  result.sha256 = digest.Hex();
  return result;
}

}  // namespace assocsync
