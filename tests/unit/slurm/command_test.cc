#include "engine/slurm/command.h"

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace assocsync::command_test {

using Words = std::vector<std::string>;

TEST(CommandTest, WordsAndBack) {
  const Words kCases[] = {
      {"add", "account", "name=a b", "cluster=c", "description=x=y: 'z'"},
      {"add", "user", "name=u", "QOS+=a", "QOS-=b", "partition="},
      {"modify", "account", "where", "name=a", "cluster=c", "set",
       "MaxJobs=-1"},
      {"modify", "qos", "where", "name=q", "set", "Preempt="},
      {"modify", "cluster", "where", "name=c", "set", "Classification=x"},
      {"delete", "coordinator", "where", "account=a", "name=u"},
      {"delete", "user", "where", "name=set", "account=where"},
  };
  for (const Words& words : kCases) {
    const auto command = ParseCommand(words);
    ASSERT_TRUE(command.ok()) << command.status();
    EXPECT_EQ(Argv(*command), words);
  }
}

TEST(CommandTest, OperatorsAndValues) {
  const auto command = ParseCommand({"modify", "user", "where", "name=u", "set",
                                     "QOS+=a=b", "GrpTRES=cpu=4", "QOS-=-c"});
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(command->set[0], (Setting{"QOS", "a=b", Setting::Op::kAdd}));
  EXPECT_EQ(command->set[1], (Setting{"GrpTRES", "cpu=4"}));
  EXPECT_EQ(command->set[2], (Setting{"QOS", "-c", Setting::Op::kRemove}));
}

TEST(CommandTest, WordsThatNoPlanMakes) {
  const Words kCases[] = {
      {},
      {"add", "account"},
      {"load", "file", "x=y"},
      {"add", "cluster ", "name=x"},
      {"delete", "account", "name=a"},
      {"delete", "account", "where"},
      {"modify", "account", "where", "name=a"},
      {"modify", "account", "where", "name=a", "set"},
      {"modify", "account", "where", "set", "MaxJobs=1"},
      {"add", "account", "name"},
      {"add", "account", "=x"},
      {"add", "account", "na me=x"},
      {"add", "account", "name=a", "-i"},
  };
  for (const Words& words : kCases) {
    EXPECT_EQ(ParseCommand(words).status().code(),
              absl::StatusCode::kInvalidArgument)
        << absl::StrJoin(words, " ");
  }
}

}  // namespace assocsync::command_test
