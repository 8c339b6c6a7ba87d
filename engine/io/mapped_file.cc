#include "engine/io/mapped_file.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "engine/base/status.h"
#include "engine/io/file.h"
#include "engine/io/unique_fd.h"

namespace assocsync {

void MappedFile::Unmap::operator()(const char* address) const {
  munmap(const_cast<char*>(address), size);
}

MappedFile MappedFile::Of(std::string text) {
  MappedFile file;
  file.copy_ = std::make_unique<std::string>(std::move(text));
  file.text_ = *file.copy_;
  return file;
}

std::string MappedFile::Take() && {
  const MappedFile taken = std::exchange(*this, MappedFile());
  return taken.copy_ == nullptr ? std::string(taken.text_)
                                : std::move(*taken.copy_);
}

absl::StatusOr<MappedFile> MappedFile::Open(const std::string& path,
                                            uint64_t max_pipe) {
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenToRead(path, Readable::kData));
  struct stat st;
  if (fstat(fd.get(), &st) != 0) return FileError(path, "look at", errno);
  if (!S_ISREG(st.st_mode) || st.st_size == 0) {
    // Size 0 is also what files under /proc say.
    ASSIGN_OR_RETURN(std::string text, ReadOpenFile(fd.get(), path, max_pipe));
    return Of(std::move(text));
  }
  const auto size = static_cast<size_t>(st.st_size);
  void* address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (address == MAP_FAILED) return FileError(path, "map", errno);
  // Files are parsed in one pass.
  madvise(address, size, MADV_SEQUENTIAL);
  MappedFile file;
  file.mapping_ = {static_cast<const char*>(address), Unmap{size}};
  file.text_ = absl::string_view(file.mapping_.get(), size);
  return file;
}

}  // namespace assocsync
