// Digests: SHA-256, and what servers want of a password.
#ifndef ASSOCSYNC_ENGINE_IO_DIGEST_H_
#define ASSOCSYNC_ENGINE_IO_DIGEST_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX.

namespace assocsync {

// Fed piece by piece.
class Sha256 {
 public:
  Sha256();
  void Update(absl::string_view bytes);
  // 64 lower-case hex digits. Call once, last.
  std::string Hex();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

std::string Sha256Hex(absl::string_view bytes);

// Of all bytes of a file (Readable::kPlain), read in pieces; errors as in
// file.h.
absl::StatusOr<std::string> Sha256OfFile(const std::string& path);

// How servers keep a password of mysql_native_password: '*' and, in upper-case
// hex, SHA-1 of its SHA-1. Not for anything but that.
std::string NativePasswordHash(absl::string_view password);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_DIGEST_H_
