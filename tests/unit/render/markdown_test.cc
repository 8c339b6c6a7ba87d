#include "engine/render/markdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/render/sample_plan.h"

namespace assocsync::markdown_test {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RenderMarkdownTest, OneOfEverything) {
  const std::string text =
      *RenderMarkdown(SamplePlan(), {.target_name = "proposal.cfg"});
  EXPECT_THAT(text,
              testing::StartsWith(
                  "### assocsync: cluster <code>hpc</code>, Slurm "
                  "24.11.5: live → <code>proposal.cfg</code> (complete)\n\n"
                  "**Plan: "));
  EXPECT_THAT(text, HasSubstr("\n- refused **AS101**: The plan deletes 14 of "
                              "20 users, more than 30%.<br>If that is meant: "
                              "<code>--max-delete 70%</code>\n"
                              "  - <code>user u0</code>\n"));
  EXPECT_THAT(text, HasSubstr("\n| | what | how |\n|---|---|---|\n"
                              "| **delete** | user <code>bob</code> in "
                              "<code>lab</code> | user leaves |\n"
                              "| change | QOS <code>long</code> | "
                              "<code>Priority 10 -&#62; 20</code> |\n"));
  EXPECT_THAT(text, HasSubstr("| move | account <code>hep</code> | from "
                              "<code>bio</code>, "));
  EXPECT_THAT(text, HasSubstr("<details><summary>"));
  EXPECT_THAT(text, HasSubstr("\n```sh\nsacctmgr -i "));
}

// A name is what a stranger typed.
TEST(RenderMarkdownTest, NothingGetsOutOfAName) {
  Plan plan = SamplePlan();
  const std::string evil =
      "x|](http://e)<img src=x>`**@admin**&lt;\n```\n# h www.e :x:";
  plan.changes[0].row.account = Name(evil);
  plan.findings[0].rows = {evil};
  plan.findings[0].message = evil;
  plan.steps[0].argv = {"add", "account", absl::StrCat("name=", evil), "````"};
  const std::string text = *RenderMarkdown(plan, {.target_name = evil});
  const size_t commands = text.find("<details>");
  ASSERT_NE(commands, std::string::npos);
  const std::string before = text.substr(0, commands);
  for (const char* const bad : {"<img", "](", "@", "`", "**@", "&lt;", "x|",
                                "\n# h", "http:", "www.", ":x"}) {
    EXPECT_THAT(before, Not(HasSubstr(bad))) << bad;
  }
  // The fence is longer than what stands in it, and no line is made of it.
  EXPECT_THAT(text, HasSubstr("\n`````sh\n"));
  EXPECT_THAT(text, HasSubstr("\n`````\n\n</details>\n"));
  EXPECT_THAT(text.substr(commands), Not(HasSubstr("\n```\n")));
}

// What stands in the fence is copied into a shell.
TEST(RenderMarkdownTest, CommandsCanBeCopied) {
  Plan plan = SamplePlan();
  plan.steps[0].argv = {"add", "user", "name=ex\\jdoe"};
  plan.steps[1].argv = {"add", "user", "name=a\x1b"};
  const std::string text = *RenderMarkdown(plan, {.target_name = "a.cfg"});
  EXPECT_THAT(text, HasSubstr("\nsacctmgr -i add user 'name=ex\\jdoe'\n"));
  EXPECT_THAT(text, HasSubstr("\nsacctmgr -i add user 'name=a\\x1b'\n"));
}

TEST(RenderMarkdownTest, ALongPlanIsCounted) {
  Plan plan = SamplePlan();
  const std::string text = *RenderMarkdown(plan, {.max_bytes = 1200});
  EXPECT_THAT(text, HasSubstr("\n2 commands not shown: "));
  plan.changes.clear();
  plan.steps.clear();
  plan.findings.clear();
  EXPECT_EQ(*RenderMarkdown(plan, {.target_name = "t"}),
            "### assocsync: cluster <code>hpc</code>, Slurm 24.11.5: live → "
            "<code>t</code> (complete)\n\n**No changes. Live is in sync with "
            "t.**\n\n");
}

}  // namespace assocsync::markdown_test
