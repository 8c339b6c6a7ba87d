#include "engine/apply/journal.h"

#include "absl/strings/str_cat.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/plan/step.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/journal_summary.h"

namespace assocsync::journal_test {

using ::testing::HasSubstr;

JournalStart Start() {
  JournalStart start;
  start.time = absl::FromUnixSeconds(1795478864);
  start.version = "0.1.0";
  start.cluster = "lab";
  start.release = "24.11.5";
  start.steps = 3;
  start.live = "l";
  start.target = "t";
  start.expected = "e";
  start.sql_dump = "none";
  return start;
}

class JournalTest : public testing::Test {
 protected:
  JournalTest() : dir_(*TempDir::Create(testing::TempDir())) {}
  std::string Path() const { return dir_.path() + "/journal.jsonl"; }
  std::string Text() const { return *ReadFile(Path(), 1 << 20); }
  JournalRun Read() const {
    auto run = ParseJournal(Text());
    EXPECT_TRUE(run.ok()) << run.status();
    return run.ok() ? *run : JournalRun();
  }
  TempDir dir_;
};

TEST_F(JournalTest, EveryMomentCanBeRead) {
  auto journal = Journal::Create(Path(), Start());
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_THAT(Summary(Read()), HasSubstr("0 of 3 steps done, killed before "
                                         "step 1"));
  Step step;
  step.argv = {"add", "account", "name=we\nird\"\xff"};
  step.why = "a: added";
  ASSERT_TRUE(journal->Begin(1, step, absl::Now()).ok());
  EXPECT_THAT(Summary(Read()), HasSubstr("killed during step 1"));
  EXPECT_EQ(Read().steps[0].argv, step.argv);
  StepResult done;
  done.outcome = StepResult::Outcome::kDone;
  done.words = "Adding";
  ASSERT_TRUE(journal->End(1, done, absl::Now()).ok());
  EXPECT_EQ(Read().done(), 1u);
  EXPECT_THAT(Summary(Read()), HasSubstr("killed before step 2"));
  ASSERT_TRUE(journal->Begin(2, step, absl::Now()).ok());
  StepResult refused;
  refused.outcome = StepResult::Outcome::kRefused;
  refused.exit_code = 1;
  refused.words = "no";
  ASSERT_TRUE(journal->End(2, refused, absl::Now()).ok());
  StepResult really = refused;
  really.outcome = StepResult::Outcome::kPartlyDone;
  really.shown = "account a is not there";
  ASSERT_TRUE(journal
                  ->Stop(1, "partial", {"x", "y"}, {{2, really}},
                         {ControllerAnswer::Has::kOther, {"hep: no"}},
                         absl::Now())
                  .ok());
  EXPECT_THAT(Text(), HasSubstr(R"("controller":"other",)"
                                R"("controller_words":["hep: no"])"));
  const JournalRun run = Read();
  EXPECT_EQ(run.done(), 1u);
  EXPECT_EQ(run.steps[1].result, "partly done");
  EXPECT_EQ(run.steps[1].shown, "account a is not there");
  EXPECT_TRUE(run.steps[1].seen);
  EXPECT_FALSE(run.steps[0].seen);
  EXPECT_EQ(run.steps[1].exit_code, 1);
  EXPECT_EQ(run.steps[1].output, "no");
  EXPECT_EQ(Summary(run),
            "run of 2026-11-24T00:07:44Z on lab (24.11.5): 1 of 3 steps done, "
            "partial");
}

// A kill can cut the file anywhere: what is whole is read, the rest is `torn`.
TEST_F(JournalTest, CutAnywhere) {
  {
    auto journal = Journal::Create(Path(), Start());
    ASSERT_TRUE(journal.ok());
    Step step;
    step.argv = {"add"};
    ASSERT_TRUE(journal->Begin(1, step, absl::Now()).ok());
    StepResult done;
    done.outcome = StepResult::Outcome::kDone;
    ASSERT_TRUE(journal->End(1, done, absl::Now()).ok());
  }
  const std::string text = Text();
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    const auto run = ParseJournal(text.substr(0, cut));
    EXPECT_TRUE(run.ok()) << cut << " " << run.status();
  }
}

TEST_F(JournalTest, ALoadIsToldBeforeItsSteps) {
  auto journal = Journal::Create(Path(), Start());
  ASSERT_TRUE(journal.ok());
  ASSERT_TRUE(journal->Load(2, 40, "load-2.cfg", absl::Now()).ok());
  EXPECT_THAT(Text(), HasSubstr(R"("first":2,"last":40,"file":"load-2.cfg")"));
  const JournalRun run = Read();
  ASSERT_EQ(run.loads.size(), 1u);
  EXPECT_EQ(run.loads[0].first, 2u);
  EXPECT_EQ(run.loads[0].last, 40u);
  EXPECT_EQ(run.loads[0].file, "load-2.cfg");
  EXPECT_TRUE(run.steps.empty());
}

// As it was written before steps were looked at.
TEST_F(JournalTest, JournalsOfOlderReleases) {
  ASSERT_TRUE(Journal::Create(Path(), Start()).ok());
  const auto run = ParseJournal(absl::StrCat(
      Text(),
      R"({"record":"begin","time":"t","step":1,"argv":["add"],"why":"w"})"
      "\n"
      R"({"record":"end","time":"t","step":1,"result":"done","exit":0,)"
      R"("output":""})"
      "\n"
      R"({"record":"stop","time":"t","done":1,"outcome":"verified",)"
      R"("problems":[]})"
      "\n"));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->done(), 1u);
  EXPECT_FALSE(run->steps[0].seen);
}

TEST_F(JournalTest, WhatIsNoJournal) {
  for (const char* text : {"x\n", "{}\n", "[]\n", "{\"record\":\"begin\"}\n",
                           "{\"record\":\"start\",\"time\":\"x\"}\n"}) {
    EXPECT_EQ(ParseJournal(text).status().code(), absl::StatusCode::kDataLoss)
        << text;
  }
}

TEST_F(JournalTest, AStepEndsOnce) {
  auto journal = Journal::Create(Path(), Start());
  ASSERT_TRUE(journal.ok()) << journal.status();
  ASSERT_TRUE(journal->Begin(1, Step(), absl::Now()).ok());
  ASSERT_TRUE(journal->End(1, StepResult(), absl::Now()).ok());
  EXPECT_TRUE(ParseJournal(Text()).ok());
  ASSERT_TRUE(journal->End(1, StepResult(), absl::Now()).ok());
  EXPECT_EQ(ParseJournal(Text()).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(JournalTest, NeverOverAnother) {
  ASSERT_TRUE(Journal::Create(Path(), Start()).ok());
  EXPECT_FALSE(Journal::Create(Path(), Start()).ok());
}

}  // namespace assocsync::journal_test
