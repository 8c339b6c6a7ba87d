// The manual, CONTRIBUTING.md and the policy's schema keep up with the tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/model/finding.h"
#include "engine/render/shown.h"
#include "engine/slurm/release.h"

namespace assocsync::readme_test {

using ::testing::HasSubstr;

std::string Text(const std::string& name) {
  std::ifstream in(absl::StrCat(ASSOCSYNC_SOURCE_DIR, "/", name));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// What stands between `begin` and `end` in the file is `want`.
// UPDATE_GOLDEN=1 writes it there.
void ExpectBetween(const std::string& name, absl::string_view begin,
                   absl::string_view end, const std::string& want) {
  std::string text = Text(name);
  size_t from = text.find(std::string(begin));
  ASSERT_NE(from, std::string::npos) << name << ": " << begin;
  from += begin.size();
  const size_t size = text.find(std::string(end), from) - from;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    text.replace(from, size, want);
    std::ofstream(absl::StrCat(ASSOCSYNC_SOURCE_DIR, "/", name)) << text;
    return;
  }
  EXPECT_EQ(text.substr(from, size), want)
      << "to write it anew: UPDATE_GOLDEN=1";
}

std::string LiftedBy(const FindingRow& row) {
  std::vector<std::string> ways;
  if (!row.lifted_by.empty()) {
    ways.push_back(absl::StrCat("`", row.lifted_by, "`"));
  }
  if (row.Is(FindingRow::kSkippable)) {
    ways.push_back(absl::StrCat("`--skip ", row.code_name, "`"));
  }
  return absl::StrJoin(ways, ", ");
}

TEST(ReadmeTest, TellsEveryFindingCode) {
  std::vector<std::string> table;
  for (const FindingRow& row : AllFindings()) {
    if (row.is_rule()) continue;
    const absl::string_view word = FindingWord(MakeFinding(row.code, ""));
    table.push_back(absl::StrCat("| ", row.code_name, " | ", row.title, " | ",
                                 word, " | ", LiftedBy(row), " |"));
  }
  ExpectBetween("cli/man/assocsync-findings.7.md",
                "\n| code | what | is | lifted by |\n|---|---|---|---|\n",
                "\n\n", absl::StrJoin(table, "\n"));
}

TEST(ReadmeTest, TellsEveryRule) {
  std::vector<std::string> table;
  for (const FindingRow& rule : AllRules()) {
    table.push_back(absl::StrCat("| ", rule.code_name, " | ", rule.title, " | ",
                                 SeverityName(rule.severity), " |"));
  }
  ExpectBetween("cli/man/assocsync-findings.7.md",
                "\n| code | what | severity |\n|---|---|---|\n", "\n\n",
                absl::StrJoin(table, "\n"));
}

// A policy may say how bad each is, and lift it.
TEST(ReadmeTest, ThePolicysSchemaKnowsEveryRule) {
  std::vector<std::string> codes;
  for (const FindingRow& rule : AllRules()) {
    if (rule.Is(FindingRow::kNothingLifts)) continue;
    codes.push_back(absl::StrCat("        \"", rule.code_name, "\""));
  }
  ExpectBetween("engine/check/policy.schema.json",
                "\"code\": {\n      \"enum\": [\n", "\n      ]",
                absl::StrJoin(codes, ",\n"));
}

TEST(ReadmeTest, TellsTheEvidenceOfEveryRelease) {
  std::string table = "\n| from | evidence |\n|---|---|\n";
  for (const Behaviour& row : BehaviourTable()) {
    absl::StrAppend(&table, "| ", row.since.ToString(), " | ",
                    row.evidence.ToString(), " |\n");
  }
  EXPECT_THAT(Text("cli/man/assocsync.1.md"), HasSubstr(table + "\n"));
}

// One list installs, one explains.
TEST(ReadmeTest, TellsEveryPackage) {
  const std::string told = Text("CONTRIBUTING.md");
  std::istringstream install(Text(".ci/install"));
  std::string word;
  int packages = 0;
  bool inside = false;
  while (install >> word) {
    if (word.rfind("packages=\"$packages", 0) == 0) {
      inside = true;
      continue;
    }
    if (!inside) continue;
    if (word.back() == '"') {
      inside = false;
      word.pop_back();
    }
    EXPECT_THAT(told, HasSubstr(word));
    ++packages;
  }
  EXPECT_GE(packages, 14);
}

}  // namespace assocsync::readme_test
