// A whole file as one piece of text, where it can be without copying it.
#ifndef ASSOCSYNC_ENGINE_IO_MAPPED_FILE_H_
#define ASSOCSYNC_ENGINE_IO_MAPPED_FILE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/input_limits.h"

namespace assocsync {

// Read-only. text() stays where it is until the object is destroyed, also when
// the object is moved. A regular file is mapped: whoever truncates it
// meanwhile ends this process (SIGBUS), so nothing is mapped once steps run.
// A pipe (`<(...)`, /dev/stdin) is read to its end.
class MappedFile {
 public:
  MappedFile() = default;  // No text.
  // For a text that is in no file, or that must not change any more.
  static MappedFile Of(std::string text);
  // What Readable::kData in file.h says may be opened; kResourceExhausted for a
  // pipe with more than `max_pipe` bytes.
  static absl::StatusOr<MappedFile> Open(const std::string& path,
                                         uint64_t max_pipe = kMaxPipe);

  absl::string_view text() const { return text_; }
  // NOLINTNEXTLINE(google-explicit-constructor): it is a text to who reads it.
  operator absl::string_view() const { return text_; }
  // The text, copied only where it was mapped. The object has none then.
  std::string Take() &&;

 private:
  struct Unmap {
    void operator()(const char* address) const;
    size_t size;
  };
  // text_ lies in one of the two. The copy is on the heap,
  // so that moving does not move it.
  std::unique_ptr<const char, Unmap> mapping_;
  std::unique_ptr<std::string> copy_;
  absl::string_view text_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_MAPPED_FILE_H_
