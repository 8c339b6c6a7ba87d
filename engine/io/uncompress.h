// Files as people keep them: compressed by gzip, xz or zstd.
#ifndef ASSOCSYNC_ENGINE_IO_UNCOMPRESS_H_
#define ASSOCSYNC_ENGINE_IO_UNCOMPRESS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/file_kind.h"

namespace assocsync {

// What is in a file that comes in pieces of any size; several streams behind
// each other are one text, as their own programs read them.
class Uncompressor {
 public:
  using Sink = absl::FunctionRef<absl::Status(absl::string_view)>;

  // `kind`: one for which IsCompressed. More than `most` bytes are
  // kResourceExhausted. `name` is for messages.
  Uncompressor(absl::string_view name, FileKind kind, uint64_t most);
  ~Uncompressor();

  // kDataLoss for a stream that is damaged, wants more memory or grows more
  // than input_limits.h allows; the sink's error. Both end it.
  absl::Status Feed(absl::string_view bytes, Sink sink);
  // Call once, last. kDataLoss: it is cut short.
  absl::Status Finish(Sink sink);

  class Format;  // One of the three.

 private:
  std::unique_ptr<Format> format_;
};

// What is in it. As Uncompressor, of at most kMaxTreeFile bytes.
absl::StatusOr<std::string> Uncompress(absl::string_view name, FileKind kind,
                                       absl::string_view bytes);

// The same in pieces, of up to `most` bytes; the sink's error ends it and is
// returned.
absl::Status UncompressTo(absl::string_view name, FileKind kind,
                          absl::string_view bytes, uint64_t most,
                          Uncompressor::Sink sink);

// What is in it, by its first bytes; kBinary where it is damaged.
FileKind KindInside(FileKind kind, absl::string_view bytes);
// The same where no more than the beginning of the file is at hand.
FileKind KindAtBegin(FileKind kind, absl::string_view begin);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_UNCOMPRESS_H_
