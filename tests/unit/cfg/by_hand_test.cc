// Files that people write: how one is known, and what is made of what no dump
// holds. tests/real/hand_written_test.cc holds the same against sacctmgr load.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cfg/format.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::by_hand_test {

using ::testing::HasSubstr;

constexpr absl::string_view kDump =
    "# To edit this file start with a cluster line for the new cluster\n"
    "# Cluster - 'cluster_name':MaxNodesPerJob=50\n";

TEST(WasDumpedTest, TheFirstCommentTells) {
  EXPECT_TRUE(WasDumped(kDump));
  EXPECT_TRUE(WasDumped(absl::StrCat("\n\r\n", kDump)));
  EXPECT_TRUE(WasDumped(absl::StrCat("\xef\xbb\xbf", kDump)));
  EXPECT_TRUE(WasDumped(absl::StrCat("sacctmgr: ", kDump)));
  EXPECT_FALSE(WasDumped(""));
  EXPECT_FALSE(WasDumped("Cluster - 'c'\n"));
  EXPECT_FALSE(WasDumped(absl::StrCat("# ours\n", kDump)));
  EXPECT_FALSE(WasDumped("# To edit this file, ask Ann.\nCluster - 'c'\n"));
}

// What fmt makes of a file says no more than the file.
TEST(WasDumpedTest, AFormattedFileIsWhatItWas) {
  ParseOptions options;
  options.written = Written::kTell;
  const auto by_hand = FormatTree("t", "Cluster - 'c'\n", options);
  ASSERT_TRUE(by_hand.ok()) << by_hand.status();
  EXPECT_FALSE(WasDumped(*by_hand));
  EXPECT_TRUE(IsByHand(*by_hand, options));
  const auto again = FormatTree("t", *by_hand, options);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, *by_hand);
  const auto dumped =
      FormatTree("t", absl::StrCat(kDump, "Cluster - 'c'\n"), options);
  ASSERT_TRUE(dumped.ok()) << dumped.status();
  EXPECT_TRUE(WasDumped(*dumped));
}

TEST(WasDumpedTest, WordsOfTheCommandLineComeFirst) {
  ParseOptions options;
  options.written = Written::kComplete;
  EXPECT_FALSE(IsByHand("Cluster - 'c'\n", options));
  options.written = Written::kByHand;
  EXPECT_TRUE(IsByHand(kDump, options));
  options.origin = Origin::kDump;
  EXPECT_FALSE(IsByHand("Cluster - 'c'\n", options));
}

ParseResult ByHand(absl::string_view body) {
  ParseOptions options;
  options.written = Written::kByHand;
  return Parse(absl::StrCat("Cluster - 'c'\n", body), options);
}

// The canonical lines below the Cluster line, or the errors; then the notes.
std::string Read(absl::string_view body) {
  const ParseResult read = ByHand(body);
  std::string out = FormatErrors("t", read.errors);
  if (read.errors.empty()) {
    const std::string text = Write(read.tree);
    const size_t begin = text.find("Cluster");
    out = text.substr(begin, text.find("# assocsync:end") - begin);
  }
  for (const ParseError& note : read.notes) {
    absl::StrAppend(&out, note.line, ":", note.column, " ", note.message, "\n");
  }
  return out;
}

TEST(ByHandTest, EndsOfLinesAndOfTheFile) {
  EXPECT_THAT(Read("Account - 'a':Description='x':\nAccount - 'b':\n"),
              HasSubstr("Account - 'a':Description='x'\nAccount - 'b'\n"));
  EXPECT_THAT(Read("Account - 'a'"),
              HasSubstr("2:14 the last line has no newline"));
  EXPECT_THAT(Read("Account - 'a'\r\n"), HasSubstr("Account - 'a'"));
  EXPECT_THAT(Read("Account - 'a'\nParent - 'a'\n"),
              HasSubstr("Account - 'a'"));
  EXPECT_THAT(Read("sacctmgr: Account - 'a'\n"),
              HasSubstr("as sacctmgr prints them on a terminal"));
}

TEST(ByHandTest, OptionsThatComeTwiceOrNowhere) {
  EXPECT_THAT(Read("Account - 'a':MaxJobs=3:MaxJobs=4\n"),
              HasSubstr("MaxJobs=4\n"));
  EXPECT_THAT(Read("Account - 'a':MaxJobs=3:MaxJobs=\n"),
              HasSubstr("MaxJobs=3\n"));
  EXPECT_THAT(Read("Account - 'a':QOS=x:QOS=y\n"), HasSubstr("QOS='x,y'\n"));
  EXPECT_THAT(Read("Account - 'a':QOS+=x,y\n"), HasSubstr("QOS='+x,+y'\n"));
  EXPECT_THAT(Read("Account - 'a':AdminLevel=Operator:MaxJobs=3\n"),
              HasSubstr("2:15 AdminLevel stands on a User line, not on"));
  EXPECT_THAT(Read("Account - 'root':MaxJobs=3\n"),
              HasSubstr("Cluster - 'c':MaxJobs=3\n"));
}

// Shortened words mean what they mean to sacctmgr.
TEST(ByHandTest, ShortWords) {
  EXPECT_THAT(Read("Account - 'a'\nParent - 'a'\nUser - 'u':co=a:com=x\n"),
              HasSubstr("Coordinator='a':Comment='x'\n"));
}

TEST(ByHandTest, TheFirstOfTwoLinesHolds) {
  const std::string same =
      Read("Account - 'a':MaxJobs=3\nAccount - 'a':MaxJobs=3\n");
  EXPECT_THAT(same, HasSubstr("Account - 'a':MaxJobs=3\n"));
  EXPECT_THAT(same, HasSubstr("3:12 account 'a' is declared twice, the first "
                              "time on line 2, and both lines say the same"));
  const std::string other = Read(
      "Account - 'a':MaxJobs=3\nAccount - 'b'\nParent - 'b'\n"
      "Account - 'a':MaxJobs=4\nUser - 'u'\nUser - 'u':MaxJobs=4\n");
  EXPECT_THAT(other, HasSubstr("Account - 'a':MaxJobs=3\n"));
  EXPECT_THAT(other, HasSubstr("; the first holds, as sacctmgr load has it"));
  EXPECT_THAT(other, HasSubstr("User - 'u':DefaultAccount='b'\n"));
}

constexpr absl::string_view kAccounts =
    "Account - 'a'\nAccount - 'b'\nAccount - 'c'\n";

std::string DefaultOf(absl::string_view users) {
  const ParseResult read = ByHand(absl::StrCat(kAccounts, users));
  EXPECT_TRUE(read.errors.empty()) << FormatErrors("t", read.errors);
  const Fields& fields = read.tree.users.at(Name("u")).fields;
  std::vector<std::string> out = {fields.Get(Key::kDefaultAccount).str()};
  for (const auto& [user, last] : read.tree.authorship.assumed_default) {
    out.push_back(last.str());
  }
  for (const ParseError& note : read.notes) {
    out.push_back(absl::StrCat(note.line, ":", note.column));
  }
  return absl::StrJoin(out, " ");
}

// As sacctmgr load gives them out: a line in the account must say so.
TEST(ByHandTest, DefaultAccounts) {
  EXPECT_EQ(DefaultOf("Parent - 'b'\nUser - 'u'\n"), "b b");
  EXPECT_EQ(DefaultOf("Parent - 'b'\nUser - 'u':DefaultAccount=b\n"), "b");
  EXPECT_EQ(DefaultOf("Parent - 'b'\nUser - 'u'\nParent - 'a'\nUser - 'u'\n"),
            "a a 6:1");
  EXPECT_EQ(DefaultOf("Parent - 'a'\nUser - 'u'\n"
                      "Parent - 'b'\nUser - 'u':DefaultAccount=b\n"),
            "b");
  EXPECT_EQ(DefaultOf("Parent - 'b'\nUser - 'u':DefaultAccount=c\n"),
            "b b 6:12");
  EXPECT_EQ(DefaultOf("Parent - 'b'\nUser - 'u':DefaultAccount=c\n"
                      "Parent - 'c'\nUser - 'u':DefaultAccount=c\n"),
            "c");
  // Two claim it: first by name, and the last of them.
  EXPECT_EQ(DefaultOf("Parent - 'c'\nUser - 'u':DefaultAccount=c\n"
                      "Parent - 'a'\nUser - 'u'\n"
                      "Parent - 'b'\nUser - 'u':DefaultAccount=b\n"),
            "a b 6:12");
}

TEST(ByHandTest, TheFirstLineOfAUserTellsTheRights) {
  const std::string read = Read(
      "Account - 'a'\nAccount - 'b'\nParent - 'a'\nUser - 'u'\nUser - 'v'\n"
      "Parent - 'b'\nUser - 'u':AdminLevel=Operator\n"
      "User - 'v':AdminLevel=None\n");
  EXPECT_THAT(read, HasSubstr("User - 'u':DefaultAccount='a'\n"));
  EXPECT_THAT(read, HasSubstr("8:12 AdminLevel='Operator' differs from none on "
                              "line 5, which holds"));
}

TEST(ByHandTest, TextThatIsNotUtf8) {
  EXPECT_THAT(Read("Account - 'a':Description='Universit\xe4t'\n"),
              HasSubstr("t:2:37: byte 0xe4 is not UTF-8"));
}

TEST(ByHandTest, WhatDumpsHoldIsReadStrictly) {
  for (const absl::string_view body :
       {"Account - 'a':\n", "Account - 'a'", "Account - 'a':MaxJobs=\n",
        "Account - 'a':QOS+=x\n", "Account - 'a':Coordinator=x\n",
        "Account - 'a'\nAccount - 'a'\n"}) {
    EXPECT_FALSE(
        Parse(absl::StrCat(kDump, "Cluster - 'c'\n", body), {}).errors.empty())
        << body;
    EXPECT_TRUE(ByHand(body).errors.empty()) << body;
  }
}

}  // namespace assocsync::by_hand_test
