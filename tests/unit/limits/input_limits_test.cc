// What is over a limit of input_limits.h: refused, with its place and in few
// words, however much there is of it.
#include "engine/base/input_limits.h"

#include <zstd.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/apply/journal.h"
#include "engine/backup/compression.h"
#include "engine/backup/manifest.h"
#include "engine/base/input_shape.h"
#include "engine/cfg/format.h"
#include "engine/cfg/parse.h"
#include "engine/check/check.h"
#include "engine/check/policy.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/render/check_report.h"
#include "engine/render/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/rendered.h"

namespace assocsync::input_limits_test {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kHead[] = "Cluster - 'c'\nParent - 'root'\n";

std::string Times(size_t n, absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < n; ++i) absl::StrAppend(&out, text);
  return out;
}

// "line:column: message" of each.
std::vector<std::string> ErrorsOf(const std::string& text) {
  std::vector<std::string> out;
  for (const ParseError& error : Parse(text).errors) {
    out.push_back(
        absl::StrCat(error.line, ":", error.column, ": ", error.message));
  }
  return out;
}

TEST(InputLimitsTest, ErrorsOfAKindAreToldAndThenCounted) {
  std::string text = kHead;
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&text, "User - 'u", i, "':DefaultAccount='root':Bogus=1\n");
  }
  const std::vector<std::string> errors = ErrorsOf(text);
  ASSERT_THAT(errors, SizeIs(kMaxErrorsOfAKind + 1));
  EXPECT_EQ(errors[0], "3:35: 'Bogus' is no option; did you mean 'QOS'?");
  EXPECT_EQ(errors[19], "22:36: 'Bogus' is no option; did you mean 'QOS'?");
  EXPECT_EQ(errors[20], "23:36: and 980 more like that of 22:36");
}

TEST(InputLimitsTest, KindsAreCountedEachForItself) {
  std::string text = absl::StrCat(kHead, Times(25, "nothing\n"));
  for (int i = 0; i < 30; ++i) {
    absl::StrAppend(&text, "Account - 'a", i, "':MaxJobs=x\n");
  }
  absl::StrAppend(&text, "Account - 'b':MaxJobs=1:MaxJobs=2\n");
  const std::vector<std::string> errors = ErrorsOf(text);
  ASSERT_THAT(errors, SizeIs(2 * kMaxErrorsOfAKind + 3));
  EXPECT_EQ(errors[20], "23:1: and 5 more like that of 22:1");
  EXPECT_EQ(errors[41], "48:25: and 10 more like that of 47:25");
  EXPECT_EQ(errors[42], "58:25: MaxJobs is given twice on this line");
}

// 80 KB, of which today's predecessor made 1.6 GB.
TEST(InputLimitsTest, FaultsOfALongLineAreShort) {
  for (const char* option : {":Bogus=1", ":MaxJobs=1", ":GrpCPUs=1", ":x"}) {
    const std::string text =
        absl::StrCat(kHead, "Account - 'x'", Times(10000, option), "\n");
    const absl::Status status = ParseTree("f", text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_LT(status.message().size(), size_t{20000}) << option;
    CheckInput input;
    input.name = "f";
    input.text = text;
    EXPECT_LT(RenderCheckJson(*Check(input)).size(), size_t{40000}) << option;
    EXPECT_LT(RenderCheckText(*Check(input), {}).size(), size_t{20000});
  }
}

TEST(InputLimitsTest, OptionsOfALine) {
  const std::vector<std::string> errors = ErrorsOf(absl::StrCat(
      kHead, "Account - 'x'", Times(kMaxOptions + 1, ":Desc=x"), "\n"));
  EXPECT_THAT(errors, testing::Contains(absl::StrCat(
                          "3:", 14 + kMaxOptions * 7,
                          ": this line has more "
                          "than 256 options; the rest is not read")));
}

TEST(InputLimitsTest, WhatIsShownOfALongLine) {
  const std::string text =
      absl::StrCat(kHead, "Account - 'x':Description='", std::string(1000, 'd'),
                   "':Bogus=1:Description='", std::string(1000, 'e'), "'\n");
  const std::vector<ParseError> errors = Parse(text).errors;
  ASSERT_THAT(errors, SizeIs(2));
  const ParseError& error = errors[0];
  EXPECT_LE(error.text.size(), kMaxShownLine + 6);
  EXPECT_TRUE(absl::StartsWith(error.text, "...d"));
  EXPECT_TRUE(absl::EndsWith(error.text, "e..."));
  EXPECT_EQ(error.text.substr(error.caret, 7), "Bogus=1");
}

TEST(InputLimitsTest, LengthOfALine) {
  const std::string most(kMaxLine, ' ');
  EXPECT_THAT(ErrorsOf(absl::StrCat("Cluster - 'c'\n", most, "\n")), SizeIs(0));
  EXPECT_THAT(ErrorsOf(absl::StrCat("Cluster - 'c'\n", most, " \n")),
              testing::ElementsAre("2:1: this line is longer than 1048576 "
                                   "bytes, with what it continues"));
  // As one line, or as many that continue.
  const std::vector<std::string> errors = ErrorsOf(
      absl::StrCat("Cluster - 'c'\n", Times(3, most.substr(1) + "\\\n"), "\n"));
  ASSERT_THAT(errors, testing::Not(SizeIs(0)));
  EXPECT_THAT(errors[0], HasSubstr("longer than 1048576"));
}

TEST(InputLimitsTest, LengthOfAName) {
  const std::string most(kMaxName, 'n');
  EXPECT_THAT(ErrorsOf(absl::StrCat(kHead, "Account - '", most, "'\n")),
              SizeIs(0));
  for (const char* object : {"Account", "User", "Parent"}) {
    EXPECT_THAT(ErrorsOf(absl::StrCat(kHead, object, " - '", most, "n'\n")),
                testing::Contains(HasSubstr("is longer than 255 bytes")))
        << object;
  }
  // Escapes are no part of it.
  const std::string hashes = Times(kMaxName, "\\#");
  EXPECT_THAT(ErrorsOf(absl::StrCat(kHead, "Account - '", hashes, "'\n")),
              SizeIs(0));
}

TEST(InputLimitsTest, DepthOfAccounts) {
  std::string text = "Cluster - 'c'\nParent - 'root'\nAccount - '0'\n";
  for (uint32_t i = 1; i <= kMaxAccountDepth; ++i) {
    absl::StrAppend(&text, "Parent - '", i - 1, "'\nAccount - '", i, "'\n");
  }
  const std::vector<std::string> errors = ErrorsOf(text);
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0],
            absl::StrCat(3 + 2 * kMaxAccountDepth,
                         ":12: this account is nested deeper than 250000, "
                         "which no Slurm could hold"));
}

TEST(InputLimitsTest, JsonThatIsDeep) {
  EXPECT_TRUE(
      CheckJsonShape(absl::StrCat(std::string(kMaxJsonDepth, '['), "1")).ok());
  const std::string deep(kMaxJsonDepth + 1, '[');
  EXPECT_EQ(CheckJsonShape(deep).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CheckJsonShape(absl::StrCat("\"", deep, "\\\"", deep, "\"")),
            absl::OkStatus());  // In a text.
  EXPECT_EQ(PlanFromJson(absl::StrCat("{\"a\":", deep)).status().message(),
            "not a plan of assocsync: the document is nested deeper than 32");
  EXPECT_THAT(std::string(ParseManifest(deep).status().message()),
              HasSubstr("nested deeper than 32"));
  EXPECT_FALSE(ParseJournal(absl::StrCat(deep, "\n")).ok());
}

TEST(InputLimitsTest, JsonThatIsMadeOfNothing) {
  const std::string text = absl::StrCat("[", Times(100'000, "0,"), "0]");
  EXPECT_THAT(std::string(PlanFromJson(text).status().message()),
              HasSubstr("made of 100002 values in 200003 bytes"));
  EXPECT_TRUE(
      CheckJsonShape(absl::StrCat("[", Times(100'000, "\"a word\","), "0]"))
          .ok());
}

TEST(InputLimitsTest, EntriesOfAManifest) {
  Manifest manifest;
  manifest.created = absl::FromUnixSeconds(0);
  manifest.clusters.assign(kMaxClusters, "some_cluster");
  EXPECT_TRUE(ParseManifest(WriteManifest(manifest)).ok());
  manifest.clusters.push_back("one_more");
  EXPECT_EQ(ParseManifest(WriteManifest(manifest)).status().message(),
            "manifest.json: 'clusters' holds 10001 entries; no backup has more "
            "than 10000");
}

TEST(InputLimitsTest, PatternsOfAPolicy) {
  EXPECT_TRUE(NamePattern::Make("[a-z][a-z0-9_]{0,200}").ok());
  EXPECT_FALSE(
      NamePattern::Make("(((([a-z]{1,200}){1,200}){1,200}){1,50})").ok());
  // States of a machine that is made while it runs.
  const absl::StatusOr<NamePattern> pattern =
      NamePattern::Make("[ab]*a[ab]{200}");
  ASSERT_TRUE(pattern.ok()) << pattern.status();
  EXPECT_TRUE(pattern->Match(std::string(255, 'a')));
  EXPECT_FALSE(pattern->Match(std::string(200, 'a')));
}

TEST(InputLimitsTest, TomlThatIsDeepOrLarge) {
  EXPECT_EQ(ParsePolicy("p", absl::StrCat(Times(500'000, "a."), "a=1"))
                .status()
                .message(),
            "p: line 1 holds a key of more than 256 parts");
  EXPECT_EQ(ParsePolicy("p", absl::StrCat("a=[", Times(200'000, "1,"), "]"))
                .status()
                .message(),
            "p: it holds more than 100000 values");
  EXPECT_THAT(std::string(ParsePolicy("p", absl::StrCat("a=", Times(1000, "[")))
                              .status()
                              .message()),
              testing::StartsWith("p:1:"));
}

std::string Compressed(const std::string& text, int window_log) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_inBuffer in = {text.data(), text.size(), 0};
  ZSTD_outBuffer to = {out.data(), out.size(), 0};
  // Of what ends at once a smaller window would do.
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue);
  while (ZSTD_compressStream2(context, &to, &in, ZSTD_e_end) != 0) {
  }
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

TEST(InputLimitsTest, ZstdThatGrows) {
  const TempDir temp = *TempDir::Create(testing::TempDir());
  const std::string path = absl::StrCat(temp.path(), "/dump.sql.zst");
  const auto read = [&](const std::string& bytes) {
    EXPECT_TRUE(WriteFileAtomic(path, bytes).ok());
    return ReadSqlFile(path, [](absl::string_view) { return absl::OkStatus(); })
        .status();
  };
  const std::string zeroes(kFreeZstdBytes, '\0');
  const std::string frame = Compressed(zeroes, 20);
  EXPECT_EQ(read(frame), absl::OkStatus());
  const absl::Status bomb = read(Times(4, frame));
  EXPECT_EQ(bomb.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(bomb.message(),
            absl::StrCat(path,
                         ": grows to more than 1000 times its size, which "
                         "no dump and no tree does; uncompress it and name "
                         "the plain file if it is one"));
  EXPECT_THAT(std::string(read(Compressed("x", 28)).message()),
              HasSubstr("too much memory"));
}

}  // namespace assocsync::input_limits_test
