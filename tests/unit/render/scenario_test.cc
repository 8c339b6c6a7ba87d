// A scenario is a folder of testdata/scenarios: live.cfg, target.cfg and the
// plan between them, want.plan, with its commands. There may also be
//
//   release    the Slurm release (24.11.5 without that file)
//   options    of the command line, one a line: `--only account=bio`;
//              `--caller NAME` says who runs the plan
//   base.cfg   what the target was made from
//   other.cfg  another cluster of the database. Then all of the database is
//              known: the QOS of live.cfg's QOS lines, Slurm's own TRES
//
// A new one needs no C++: make the folder, then UPDATE_GOLDEN=1, then read what
// was recorded.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/live/state_from_tree.h"
#include "engine/model/value.h"
#include "engine/plan/plan.h"
#include "engine/render/text.h"
#include "tests/support/rendered.h"

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

struct Scenario {
  ParseOptions parsing;  // Of the target.
  PlanOptions plan;
};

// One line of `options`; false: it is none that scenarios know.
bool TakeOption(absl::string_view line, Scenario* scenario) {
  const std::pair<std::string, std::string> said =
      absl::StrSplit(line, absl::MaxSplits(' ', 1));
  const auto& [word, value] = said;
  PlanOptions& plan = scenario->plan;
  if (word == "--by-hand") {
    scenario->parsing.written = Written::kByHand;
  } else if (word == "--as-cluster") {
    plan.as_cluster = true;
  } else if (word == "--keep-shared") {
    plan.keep_shared = true;
  } else if (word == "--caller") {
    plan.caller = value;
  } else if (word == "--allow") {
    plan.allow.push_back(value);
  } else if (word == "--skip") {
    plan.skip.push_back(value);
  } else if (word == "--only") {
    plan.only.push_back(value);
  } else if (word == "--except") {
    plan.except.push_back(value);
  } else if (word == "--max-delete") {
    plan.max_delete_is_count = !absl::EndsWith(value, "%");
    return absl::SimpleAtoi(absl::StripSuffix(value, "%"), &plan.max_delete);
  } else if (word == "--prefer") {
    const size_t equals = value.rfind('=');
    const Side side =
        absl::EndsWith(value, "live") ? Side::kLive : Side::kTarget;
    if (equals == std::string::npos) {
      plan.merge.prefer = side;
    } else {
      plan.merge.prefer_row[value.substr(0, equals)] = side;
    }
  } else {
    return false;
  }
  return true;
}

// The rows of another cluster, and what the clusters share.
void AddCluster(const Tree& tree, DatabaseState* state) {
  state->complete = true;
  for (const char* tres : {"billing", "cpu", "energy", "fs/disk", "mem", "node",
                           "pages", "vmem"}) {
    state->tres.insert(Name(tres));
  }
  absl::btree_map<Name, std::string> lineages = {{RootName(), "/"}};
  for (const auto& [account, row] : TopDown(tree)) {
    if (account == RootName()) continue;
    const Name parent = tree.associations.at({account, {}, {}}).parent;
    lineages[account] = absl::StrCat(lineages[parent], account.view(), "/");
  }
  for (const auto& [key, row] : tree.associations) {
    std::string lineage = lineages[key.account];
    for (const std::string& part :
         {absl::StrCat("0-", key.user.view()), key.partition.str()}) {
      if (part != "0-" && !part.empty()) absl::StrAppend(&lineage, part, "/");
    }
    state->others[{tree.cluster, key}] = {Name(lineage),
                                          row.limits.Get(Key::kQos),
                                          row.limits.Get(Key::kDefaultQos)};
  }
  state->accounts.insert(tree.accounts.begin(), tree.accounts.end());
  for (const auto& [name, record] : tree.users) {
    const auto [at, is_new] = state->users.try_emplace(name);
    const Name level = record.fields.Get(Key::kAdminLevel);
    if (is_new && !level.empty()) {
      at->second.fields.Set(Key::kAdminLevel, level);
    }
    const Name coordinates = record.fields.Get(Key::kCoordinator);
    for (const absl::string_view account : Elements(coordinates.view())) {
      state->coordinators.insert({Name(account), name});
    }
  }
}

absl::StatusOr<Plan> PlanOfFolder(const fs::path& folder) {
  Scenario scenario;
  PlanOptions& options = scenario.plan;
  options.release = {2411, 5};
  options.target_name = "target.cfg";
  options.base_name = "base.cfg";
  if (fs::exists(folder / "release")) {
    ASSIGN_OR_RETURN(options.release,
                     ParseRelease(ReadText(folder / "release")));
  }
  for (const absl::string_view line :
       absl::StrSplit(ReadText(folder / "options"), '\n', absl::SkipEmpty())) {
    if (!TakeOption(line, &scenario)) {
      return absl::InvalidArgumentError(absl::StrCat("options: ", line));
    }
  }
  const auto tree = [&](const char* name, const ParseOptions& parsing = {}) {
    return ParseTree(name, ReadText(folder / name), parsing);
  };
  ASSIGN_OR_RETURN(Tree live, tree("live.cfg"));
  ASSIGN_OR_RETURN(const Tree target, tree("target.cfg", scenario.parsing));
  DatabaseState state = StateFromTree(std::move(live));
  if (fs::exists(folder / "other.cfg")) {
    ASSIGN_OR_RETURN(const Tree other, tree("other.cfg"));
    AddCluster(other, &state);
  }
  if (!fs::exists(folder / "base.cfg")) {
    return MakePlan({state, target, options});
  }
  ASSIGN_OR_RETURN(const Tree base, tree("base.cfg"));
  return MakePlan({state, target, options, &base});
}

std::string Shown(const absl::StatusOr<Plan>& plan) {
  if (!plan.ok()) return absl::StrCat(plan.status().message(), "\n");
  ShowOptions text;
  text.verbose = true;
  text.target_name = "target.cfg";
  return RenderText(*plan, text);
}

class ScenarioTest : public ::testing::TestWithParam<fs::path> {};

TEST_P(ScenarioTest, PlanIsAsRecorded) {
  const fs::path want = GetParam() / "want.plan";
  const std::string got = Shown(PlanOfFolder(GetParam()));
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
