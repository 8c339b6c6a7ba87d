#include "engine/io/digest.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/io/file.h"
#include "engine/io/unique_fd.h"

namespace assocsync {
namespace {

// SHA-256 is in every provider, also a FIPS one; without memory for a context
// there is nothing left to do.
void Require(bool ok) {
  if (!ok) std::abort();
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
  Require(context_ != nullptr &&
          EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void Sha256::Update(absl::string_view bytes) {
  Require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::Hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  Require(EVP_DigestFinal_ex(context_.get(), digest, &size) == 1);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), size));
}

std::string Sha256Hex(absl::string_view bytes) {
  Sha256 digest;
  digest.Update(bytes);
  return digest.Hex();
}

absl::StatusOr<std::string> Sha256OfFile(const std::string& path) {
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenToRead(path, Readable::kPlain));
  Sha256 digest;
  std::string buffer(size_t{1} << 20, '\0');
  while (true) {
    const ssize_t n = read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(path, "read", errno);
    if (n == 0) return digest.Hex();
    digest.Update(absl::string_view(buffer.data(), n));
  }
}

std::string NativePasswordHash(absl::string_view password) {
  std::string text(password);
  for (int i = 0; i < 2; ++i) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    Require(EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(),
                       nullptr) == 1);
    text.assign(reinterpret_cast<const char*>(digest), size);
  }
  return absl::StrCat("*", absl::AsciiStrToUpper(absl::BytesToHexString(text)));
}

}  // namespace assocsync
