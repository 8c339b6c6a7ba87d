// Ed25519 keys and signatures, against the openssl program.
#include "engine/io/signature.h"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::signature_test {

using ::testing::HasSubstr;

class SignatureTest : public testing::Test {
 protected:
  SignatureTest() : temp_(*TempDir::Create("/tmp")) {
    Openssl({"genpkey", "-algorithm", "ed25519", "-out", Path("key.pem")});
    Openssl(
        {"pkey", "-in", Path("key.pem"), "-pubout", "-out", Path("key.pub")});
    chmod(Path("key.pem").c_str(), 0600);
  }
  std::string Path(const std::string& name) const {
    return temp_.path() + "/" + name;
  }
  void Openssl(std::vector<std::string> words, bool works = true) const {
    words.insert(words.begin(), "openssl");
    ProcessRunner runner({"PATH=/usr/bin:/bin"});
    const auto run = runner.Run(words, absl::Seconds(60));
    ASSERT_TRUE(run.ok()) << run.status();
    EXPECT_EQ(run->clean(), works) << run->out << run->err;
  }

  TempDir temp_;
  PathTrust trust_;
};

TEST_F(SignatureTest, OpensslChecksOursAndWeCheckIts) {
  const auto key = SigningKey::Read(Path("key.pem"), trust_);
  const auto pub = VerifyingKey::Read(Path("key.pub"), trust_);
  ASSERT_TRUE(key.ok() && pub.ok()) << key.status() << pub.status();
  for (const std::string& text :
       {std::string(), std::string("a\0b\n", 4), std::string(100000, 'x')}) {
    const std::string signature = key->Sign(text);
    EXPECT_EQ(signature.size(), 64u);
    EXPECT_TRUE(pub->Signed(text, signature));
    EXPECT_FALSE(pub->Signed(text + " ", signature));
    EXPECT_FALSE(pub->Signed(text, signature.substr(1)));
    EXPECT_FALSE(pub->Signed(text, signature + "\n"));
    EXPECT_FALSE(pub->Signed(text, ""));
    EXPECT_FALSE(pub->Signed(text, std::string(64, '\0')));
    if (text.empty()) continue;  // That openssl does not take.
    ASSERT_TRUE(WriteFileAtomic(Path("text"), text).ok());
    ASSERT_TRUE(WriteFileAtomic(Path("sig"), signature).ok());
    Openssl({"pkeyutl", "-verify", "-pubin", "-inkey", Path("key.pub"),
             "-rawin", "-in", Path("text"), "-sigfile", Path("sig")});
    Openssl({"pkeyutl", "-sign", "-inkey", Path("key.pem"), "-rawin", "-in",
             Path("text"), "-out", Path("theirs")});
    EXPECT_TRUE(pub->Signed(text, *ReadFile(Path("theirs"), 100)));
  }
  Openssl({"genpkey", "-algorithm", "ed25519", "-out", Path("other.pem")});
  chmod(Path("other.pem").c_str(), 0600);
  const auto other = SigningKey::Read(Path("other.pem"), trust_);
  ASSERT_TRUE(other.ok());
  EXPECT_FALSE(pub->Signed("x", other->Sign("x")));
}

TEST_F(SignatureTest, APrivateKeyIsPrivate) {
  for (const mode_t mode : {0640, 0604, 0644, 0660, 0610}) {
    chmod(Path("key.pem").c_str(), mode);
    const auto key = SigningKey::Read(Path("key.pem"), trust_);
    EXPECT_TRUE(IsUntrusted(key.status())) << mode;
    EXPECT_THAT(std::string(key.status().message()),
                HasSubstr("others may read"));
    // Nobody's word makes it secret again.
    EXPECT_FALSE(
        SigningKey::Read(Path("key.pem"), PathTrust({temp_.path()})).ok());
  }
  for (const mode_t mode : {0600, 0400}) {
    chmod(Path("key.pem").c_str(), mode);
    EXPECT_TRUE(SigningKey::Read(Path("key.pem"), trust_).ok()) << mode;
  }
  chmod(Path("key.pub").c_str(), 0666);
  EXPECT_TRUE(
      IsUntrusted(VerifyingKey::Read(Path("key.pub"), trust_).status()));
}

TEST_F(SignatureTest, WhatIsNoKeyIsRefusedAndNothingOfItIsTold) {
  Openssl({"genpkey", "-algorithm", "rsa", "-out", Path("rsa.pem")});
  Openssl({"pkey", "-in", Path("rsa.pem"), "-pubout", "-out", Path("rsa.pub")});
  Openssl({"pkey", "-in", Path("key.pem"), "-aes256", "-passout", "pass:x",
           "-out", Path("locked.pem")});
  ASSERT_TRUE(WriteFileAtomic(Path("empty"), "").ok());
  ASSERT_TRUE(WriteFileAtomic(Path("words"), "secret words").ok());
  for (const char* name :
       {"rsa.pem", "locked.pem", "empty", "words", "key.pub"}) {
    chmod(Path(name).c_str(), 0600);
    const absl::Status status = SigningKey::Read(Path(name), trust_).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << name << status;
    EXPECT_THAT(std::string(status.message()),
                testing::Not(HasSubstr("secret words")));
  }
  for (const char* name : {"rsa.pub", "empty", "words", "key.pem"}) {
    chmod(Path(name).c_str(), 0600);
    EXPECT_TRUE(absl::IsInvalidArgument(
        VerifyingKey::Read(Path(name), trust_).status()))
        << name;
  }
  EXPECT_TRUE(
      absl::IsNotFound(SigningKey::Read(Path("none"), trust_).status()));
}

}  // namespace assocsync::signature_test
