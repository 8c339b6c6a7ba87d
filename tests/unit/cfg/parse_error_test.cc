// Every fault with its place and the words that say what to do.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cfg/parse.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::parse_error_test {

struct Bad {
  const char* text;
  // Each "line:column: " and a part of the message, in the order of the file.
  std::vector<const char*> want;
};

void Check(const Bad& c, const ParseOptions& options = {}) {
  const ParseResult parsed = Parse(c.text, options);
  ASSERT_EQ(parsed.errors.size(), c.want.size())
      << c.text << FormatErrors("t", parsed.errors);
  for (size_t i = 0; i < c.want.size(); ++i) {
    const absl::string_view want = c.want[i];
    const size_t space = want.find(' ');
    const ParseError& got = parsed.errors[i];
    EXPECT_EQ(absl::StrCat(got.line, ":", got.column, ":"),
              want.substr(0, space))
        << c.text << got.message;
    EXPECT_TRUE(absl::StrContains(got.message, want.substr(space + 1)))
        << c.text << got.message;
  }
}

TEST(ParseErrorTest, WholeFile) {
  Check({"", {"1:1: holds no Cluster line"}});
  Check({"# only\n\n", {"1:1: holds no Cluster line"}});
  Check({"Account - 'a'\n", {"1:1: holds no Cluster line"}});
  Check({"Cluster - 'c'", {"1:1: holds no Cluster", "1:14: cut short"}});
  Check({"Cluster - 'c'\nAccount - 'a", {"2:13: cut short"}});
  Check({"Cluster - 'c'\n ", {"2:2: cut short"}});
  Check({"Cluster - 'c'\nCluster - 'd'\n", {"2:1: the first is line 1"}});
  Check({"Account - 'a'\nUser - 'u'\nCluster - 'c'\n",
         {"1:1: before the Cluster line, which is line 3"}});
  Check({"Cluster - 'c'\nQOS - 'q'\n", {"2:1: before the Cluster line"}});
  Check({"QOS - 'q'\nQOS - 'Q'\nCluster - 'c'\n",
         {"2:8: declared twice, the first time on line 1"}});
  Check({"Cluster - 'c'\nParent - 'root'\n", {"2:1: cut short?"}});
  Check({"# assocsync:1 x\nCluster - 'c'\n", {"3:1: the mark of the file's"}});
  Check({"# assocsync:1 x\nCluster - 'c'\n# assocsync:end\nAccount - 'a'\n",
         {"4:1: behind the mark"}});
  const std::string nul("Cluster - 'c'\nAccount - 'a':Desc='\0 \0'\n# \0\n",
                        43);
  const ParseResult parsed = Parse(nul);
  ASSERT_EQ(parsed.errors.size(), 2u);
  EXPECT_EQ(parsed.errors[0].column, 21);
  EXPECT_EQ(parsed.errors[1].line, 3);
}

// One name, though nothing in it needs a second look.
TEST(ParseErrorTest, NamesThatWouldBeTwo) {
  Check({"Cluster - 'c':DefaultQOS='long,normal'\n", {"1:27: holds a comma"}});
  Check(
      {"Cluster - 'c'\nUser - 'u':DefaultAccount='root':"
       "DefaultWCKey='a,b':WCKeys='a,b'\n",
       {"2:48: holds a comma"}});
}

TEST(ParseErrorTest, Lines) {
  Check({"Cluster - 'c'\nAcount - 'a'\n", {"2:1: 'Acount' is no object"}});
  Check({"Cluster - 'c'\nhello\n", {"2:1: is no object"}});
  Check({"Cluster - 'c'\n- 'a'\n", {"2:1: '' is no object"}});
  Check({"Cluster - 'c'\nAccount - ''\n", {"2:11: the name is empty"}});
  Check({"Cluster - 'c'\nAccount -\n", {"2:10: the name is empty"}});
  Check({"Cluster - 'c'\nAccount - :MaxJobs=4\n", {"2:11: name is empty"}});
  Check({"Cluster - 'c'\nUser - MaxJobs=4\n", {"2:8: there is no name"}});
  Check({"Cluster - 'c'\nUser - 'a\tb'\n", {"2:9: control character"}});
  Check({"Cluster - 'c'\nAccount - 'a\n", {"2:11: never closes"}});
  Check({"Cluster - 'c'\nAccount - 'a'x\n", {"2:11: never closes"}});
  Check({"Cluster - 'c'\nAccount - 'a':Desc='x\\\ny'\n",
         {"2:20: never closes", "3:1: no object"}});
  Check(
      {"Cluster - 'c'\nAccount - 'a' # it's 'b'\n", {"2:13: cannot be told"}});
  Check({"Cluster - 'c'\nAccount - a#b\n", {"2:12: cannot be told"}});
  Check({"Cluster - 'c'\nAccount - 'a':Desc=it's\n", {"2:22: quote inside"}});
}

TEST(ParseErrorTest, Options) {
  const auto account = [](const char* options, const char* want) {
    Check({absl::StrCat("Cluster - 'c'\nAccount - 'a':", options, "\n").c_str(),
           {want}});
  };
  account("MaxJob5=4", "2:15: 'MaxJob5' is no option; did you mean 'MaxJobs'?");
  account("Xyzzyxyzzy=4", "2:15: 'Xyzzyxyzzy' is no option");
  account("Ma=4", "2:15: is no option");
  account("Pa=4", "2:15: could be Partition or Parent");
  account("MaxJobs", "2:15: 'MaxJobs' has no '='");
  account("", "2:15: no option after this colon");
  account("MaxJobs=4:", "2:25: no option after this colon");
  account("=4", "2:15: no option before");
  account("MaxJobs=10abc", "2:23: MaxJobs: '10abc' is not a whole number");
  account("MaxJobs=", "2:23: MaxJobs: the value is empty");
  account("MaxJobs=4:maxjobs=4", "2:25: MaxJobs is given twice");
  account("QOS+=a", "2:15: 'QOS+=' changes a list");
  account("GrpTRES-=cpu=4", "2:15: 'GrpTRES-=' changes a list");
  account("QOS='a,+b'", "2:20: QOS: 'a,+b' mixes");
  account("DefaultAccount='a'", "2:15: stands on a User line, not on an Acc");
  account("Classification='x'", "2:15: stands on the Cluster line");
  account("Partition='p'", "2:15: User lines only");
  account("Comment='x'", "2:15: stands on a User line");
  account("Parent='b'", "2:15: under Parent - 'root'");
  account("Desc='x':y:Org='z'", "2:24: 'y' has no '='");
  account("GrpTRES=gres/gpu:MaxJobs=4", "2:23: 'gres/gpu' is not of the form");
  account("GrpTRES=mem=1.00T", "2:23: such as 1049088");
  Check({"Cluster - 'c':Desc='x'\n", {"1:15: stands on an Account line"}});
  Check({"QOS - 'q':QOS='x':Fairshare=2\nCluster - 'c'\n",
         {"1:11: 'QOS' is no option", "1:19: 'Fairshare' is no option"}});
  Check({"Cluster - 'c'\nAccount - 'a'\nParent - 'a':MaxJobs=4\nUser - 'u'\n",
         {"3:14: takes no options"}});
  Check({"Cluster - 'c'\nUser - 'u':Partition='a,b'\n",
         {"2:23: one User line for each"}});
  Check({"Cluster - 'c'\nUser - 'u':Partition=''\n", {"2:23: name is empty"}});
  Check({"Cluster - 'c'\nUser - 'u':Partition='a':Part='b'\n",
         {"2:26: Partition is given twice"}});
  Check({"Cluster - 'c'\nUser - 'u':WCKeys='*x'\n", {"2:20: begins with '*'"}});
}

TEST(ParseErrorTest, Tree) {
  Check({"Cluster - 'c'\nParent - 'a'\nUser - 'u'\n",
         {"2:11: not declared above"}});
  // One error for what is one fault.
  Check(
      {"Cluster - 'c'\nParent - 'a'\nUser - 'u'\nParent - 'root'\n"
       "Account - 'a'\nParent - 'a'\nUser - 'v'\n",
       {"2:11: not declared above"}});
  Check(
      {"Cluster - 'c'\nAccount - 'a'\nAccount - 'b'\nParent - 'b'\n"
       "Account - 'A'\n",
       {"5:12: declared twice, the first time on line 2"}});
  Check({"Cluster - 'c'\nAccount - 'root'\n", {"2:12: there by itself"}});
  Check({"Cluster - 'c'\nUser - 'u'\nUser - 'v'\nUser - 'u'\n",
         {"4:1: twice without a partition; the first time on line 2"}});
  Check({"Cluster - 'c'\nUser - 'u':Part='p'\nUser - 'u'\nUser - 'u':Part=P\n",
         {"4:1: twice for partition 'p'; the first time on line 2"}});
  Check(
      {"Cluster - 'c'\nAccount - 'a'\nUser - 'Bob'\nParent - 'a'\n"
       "User - 'bob':DefaultAccount=a\n",
       {"5:9: is written 'Bob' on line 3"}});
  Check({"Cluster - 'c'\nAccount - 'a'\nUser - 'Bob'\nParent - 'a'\n"
         "User - 'bob':DefaultAccount=a\n",
         {"5:9: is written 'Bob' on line 3"}},
        {.fold_users = false});
}

TEST(ParseErrorTest, UserRecords) {
  Check({"Cluster - 'c'\nAccount - 'a'\nUser - 'u'\nParent - 'a'\nUser - 'u'\n",
         {"3:1: several accounts and no DefaultAccount"}});
  Check(
      {"Cluster - 'c'\nUser - 'u':DefaultAccount='b'\n",
       {"2:12: 'b' of user 'u' is an account in which the user has no line"}});
  Check(
      {"Cluster - 'c'\nAccount - 'a'\n"
       "User - 'u':DefaultAccount='root':AdminLevel=None:WCKeys='a,b'\n"
       "Parent - 'a'\n"
       "User - 'u':DefaultAccount='a':AdminLevel=Admin:WCKeys='b,a'\n"
       "User - 'u':Part=p:DefaultAccount='(null)':Coord='x'\n",
       {"5:12: DefaultAccount='a' differs from 'root' on line 3",
        "5:31: AdminLevel='Admin' differs from none on line 3",
        "6:19: DefaultAccount='(null)' differs from 'root' on line 3"}});
}

TEST(ParseErrorTest, AllFaultsInOneRunAndFormat) {
  const auto tree = ParseTree("x.cfg",
                              "Cluster - 'c'\nAccount - 'ü':MaxJobs=a\n"
                              "\tUser - 'u\n");
  EXPECT_EQ(tree.status().message(),
            "x.cfg:2:24: MaxJobs: 'a' is not a whole number\n"
            "  Account - 'ü':MaxJobs=a\n"
            "                        ^\n"
            "x.cfg:3:9: this quote never closes; a closing quote stands right "
            "before a colon or the end of the line\n"
            "  \tUser - 'u\n"
            "           ^\n");  // A tab is shown as \t.
}

TEST(ParseErrorTest, TheCaretStandsUnderWhatIsShown) {
  // A wide character, an accent on the one before, a tab, one that is not seen.
  for (const auto& [name, shown] :
       {std::pair("日本", "____"), std::pair("e\u0301", "_"),
        std::pair("x\ty", "____"), std::pair("x\u202ey", "__________"),
        std::pair("a\\b", "____")}) {
    const auto tree = ParseTree(
        "t", absl::StrCat("Cluster - 'c'\nAccount - 'a':Organization='", name,
                          "':MaxJobs=a\n"));
    EXPECT_THAT(std::string(tree.status().message()),
                ::testing::HasSubstr(absl::StrCat(
                    "\n  ", std::string(28, ' '),
                    std::string(absl::string_view(shown).size(), ' '),
                    std::string(10, ' '), "^\n")))
        << name;
  }
}

}  // namespace assocsync::parse_error_test
