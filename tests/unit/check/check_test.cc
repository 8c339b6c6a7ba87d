#include "engine/check/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/check/policy.h"
#include "engine/render/check_report.h"
#include "engine/render/escape.h"
#include "tests/support/rendered.h"

namespace assocsync::check_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A tree about which there is nothing to say. Cases change a line or two.
constexpr absl::string_view kTree =
    "Cluster - 'uni':Fairshare=1:QOS='long,normal'\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n"
    "Account - 'physics':Description='Physics':GrpTRES=cpu=100:MaxJobs=10\n"
    "Account - 'chem':Description='Chemistry':Fairshare=50\n"
    "Parent - 'chem'\n"
    "User - 'carl':DefaultAccount='chem'\n"
    "Parent - 'physics'\n"
    "Account - 'hep':Description='High energies':MaxJobs=4\n"
    "User - 'alice':DefaultAccount='physics':MaxJobs=4\n"
    "Parent - 'hep'\n"
    "User - 'bob':DefaultAccount='hep'\n";

std::vector<std::string> Lines(const CheckReport& report) {
  std::vector<std::string> out;
  for (const CheckFinding& f : report.findings) {
    out.push_back(absl::StrCat(f.at.line, ":", f.at.column, " ",
                               f.lifted() ? "lifted " : "",
                               SeverityName(f.severity), " ", CodeName(f.code),
                               " ", f.row.view(), ": ", f.message));
  }
  return out;
}

CheckReport CheckTexts(absl::string_view text, absl::string_view base = "",
                       absl::string_view policy = "",
                       absl::string_view author = "",
                       Written written = Written::kComplete) {
  CheckInput input;
  input.written = written;
  input.name = "new.cfg";
  input.text = text;
  input.author = std::string(author);
  if (!base.empty()) input.base = {"old.cfg", base};
  absl::StatusOr<Policy> read = ParsePolicy("policy.toml", policy);
  EXPECT_TRUE(read.ok()) << read.status();
  if (read.ok()) input.policy = *std::move(read);
  absl::StatusOr<CheckReport> report = Check(input);
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? *std::move(report) : CheckReport();
}

struct Case {
  absl::string_view code;
  absl::string_view from, to;  // The edit of kTree.
  bool base = false;           // kTree is the base.
  absl::string_view policy;
  std::vector<std::string> findings;  // All of the report.
  Written written = Written::kComplete;
};

const std::vector<Case>& Cases() {
  static const auto* const cases = new std::vector<Case>{
      {"AS201",
       "Fairshare=50",
       "Fairshare=fifty",
       false,
       "",
       {"5:52 error AS201 : Fairshare: 'fifty' is not a whole number"}},
      {"AS202",
       "GrpTRES=cpu=100",
       "GrpTRES=bb/nvme=1.50T",
       false,
       "",
       {"4:43 note AS213 : `sacctmgr load` would not read this as it stands: "
        "it reads the digits before the point and drops the unit",
        "4:51 warning AS202 : bb/nvme: dump prints 1572864 and 1573376 alike"}},
      {"AS203",
       "'carl':DefaultAccount='chem'",
       "'carl':DefaultAccount='physics'",
       false,
       "",
       {"7:15 error AS203 : DefaultAccount 'physics' of user 'carl' is an "
        "account in which the user has no line"}},
      {"AS204",
       "'alice':DefaultAccount='physics'",
       "'alice':DefaultAccount='physics':DefaultQOS=gold",
       false,
       "",
       {"10:41 error AS204 physics/alice: DefaultQOS 'gold' is not in the QOS "
        "list that holds here: long,normal"}},
      {"AS204",
       "Description='Physics'",
       "Description='Physics':QOS='+fast,-long':DefaultQOS=long",
       false,
       "",
       {"4:61 error AS204 physics: DefaultQOS 'long' is not in the QOS list "
        "that holds here: fast,normal"}},
      // A list of its own without what is inherited as the default.
      {"AS204",
       "Cluster - 'uni':Fairshare=1:QOS='long,normal'\n",
       "Cluster - 'uni':DefaultQOS=long:QOS='long,normal'\n"
       "Account - 'bio':Description='Biology':QOS=normal\n"
       "Parent - 'bio'\nUser - 'eve':DefaultAccount='bio'\n",
       false,
       "",
       {"2:39 error AS204 bio: the inherited DefaultQOS 'long' is not in the "
        "QOS list that holds here: normal"}},
      {"AS205",
       "Description='Physics'",
       "Description='Physics':QOS='+fast,-long'",
       false,
       "known.qos = [\"long\", \"normal\"]",
       {"4:43 error AS205 physics: QOS 'fast' does not exist"}},
      {"AS206",
       "DefaultAccount='hep'",
       "DefaultAccount='hep':Partition='gpu'",
       false,
       "known.partitions = [\"cpu\"]",
       {"12:35 error AS206 hep/bob@gpu: partition 'gpu' is not known"}},
      {"AS207",
       "GrpTRES=cpu=100",
       "GrpTRES=cpu=100,gres/gpu=4",
       false,
       "known.tres = [\"cpu\", \"mem\"]",
       {"4:43 error AS207 physics: TRES 'gres/gpu' is not known"}},
      {"AS208",
       "'bob':DefaultAccount='hep'",
       "'bob':DefaultAccount='hep':GrpTRES=cpu=101",
       false,
       "",
       {"12:35 warning AS208 hep/bob: GrpTRES cpu 101 never holds: account "
        "'physics' has 100"}},
      {"AS209",
       "'High energies':MaxJobs=4",
       "'High energies':MaxJobs=11",
       false,
       "",
       {"9:45 note AS209 hep: MaxJobs 11 is more than what would be inherited: "
        "account 'physics' has 10"}},
      {"AS210",
       "User - 'bob':DefaultAccount='hep'\n",
       "User - 'j_doe':DefaultAccount='hep'\nUser - 'j-doe':"
       "DefaultAccount='hep'\n",
       false,
       "",
       {"12:9 warning AS210 user j_doe: `sacctmgr delete user j_doe` would "
        "take j-doe along (Slurm 23.11 and later)"}},
      {"AS211",
       "User - 'bob':DefaultAccount='hep'\n",
       "User - 'a123456789b123456789c123456789d123456789x2':"
       "DefaultAccount='hep'\n"
       "User - 'a123456789b123456789c123456789d123456789x2more':"
       "DefaultAccount='hep'\n",
       false,
       "",
       {"13:9 error AS211 user a123456789b123456789c123456789d123456789x2more: "
        "users 'a123456789b123456789c123456789d123456789x2more' and "
        "'a123456789b123456789c123456789d123456789x2' are equal in their first "
        "42 characters"}},
      {"AS212",
       "'bob'",
       "'b[1]b'",
       false,
       "",
       {"12:9 error AS212 user b[1]b: user 'b[1]b' holds a bracket, which "
        "sacctmgr expands as a list of hosts"}},
      {"AS213",
       "Description='Physics'",
       "Description='Physics # 2'",
       false,
       "",
       {"4:21 note AS213 : `sacctmgr load` would not read this as it stands: "
        "it cuts the line at the #, even in quotes, and stops with an error"}},
      {"AS214",
       "User - 'carl':DefaultAccount='chem'",
       "Account - 'lab':Description='Lab'",
       false,
       "",
       {"5:12 note AS214 chem: account 'chem' has no users, nor have those "
        "below it"}},
      {"AS215",
       "Description='Chemistry':",
       "",
       false,
       "",
       {"5:12 note AS215 chem: account 'chem' has no Description"}},
      {"AS216",
       "'carl':DefaultAccount='chem'",
       "'carl':DefaultAccount='chem':Fairshare=0",
       false,
       "",
       {"5:12 warning AS216 chem: the only share below 'chem' is 0"}},
      {"AS216",
       "Fairshare=50",
       "Fairshare=40",
       false,
       "[[fairshare]]\naccount = \"root\"\nsum = 52",
       {"1:12 warning AS216 root: the shares of the 3 below 'root' add up to "
        "42, not 52"}},
      {"AS222",
       "User - 'alice':DefaultAccount='physics':MaxJobs=4\n",
       "",
       true,
       "",
       {"4:12 warning AS222 user alice: user 'alice' loses every account"}},
      {"AS223",
       "GrpTRES=cpu=100",
       "GrpTRES=cpu=201",
       true,
       "",
       {"4:43 warning AS223 physics: GrpTRES cpu goes from 100 to 201, more "
        "than 2 times"}},
      {"AS223",
       ":MaxJobs=10",
       "",
       true,
       "",
       {"4:12 warning AS223 physics: MaxJobs 10 is removed"}},
      {"AS224",
       "'bob':DefaultAccount='hep'",
       "'bob':DefaultAccount='hep':AdminLevel=Operator",
       true,
       "",
       {"12:35 warning AS224 user bob: AdminLevel of user 'bob' goes from None "
        "to Operator"}},
      {"AS225",
       "Parent - 'physics'\nAccount - 'hep':Description='High energies':"
       "MaxJobs=4\n",
       "Account - 'hep':Description='High energies':MaxJobs=4\n"
       "Parent - 'physics'\n",
       true,
       "",
       {"8:12 note AS225 hep: account 'hep' moves from 'physics' to 'chem', "
        "with 1 association of users"}},
      {"AS226",
       "User - 'alice':DefaultAccount='physics':MaxJobs=4\nParent - 'hep'\n",
       "User - 'alice':DefaultAccount='hep':MaxJobs=4\nParent - 'hep'\n"
       "User - 'alice':DefaultAccount='hep'\n",
       true,
       "",
       {"10:16 note AS226 user alice: the default account of user 'alice' goes "
        "from 'physics' to 'hep'"}},
      {"AS227",
       "'uni'",
       "'other'",
       true,
       "",
       {"1:12 error AS227 cluster: the base is of cluster 'uni', the proposal "
        "of 'other'"}},
      {"AS231",
       "'Chemistry'",
       "'Alchemy'",
       true,
       "protected.accounts = \"che*\"",
       {"5:12 error AS231 chem: account 'chem' is protected: ~ account chem "
        "Description Chemistry -> Alchemy"}},
      {"AS231",
       "Parent - 'hep'\nUser - 'bob':DefaultAccount='hep'\n",
       "Parent - 'hep'\nUser - 'bob':DefaultAccount='hep':MaxJobs=2\n",
       true,
       "protected.users = [\"x\", \"bob\"]",
       {"12:9 error AS231 hep/bob: user 'bob' is protected: ~ association "
        "hep/bob MaxJobs (not set) -> 2"}},
      {"AS232",
       "",
       "",
       false,
       "required.account = [\"Fairshare\"]",
       {"4:12 error AS232 physics: Fairshare is missing",
        "9:12 error AS232 hep: Fairshare is missing"}},
      {"AS233",
       "",
       "",
       false,
       "names.user = \"[b-z].*\"\nnames.account='[a-z]{3,4}'",
       {"4:12 error AS233 physics: the account name 'physics' is not as the "
        "policy wants it: [a-z]{3,4}",
        "10:9 error AS233 user alice: the user name 'alice' is not as the "
        "policy wants it: [b-z].*"}},
      {"AS234",
       "'bob':DefaultAccount='hep'",
       "'bob':DefaultAccount='hep':QOS='+long,-normal'",
       false,
       "[[allow-qos]]\nunder = \"root\"\nqos = \"*\"\n"
       "[[allow-qos]]\nunder = \"physics\"\nqos = [\"debug\"]",
       {"12:35 error AS234 hep/bob: QOS 'long' is not allowed under physics"}},
      {"AS235",
       "'bob':DefaultAccount='hep'",
       "'bob':DefaultAccount='hep':Coordinator='chem,hep'",
       false,
       "[[owners]]\nunder = \"physics\"\ncoordinators = [\"prof-*\"]",
       {"12:35 error AS235 user bob: user 'bob' may not coordinate account "
        "'hep'; the policy allows prof-*"}},
      {"AS236",
       "'bob':DefaultAccount='hep'",
       "'bob':DefaultAccount='hep':MaxJobs=2",
       true,
       "[[owners]]\nunder = \"physics\"\nauthors = [\"ann\"]",
       {"12:9 error AS236 hep/bob: 'mallory' may not change account 'hep': ~ "
        "association hep/bob MaxJobs (not set) -> 2"}},
      // Rights belong to somebody too.
      {"AS236",
       "'bob':DefaultAccount='hep'",
       "'bob':DefaultAccount='hep':Coordinator='chem,physics'",
       true,
       "[[owners]]\nunder = \"physics\"\nauthors = [\"ann\"]",
       {"12:9 error AS236 user bob: 'mallory' may not change account "
        "'physics': ~ user bob Coordinator (not set) -> chem,physics"}},
      {"AS236",
       "'carl':DefaultAccount='chem'",
       "'carl':DefaultAccount='chem':AdminLevel=Operator",
       true,
       "severity.AS224 = \"off\"\n"
       "[[owners]]\nunder = \"root\"\nauthors = \"ann\"\n"
       "[[owners]]\nunder = \"chem\"\nauthors = \"mallory\"",
       {"7:9 error AS236 user carl: 'mallory' may not change account 'root': ~ "
        "user carl AdminLevel (not set) -> Operator"}},
      {"AS237",
       "",
       "",
       false,
       "admins = \"slurm\"",
       {"3:37 error AS237 user root: user 'root' may not be Administrator; the "
        "policy allows slurm"}},
      {"AS207",
       "'bob':DefaultAccount='hep'",
       "'bob':DefaultAccount='hep':GrpTRES=nodes=3,gres/gpu=1",
       false,
       "",
       {"12:35 error AS207 hep/bob: 'nodes' is no TRES of any Slurm"}},
      {"AS217",
       "'carl':DefaultAccount='chem'",
       "'carl':DefaultAccount='chem':Organization='us'",
       false,
       "",
       {"7:37 warning AS217 : Organization stands on an Account line, not "
        "on a User line"},
       Written::kByHand},
      {"AS218",
       "'carl':DefaultAccount='chem'",
       "'carl':DefaultAccount='physics'",
       false,
       "",
       {"7:15 warning AS218 : user 'carl' has no line in account 'physics' "
        "that names it as the default; a default that holds on live stays, "
        "else it is 'chem', the first by name"},
       Written::kByHand},
      {"AS241",
       "'carl':DefaultAccount='chem'",
       "'carl':DefaultAccount='chem' # assocsync: allow AS999, AS209 why",
       false,
       "",
       {"7:9 note AS241 : 'AS999' is no code of check",
        "7:9 note AS241 : a comment allows AS209 here, but there is no such "
        "finding"}},
  };
  return *cases;
}

std::string Edited(const Case& c) {
  const std::string text(kTree);
  if (c.from.empty()) return text;
  const size_t at = text.find(std::string(c.from));
  EXPECT_NE(at, std::string::npos) << c.code << " " << c.from;
  return text.substr(0, at) + std::string(c.to) +
         text.substr(at + c.from.size());
}

TEST(CheckTest, ATreeWithoutFaults) {
  const CheckReport report = CheckTexts(kTree, kTree);
  EXPECT_THAT(Lines(report), IsEmpty());
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.cluster, "uni");
  EXPECT_EQ(report.size, (CheckReport::Size{4, 4, 8}));
  EXPECT_EQ(report.changes, CheckReport::Changes());
}

TEST(CheckTest, Cases) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(absl::StrCat(c.code, ": ", c.to));
    const CheckReport report = CheckTexts(Edited(c), c.base ? kTree : "",
                                          c.policy, "mallory", c.written);
    const std::vector<std::string> lines = Lines(report);
    ASSERT_EQ(lines.size(), c.findings.size()) << testing::PrintToString(lines);
    for (size_t i = 0; i < lines.size(); ++i) {
      EXPECT_THAT(lines[i], testing::StartsWith(c.findings[i]));
    }
    for (const CheckFinding& finding : report.findings) {
      EXPECT_FALSE(finding.text.empty()) << CodeName(finding.code);
    }
  }
}

// One finding for each, at its first place, with the number of lines.
TEST(CheckTest, WhatLoadWouldCorrupt) {
  const auto traps = [](absl::string_view description,
                        absl::string_view more = "") {
    const CheckReport report = CheckTexts(absl::StrCat(
        absl::StrReplaceAll(kTree, {{"'High energies'", description}}), more));
    std::vector<std::string> out;
    for (const CheckFinding& f : report.findings) {
      EXPECT_NE(f.code, kRuleUnreadable) << f.message;
      if (f.code != kRuleLoadCorrupts) continue;
      out.push_back(absl::StrCat(f.at.line, ":", f.at.column, " ",
                                 f.message.substr(f.message.find(": ") + 2)));
    }
    return out;
  };
  EXPECT_THAT(traps("'a\\#b'"), IsEmpty());
  EXPECT_THAT(traps("'a#b'"),
              ElementsAre(HasSubstr("9:17 it cuts the line at the #")));
  EXPECT_THAT(traps("'a\\b'"),
              ElementsAre(HasSubstr("9:17 it eats a backslash")));
  EXPECT_THAT(traps("''"),
              ElementsAre("9:17 it ignores an option whose value is empty"));
  EXPECT_THAT(traps("'x'",
                    "User - 'a':DefaultAccount=hep:WCKeys=a\n"
                    "User - 'b':DefaultAccount=hep:DefaultWCKey=a:WCKeys=a\n"),
              ElementsAre(testing::AllOf(
                  HasSubstr("13:31 a WCKey makes it load nothing"),
                  HasSubstr("(2 lines)"))));
  const auto user = [&](absl::string_view rest) {
    return traps("'x'", absl::StrCat("User - 'a':DefaultAccount=hep", rest));
  };
  EXPECT_THAT(user(":MaxTRESPerJob=gres/gpu:a=1\n"),
              ElementsAre(HasSubstr("at the colon of the typed GRES")));
  EXPECT_THAT(user(":MaxTRESPerJob='gres/gpu:a=1'\n"), IsEmpty());
  EXPECT_THAT(user(":MaxTRESPerJob=mem=1.5G\n"),
              ElementsAre(HasSubstr("drops the unit")));
  EXPECT_THAT(user(absl::StrCat(":Comment='", std::string(4100, 'x'), "'\n")),
              ElementsAre(HasSubstr("in parts of 4095 bytes")));
  EXPECT_THAT(traps("'x'", "  User - 'zoe':DefaultAccount=hep\n"),
              ElementsAre(HasSubstr("13:1 it stops at a line that begins with "
                                    "a blank")));
  EXPECT_THAT(traps("'x' ", "User - zoe :DefaultAccount=hep:MaxJobs=1 \n"),
              ElementsAre(HasSubstr("13:8 it takes the blanks behind a word "
                                    "without quotes")));
  EXPECT_THAT(traps("'x'", "User - zoe:DefaultAccount=hep # new\n"),
              ElementsAre(HasSubstr("13:12 it takes the blanks")));
  EXPECT_THAT(traps("'x'",
                    "User - 'zoe':DefaultAccount='hep'\r\n"
                    "User - 'yan':DefaultAccount='hep':MaxJobs=1\r\n"
                    "User - 'xia':DefaultAccount=hep\r\n"),
              ElementsAre(HasSubstr("15:14 it takes the CR of CR LF")));
  EXPECT_THAT(traps("'x'", "User - 'a=b':DefaultAccount=hep\n"),
              ElementsAre(HasSubstr("13:9 it takes a name with an =")));
}

TEST(CheckTest, EveryRuleHasACase) {
  std::set<std::string> covered;
  for (const Case& c : Cases()) covered.insert(std::string(c.code));
  for (const FindingRow& rule : AllRules()) {
    if (rule.code == kRuleDeleteShare) continue;  // DeletesTooMuch
    if (rule.code == kRuleShared) continue;       // WhatOtherClustersShare
    EXPECT_EQ(covered.count(std::string(rule.code_name)), 1u) << rule.code_name;
  }
}

std::string Many(int users) {
  std::string text =
      "Cluster - 'uni'\nParent - 'root'\n"
      "Account - 'a':Description='A'\nParent - 'a'\n";
  for (int i = 0; i < users; ++i) {
    absl::StrAppend(&text, "User - 'u", i, "':DefaultAccount='a'\n");
  }
  return text;
}

TEST(CheckTest, DeletesTooMuch) {
  const std::string policy = "severity.AS222 = \"off\"\n";
  EXPECT_THAT(Lines(CheckTexts(Many(14), Many(20), policy)), IsEmpty());
  EXPECT_THAT(
      Lines(CheckTexts(Many(13), Many(20), policy)),
      ElementsAre("1:12 error AS221 : deletes 7 of 20 users (35%), more than "
                  "30%",
                  "1:12 error AS221 : deletes 7 of 22 associations (32%), more "
                  "than 30%"));
  EXPECT_THAT(
      Lines(CheckTexts(Many(13), Many(20),
                       absl::StrCat(policy, "thresholds.delete-share = 35"))),
      IsEmpty());
}

TEST(CheckTest, WhatLiftsAFinding) {
  const std::string text = absl::StrReplaceAll(
      kTree, {{"'High energies':MaxJobs=4", "'High energies':MaxJobs=11"}});
  const std::string found =
      "note AS209 hep: MaxJobs 11 is more than what would be inherited: "
      "account 'physics' has 10";
  const auto with = [&](absl::string_view before, absl::string_view behind) {
    return absl::StrReplaceAll(
        text, {{"Account - 'hep'", absl::StrCat(before, "Account - 'hep'")},
               {"MaxJobs=11", absl::StrCat("MaxJobs=11", behind)}});
  };
  EXPECT_THAT(Lines(CheckTexts(with("", " # assocsync: allow AS209 paid"))),
              ElementsAre(absl::StrCat("9:45 lifted ", found)));
  EXPECT_THAT(Lines(CheckTexts(with("#assocsync:allow as208,as209\n", ""))),
              ElementsAre("10:12 note AS241 : a comment allows AS208 here, but "
                          "there is no such finding",
                          absl::StrCat("10:45 lifted ", found)));
  EXPECT_THAT(Lines(CheckTexts(text, "",
                               "[[suppress]]\ncode = \"AS209\"\nrows = \"h*\"\n"
                               "reason = \"old contract\"")),
              ElementsAre(absl::StrCat("9:45 lifted ", found)));
  EXPECT_THAT(Lines(CheckTexts(text, "", "severity.AS209 = \"off\"")),
              IsEmpty());
  const CheckReport harder = CheckTexts(text, "", "severity.AS209 = \"error\"");
  EXPECT_FALSE(harder.passed());
  EXPECT_FALSE(CheckTexts(text, "", "fail-on = \"note\"").passed());
  EXPECT_TRUE(CheckTexts(text, "", "fail-on = \"warning\"").passed());
  // A comment about changes waits for a base.
  EXPECT_THAT(Lines(CheckTexts(absl::StrReplaceAll(
                  kTree, {{"GrpTRES=cpu=100:MaxJobs=10",
                           "MaxJobs=10 # assocsync: allow AS223"}}))),
              IsEmpty());
}

TEST(CheckTest, CountsAsAPlanDoes) {
  const auto changes = [](const std::string& text) {
    return CheckTexts(text, kTree).changes;
  };
  using Changes = CheckReport::Changes;
  EXPECT_EQ(changes(std::string(kTree) + "User - 'zoe':DefaultAccount='hep'\n"),
            (Changes{1, 0, 0, 0}));
  EXPECT_EQ(changes(absl::StrReplaceAll(
                kTree, {{"User - 'bob':DefaultAccount='hep'\n", ""},
                        {"Parent - 'hep'\n", ""}})),
            (Changes{0, 0, 0, 1}));
  // The record and the row of one account.
  EXPECT_EQ(changes(absl::StrReplaceAll(
                kTree, {{"'High energies':MaxJobs=4", "'HEP':MaxJobs=5"}})),
            (Changes{0, 1, 0, 0}));
  EXPECT_EQ(
      changes(absl::StrReplaceAll(
          kTree,
          {{"Account - 'hep':Description='High energies':MaxJobs=4\n", ""},
           {"Account - 'chem'",
            "Account - 'hep':Description='HEP':MaxJobs=4\n"
            "Account - 'chem'"}})),
      (Changes{0, 0, 1, 0}));
}

TEST(CheckTest, ABaseThatCannotBeReadIsAnError) {
  CheckInput input;
  input.name = "new.cfg";
  input.text = kTree;
  input.base = {"old.cfg", "Cluster - 'uni'\nUser - 'x':MaxJobs=y\n"};
  EXPECT_THAT(std::string(Check(input).status().message()),
              HasSubstr("old.cfg:2:"));
}

// Places are those of the physical line, wherever it is continued.
TEST(CheckTest, PlacesInContinuedLines) {
  // The report points into it.
  const std::string text = absl::StrReplaceAll(
      kTree, {{"Description='High energies':MaxJobs=4",
               "Description='High energies':\\\n  MaxJobs=11"}});
  const CheckReport report = CheckTexts(text);
  EXPECT_THAT(
      Lines(report),
      ElementsAre(testing::StartsWith("10:3 note AS209 hep: MaxJobs 11")));
  EXPECT_EQ(report.findings[0].text, "  MaxJobs=11");
}

// The first place of a file is one like any other.
TEST(CheckTest, TheFirstPlaceOfAFile) {
  const std::string captured = absl::StrCat(
      "sacctmgr: ", absl::StrReplaceAll(kTree, {{"\n", "\nsacctmgr: "}}));
  const CheckReport prefixed =
      CheckTexts(captured.substr(0, captured.size() - 10), "", "", "mallory",
                 Written::kByHand);
  EXPECT_THAT(Lines(prefixed),
              ElementsAre(testing::StartsWith(
                  "1:1 warning AS218 : lines begin with `sacctmgr: `")));
  const std::string indented = absl::StrCat(" ", kTree);
  EXPECT_THAT(Lines(CheckTexts(indented)),
              ElementsAre(testing::StartsWith(
                  "1:1 note AS213 : `sacctmgr load` would not read this")));
}

// Where the record stands; of one that goes, at the Cluster line.
TEST(CheckTest, WhatOtherClustersShare) {
  using What = Change::What;
  const std::string text = absl::StrReplaceAll(
      kTree, {{"'physics':MaxJobs=4\n",
               "'physics':MaxJobs=4 # assocsync: allow AS228\n"}});
  CheckInput input;
  input.name = "new.cfg";
  input.text = text;
  const auto lines = [&] { return Lines(*Check(input)); };
  EXPECT_THAT(lines(), IsEmpty());  // Not known: the comment may be right.
  input.shared.emplace();
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("10:9 note AS241")));
  const Name chem("chem"), alice("alice"), zoe("zoe");
  input.shared = {{What::kAccount, {chem, {}, {}}, "Description a -> b"},
                  {What::kUser, {{}, alice, {}}, "AdminLevel Operator -> None"},
                  {What::kUser, {{}, zoe, {}}, "Coordinator a -> b"}};
  EXPECT_THAT(
      lines(),
      ElementsAre("1:12 warning AS228 user zoe: Coordinator a -> b",
                  "5:12 warning AS228 chem: Description a -> b",
                  "10:9 lifted warning AS228 user alice: AdminLevel Operator "
                  "-> None"));
}

// A name of the file stands in a message; JSON writers escape only what is
// below the blank.
TEST(CheckTest, NoTerminalTakesAReportForMore) {
  CheckInput input;
  input.name = "t.cfg";
  input.text = "Cluster - 'c'\nAcco\x7f\u009b31m\u202eunt - 'a'\n";
  const absl::StatusOr<CheckReport> report = Check(input);
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_FALSE(report->findings.empty());
  for (const std::string& shown :
       {RenderCheckText(*report, {.verbose = true}), RenderCheckJson(*report),
        *RenderCheckMarkdown(*report), RenderCheckGithub(*report),
        RenderCheckGitlab(*report), RenderCheckSarif(*report, "1"),
        RenderCheckJunit(*report)}) {
    EXPECT_TRUE(
        IsShowable(absl::StrReplaceAll(shown, {{"\n", " "}, {"\t", " "}})))
        << shown;
  }
}

}  // namespace assocsync::check_test
