#include "engine/render/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_replace.h"
#include "tests/unit/render/sample_plan.h"

namespace assocsync::json_test {

using ::testing::HasSubstr;

SavedPlan Sample() {
  SavedPlan saved;
  saved.plan = SamplePlan();
  saved.options.release = saved.plan.release;
  saved.options.caller = "root";
  saved.options.max_delete = 12;
  saved.options.max_delete_is_count = true;
  saved.options.as_cluster = true;
  saved.options.allow = {"AS101", "AS111"};
  saved.options.skip = {"AS109", "hep/alice"};
  saved.options.only = {"account=hep"};
  saved.options.except = {"user=bob"};
  saved.options.changes = {"add", "delete"};
  saved.options.target_name = "backup.cfg";
  saved.target_text = "Cluster - 'hpc'\nParent - 'root'\n";
  saved.live_name = "sacctmgr 24.11.5";
  saved.live_kind = LiveKind::kSacctmgr;
  return saved;
}

void ExpectRoundTrip(const SavedPlan& saved) {
  const std::string text = PlanToJson(saved);
  const absl::StatusOr<SavedPlan> read = PlanFromJson(text);
  ASSERT_TRUE(read.ok()) << read.status();
  Plan want = saved.plan;
  want.expected = Tree();
  EXPECT_EQ(read->plan, want);
  EXPECT_EQ(read->expected_fingerprint, Fingerprint(saved.plan.expected));
  EXPECT_EQ(read->target_text, saved.target_text);
  EXPECT_EQ(read->live_name, saved.live_name);
  EXPECT_EQ(read->live_kind, saved.live_kind);
  EXPECT_EQ(read->options.caller, saved.options.caller);
  EXPECT_EQ(read->options.max_delete, saved.options.max_delete);
  EXPECT_EQ(read->options.allow, saved.options.allow);
  EXPECT_EQ(read->options.skip, saved.options.skip);
  EXPECT_EQ(read->options.only, saved.options.only);
  EXPECT_EQ(read->options.except, saved.options.except);
  EXPECT_EQ(read->options.changes, saved.options.changes);
  EXPECT_EQ(read->options.target_name, saved.options.target_name);
  EXPECT_EQ(read->options.release, saved.options.release);
  EXPECT_EQ(PlanToJson(*read), text);
}

TEST(PlanJsonTest, RoundTrip) { ExpectRoundTrip(Sample()); }

TEST(PlanJsonTest, RoundTripOfAMerge) {
  SavedPlan saved = Sample();
  saved.options.base_name = "base.cfg";
  saved.plan.base_fingerprint = "0123456789abcdef";
  saved.base_text = "\xff base";
  for (const auto prefer : {std::optional<Side>(), {Side::kLive}}) {
    saved.options.merge.prefer = prefer;
    saved.options.merge.prefer_row = {{"hep/alice", Side::kTarget},
                                      {"user \xff", Side::kLive}};
    ExpectRoundTrip(saved);
    const auto read = PlanFromJson(PlanToJson(saved));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->options.merge, saved.options.merge);
    EXPECT_EQ(read->options.base_name, "base.cfg");
    EXPECT_EQ(read->base_text, saved.base_text);
  }
}

TEST(PlanJsonTest, RoundTripOfAnyBytes) {
  std::string all;
  for (int i = 255; i >= 0; --i) all.push_back(static_cast<char>(i));
  SavedPlan saved = Sample();
  saved.target_text = all;
  saved.live_name = "\xff";
  saved.options.target_name = "\xc3(";
  saved.plan.cluster = Name("caf\xe9");
  saved.plan.changes[0].row.account = Name(all);
  saved.plan.changes[1].fields[0].to = Name("\xed\xa0\x80 \"quoted\" \n");
  saved.plan.steps[0].argv.push_back("{\"base64\": \"AAAA\"}");
  saved.plan.findings[0].message = "\x80";
  ExpectRoundTrip(saved);
}

TEST(PlanJsonTest, NoTerminalTakesItForMore) {
  SavedPlan saved = Sample();
  saved.options.target_name = "a\u009b31m\u202e\x7f";
  const std::string text = PlanToJson(saved);
  EXPECT_THAT(text, HasSubstr("a\\u009b31m\\u202e\\u007f"));
  EXPECT_EQ(PlanFromJson(text)->options.target_name, saved.options.target_name);
}

TEST(PlanJsonTest, KeepsNotSetAndEmptyApart) {
  SavedPlan saved = Sample();
  saved.plan.changes[0].fields = {Field(Key::kQosFlags, Set(""), std::nullopt)};
  EXPECT_THAT(PlanToJson(saved),
              HasSubstr("\"from\": \"\",\n     \"to\": null"));
  ExpectRoundTrip(saved);
}

TEST(PlanJsonTest, KeysOfQosLinesAreTheirOwn) {
  SavedPlan saved = Sample();
  saved.plan.changes[0].fields = {Field(Key::kQosGrpJobs, Set("1"), Set("2"))};
  saved.plan.changes[6].fields = {Field(Key::kGrpJobs, Set("1"), Set("2"))};
  ExpectRoundTrip(saved);
}

TEST(PlanJsonTest, EveryKeyAndEveryWordComesBack) {
  SavedPlan saved = Sample();
  saved.plan.changes.clear();
  for (const KeyInfo& info : AllKeys()) {
    saved.plan.changes.push_back(AChange(
        info.scope == Scope::kQos ? Change::What::kQos
                                  : Change::What::kAssociation,
        Change::How::kModify, Row("x"), {Field(info.key, Set("1"), Set("2"))}));
  }
  for (int phase = 0; phase <= static_cast<int>(Phase::kDeleteQos); ++phase) {
    Step step;
    step.phase = static_cast<Phase>(phase);
    saved.plan.steps.push_back(step);
  }
  for (const FindingRow& row : AllFindings()) {
    saved.plan.findings.push_back(MakeFinding(row.code, "m"));
  }
  ExpectRoundTrip(saved);
}

struct BadCase {
  absl::string_view name;
  std::string from, to;  // What is replaced in a good document.
  absl::string_view want;
};

TEST(PlanJsonTest, RefusesWhatItDoesNotMake) {
  const BadCase kCases[] = {
      {"version", "\"format_version\": 1", "\"format_version\": 2",
       "format_version 2; this assocsync reads 1"},
      {"no version", "\"format_version\": 1,", "", "format_version is missing"},
      {"version of another type", "\"format_version\": 1",
       "\"format_version\": \"1\"", "format_version is missing"},
      {"cut", "\"target_text\"", "", "no whole JSON document"},
      {"unknown key", "\"cluster\": \"hpc\"", "\"cluster\": \"hpc\", \"x\": 1",
       "the document has a key"},
      {"missing key", "\"deletes\": true,", "", "steps[1].deletes is missing"},
      {"type", "\"deletes\": true", "\"deletes\": 1",
       "steps[1].deletes must be true or false"},
      {"word", "\"what\": \"qos\"", "\"what\": \"job\"",
       "changes[0].what cannot be 'job'"},
      {"option", "\"key\": \"Priority\"", "\"key\": \"MaxWall\"",
       "changes[0].fields[0].key is no option: 'MaxWall'"},
      {"a move that stays", "\"how\": \"move\"", "\"how\": \"modify\"",
       "changes[6].how does not fit the parents"},
      {"a word of before", "\"how\": \"delete\"", "\"how\": \"remove\"",
       "changes[4].how cannot be 'remove'"},
      {"no QOS", "\"qos\": \"long\"", "\"qos\": \"\"",
       "changes[0].qos does not fit what"},
      {"a QOS's account", "\"qos\": \"long\",\n   \"account\": \"\"",
       "\"qos\": \"long\",\n   \"account\": \"lab\"",
       "changes[0].account does not fit what"},
      {"release", "\"24.11.5\",\n \"live\"", "\"24.11\",\n \"live\"",
       "release is none"},
      {"counts", "\"move\": 1", "\"move\": 2", "counts do not fit"},
      {"applicable", "\"applicable\": false", "\"applicable\": true",
       "applicable does not fit"},
      {"negative", "\"max_delete\": 12", "\"max_delete\": -1",
       "options.max_delete must be a whole number"},
      {"too large", "\"max_delete\": 12", "\"max_delete\": 4294967296",
       "options.max_delete must be a whole number"},
      {"fraction", "\"max_delete\": 12", "\"max_delete\": 1.5",
       "options.max_delete must be a whole number"},
      {"list", "\"allow\": [", "\"allow\": [[],", "options.allow[0] must be"},
      {"base64 of text", "\"root\",\n  \"max",
       "{\"base64\": \"YQ==\"},\n  \"max", "options.caller must be a text"},
      {"not an object", "\"live\": {", "\"live\": 1, \"other\": {",
       "live must be an object"},
  };
  const std::string good = PlanToJson(Sample());
  for (const BadCase& c : kCases) {
    const std::string bad = absl::StrReplaceAll(good, {{c.from, c.to}});
    ASSERT_NE(bad, good) << c.name;
    const absl::StatusOr<SavedPlan> read = PlanFromJson(bad);
    ASSERT_FALSE(read.ok()) << c.name;
    EXPECT_THAT(std::string(read.status().message()),
                HasSubstr(std::string(c.want)))
        << c.name;
  }
}

TEST(PlanJsonTest, RefusesWhatIsNoPlanAtAll) {
  for (const absl::string_view text :
       {"", "null", "[]", "1", "{}", "\"x\"", "{\"format_version\": null}",
        "{\"format_version\": 1}", "\xff\xfe"}) {
    EXPECT_FALSE(PlanFromJson(text).ok()) << text;
  }
  EXPECT_FALSE(PlanFromJson(std::string(200000, '[')).ok());
}

}  // namespace assocsync::json_test
