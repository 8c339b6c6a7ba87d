// Ed25519 signatures (RFC 8032), 64 bytes each, with keys in files as OpenSSL
// writes them:
//
//   openssl genpkey -algorithm ed25519 -out key.pem          the private key
//   openssl pkey -in key.pem -pubout -out key.pub            the public one
//
// A signature of FILE in FILE.sig can be checked without this program:
//
//   openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in FILE
//       -sigfile FILE.sig
#ifndef ASSOCSYNC_ENGINE_IO_SIGNATURE_H_
#define ASSOCSYNC_ENGINE_IO_SIGNATURE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/trusted_path.h"

namespace assocsync {

// A private key. Never part of a message.
class SigningKey {
 public:
  // IsUntrusted for a file that others may change, and, as ssh does, for one
  // that they may read; kInvalidArgument for what is no Ed25519 key in PEM, or
  // has a passphrase: nobody is there to type it at night.
  static absl::StatusOr<SigningKey> Read(const std::string& path,
                                         const PathTrust& trust);
  std::string Sign(absl::string_view bytes) const;

 private:
  std::shared_ptr<void> key_;  // EVP_PKEY
};

// A public key.
class VerifyingKey {
 public:
  static absl::StatusOr<VerifyingKey> Read(const std::string& path,
                                           const PathTrust& trust);
  // Whether `signature` is one of `bytes` by the private key.
  bool Signed(absl::string_view bytes, absl::string_view signature) const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::shared_ptr<void> key_;  // EVP_PKEY
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_SIGNATURE_H_
