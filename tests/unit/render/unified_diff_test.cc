#include "engine/render/unified_diff.h"

#include <algorithm>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_tree.h"

namespace assocsync::unified_diff_test {

using ::testing::HasSubstr;

constexpr char kHead[] =
    "Cluster - 'c':Fairshare=1\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root'\n"
    "Account - 'physics':Description='p':Organization='p'\n"
    "Parent - 'physics'\n"
    "Account - 'hep':Description='h':Organization='h'\n"
    "Parent - 'hep'\n";

std::string Canonical(absl::string_view body) {
  const auto tree = ParseTree("t", absl::StrCat(kHead, body));
  EXPECT_TRUE(tree.ok()) << tree.status();
  return Write(*tree);
}

// What patch(1) makes of `from`.
std::string Patched(const std::string& from, const std::string& diff) {
  const TempDir dir = *TempDir::Create(testing::TempDir());
  const std::string a = dir.path() + "/a", b = dir.path() + "/b",
                    p = dir.path() + "/p";
  EXPECT_TRUE(WriteFileAtomic(a, from).ok());
  EXPECT_TRUE(WriteFileAtomic(p, diff).ok());
  ProcessRunner runner({"PATH=/usr/bin:/bin"});
  const auto run =
      runner.Run({"patch", "-s", "-F0", "-o", b, a, p}, absl::Seconds(60));
  EXPECT_TRUE(run.ok() && run->clean())
      << (run.ok() ? run->out + run->err : run.status().ToString());
  return ReadFile(b, 1 << 28).value_or("");
}

TEST(UnifiedDiffTest, TellsWhoseLinesTheyAre) {
  const std::string from = Canonical(
      "User - 'alice':DefaultAccount='hep':MaxJobs=4\n"
      "User - 'bob':DefaultAccount='hep'\n");
  const std::string to = Canonical(
      "User - 'alice':DefaultAccount='hep':MaxJobs=8\n"
      "User - 'bob':DefaultAccount='hep'\n"
      "User - 'carol':DefaultAccount='hep'\n");
  EXPECT_EQ(UnifiedDiff(from, to, {.from_name = "a.cfg", .to_name = "b.cfg"}),
            "--- a.cfg\n"
            "+++ b.cfg\n"
            "@@ -7,6 +7,7 @@ hep (root > physics > hep)\n"
            " Parent - 'physics'\n"
            " Account - 'hep':Description='h':Organization='h'\n"
            " Parent - 'hep'\n"
            "-User - 'alice':DefaultAccount='hep':MaxJobs=4\n"
            "+User - 'alice':DefaultAccount='hep':MaxJobs=8\n"
            " User - 'bob':DefaultAccount='hep'\n"
            "+User - 'carol':DefaultAccount='hep'\n"
            " # assocsync:end\n");
  EXPECT_EQ(UnifiedDiff(from, from), "");
  EXPECT_THAT(UnifiedDiff(from, to, {.context = 0}),
              HasSubstr("@@ -10 +10 @@ hep (root > physics > hep)\n"
                        "-User - 'alice':DefaultAccount='hep':MaxJobs=4\n"
                        "+User - 'alice':DefaultAccount='hep':MaxJobs=8\n"
                        "@@ -11,0 +12 @@ hep (root > physics > hep)\n"
                        "+User - 'carol'"));
}

// A head that leaves out the top says so.
TEST(UnifiedDiffTest, DeepAccounts) {
  std::string from = "Parent - 'root'\nAccount - 'a0'\n";
  for (int i = 0; i < 14; ++i) {
    absl::StrAppend(&from, "Parent - 'a", i, "'\nAccount - 'a", i + 1, "'\n");
  }
  absl::StrAppend(&from, "Parent - 'a14'\n");
  const std::string diff = UnifiedDiff(from, from + "User - 'u'\n");
  EXPECT_THAT(diff, testing::HasSubstr(" a14 (... > a3 > a4 > "));
  EXPECT_THAT(diff, testing::HasSubstr(" > a13 > a14)\n"));
}

TEST(UnifiedDiffTest, ColorAndControlCharacters) {
  const std::string diff =
      UnifiedDiff("a\nx\x1b[2J\n", "a\ny\\z\n", {.color = true});
  EXPECT_THAT(diff, HasSubstr("\x1b[31m-x\\x1b[2J\x1b[0m\n"));
  EXPECT_THAT(diff, HasSubstr("\x1b[32m+y\\z\x1b[0m\n"));
}

// The law: patch(1) makes the one out of the other, whatever the context.
TEST(UnifiedDiffTest, PatchAppliesIt) {
  for (int seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    RandomTreeOptions options;
    options.qos_definitions = seed % 2 == 0;
    const Tree tree = RandomTree(random, options);
    const std::string from = Write(tree);
    const std::string to =
        Write(seed % 5 == 0 ? RandomTree(random, options)
                            : MutateTree(random, tree, 6, options));
    const std::string diff = UnifiedDiff(from, to, {.context = seed % 4});
    if (from == to) {
      EXPECT_EQ(diff, "");
      continue;
    }
    EXPECT_EQ(Patched(from, diff), to) << seed << "\n" << diff;
  }
}

// Moved, repeated and very many lines: whole and right, if not the shortest.
TEST(UnifiedDiffTest, LinesThatAreNotUnique) {
  std::string from, to;
  for (int i = 0; i < 3000; ++i) {
    absl::StrAppend(&from, i % 7, "\n");
    absl::StrAppend(&to, i % 5, "\n");
  }
  EXPECT_EQ(Patched(from, UnifiedDiff(from, to)), to);
  from = to = "";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&from, i % 7, "\n");
    absl::StrAppend(&to, i % 5, "\n");
  }
  const std::string diff = UnifiedDiff(from, to);
  EXPECT_EQ(Patched(from, diff), to);
  EXPECT_LT(std::count(diff.begin(), diff.end(), '\n'), 400);
  EXPECT_EQ(Patched("1\n2\n3\n", UnifiedDiff("1\n2\n3\n", "3\n1\n2\n")),
            "3\n1\n2\n");
  EXPECT_EQ(Patched("", UnifiedDiff("", "1\n")), "1\n");
  EXPECT_EQ(Patched("1\n", UnifiedDiff("1\n", "")), "");
}

}  // namespace assocsync::unified_diff_test
