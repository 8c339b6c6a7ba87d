#include "engine/render/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cfg/parse.h"
#include "engine/io/digest.h"
#include "engine/live/state_from_tree.h"
#include "engine/render/outline.h"
#include "tests/support/any_tree.h"
#include "tests/support/random_tree.h"
#include "tests/unit/render/sample_plan.h"

namespace assocsync::html_test {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

// What stands between the first `open` and the next `close`.
std::string Between(const std::string& text, const std::string& open,
                    const std::string& close) {
  const size_t from = text.find(open);
  if (from == std::string::npos) return "no " + open;
  const size_t begin = from + open.size();
  return text.substr(begin, text.find(close, begin) - begin);
}

std::string DataText(const std::string& page) {
  return Between(page, "id=\"data\">", "</script>");
}

Json DataOf(const std::string& page) {
  return Json::parse(DataText(page), nullptr, /*allow_exceptions=*/false);
}

// The page with what a plan says of it taken out.
std::string Frame(const std::string& page) {
  std::string out = page;
  const std::string data = DataText(page);
  out.erase(out.find(data), data.size());
  return out;
}

Tree Parsed(const std::string& text) {
  const auto tree = ParseTree("t.cfg", text);
  EXPECT_TRUE(tree.ok()) << tree.status();
  return tree.ok() ? *tree : Tree();
}

Plan Planned(const Tree& live, const Tree& target) {
  PlanOptions options;
  options.release = {2411, 5};
  const auto plan = MakePlan({StateFromTree(live), target, options});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *plan : Plan();
}

constexpr char kLive[] =
    "Cluster - 'hpc':Fairshare=1\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n"
    "Account - 'bio':Description='bio':Organization='bio'\n"
    "Account - 'hep':Description='hep':Organization='hep'\n"
    "Parent - 'bio'\n"
    "Account - 'lab':Description='lab':Organization='bio'\n"
    "Parent - 'hep'\n"
    "User - 'alice':DefaultAccount='hep':AdminLevel='Operator':MaxJobs=4\n"
    "User - 'bob':DefaultAccount='hep':MaxJobs=4\n";
constexpr char kTarget[] =
    "Cluster - 'hpc':Fairshare=1\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n"
    "Account - 'bio':Description='bio':Organization='bio'\n"
    "Account - 'hep':Description='hep':Organization='hep'\n"
    "Parent - 'hep'\n"
    "Account - 'lab':Description='lab':Organization='bio'\n"
    "User - 'alice':DefaultAccount='hep':MaxJobs=8:MaxSubmitJobs=3\n"
    "User - 'carol':DefaultAccount='hep'\n";

// "c hpc", "~ u alice | MaxJobs 4 -> 8, ...": a row as the script reads it.
std::vector<std::string> RowsOf(const Json& data) {
  const Json& rows = data["rows"];
  const std::string kind = rows["kind"];
  const std::string mark = rows["mark"];
  std::vector<std::string> out;
  size_t at = 0;
  for (size_t i = 0; i < kind.size(); ++i) {
    std::string line = absl::StrCat(
        std::string(2 * rows["depth"][i].get<int>(), ' '), mark.substr(i, 1),
        " ", kind.substr(i, 1), " ",
        data["strings"][rows["name"][i].get<int>()].get<std::string>());
    for (int n = rows["count"][i]; n > 0; --n) {
      const int field = 3 * rows["fields"][at++].get<int>();
      const int head = data["fields"][field];
      const auto text = [&](int side) {
        return data["strings"][data["fields"][field + side].get<int>()]
            .get<std::string>();
      };
      absl::StrAppend(&line, " | ", data["keys"][head / 4].get<std::string>(),
                      head % 4 == 2   ? " +"
                      : head % 4 == 3 ? " -"
                                      : " ",
                      text(1));
      if (head % 4 == 1) absl::StrAppend(&line, " -> ", text(2));
    }
    out.push_back(line);
  }
  return out;
}

TEST(RenderHtmlTest, TheWholeTreeWithItsChanges) {
  const Tree live = Parsed(kLive);
  const Plan plan = Planned(live, Parsed(kTarget));
  const Json data = DataOf(RenderHtml(plan, live));
  EXPECT_THAT(
      RowsOf(data),
      testing::ElementsAre(
          "  c hpc", "  a root",
          "    u root | DefaultAccount root | AdminLevel Administrator",
          "    a bio | Description 'bio' | Organization 'bio'",
          "    a hep | Description 'hep' | Organization 'hep'",
          "    ~ u alice | MaxJobs 4 -> 8 | MaxSubmitJobs (not set) -> 3",
          "    - u bob | DefaultAccount -hep | MaxJobs -4",
          "    + u carol | DefaultAccount +hep",
          "    > a lab | Description 'lab' | Organization 'bio'", "  R ",
          "  ~ r alice | AdminLevel Operator -> None | DefaultAccount hep"));
  EXPECT_EQ(data["strings"][data["rows"]["moved"][1].get<int>()], "bio");
  EXPECT_EQ(data["rows"]["record"].size(), 2u);
  EXPECT_EQ(data["steps"]["text"].size(), plan.steps.size());
}

TEST(RenderHtmlTest, CountsFindingsAndVerdictStandInThePage) {
  const std::string page = RenderHtml(
      SamplePlan(), Tree(), {.target_name = "a<b", .live_from = "mysql"});
  EXPECT_THAT(page, HasSubstr("<title>Cluster hpc: live → a&lt;b</title>"));
  EXPECT_THAT(page, HasSubstr("<b><i aria-hidden=\"true\">~</i>4</b> to "));
  EXPECT_THAT(page, HasSubstr("<b>2</b> commands"));
  EXPECT_THAT(page, HasSubstr("In the way: AS101."));
  const std::string plain = Between(page, "<noscript>", "</noscript>");
  EXPECT_THAT(plain, HasSubstr("Plan: 1 to add, 4 to change, 1 to move, 1 to "
                               "delete; 2 commands. Refused: AS101."));
  EXPECT_THAT(plain, HasSubstr("refused <b>AS101</b>: The plan deletes"));
  EXPECT_THAT(plain, HasSubstr("If that is meant: <code>--max-delete 70%"));
  EXPECT_THAT(plain, HasSubstr("<li>and 4 more</li>"));
  EXPECT_THAT(plain, HasSubstr("note <b>AS116</b>: Planned offline."));
}

// The policy names the very bytes that stand in the page.
TEST(RenderHtmlTest, ThePolicyKnowsScriptAndStyleByDigest) {
  const std::string page = RenderHtml(SamplePlan(), Tree());
  const std::string policy =
      Between(page, "Content-Security-Policy\" content=\"", "\">");
  const auto named = [](const std::string& text) {
    return absl::StrCat(
        "'sha256-", absl::Base64Escape(absl::HexStringToBytes(Sha256Hex(text))),
        "'");
  };
  EXPECT_EQ(
      policy,
      absl::StrCat("default-src 'none'; script-src ",
                   named(Between(page, "<script>", "</script>")),
                   "; style-src ", named(Between(page, "<style>", "</style>")),
                   "; img-src data:; base-uri 'none'; form-action "
                   "'none'; require-trusted-types-for 'script'; "
                   "trusted-types 'none'"));
  EXPECT_THAT(page, Not(HasSubstr(" style=")));
  EXPECT_THAT(page, Not(HasSubstr("innerHTML")));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
}

// A name is what a stranger typed.
TEST(RenderHtmlTest, NothingGetsOutOfAName) {
  const std::string evil =
      "</script><img src=x onerror=alert(1)>\"&amp;\u2028\u202e\x01\xff";
  Plan plan = SamplePlan();
  const std::string calm = Frame(RenderHtml(plan, Tree()));
  plan.cluster = Name(evil);
  plan.changes[0].row.account = Name(evil);
  plan.expected.qos[Name(evil)].fields.Set(Key::kQosDescription, Name(evil));
  plan.findings[0].rows = {evil};
  plan.findings[0].message = plan.findings[0].lifted_by = evil;
  plan.steps[0].argv = {"add", "account", absl::StrCat("name=", evil)};
  plan.steps[0].why = evil;
  const std::string page =
      RenderHtml(plan, plan.expected, {.target_name = evil, .live_from = evil});
  const auto count = [](const std::string& text, const std::string& what) {
    size_t n = 0;
    for (size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + 1)) {
      ++n;
    }
    return n;
  };
  EXPECT_EQ(count(page, "</script"), count(calm, "</script"));
  EXPECT_EQ(count(page, "<img"), 0u);
  for (const char* const bad : {"\u2028", "\u202e", "\x01", "\xff"}) {
    EXPECT_FALSE(absl::StrContains(page, bad));
  }
  EXPECT_EQ(DataText(page).find_first_of("<>&"), std::string::npos);
  const Json data = DataOf(page);
  ASSERT_FALSE(data.is_discarded());
  EXPECT_THAT(data["findings"][0]["rows"][0].get<std::string>(),
              testing::StartsWith("</script><img src=x onerror=alert(1)>"));
  // What is copied is the command itself, bytes that nobody sees spelled out.
  EXPECT_THAT(data["steps"]["text"][0].get<std::string>(),
              HasSubstr("\\342\\200\\250\\342\\200\\256\\001\\377.'); word2="));
}

// Every marked line of the outline is one row, whatever the trees are; equal
// plans give equal bytes.
TEST(RenderHtmlTest, RandomPlans) {
  for (int seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    RandomTreeOptions options;
    options.qos_definitions = seed % 2 == 0;
    const Tree live = RandomTree(random, options);
    const Tree target = MutateTree(random, live, 12, options);
    const Plan plan = Planned(live, target);
    const std::string page = RenderHtml(plan, live);
    EXPECT_EQ(page, RenderHtml(plan, live));
    const Json data = DataOf(page);
    ASSERT_FALSE(data.is_discarded());
    const std::string mark = data["rows"]["mark"];
    const Counts want = CountsOf(Outline(plan), plan);
    const auto marks = [&](char c) {
      return static_cast<int>(std::count(mark.begin(), mark.end(), c));
    };
    EXPECT_EQ(marks('+'), want.add);
    EXPECT_EQ(marks('~'), want.change);
    EXPECT_EQ(marks('>'), want.move);
    EXPECT_EQ(marks('-'), want.remove);
    size_t fields = 0;
    for (const Json& n : data["rows"]["count"]) fields += n.get<size_t>();
    EXPECT_EQ(fields, data["rows"]["fields"].size());
  }
}

// Names of every byte: the data is JSON, and no character of it is markup.
TEST(RenderHtmlTest, AnyTreeIsData) {
  for (int seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Plan plan;
    plan.expected = AnyTree(random);
    const Tree live = AnyTree(random);
    plan.changes = Diff(live, plan.expected);
    const std::string page = RenderHtml(plan, live);
    EXPECT_FALSE(DataOf(page).is_discarded());
    EXPECT_EQ(DataText(page).find_first_of("<>&"), std::string::npos);
  }
}

}  // namespace assocsync::html_test
