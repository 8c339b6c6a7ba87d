// The config file's TOML; which options it may hold is in args_test.
#include <string>

#include "cli/args.h"
#include "engine/check/policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::config_test {

using ::testing::StartsWith;

// What toml++ would end the process for, were it left to.
TEST(ParseConfigTest, NoTextEndsTheProcess) {
  for (const char* text :
       {"[=]\n", "[ = [1]\n", "[[.\n", "[#\n", "[\x01\n", "[[\xff]]\n"}) {
    EXPECT_THAT(std::string(ParseConfig("c", text).status().message()),
                StartsWith("c:1:"));
    EXPECT_THAT(std::string(ParsePolicy("p", text).status().message()),
                StartsWith("p:1:"));
  }
}

}  // namespace assocsync::config_test
