#include "engine/io/signature.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

constexpr uint64_t kMaxKey = 1 << 16;
constexpr size_t kSignatureSize = 64;

// Instead of a question on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

using Reading = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*);

absl::StatusOr<std::shared_ptr<void>> ReadKey(const std::string& path,
                                              std::string text, Reading read,
                                              absl::string_view otherwise) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  std::shared_ptr<EVP_PKEY> key(
      bio == nullptr ? nullptr
                     : read(bio.get(), nullptr, &NoPassphrase, nullptr),
      &EVP_PKEY_free);
  OPENSSL_cleanse(text.data(), text.size());
  ERR_clear_error();
  if (key == nullptr || EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", otherwise));
  }
  return key;
}

std::shared_ptr<EVP_MD_CTX> NewContext() {
  return {EVP_MD_CTX_new(), &EVP_MD_CTX_free};
}

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

absl::StatusOr<SigningKey> SigningKey::Read(const std::string& path,
                                            const PathTrust& trust) {
  ASSIGN_OR_RETURN(std::string text,
                   trust.Read(path, kMaxKey, PathTrust::End::kSecret));
  SigningKey key;
  ASSIGN_OR_RETURN(
      key.key_,
      ReadKey(path, std::move(text), &PEM_read_bio_PrivateKey,
              "not a private Ed25519 key in PEM without a passphrase; make one "
              "with: openssl genpkey -algorithm ed25519 -out FILE"));
  return key;
}

std::string SigningKey::Sign(absl::string_view bytes) const {
  const auto context = NewContext();
  std::string signature(kSignatureSize, '\0');
  size_t size = signature.size();
  // It can fail only for want of memory, and then there is nothing left to do.
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr,
                         static_cast<EVP_PKEY*>(key_.get())) != 1 ||
      EVP_DigestSign(context.get(),
                     reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Bytes(bytes), bytes.size()) != 1) {
    std::abort();
  }
  return signature;
}

absl::StatusOr<VerifyingKey> VerifyingKey::Read(const std::string& path,
                                                const PathTrust& trust) {
  ASSIGN_OR_RETURN(std::string text, trust.Read(path, kMaxKey));
  VerifyingKey key;
  key.path_ = path;
  ASSIGN_OR_RETURN(
      key.key_,
      ReadKey(path, std::move(text), &PEM_read_bio_PUBKEY,
              "not a public Ed25519 key in PEM; take it from the private one "
              "with: openssl pkey -in KEY -pubout -out FILE"));
  return key;
}

bool VerifyingKey::Signed(absl::string_view bytes,
                          absl::string_view signature) const {
  const auto context = NewContext();
  const bool good =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr,
                           static_cast<EVP_PKEY*>(key_.get())) == 1 &&
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                       Bytes(bytes), bytes.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace assocsync
