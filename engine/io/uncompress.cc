#include "engine/io/uncompress.h"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"

namespace assocsync {

class Uncompressor::Format {
 public:
  Format(absl::string_view name, uint64_t most) : name_(name), limit_(most) {}
  virtual ~Format() = default;

  absl::Status Feed(absl::string_view bytes, Sink sink) {
    taken_ += bytes.size();
    return Take(bytes, sink);
  }
  virtual absl::Status Finish(Sink sink) = 0;

 protected:
  virtual absl::Status Take(absl::string_view bytes, Sink sink) = 0;

  // The text as it comes, within the limits.
  absl::Status Give(size_t size, Sink sink) {
    if (size == 0) return absl::OkStatus();
    given_ += size;
    if (given_ > limit_) {
      return absl::ResourceExhaustedError(
          absl::StrCat(name_, ": holds more than ", limit_, " bytes"));
    }
    if (given_ > kFreeZstdBytes + taken_ * kMaxZstdRatio) {
      return absl::DataLossError(absl::StrCat(
          name_, ": grows to more than ", kMaxZstdRatio,
          " times its size, which no dump and no tree does; uncompress it and "
          "name the plain file if it is one"));
    }
    return sink(absl::string_view(buffer_.data(), size));
  }
  absl::Status Damaged(absl::string_view why) const {
    return absl::DataLossError(
        absl::StrCat(name_, ": cannot be uncompressed: ", why));
  }
  absl::Status CutShort() const { return Damaged("it is cut short"); }

  std::string buffer_ = std::string(size_t{256} << 10, '\0');

 private:
  const std::string name_;
  const uint64_t limit_;
  uint64_t taken_ = 0, given_ = 0;
};

namespace {

class Gzip : public Uncompressor::Format {
 public:
  using Format::Format;
  ~Gzip() override { inflateEnd(&stream_); }

  absl::Status Finish(Uncompressor::Sink) override {
    return inside_ ? CutShort() : absl::OkStatus();
  }

 private:
  absl::Status Take(absl::string_view bytes, Uncompressor::Sink sink) override {
    while (!bytes.empty()) {
      if (!inside_) {
        // gzip itself takes zeroes behind the end for padding.
        while (begun_ && !bytes.empty() && bytes[0] == '\0') {
          bytes.remove_prefix(1);
        }
        if (bytes.empty()) break;
        RETURN_IF_ERROR(BeginMember());
      }
      const size_t take =
          std::min<size_t>(bytes.size(), std::numeric_limits<uInt>::max() / 2);
      stream_.next_in =
          reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream_.avail_in = static_cast<uInt>(take);
      RETURN_IF_ERROR(Inflate(sink));
      bytes.remove_prefix(take - stream_.avail_in);
    }
    return absl::OkStatus();
  }

  absl::Status BeginMember() {
    // 16: a gzip header is wanted.
    const int result = begun_ ? inflateReset(&stream_)
                              : inflateInit2(&stream_, 16 + MAX_WBITS);
    if (result != Z_OK) {
      return absl::ResourceExhaustedError("zlib: no memory");
    }
    begun_ = inside_ = true;
    return absl::OkStatus();
  }

  // All that is at hand, or up to the end of the member.
  absl::Status Inflate(Uncompressor::Sink sink) {
    int result = Z_OK;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      result = inflate(&stream_, Z_NO_FLUSH);
      // Nothing to take and nothing to give: more is to come.
      if (result == Z_BUF_ERROR && stream_.avail_in == 0) break;
      if (result != Z_OK && result != Z_STREAM_END) {
        return Damaged(stream_.msg == nullptr ? "gzip" : stream_.msg);
      }
      RETURN_IF_ERROR(Give(buffer_.size() - stream_.avail_out, sink));
    } while (result == Z_OK &&
             (stream_.avail_in > 0 || stream_.avail_out == 0));
    inside_ = result != Z_STREAM_END;
    return absl::OkStatus();
  }

  z_stream stream_ = {};
  bool begun_ = false, inside_ = false;
};

class Xz : public Uncompressor::Format {
 public:
  using Format::Format;
  ~Xz() override { lzma_end(&stream_); }

  absl::Status Finish(Uncompressor::Sink sink) override {
    return Run(LZMA_FINISH, sink);
  }

 private:
  absl::Status Take(absl::string_view bytes, Uncompressor::Sink sink) override {
    if (!begun_ &&
        lzma_stream_decoder(&stream_, uint64_t{1} << kMaxZstdWindowLog,
                            LZMA_CONCATENATED) != LZMA_OK) {
      return absl::ResourceExhaustedError("liblzma: no memory");
    }
    begun_ = true;
    stream_.next_in = reinterpret_cast<const uint8_t*>(bytes.data());
    stream_.avail_in = bytes.size();
    return Run(LZMA_RUN, sink);
  }

  absl::Status Run(lzma_action action, Uncompressor::Sink sink) {
    if (!begun_) return absl::OkStatus();
    do {
      stream_.next_out = reinterpret_cast<uint8_t*>(buffer_.data());
      stream_.avail_out = buffer_.size();
      const lzma_ret result = lzma_code(&stream_, action);
      if (result == LZMA_MEMLIMIT_ERROR) {
        return Damaged("it wants more memory than any dump or tree needs");
      }
      if (result == LZMA_BUF_ERROR && action == LZMA_FINISH) return CutShort();
      if (result != LZMA_OK && result != LZMA_STREAM_END &&
          result != LZMA_BUF_ERROR) {
        return Damaged("its bytes are damaged");
      }
      RETURN_IF_ERROR(Give(buffer_.size() - stream_.avail_out, sink));
      if (result == LZMA_STREAM_END) return absl::OkStatus();
    } while (action == LZMA_FINISH || stream_.avail_in > 0 ||
             stream_.avail_out == 0);
    return absl::OkStatus();
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool begun_ = false;
};

class Zstd : public Uncompressor::Format {
 public:
  using Format::Format;

  absl::Status Finish(Uncompressor::Sink) override {
    return pending_ == 0 ? absl::OkStatus() : CutShort();
  }

 private:
  absl::Status Take(absl::string_view bytes, Uncompressor::Sink sink) override {
    if (context_ == nullptr) {
      context_.reset(ZSTD_createDCtx());
      if (context_ == nullptr) {
        return absl::ResourceExhaustedError("zstd: no memory");
      }
      ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax,
                             kMaxZstdWindowLog);
    }
    ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
    bool full = false;
    // Inside a frame, a full output buffer may mean that more is waiting.
    while (in.pos < in.size || full) {
      ZSTD_outBuffer to = {buffer_.data(), buffer_.size(), 0};
      pending_ = ZSTD_decompressStream(context_.get(), &to, &in);
      if (ZSTD_isError(pending_)) return Damaged(ZSTD_getErrorName(pending_));
      RETURN_IF_ERROR(Give(to.pos, sink));
      full = to.pos == to.size && pending_ != 0;
    }
    return absl::OkStatus();
  }

  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context_{nullptr,
                                                              &ZSTD_freeDCtx};
  size_t pending_ = 0;  // 0: exactly at the end of a frame.
};

std::unique_ptr<Uncompressor::Format> FormatFor(absl::string_view name,
                                                FileKind kind, uint64_t most) {
  switch (kind) {
    case FileKind::kGzip:
      return std::make_unique<Gzip>(name, most);
    case FileKind::kXz:
      return std::make_unique<Xz>(name, most);
    case FileKind::kZstd:
      return std::make_unique<Zstd>(name, most);
    default:
      return nullptr;
  }
}

FileKind KindOfPacked(FileKind kind, absl::string_view bytes, bool all) {
  std::string text;
  const auto sink = [&](absl::string_view piece) {
    text.append(piece.data(), piece.size());
    return text.size() < kFileKindBytes ? absl::OkStatus()
                                        : absl::CancelledError();
  };
  Uncompressor packed("", kind, kMaxTreeFile);
  absl::Status status = packed.Feed(bytes, sink);
  if (all && status.ok()) status = packed.Finish(sink);
  const bool good = status.ok() || absl::IsCancelled(status);
  return good ? KindOf(text) : FileKind::kBinary;
}

}  // namespace

Uncompressor::Uncompressor(absl::string_view name, FileKind kind, uint64_t most)
    : format_(FormatFor(name, kind, most)) {}
Uncompressor::~Uncompressor() = default;

absl::Status Uncompressor::Feed(absl::string_view bytes, Sink sink) {
  return format_ == nullptr ? absl::InternalError("not compressed")
                            : format_->Feed(bytes, sink);
}

absl::Status Uncompressor::Finish(Sink sink) {
  return format_ == nullptr ? absl::InternalError("not compressed")
                            : format_->Finish(sink);
}

absl::Status UncompressTo(absl::string_view name, FileKind kind,
                          absl::string_view bytes, uint64_t most,
                          Uncompressor::Sink sink) {
  Uncompressor all(name, kind, most);
  RETURN_IF_ERROR(all.Feed(bytes, sink));
  return all.Finish(sink);
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
  return KindOfPacked(kind, bytes, /*all=*/true);
}

FileKind KindAtBegin(FileKind kind, absl::string_view begin) {
  return KindOfPacked(kind, begin, /*all=*/false);
}

}  // namespace assocsync
