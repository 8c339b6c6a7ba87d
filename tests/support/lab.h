// The lab (tests/lab) for tests in C++: real MariaDB, real slurmdbd, real
// sacctmgr of several releases. The test binaries run inside the lab's network
// namespace: `tests/lab in build/dev/tests/real_tests`.
#ifndef ASSOCSYNC_TESTS_SUPPORT_LAB_H_
#define ASSOCSYNC_TESTS_SUPPORT_LAB_H_

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "engine/io/process.h"
#include "gtest/gtest.h"

namespace assocsync {

// One release of the lab.
class LabRelease {
 public:
  // All releases of the running lab, oldest first, or the one alone that
  // ASSOCSYNC_TEST_RELEASE names ("24.11"); empty where no lab runs.
  static std::vector<LabRelease> All();

  const std::string& name() const { return name_; }        // "24.11"
  const std::string& version() const { return version_; }  // "24.11.5"
  int series() const;                                      // 2411
  // Of the lab's state for this release: "slurmdbd.conf", "bin/sacctmgr", ...
  std::string Path(const std::string& file) const { return dir_ + "/" + file; }

  // `tests/lab VERB RELEASE [words]`; the test dies when it fails.
  std::string Lab(const std::string& verb,
                  const std::vector<std::string>& words = {}) const;
  void Reset() const { Lab("reset"); }

  // sacctmgr -i WORDS of this release. Its exit code is not judged.
  RunResult Sacctmgr(const std::vector<std::string>& words) const;
  // `sacctmgr dump CLUSTER`: the file's text.
  std::string Dump(const std::string& cluster) const;
  // Rows of one SELECT, columns separated by tabs.
  std::string Sql(const std::string& statement) const;
  // "account\tuser\tpartition" -> id, of the associations of cluster lab.
  std::map<std::string, std::string> RowIds() const;

 private:
  std::string name_, version_, dir_;
};

// For messages of tests.
void PrintTo(const LabRelease& release, std::ostream* out);

// The name of a test on a release: "On2411".
std::string SeriesOf(const testing::TestParamInfo<LabRelease>& info);

// tests/lab itself.
std::string LabScript();

// Runs any program with the environment of the test; dies if it cannot start.
RunResult RunProgram(const std::vector<std::string>& argv,
                     const std::vector<std::string>& extra_environment = {});

// As RunProgram, but a program that cannot start is exit code 127.
RunResult LabRun(const std::vector<std::string>& argv);

// The folder of a release (slurmdbd.conf, my.cnf, bin/); empty when the lab is
// not up.
std::string LabFolder(const std::string& release);

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_LAB_H_
