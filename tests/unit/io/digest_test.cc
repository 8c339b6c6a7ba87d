#include "engine/io/digest.h"

#include <string>
#include <utility>

#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "gtest/gtest.h"

namespace assocsync::digest_test {

// FIPS 180-4 examples.
constexpr char kEmpty[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr char kAbc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr char kMillionA[] =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(DigestTest, KnownAnswers) {
  EXPECT_EQ(Sha256Hex(""), kEmpty);
  EXPECT_EQ(Sha256Hex("abc"), kAbc);
  Sha256 digest;
  for (int i = 0; i < 1000; ++i) digest.Update(std::string(1000, 'a'));
  Sha256 moved = std::move(digest);
  EXPECT_EQ(moved.Hex(), kMillionA);
}

TEST(DigestTest, OfAFile) {
  const auto dir = TempDir::Create(testing::TempDir());
  ASSERT_TRUE(dir.ok());
  const std::string path = dir->path() + "/f";
  ASSERT_TRUE(WriteFileAtomic(path, std::string(1000000, 'a')).ok());
  EXPECT_EQ(*Sha256OfFile(path), kMillionA);
  EXPECT_EQ(Sha256OfFile(path + "x").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace assocsync::digest_test
