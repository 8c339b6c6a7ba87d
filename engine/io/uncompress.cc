#include "engine/io/uncompress.h"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

constexpr size_t kPiece = size_t{256} << 10;

// The text as it comes, within the limits.
class Text {
 public:
  using Sink = absl::FunctionRef<absl::Status(absl::string_view)>;

  Text(absl::string_view name, size_t taken, uint64_t limit, Sink sink)
      : name_(name),
        limit_(limit),
        most_(std::min(limit, kFreeZstdBytes + taken * kMaxZstdRatio)),
        sink_(sink) {}

  absl::Status Append(absl::string_view piece) {
    if (piece.size() <= most_ - size_) {
      size_ += piece.size();
      return sink_(piece);
    }
    if (most_ == limit_) {
      return absl::ResourceExhaustedError(
          absl::StrCat(name_, ": holds more than ", limit_, " bytes"));
    }
    return absl::DataLossError(absl::StrCat(name_, ": grows to more than ",
                                            kMaxZstdRatio,
                                            " times its size, which no tree "
                                            "does"));
  }
  absl::Status Damaged(absl::string_view why) const {
    return absl::DataLossError(
        absl::StrCat(name_, ": cannot be uncompressed: ", why));
  }

 private:
  const absl::string_view name_;
  const uint64_t limit_, most_;
  const Sink sink_;
  uint64_t size_ = 0;
};

constexpr char kCutShort[] = "it is cut short";

absl::Status Gunzip(absl::string_view bytes, Text* out) {
  std::string buffer(kPiece, '\0');
  // Each turn is one member.
  while (!bytes.empty()) {
    z_stream stream = {};
    // 16: a gzip header is wanted.
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) {
      return absl::ResourceExhaustedError("zlib: no memory");
    }
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream,
                                                            inflateEnd);
    int result = Z_OK;
    while (result != Z_STREAM_END) {
      if (stream.avail_in == 0 && !bytes.empty()) {
        const size_t take = std::min<size_t>(
            bytes.size(), std::numeric_limits<uInt>::max() / 2);
        stream.next_in =
            reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream.avail_in = static_cast<uInt>(take);
        bytes.remove_prefix(take);
      }
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      result = inflate(&stream, Z_NO_FLUSH);
      // Nothing to take and nothing to give.
      if (result == Z_BUF_ERROR) return out->Damaged(kCutShort);
      if (result != Z_OK && result != Z_STREAM_END) {
        return out->Damaged(stream.msg == nullptr ? "gzip" : stream.msg);
      }
      RETURN_IF_ERROR(out->Append(
          absl::string_view(buffer.data(), buffer.size() - stream.avail_out)));
    }
    bytes = absl::string_view(bytes.data() - stream.avail_in,
                              bytes.size() + stream.avail_in);
    // gzip itself takes zeroes behind the end for padding.
    while (!bytes.empty() && bytes[0] == '\0') bytes.remove_prefix(1);
  }
  return absl::OkStatus();
}

absl::Status Unxz(absl::string_view bytes, Text* out) {
  lzma_stream stream = LZMA_STREAM_INIT;
  const std::unique_ptr<lzma_stream, void (*)(lzma_stream*)> end(&stream,
                                                                 lzma_end);
  if (lzma_stream_decoder(&stream, uint64_t{1} << kMaxZstdWindowLog,
                          LZMA_CONCATENATED) != LZMA_OK) {
    return absl::ResourceExhaustedError("liblzma: no memory");
  }
  std::string buffer(kPiece, '\0');
  stream.next_in = reinterpret_cast<const uint8_t*>(bytes.data());
  stream.avail_in = bytes.size();
  lzma_ret result = LZMA_OK;
  while (result != LZMA_STREAM_END) {
    stream.next_out = reinterpret_cast<uint8_t*>(buffer.data());
    stream.avail_out = buffer.size();
    result = lzma_code(&stream, LZMA_FINISH);
    if (result == LZMA_BUF_ERROR) return out->Damaged(kCutShort);
    if (result == LZMA_MEMLIMIT_ERROR) {
      return out->Damaged("it wants more memory than any tree needs");
    }
    if (result != LZMA_OK && result != LZMA_STREAM_END) {
      return out->Damaged("its bytes are damaged");
    }
    RETURN_IF_ERROR(out->Append(
        absl::string_view(buffer.data(), buffer.size() - stream.avail_out)));
  }
  return absl::OkStatus();
}

absl::Status Unzstd(absl::string_view bytes, Text* out) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(
      ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (context == nullptr)
    return absl::ResourceExhaustedError("zstd: no memory");
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxZstdWindowLog);
  std::string buffer(kPiece, '\0');
  ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
  size_t pending = 1;
  bool full = false;
  while (in.pos < in.size || full) {
    ZSTD_outBuffer to = {buffer.data(), buffer.size(), 0};
    pending = ZSTD_decompressStream(context.get(), &to, &in);
    if (ZSTD_isError(pending)) return out->Damaged(ZSTD_getErrorName(pending));
    RETURN_IF_ERROR(out->Append(absl::string_view(buffer.data(), to.pos)));
    full = to.pos == to.size && pending != 0;
  }
  return pending == 0 ? absl::OkStatus() : out->Damaged(kCutShort);
}

}  // namespace

absl::Status UncompressTo(
    absl::string_view name, FileKind kind, absl::string_view bytes,
    uint64_t most, absl::FunctionRef<absl::Status(absl::string_view)> sink) {
  Text out(name, bytes.size(), most, sink);
  switch (kind) {
    case FileKind::kGzip:
      return Gunzip(bytes, &out);
    case FileKind::kXz:
      return Unxz(bytes, &out);
    case FileKind::kZstd:
      return Unzstd(bytes, &out);
    default:
      return absl::InternalError("not compressed");
  }
}

absl::StatusOr<std::string> Uncompress(absl::string_view name, FileKind kind,
                                       absl::string_view bytes) {
  std::string text;
  RETURN_IF_ERROR(UncompressTo(name, kind, bytes, kMaxTreeFile,
                               [&](absl::string_view piece) {
                                 text.append(piece.data(), piece.size());
                                 return absl::OkStatus();
                               }));
  return text;
}

FileKind KindInside(FileKind kind, absl::string_view bytes) {
  std::string text;
  const absl::Status status =
      UncompressTo("", kind, bytes, kMaxTreeFile, [&](absl::string_view piece) {
        text.append(piece.data(), piece.size());
        return text.size() < kFileKindBytes ? absl::OkStatus()
                                            : absl::CancelledError();
      });
  const bool whole = status.ok() || absl::IsCancelled(status);
  return whole ? KindOf(text) : FileKind::kBinary;
}

}  // namespace assocsync
