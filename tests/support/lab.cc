#include "tests/support/lab.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

namespace assocsync {
namespace {

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "lab: %s\n", why.c_str());
  std::abort();
}

std::vector<std::string> Environment() {
  std::vector<std::string> environment;
  for (char** e = environ; *e != nullptr; ++e) environment.push_back(*e);
  return environment;
}

}  // namespace

void PrintTo(const LabRelease& release, std::ostream* out) {
  *out << release.version();
}

std::string LabScript() {
  return absl::StrCat(ASSOCSYNC_SOURCE_DIR, "/tests/lab");
}

RunResult RunProgram(const std::vector<std::string>& argv,
                     const std::vector<std::string>& extra_environment) {
  std::vector<std::string> environment = Environment();
  environment.insert(environment.end(), extra_environment.begin(),
                     extra_environment.end());
  ProcessRunner runner(environment);
  absl::StatusOr<RunResult> result = runner.Run(argv, absl::Minutes(10));
  if (!result.ok()) Die(result.status().ToString());
  return *std::move(result);
}

RunResult LabRun(const std::vector<std::string>& argv) {
  absl::StatusOr<RunResult> result =
      ProcessRunner(Environment()).Run(argv, absl::Minutes(10));
  if (result.ok()) return *std::move(result);
  RunResult failed;
  failed.exit_code = 127;
  failed.err = std::string(result.status().message());
  return failed;
}

std::string LabFolder(const std::string& release) {
  const RunResult result = LabRun({LabScript(), "path", release});
  return result.clean() ? std::string(absl::StripSuffix(result.out, "\n")) : "";
}

std::vector<LabRelease> LabRelease::All() {
  std::vector<LabRelease> all;
  const char* const only = std::getenv("ASSOCSYNC_TEST_RELEASE");
  const RunResult listed = RunProgram({LabScript(), "releases"});
  if (!listed.clean()) return all;
  for (absl::string_view line :
       absl::StrSplit(listed.out, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() < 2) Die(absl::StrCat("odd line of releases: ", line));
    if (only != nullptr && words[0] != only) continue;
    LabRelease release;
    release.name_ = words[0];
    release.version_ = words[1];
    const RunResult path = RunProgram({LabScript(), "path", words[0]});
    if (!path.clean()) Die(path.err);
    release.dir_ = std::string(absl::StripSuffix(path.out, "\n"));
    all.push_back(std::move(release));
  }
  return all;
}

int LabRelease::series() const {
  const std::vector<std::string> parts = absl::StrSplit(name_, '.');
  return std::atoi(parts[0].c_str()) * 100 + std::atoi(parts[1].c_str());
}

std::string LabRelease::Lab(const std::string& verb,
                            const std::vector<std::string>& words) const {
  std::vector<std::string> argv = {LabScript(), verb, name_};
  argv.insert(argv.end(), words.begin(), words.end());
  const RunResult result = RunProgram(argv);
  if (!result.clean()) {
    Die(absl::StrCat(verb, " ", name_, ": ", result.HowItEnded(), "\n",
                     result.out, result.err));
  }
  return result.out;
}

RunResult LabRelease::Sacctmgr(const std::vector<std::string>& words) const {
  std::vector<std::string> argv = {Path("bin/sacctmgr"), "-i"};
  argv.insert(argv.end(), words.begin(), words.end());
  return RunProgram(argv);
}

std::string LabRelease::Dump(const std::string& cluster) const {
  const std::string file =
      absl::StrCat(std::filesystem::temp_directory_path().string(),
                   "/assocsync-test-", getpid(), ".cfg");
  std::filesystem::remove(file);
  const RunResult result =
      Sacctmgr({"dump", cluster, absl::StrCat("file=", file)});
  std::ifstream in(file);
  if (!in) Die(absl::StrCat("dump wrote no file: ", result.out, result.err));
  std::ostringstream out;
  for (std::string line; std::getline(in, line);) {
    out << line << "\n";
  }
  std::filesystem::remove(file);
  return out.str();
}

std::string LabRelease::Sql(const std::string& statement) const {
  return Lab("sql", {"-N", "-B", "-e", statement});
}

std::map<std::string, std::string> LabRelease::RowIds() const {
  std::map<std::string, std::string> ids;
  const std::string rows =
      Sql("SELECT id_assoc, acct, user, `partition` FROM lab_assoc_table WHERE "
          "deleted=0");
  for (const absl::string_view line :
       absl::StrSplit(rows, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> cut =
        absl::StrSplit(line, absl::MaxSplits('\t', 1));
    ids[std::string(cut.second)] = std::string(cut.first);
  }
  return ids;
}

std::string SeriesOf(const testing::TestParamInfo<LabRelease>& info) {
  return absl::StrCat("On", info.param.series());
}

}  // namespace assocsync
