// A scenario is a folder of testdata/scenarios: live.cfg, target.cfg and the
// plan between them, want.plan, with its commands; `release` holds the Slurm
// release (24.11.5 without that file). A new one needs no C++: make the folder,
// then UPDATE_GOLDEN=1, then read what was recorded.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/cfg/parse.h"
#include "engine/live/world_from_tree.h"
#include "engine/plan/plan.h"
#include "engine/render/text.h"

namespace assocsync::scenario_test {

namespace fs = std::filesystem;

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<fs::path> Folders() {
  std::vector<fs::path> folders;
  for (const auto& entry :
       fs::directory_iterator(ASSOCSYNC_SOURCE_DIR "/testdata/scenarios")) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::string PlanOfFolder(const fs::path& folder) {
  PlanOptions options;
  options.release = {2411, 5};
  options.target_name = "target.cfg";
  if (fs::exists(folder / "release")) {
    const auto release = ParseRelease(ReadText(folder / "release"));
    if (!release.ok()) return release.status().ToString();
    options.release = *release;
  }
  const auto live = ParseTree("live.cfg", ReadText(folder / "live.cfg"));
  if (!live.ok()) return live.status().ToString();
  const auto target = ParseTree("target.cfg", ReadText(folder / "target.cfg"));
  if (!target.ok()) return target.status().ToString();
  const auto plan = MakePlan(WorldFromTree(*live), *target, options);
  if (!plan.ok()) return plan.status().ToString();
  TextOptions text;
  text.verbose = true;
  text.target_name = options.target_name;
  return RenderText(*plan, text);
}

class ScenarioTest : public ::testing::TestWithParam<fs::path> {};

TEST_P(ScenarioTest, PlanIsAsRecorded) {
  const fs::path want = GetParam() / "want.plan";
  const std::string got = PlanOfFolder(GetParam());
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(want, std::ios::binary) << got;
  }
  EXPECT_EQ(got, ReadText(want)) << "to record it anew: UPDATE_GOLDEN=1";
}

INSTANTIATE_TEST_SUITE_P(Folders, ScenarioTest, ::testing::ValuesIn(Folders()),
                         [](const auto& instance) {
                           std::string name =
                               instance.param.filename().string();
                           std::replace(name.begin(), name.end(), '-', '_');
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace assocsync::scenario_test
