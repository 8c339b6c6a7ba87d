// A line of a shell with assocsync in it, as people type it.
#ifndef ASSOCSYNC_TESTS_SUPPORT_SHELL_H_
#define ASSOCSYNC_TESTS_SUPPORT_SHELL_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/io/process.h"
#include "gtest/gtest.h"

namespace assocsync {

// Runs `line` by bash in `folder`. $A in it is assocsync; of the environment
// there is PATH and what is `more`.
inline RunResult RunLine(const std::string& folder, const std::string& line,
                         std::vector<std::string> more = {}) {
  more.push_back("PATH=/usr/bin:/bin");
  more.push_back(absl::StrCat("A=", ASSOCSYNC_BINARY));
  ProcessRunner runner(more);
  const auto run =
      runner.Run({"/bin/bash", "-c", absl::StrCat("cd ", folder, " && ", line)},
                 absl::Seconds(60));
  EXPECT_TRUE(run.ok()) << line << ": " << run.status();
  return run.ok() ? *run : RunResult();
}

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_SHELL_H_
