#include "engine/cfg/parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/cfg/format.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"

namespace assocsync::parts_test {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kText[] =
    "QOS - 'long':Priority=5\n"
    "Cluster - 'lab':Fairshare=1:QOS='long'\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n"
    "Account - 'bio':Description='b':Organization='b'\n"
    "Account - 'cluster':Description='c':Organization='c':MaxJobs=3\n"
    "Parent - 'bio'\n"
    "User - 'ann':DefaultAccount='cluster':MaxJobs=1\n"
    "Account - 'bio2':Description='b':Organization='b'\n"
    "Parent - 'bio2'\n"
    "User - 'bob':DefaultAccount='bio2'\n"
    "Parent - 'cluster'\n"
    "User - 'ann':DefaultAccount='cluster'\n";

Tree TheTree() {
  absl::StatusOr<Tree> tree = ParseTree("t", kText);
  EXPECT_TRUE(tree.ok()) << tree.status();
  return *tree;
}

std::vector<std::string> Names(const std::vector<Part>& parts) {
  std::vector<std::string> names;
  for (const Part& part : parts) names.push_back(part.file);
  return names;
}

// "ok", or what is wrong.
std::string Joined(const std::vector<Part>& parts) {
  const absl::StatusOr<JoinedParts> joined = Join("trees", parts);
  if (!joined.ok()) return std::string(joined.status().message());
  const absl::StatusOr<Tree> tree =
      ParseTree("trees", joined->text, {.files = &joined->files});
  return tree.ok() ? "ok" : std::string(tree.status().message());
}

TEST(PartsTest, EachTopAccountIsAFileThatReadsAsOne) {
  const std::vector<Part> parts = Split(TheTree());
  ASSERT_THAT(Names(parts),
              ElementsAre("cluster.cfg", "%63luster.cfg", "bio.cfg"));
  EXPECT_THAT(parts[0].text,
              AllOf(HasSubstr("QOS - 'long'"), HasSubstr("QOS='long'"),
                    HasSubstr("User - 'root'"), Not(HasSubstr("Account -"))));
  EXPECT_EQ(parts[2].text,
            "# assocsync:1 A part of the association tree of one Slurm "
            "cluster: the folder is the tree.\n"
            "# Edit it freely, but leave the first and the last line as they "
            "are.\n"
            "Cluster - 'lab'\n"
            "Parent - 'root'\n"
            "Account - 'bio':Description='b':Organization='b'\n"
            "Parent - 'bio'\n"
            "User - 'ann':DefaultAccount='cluster':MaxJobs=1\n"
            "Account - 'bio2':Description='b':Organization='b'\n"
            "Parent - 'bio2'\n"
            "User - 'bob':DefaultAccount='bio2'\n"
            "# assocsync:end\n");
  for (const Part& part : parts) {
    EXPECT_TRUE(IsPart(part.text));
    EXPECT_TRUE(Parse(part.text).errors.empty()) << part.text;
    // Formatting leaves it a part.
    EXPECT_EQ(*FormatTree(part.file, part.text), part.text);
  }
  EXPECT_FALSE(IsPart(Write(TheTree())));
}

TEST(PartsTest, TogetherTheyAreTheTreeInAnyOrder) {
  std::vector<Part> parts = Split(TheTree());
  std::swap(parts[0], parts[2]);
  const absl::StatusOr<JoinedParts> joined = Join("trees", parts);
  ASSERT_TRUE(joined.ok()) << joined.status();
  // Also without `files`: as a saved plan holds it.
  const absl::StatusOr<Tree> tree = ParseTree("t", joined->text);
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_TRUE(*tree == TheTree()) << Write(*tree);
  EXPECT_FALSE(tree->authorship.by_hand);
}

TEST(PartsTest, FaultsAreToldWithTheirFile) {
  const std::vector<Part> good = Split(TheTree());
  const auto with = [&](size_t part, const std::string& from,
                        const std::string& to) {
    std::vector<Part> parts = good;
    const size_t at = parts[part].text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    parts[part].text.replace(at, from.size(), to);
    return Joined(parts);
  };
  EXPECT_EQ(Joined(good), "ok");
  EXPECT_THAT(with(2, "MaxJobs=1", "MaxJobs=many"),
              HasSubstr("trees/bio.cfg:7:"));
  EXPECT_THAT(with(1, "User - 'ann':DefaultAccount='cluster'",
                   "User - 'ann':DefaultAccount='bio'"),
              HasSubstr("trees/bio.cfg:7:"));
  // Other lines too.
  EXPECT_THAT(with(2, "Account - 'bio2'", "Account - 'cluster'"),
              AllOf(HasSubstr("trees/bio.cfg:8:"),
                    HasSubstr("the first time on line 5 of %63luster.cfg")));
  EXPECT_THAT(with(2, "# assocsync:end\n", ""),
              AllOf(HasSubstr("trees/bio.cfg:11:1:"), HasSubstr("cut short")));
  EXPECT_THAT(with(2, "# assocsync:1 A part", "# A part"),
              AllOf(HasSubstr("trees/bio.cfg:1:1:"),
                    HasSubstr("is no part of a tree")));
  EXPECT_THAT(with(2, "Cluster - 'lab'", "Cluster - 'beta'"),
              AllOf(HasSubstr("trees/bio.cfg:3:1:"), HasSubstr("'beta'")));
  EXPECT_THAT(with(2, "Cluster - 'lab'", "Cluster - 'lab':Fairshare=3"),
              AllOf(HasSubstr("trees/bio.cfg:3:1:"),
                    HasSubstr("stand in cluster.cfg")));
  EXPECT_THAT(
      with(2, "Cluster - 'lab'\n", ""),
      AllOf(HasSubstr("trees/bio.cfg:1:1:"), HasSubstr("no Cluster line")));
  EXPECT_THAT(Joined({good[2]}), HasSubstr("trees/cluster.cfg is missing"));
  EXPECT_THAT(Joined({}), HasSubstr("cluster.cfg is missing"));
}

// A file that ends within one account says nothing of the next file's lines.
TEST(PartsTest, LinesStandUnderNoParentOfAnotherFile) {
  std::vector<Part> parts = Split(TheTree());
  const std::string parent = "Parent - 'root'\n";
  std::string& text = parts[2].text;
  text.erase(text.find(parent), parent.size());
  const absl::StatusOr<JoinedParts> joined = Join("trees", parts);
  ASSERT_TRUE(joined.ok()) << joined.status();
  const absl::StatusOr<Tree> tree = ParseTree("t", joined->text);
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_TRUE(*tree == TheTree()) << Write(*tree);
}

TEST(PartsTest, EditorsOfOtherSystemsMayHaveSavedThem) {
  std::vector<Part> parts = Split(TheTree());
  for (Part& part : parts) {
    std::string text = "\xef\xbb\xbf";
    for (const char c : part.text) {
      if (c == '\n') text.push_back('\r');
      text.push_back(c);
    }
    part.text = text;
  }
  EXPECT_EQ(Joined(parts), "ok");
}

// Of a user whose default account is elsewhere, a part by itself must say it.
TEST(PartsTest, APartByItselfDoesNotGuess) {
  std::string text = Split(TheTree())[2].text;
  const std::string said = ":DefaultAccount='cluster'";
  text.erase(text.find(said), said.size());
  const absl::StatusOr<std::string> formatted = FormatTree("bio.cfg", text);
  EXPECT_THAT(std::string(formatted.status().message()),
              HasSubstr("user 'ann' has no DefaultAccount"));
}

TEST(PartsTest, NamesOfFilesAreNamesOfFiles) {
  EXPECT_EQ(FileNameOf("bio-2_x.y"), "bio-2_x.y");
  EXPECT_EQ(FileNameOf(".."), "%2e.");
  EXPECT_EQ(FileNameOf("a/b"), "a%2fb");
  EXPECT_EQ(FileNameOf("A%"), "%41%25");
  EXPECT_NE(FileNameOf("Bio"), FileNameOf("bio"));
  const std::string first = FileNameOf(std::string(255, 'a'));
  const std::string second =
      FileNameOf(absl::StrCat(std::string(254, 'a'), "b"));
  EXPECT_LE(first.size(), 200u);
  EXPECT_NE(first, second);
}

}  // namespace assocsync::parts_test
