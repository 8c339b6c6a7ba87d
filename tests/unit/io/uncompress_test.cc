#include "engine/io/uncompress.h"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "engine/base/input_limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::uncompress_test {

using ::testing::HasSubstr;

std::string Gzip(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8,
                         Z_DEFAULT_STRATEGY),
            Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Xz(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  size_t size = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(
                6, LZMA_CHECK_CRC64, nullptr,
                reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                reinterpret_cast<uint8_t*>(out.data()), &size, out.size()),
            LZMA_OK);
  out.resize(size);
  return out;
}

std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()) + 16, '\0');
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);  // As zstd does.
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(),
                            text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

struct Packer {
  FileKind kind;
  std::string (*pack)(const std::string&);
};
constexpr Packer kPackers[] = {
    {FileKind::kGzip, Gzip}, {FileKind::kXz, Xz}, {FileKind::kZstd, Zstd}};

std::string Text(size_t size) {
  std::string text;
  while (text.size() < size) {
    text += "User - 'u" + std::to_string(text.size()) + "'\n";
  }
  return text;
}

TEST(UncompressTest, GivesBackWhatWasPacked) {
  for (const Packer& packer : kPackers) {
    for (const size_t size : {size_t{0}, size_t{100}, size_t{3} << 20}) {
      const std::string text = Text(size);
      const std::string packed = packer.pack(text);
      EXPECT_EQ(KindOf(packed), packer.kind);
      const auto got = Uncompress("f", packer.kind, packed);
      ASSERT_TRUE(got.ok()) << got.status();
      EXPECT_TRUE(*got == text) << size;
      // In pieces of any size.
      for (const size_t piece : {size_t{1}, size_t{777}, size_t{70'000}}) {
        if (size > 100 && piece == 1) continue;
        Uncompressor pieces("f", packer.kind, text.size());
        std::string joined;
        const auto sink = [&](absl::string_view bytes) {
          joined.append(bytes.data(), bytes.size());
          return absl::OkStatus();
        };
        for (size_t at = 0; at < packed.size(); at += piece) {
          ASSERT_TRUE(pieces.Feed(packed.substr(at, piece), sink).ok());
        }
        EXPECT_TRUE(pieces.Finish(sink).ok());
        EXPECT_TRUE(joined == text) << piece;
      }
      // As `cat a.gz b.gz` makes them.
      const auto twice = Uncompress("f", packer.kind, packed + packed);
      ASSERT_TRUE(twice.ok()) << twice.status();
      EXPECT_TRUE(*twice == text + text) << size;
    }
  }
}

TEST(UncompressTest, WhatIsCutShortOrDamagedIsAnError) {
  for (const Packer& packer : kPackers) {
    const std::string packed = packer.pack(Text(5000));
    for (const size_t size : {packed.size() - 1, packed.size() / 2}) {
      const auto got = Uncompress("f", packer.kind, packed.substr(0, size));
      EXPECT_EQ(got.status().code(), absl::StatusCode::kDataLoss);
      EXPECT_THAT(got.status().message(), HasSubstr("f: "));
    }
    std::string damaged = packed;
    damaged[damaged.size() / 2] ^= 0x55;
    EXPECT_FALSE(Uncompress("f", packer.kind, damaged).ok());
  }
}

TEST(UncompressTest, WhatGrowsTooMuchIsRefused) {
  const std::string packed =
      Zstd(std::string(kFreeZstdBytes + (uint64_t{64} << 20), 'a'));
  const auto got = Uncompress("f", FileKind::kZstd, packed);
  EXPECT_EQ(got.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(got.status().message(), HasSubstr("grows to more than"));
}

}  // namespace assocsync::uncompress_test
