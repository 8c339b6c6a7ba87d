#include <string>
#include <vector>

#include "engine/backup/client_tool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::dump_command_test {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(OptionFileTest, HoldsOnlyWhatIsSet) {
  DatabaseOptions options;
  options.user = "slurm";
  EXPECT_EQ(OptionFileText(options), "[client]\nuser=\"slurm\"\nport=3306\n");
  options.host = "db1";
  options.port = 3307;
  options.socket = "/run/x.sock";
  options.password = "p";
  options.tls = {"/c", "/k", "/a", "/p", "X:Y"};
  EXPECT_EQ(OptionFileText(options),
            "[client]\nhost=\"db1\"\nsocket=\"/run/x.sock\"\nuser=\"slurm\"\n"
            "password=\"p\"\nssl-cert=\"/c\"\nssl-key=\"/k\"\nssl-ca=\"/a\"\n"
            "ssl-capath=\"/p\"\nssl-cipher=\"X:Y\"\nport=3307\n");
}

TEST(OptionFileTest, NoPasswordCanEndItsQuotesOrItsLine) {
  DatabaseOptions options;
  options.password = "a\"b\\c#d'e\nf\tg h;";
  EXPECT_THAT(OptionFileText(options),
              HasSubstr("password=\"a\\\"b\\\\c#d'e\\nf\\tg h;\"\n"));
}

TEST(DumpCommandTest, OptionFileFirstDatabaseLast) {
  const std::vector<std::string> argv = DumpCommand(
      "/usr/bin/mariadb-dump", "Distrib 10.11.6-MariaDB", "/t/c.cnf", "acct");
  EXPECT_EQ(argv[0], "/usr/bin/mariadb-dump");
  EXPECT_EQ(argv[1], "--defaults-file=/t/c.cnf");
  EXPECT_EQ(argv.back(), "acct");
  EXPECT_THAT(argv, Contains("--single-transaction"));
  EXPECT_THAT(argv, Not(Contains(HasSubstr("column-statistics"))));
}

TEST(DumpCommandTest, MysqlsOwnProgramIsTalkedOutOfItsHabits) {
  const std::vector<std::string> argv = DumpCommand(
      "mysqldump", "mysqldump  Ver 8.0.36 for Linux", "/t/c.cnf", "acct");
  EXPECT_THAT(argv, Contains("--loose-column-statistics=0"));
  EXPECT_EQ(argv.back(), "acct");
}

}  // namespace assocsync::dump_command_test
