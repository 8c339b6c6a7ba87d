// Files as people keep them: compressed by gzip, xz or zstd.
#ifndef ASSOCSYNC_ENGINE_IO_UNCOMPRESS_H_
#define ASSOCSYNC_ENGINE_IO_UNCOMPRESS_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/file_kind.h"

namespace assocsync {

// What is in it; several streams behind each other are one text, as their own
// programs read them. `kind`: one for which IsCompressed. kDataLoss for a
// stream that is damaged or cut short, or grows more than kMaxZstdRatio allows;
// kResourceExhausted for more than kMaxTreeFile. `name` is for messages.
absl::StatusOr<std::string> Uncompress(absl::string_view name, FileKind kind,
                                       absl::string_view bytes);

// The same in pieces, of up to `most` bytes; the sink's error ends it and is
// returned.
absl::Status UncompressTo(
    absl::string_view name, FileKind kind, absl::string_view bytes,
    uint64_t most, absl::FunctionRef<absl::Status(absl::string_view)> sink);

// What is in it, by its first bytes; kBinary where it is damaged.
FileKind KindInside(FileKind kind, absl::string_view bytes);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_UNCOMPRESS_H_
