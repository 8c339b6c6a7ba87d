// The lab (tests/lab) as tests see it: real slurmdbd releases and MariaDB.
#ifndef ASSOCSYNC_TESTS_SUPPORT_LAB_H_
#define ASSOCSYNC_TESTS_SUPPORT_LAB_H_

#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/io/process.h"

namespace assocsync {

inline RunResult LabRun(const std::vector<std::string>& argv) {
  std::vector<std::string> environment;
  for (char** word = environ; *word != nullptr; ++word) {
    environment.emplace_back(*word);
  }
  auto result = ProcessRunner(environment).Run(argv, absl::Minutes(5));
  if (result.ok()) return *std::move(result);
  RunResult failed;
  failed.exit_code = 127;
  failed.err = std::string(result.status().message());
  return failed;
}

// The folder of a release (slurmdbd.conf, my.cnf, bin/); empty when the lab is
// not up.
inline std::string LabFolder(const std::string& release) {
  const RunResult result = LabRun(
      {absl::StrCat(ASSOCSYNC_SOURCE_DIR, "/tests/lab"), "path", release});
  return result.clean() ? std::string(absl::StripAsciiWhitespace(result.out))
                        : "";
}

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_LAB_H_
