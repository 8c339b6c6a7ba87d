// The script is not looked at but run, with a sacctmgr that writes down what it
// was told.
#include "engine/render/sh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/io/process.h"
#include "tests/unit/render/sample_plan.h"

namespace assocsync::sh_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RenderShTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/assocsync-sh-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    // Words end with NUL, commands with a line of their own.
    Write("sacctmgr",
          absl::StrCat("#!/bin/sh\nprintf '%s\\0' \"$@\" >> ", folder_,
                       "/log\nprintf 'END\\0' >> ", folder_,
                       "/log\nfor word; do case $word in *FAIL*) exit 1;; "
                       "esac; done\n"));
    chmod((folder_ + "/sacctmgr").c_str(), 0700);
  }
  void TearDown() override {
    for (const char* file : {"sacctmgr", "script", "log", "pwned"}) {
      unlink((folder_ + "/" + file).c_str());
    }
    rmdir(folder_.c_str());
  }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
  }
  std::string Read(const std::string& name) {
    std::ifstream in(folder_ + "/" + name, std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }

  // Runs the plan's script; returns the words of each command, -i included.
  std::vector<std::vector<std::string>> RunScript(const Plan& plan,
                                                  int want_exit = 0) {
    Write("script", RenderSh(plan));
    ProcessRunner runner({absl::StrCat("PATH=", folder_, ":/usr/bin:/bin")});
    const absl::StatusOr<RunResult> run =
        runner.Run({"/bin/sh", folder_ + "/script"}, absl::Seconds(60));
    EXPECT_TRUE(run.ok()) << run.status();
    if (!run.ok()) return {};
    EXPECT_EQ(run->exit_code, want_exit) << run->err;
    std::vector<std::vector<std::string>> commands(1);
    for (const absl::string_view word : absl::StrSplit(Read("log"), '\0')) {
      if (word == "END") {
        commands.emplace_back();
      } else {
        commands.back().emplace_back(word);
      }
    }
    commands.pop_back();
    return commands;
  }

  std::string folder_;
};

Plan PlanOf(const std::vector<std::vector<std::string>>& commands) {
  Plan plan;
  plan.cluster = Name("hpc");
  plan.release = {2411, 5};
  for (const auto& argv : commands) {
    Step step;
    step.argv = argv;
    step.why = argv.empty() ? "" : argv.back();
    plan.steps.push_back(step);
  }
  return plan;
}

TEST_F(RenderShTest, HostileWordsArriveByteForByte) {
  std::string every_byte;
  for (int i = 1; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
  const std::vector<std::string> words = {
      "name=plain",
      "",
      "two words",
      "it's",
      "''",
      "\"$HOME\"",
      "$(touch " + folder_ + "/pwned)",
      "`touch " + folder_ + "/pwned`",
      "; touch " + folder_ + "/pwned",
      "a\ntouch " + folder_ + "/pwned\n",
      "ends with newlines\n\n\n",
      "\n",
      "--leading",
      "-i",
      "~root",
      "*",
      "# no comment",
      "%s%n%d 100%",
      R"(back\slash\n\0101)",
      "\\",
      "tab\there",
      "\x1b[31mred",
      "caf\xe9 and caf\u00e9",
      "a\u202eb",
      "a!b",
      every_byte,
  };
  const auto ran = RunScript(PlanOf({words}));
  ASSERT_EQ(ran.size(), 1U);
  ASSERT_EQ(ran[0].size(), words.size() + 1);
  EXPECT_EQ(ran[0][0], "-i");
  for (size_t i = 0; i < words.size(); ++i) {
    EXPECT_EQ(ran[0][i + 1], words[i]) << i;
  }
  EXPECT_NE(access((folder_ + "/pwned").c_str(), F_OK), 0);
}

TEST_F(RenderShTest, NothingEscapesAComment) {
  const std::string touch = "touch " + folder_ + "/pwned";
  Plan plan = PlanOf({{"add", "account", "name=a"}});
  plan.cluster = Name("x\n" + touch);
  plan.steps[0].why = "why\n" + touch + "\r" + touch + "\u2028" + touch;
  plan.live_fingerprint = "\n" + touch;
  plan.findings = {MakeFinding(kSharedRecords, Severity::kError,
                               "\n" + touch + "\n", {"\n" + touch})};
  EXPECT_TRUE(RunScript(plan, 3).empty());
  plan.findings[0].severity = Severity::kNote;
  EXPECT_EQ(RunScript(plan).size(), 1U);
  EXPECT_NE(access((folder_ + "/pwned").c_str(), F_OK), 0);
}

TEST_F(RenderShTest, StopsAtTheFirstFailure) {
  const auto ran = RunScript(
      PlanOf({{"add", "account", "name=a"}, {"FAIL"}, {"delete", "account"}}),
      1);
  EXPECT_THAT(ran, ElementsAre(ElementsAre("-i", "add", "account", "name=a"),
                               ElementsAre("-i", "FAIL")));
}

TEST_F(RenderShTest, ARefusedPlanRunsNothing) {
  const Plan plan = SamplePlan();
  EXPECT_TRUE(RunScript(plan, 3).empty());
  EXPECT_THAT(RenderSh(plan), HasSubstr("# Refused, AS101: The plan deletes"));
}

TEST_F(RenderShTest, HeaderTellsWhatItIs) {
  const std::string script =
      RenderSh(SamplePlan(), {.target_name = "backup.cfg"});
  EXPECT_EQ(script.rfind("#!/bin/sh\n", 0), 0U);
  EXPECT_THAT(script, HasSubstr("cluster hpc (Slurm 24.11.5)"));
  EXPECT_THAT(script, HasSubstr("backup.cfg"));
  EXPECT_THAT(script, HasSubstr("run `assocsync plan` again"));
  EXPECT_THAT(script, HasSubstr("# 1/2 accounts: hep: parent bio -> root\n"));
}

}  // namespace assocsync::sh_test
