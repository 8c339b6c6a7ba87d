// testdata/proposals: forty-odd edits as people make them, each a patch of
// base.cfg, and beside it what check and plan must say of it. A .want file is a
// transcript: its commands are run, and must print and exit as it says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/io/dir.h"
#include "engine/io/process.h"

namespace assocsync::proposals_test {

namespace fs = std::filesystem;

const char kFolder[] = ASSOCSYNC_SOURCE_DIR "/testdata/proposals";

std::string Read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<fs::path> Wanted() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".want") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// What `patch` makes of base.cfg; without a patch, base.cfg itself.
void MakeFile(const std::string& patch, const std::string& to) {
  const std::string base = absl::StrCat(kFolder, "/base.cfg");
  if (!fs::exists(patch)) {
    fs::copy_file(base, to);
    return;
  }
  ProcessRunner runner({"PATH=/usr/bin:/bin"});
  const absl::StatusOr<RunResult> result = runner.Run(
      {"patch", "--quiet", "--output", to, base, patch}, absl::Seconds(60));
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->exit_code, 0) << result->out << result->err;
}

// The transcript as it comes out now.
std::string Transcript(const std::string& want, const std::string& dir) {
  std::string out;
  for (const absl::string_view line : absl::StrSplit(want, '\n')) {
    absl::string_view command = line;
    if (!absl::ConsumePrefix(&command, "$ assocsync ")) continue;
    ProcessRunner runner({"PATH=/usr/bin:/bin"});
    std::vector<std::string> argv = {"/usr/bin/env", "-C", dir,
                                     ASSOCSYNC_BINARY};
    for (const absl::string_view word : absl::StrSplit(command, ' ')) {
      argv.emplace_back(word);
    }
    const absl::StatusOr<RunResult> result =
        runner.Run(argv, absl::Seconds(60));
    if (!result.ok()) return std::string(result.status().message());
    absl::StrAppend(&out, line, "\n", result->out, result->err, "exit ",
                    result->exit_code, "\n");
  }
  return out;
}

TEST(ProposalsTest, EachIsJudgedAsItShouldBe) {
  const std::vector<fs::path> wanted = Wanted();
  EXPECT_GE(wanted.size(), 40u);
  for (const fs::path& want_file : wanted) {
    SCOPED_TRACE(want_file.filename().string());
    const std::string stem =
        (want_file.parent_path() / want_file.stem()).string();
    const absl::StatusOr<TempDir> dir = TempDir::Create("/tmp");
    ASSERT_TRUE(dir.ok()) << dir.status();
    const auto in_dir = [&](absl::string_view name) {
      return absl::StrCat(dir->path(), "/", name);
    };
    MakeFile("", in_dir("base.cfg"));
    ASSERT_TRUE(fs::exists(stem + ".patch"));
    MakeFile(stem + ".patch", in_dir("proposed.cfg"));
    MakeFile(stem + ".live.patch", in_dir("live.cfg"));
    fs::copy_file(ASSOCSYNC_SOURCE_DIR "/testdata/policy.toml",
                  in_dir("policy.toml"));
    const std::string want = Read(want_file);
    const std::string got = Transcript(want, dir->path());
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
      std::ofstream(want_file, std::ios::binary) << got;
    } else {
      EXPECT_EQ(got, want) << "to record it anew: UPDATE_GOLDEN=1";
    }
  }
}

}  // namespace assocsync::proposals_test
