#include "engine/apply/step_session.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/plan/step.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_runner.h"

namespace assocsync::step_session_test {

using ::testing::ElementsAre;
using Outcome = StepResult::Outcome;

constexpr absl::string_view kVersion = "version\nslurm-wlm 24.11.5\nsacctmgr: ";

// A sacctmgr with these answers, one for each time that it is asked.
class Script : public FakeRunner {
 public:
  explicit Script(std::deque<std::string> out)
      : FakeRunner([](const auto&) { return Ended(0, ""); }),
        out_(std::move(out)) {}

  absl::StatusOr<std::unique_ptr<Conversation>> Open(
      const std::vector<std::string>& argv, const TalkOptions&) override {
    opened.push_back(absl::StrJoin(argv, " "));
    return std::make_unique<Talk>(this);
  }

  std::vector<std::string> opened, told;

 private:
  class Talk : public Conversation {
   public:
    explicit Talk(Script* script) : script_(*script) {}
    absl::StatusOr<Answer> Ask(
        absl::string_view text,
        absl::FunctionRef<bool(absl::string_view)> is_whole,
        absl::Duration) override {
      script_.told.emplace_back(text);
      const std::string out = script_.out_.empty() ? "" : script_.out_.front();
      if (!script_.out_.empty()) script_.out_.pop_front();
      if (!is_whole(out)) return absl::UnknownError("it ended");
      return Answer{out, ""};
    }

   private:
    Script& script_;
  };
  std::deque<std::string> out_;
};

Step AddUser() {
  Step step;
  step.argv = {"add", "user", "name=ann", "account=bio"};
  return step;
}

std::string After(absl::string_view shown, absl::string_view words) {
  return absl::StrCat(shown, "\n", words, "sacctmgr: ", kVersion);
}

TEST(StepSessionTest, Lines) {
  const struct {
    std::vector<std::string> argv;
    std::optional<std::string> line;
  } kCases[] = {
      {{"add", "user", "name=a,b", "account=x_1"},
       "add user name=a,b account=x_1"},
      {{"modify", "user", "where", "name=a", "set", "GrpTRES=cpu=-1"},
       "modify user where name=a set GrpTRES=cpu=-1"},
      {{"add", "account", "name=a", "Description=a lab, in two words"},
       "add account name=a Description=\"a lab, in two words\""},
      {{"add", "account", "name=a", "Description="},
       "add account name=a Description="},
      {{"add", "account", "name=qos", "cluster=lab"},
       "add account name=qos cluster=lab"},
      {{"modify", "user", "where", "name=a", "set", "Comment=a b"},
       "modify user where name=a set Comment=\"a b\""},
      // Other quotes may stay in the value.
      {{"add", "user", "name=al ice", "account=a"}, std::nullopt},
      {{"add", "user", "name=a", "DefaultWCKey=a b"}, std::nullopt},
      // The ids of QOS may be others by now.
      {{"add", "qos", "name=long"}, std::nullopt},
      {{"modify", "account", "where", "name=a", "set", "QOS=long"},
       std::nullopt},
      {{"modify", "account", "where", "name=a", "set", "QOS+=long"},
       std::nullopt},
      {{"modify", "user", "where", "name=a", "set", "DefaultQOS=-1"},
       std::nullopt},
      // Each of these could mean something else in a line.
      {{"add", "account", "name=a", "Description=it's"}, std::nullopt},
      {{"add", "account", "name=a", "Description=a\"b"}, std::nullopt},
      {{"add", "account", "name=a", "Description=a\\b"}, std::nullopt},
      {{"add", "account", "name=a", "Description=a\tb"}, std::nullopt},
      {{"add", "account", "name=a", "Description=a\nb"}, std::nullopt},
      {{"add", "account", "name=a", "Description=\xc3\xa4"}, std::nullopt},
      {{"add", "account", "a b"}, std::nullopt},
      {{"add", "account", ""}, std::nullopt},
      {std::vector<std::string>(101, "add"), std::nullopt},
  };
  for (const auto& c : kCases) {
    WordList words;
    for (const std::string& word : c.argv) words.push_back(word);
    EXPECT_EQ(SessionLine(words), c.line) << absl::StrJoin(c.argv, " ");
  }
}

TEST(StepSessionTest, TellsOneSacctmgr) {
  Script script({"sacctmgr: ", std::string(kVersion),
                 After("add user name=ann account=bio", " Adding User(s)\n"),
                 After("\r<ann account=bio", "Nothing new added.\n")});
  StepSession session("sacctmgr", &script);
  const auto first = session.Run(AddUser(), absl::Seconds(1));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->said, Outcome::kDone);
  EXPECT_EQ(first->words, "Adding User(s)");
  EXPECT_EQ(first->exit_code, std::nullopt);
  const auto second = session.Run(AddUser(), absl::Seconds(1));
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->said, Outcome::kRefused);
  EXPECT_EQ(Explain(*second), "sacctmgr refused it: Nothing new added.");
  EXPECT_THAT(script.opened, ElementsAre("sacctmgr -i"));
  EXPECT_THAT(
      script.told,
      ElementsAre("", "version\n", "add user name=ann account=bio\nversion\n",
                  "add user name=ann account=bio\nversion\n"));
}

// Nothing was said of the step: it can have a process of its own.
TEST(StepSessionTest, OneThatDoesNotAnswerAsItShould) {
  const std::deque<std::string> kBad[] = {
      {},
      {"usage: sacctmgr\n"},
      {"sacctmgr: ", "no such command\nsacctmgr: "},
      {"sacctmgr: ", "version\n"},
  };
  for (const auto& answers : kBad) {
    Script script(answers);
    StepSession session("sacctmgr", &script);
    EXPECT_EQ(session.Run(AddUser(), absl::Seconds(1)), std::nullopt);
    EXPECT_EQ(session.Run(AddUser(), absl::Seconds(1)), std::nullopt);
    EXPECT_EQ(script.opened.size(), 1);
  }
}

TEST(StepSessionTest, AfterCloseAnotherIsOpened) {
  const std::string answer =
      After("add user name=ann account=bio", " Adding User(s)\n");
  Script script({"sacctmgr: ", std::string(kVersion), answer,
                 "sacctmgr: ", std::string(kVersion), answer});
  StepSession session("sacctmgr", &script);
  EXPECT_TRUE(session.Run(AddUser(), absl::Seconds(1)).has_value());
  session.Close();
  session.Close();
  EXPECT_TRUE(session.Run(AddUser(), absl::Seconds(1)).has_value());
  EXPECT_EQ(script.opened.size(), 2);
}

// Whether it took effect is not known; the next step gets its own process.
TEST(StepSessionTest, OneThatEndsInTheMiddle) {
  Script script({"sacctmgr: ", std::string(kVersion), "add user"});
  StepSession session("sacctmgr", &script);
  const auto result = session.Run(AddUser(), absl::Seconds(1));
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->said, Outcome::kUnknown);
  EXPECT_EQ(session.Run(AddUser(), absl::Seconds(1)), std::nullopt);
}

}  // namespace assocsync::step_session_test
