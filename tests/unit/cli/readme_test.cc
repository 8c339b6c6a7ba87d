// The manual and CONTRIBUTING.md keep up with the tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/check/rule.h"
#include "engine/plan/finding.h"
#include "engine/slurm/release.h"

namespace assocsync::readme_test {

using ::testing::HasSubstr;

std::string Text(const std::string& name) {
  std::ifstream in(absl::StrCat(ASSOCSYNC_SOURCE_DIR, "/", name));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(ReadmeTest, TellsEveryFindingCode) {
  const std::string page = Text("cli/man/assocsync-findings.7.md");
  std::set<absl::string_view> codes;
  for (const FindingCode& code : AllFindingCodes()) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("\n| ", code.code, " | ")));
    EXPECT_TRUE(codes.insert(code.code).second) << code.code;
  }
}

TEST(ReadmeTest, TellsEveryRule) {
  const std::string page = Text("cli/man/assocsync-findings.7.md");
  for (const Rule& rule : AllRules()) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat(
                          "\n| ", rule.code, " | ", rule.title, " | ",
                          SeverityName(rule.severity), " |\n")));
  }
}

// A policy may say how bad each is, and lift it.
TEST(ReadmeTest, ThePolicysSchemaKnowsEveryRule) {
  const std::string schema = Text("engine/check/policy.schema.json");
  for (const Rule& rule : AllRules()) {
    if (!rule.can_be_lifted) continue;
    EXPECT_THAT(schema, HasSubstr(absl::StrCat("\"", rule.code, "\": {")));
    EXPECT_THAT(schema,
                HasSubstr(absl::StrCat("\n              \"", rule.code, "\"")));
  }
}

TEST(ReadmeTest, TellsTheEvidenceOfEveryRelease) {
  std::string table = "\n| from | evidence |\n|---|---|\n";
  for (const Behaviour& row : BehaviourTable()) {
    absl::StrAppend(&table, "| ", row.since.DebugString(), " | ",
                    row.evidence.DebugString(), " |\n");
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
