#include "engine/io/conversation.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "engine/io/process.h"
#include "engine/io/program.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::conversation_test {

using ::testing::HasSubstr;

const absl::Duration kLong = absl::Minutes(5);

std::unique_ptr<Conversation> Sh(const std::string& script,
                                 const std::atomic<bool>* stop = nullptr) {
  ProcessRunner::Limits limits;
  limits.grace = absl::Milliseconds(200);
  limits.max_output = 10000;
  ProcessRunner runner(CleanEnvironment({"PATH=/usr/bin:/bin"}), limits);
  TalkOptions options;
  options.environment = {"EXTRA=from the caller"};
  options.stop = stop;
  auto opened = runner.Open({"sh", "-c", script}, options);
  EXPECT_TRUE(opened.ok()) << opened.status();
  return opened.ok() ? *std::move(opened) : nullptr;
}

bool IsLine(absl::string_view out) { return absl::EndsWith(out, "\n"); }

TEST(ConversationTest, AnswersOneAfterTheOther) {
  const auto talk =
      Sh("echo $EXTRA; while read -r a; do echo \"on stderr $a\" >&2; "
         "echo \"got $a\"; done");
  auto first = talk->Ask("", IsLine, kLong);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->out, "from the caller\n");
  for (const std::string& word :
       {std::string("one"), std::string("two"), std::string(5000, 'x')}) {
    auto answer = talk->Ask(word + "\n", IsLine, kLong);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->out, "got " + word + "\n");
    EXPECT_EQ(answer->err, "on stderr " + word + "\n");
  }
}

TEST(ConversationTest, ChildThatEnds) {
  const auto talk = Sh("read -r a; echo half; echo why >&2; exit 3");
  const auto answer = talk->Ask(
      "x\n", [](absl::string_view out) { return out == "whole"; }, kLong);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnknown);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("ended"));
  // Whatever is asked then, nothing is there to answer.
  EXPECT_FALSE(talk->Ask("", IsLine, kLong).ok());
}

// A whole answer is one, though the child is gone by then.
TEST(ConversationTest, ChildThatEndsBehindItsAnswer) {
  for (int i = 0; i < 20; ++i) {
    const auto talk = Sh("read -r a; echo why >&2; echo \"got $a\"");
    const auto answer = talk->Ask("x\n", IsLine, kLong);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->out, "got x\n");
    EXPECT_EQ(answer->err, "why\n");
    EXPECT_EQ(talk->Ask("y\n", IsLine, kLong).status().code(),
              absl::StatusCode::kUnknown);
  }
}

TEST(ConversationTest, ChildThatDoesNotAnswer) {
  const auto talk = Sh("read -r a; sleep 1000");
  EXPECT_EQ(talk->Ask("x\n", IsLine, absl::Milliseconds(50)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(talk->Ask("x\n", IsLine, kLong).ok());
}

TEST(ConversationTest, StopsOnRequest) {
  const std::atomic<bool> stop = true;
  const auto talk = Sh("read -r a; sleep 1000", &stop);
  EXPECT_EQ(talk->Ask("x\n", IsLine, kLong).status().code(),
            absl::StatusCode::kCancelled);
}

TEST(ConversationTest, ChildThatAnswersWithoutEnd) {
  const auto talk = Sh("yes");
  EXPECT_EQ(talk->Ask(
                    "", [](absl::string_view) { return false; }, kLong)
                .status()
                .code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(ConversationTest, ChildThatReadsNothing) {
  const auto talk = Sh("exec 0<&-; echo closed; sleep 1000");
  ASSERT_TRUE(talk->Ask("", IsLine, kLong).ok());
  EXPECT_EQ(talk->Ask(std::string(1 << 20, 'x'), IsLine, kLong).status().code(),
            absl::StatusCode::kUnknown);
}

TEST(ConversationTest, ProgramThatIsNotThere) {
  ProcessRunner runner(CleanEnvironment({"PATH=/usr/bin:/bin"}));
  EXPECT_EQ(runner.Open({"/nowhere/sacctmgr"}, {}).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace assocsync::conversation_test
