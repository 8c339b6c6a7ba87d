// Dumps that real daemons wrote (testdata/dumps/README.md).
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "gtest/gtest.h"

namespace assocsync::dumps_test {

std::vector<std::string> Dumps() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(
           ASSOCSYNC_SOURCE_DIR "/testdata/dumps")) {
    if (entry.path().extension() == ".cfg") {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string Read(const std::string& name) {
  std::ifstream in(absl::StrCat(ASSOCSYNC_SOURCE_DIR "/testdata/dumps/", name),
                   std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// 2411 from "24.11-nasty.cfg".
int Release(const std::string& name) {
  int year = 0, month = 0;
  EXPECT_TRUE(absl::SimpleAtoi(name.substr(0, 2), &year));
  EXPECT_TRUE(absl::SimpleAtoi(name.substr(3, 2), &month));
  return year * 100 + month;
}

// The lines of a dump without its comment, with what the server orders as it
// likes in an order of our own: QOS lines, and the rows of one user.
std::vector<std::string> Lines(absl::string_view text) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty() && line[0] != '#') lines.emplace_back(line);
  }
  const auto group = [](const std::string& line) {
    if (absl::StartsWith(line, "QOS - ")) return std::string("QOS");
    if (!absl::StartsWith(line, "User - ")) return std::string();
    return line.substr(0, line.find("':") + 1);
  };
  for (auto begin = lines.begin(); begin != lines.end();) {
    auto end = begin + 1;
    while (end != lines.end() && !group(*begin).empty() &&
           group(*end) == group(*begin)) {
      ++end;
    }
    std::sort(begin, end);
    begin = end;
  }
  return lines;
}

// From 2^40 MB on dump prints units that it has no letter for ("1?"), and
// decimals of what is not whole ("1.00P" for 1073742336 MB): many counts share
// such a text, and none of them may be guessed.
bool Unreadable(absl::string_view line) {
  return absl::StrContains(line, "=1.00P") || absl::StrContains(line, "=1?") ||
         absl::StrContains(line, "=1.50?") || absl::StrContains(line, "=8?");
}

std::string ReadableOf(absl::string_view text) {
  std::string out;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!Unreadable(line) && !line.empty()) absl::StrAppend(&out, line, "\n");
  }
  return out;
}

class DumpTest : public testing::TestWithParam<std::string> {};

TEST_P(DumpTest, WhatCannotBeToldIsRefused) {
  const std::string text = Read(GetParam());
  int unreadable = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (Unreadable(line)) ++unreadable;
  }
  std::vector<int> lines;
  for (const ParseError& error :
       Parse(text, {.origin = Origin::kDump}).errors) {
    if (lines.empty() || lines.back() != error.line)
      lines.push_back(error.line);
  }
  EXPECT_EQ(static_cast<int>(lines.size()), unreadable);
}

TEST_P(DumpTest, ComesBackLineForLine) {
  const std::string text = ReadableOf(Read(GetParam()));
  const ParseResult parsed = Parse(text, {.origin = Origin::kDump});
  ASSERT_EQ(FormatErrors(GetParam(), parsed.errors), "");
  EXPECT_EQ(Illegalities(parsed.tree), std::vector<std::string>());
  EXPECT_EQ(Lines(Write(parsed.tree, {.dump_of = Release(GetParam())})),
            Lines(text));
}

TEST_P(DumpTest, SurvivesTheCanonicalForm) {
  const ParseResult parsed = Parse(Read(GetParam()), {.origin = Origin::kDump});
  const std::string canonical = Write(parsed.tree);
  const auto again = ParseTree("canonical", canonical);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, parsed.tree);
  EXPECT_EQ(Write(*again), canonical);
}

INSTANTIATE_TEST_SUITE_P(Real, DumpTest, testing::ValuesIn(Dumps()),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) {
                             if (!absl::ascii_isalnum(c)) c = '_';
                           }
                           return name;
                         });

}  // namespace assocsync::dumps_test
