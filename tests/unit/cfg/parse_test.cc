#include "engine/cfg/parse.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/cfg/write.h"
#include "gtest/gtest.h"

namespace assocsync::parse_test {

// The canonical text of what was read, without its marks, in one line.
std::string Read(absl::string_view text, const ParseOptions& options = {}) {
  const ParseResult parsed = Parse(text, options);
  if (!parsed.errors.empty()) return FormatErrors("t", parsed.errors);
  const std::string canonical = Write(parsed.tree);
  std::vector<absl::string_view> lines;
  for (const absl::string_view line : absl::StrSplit(canonical, '\n')) {
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  }
  return absl::StrJoin(lines, "; ");
}

struct Good {
  const char* name;
  const char* text;  // After the line "Cluster - 'c'".
  const char* want;  // After "Cluster - 'c'; ".
};

constexpr Good kGood[] = {
    {"account", "Account - 'a'\n", "Parent - 'root'; Account - 'a'"},
    {"project", "project-'A'\n", "Parent - 'root'; Account - 'a'"},
    {"bare name", "Account - a\n", "Parent - 'root'; Account - 'a'"},
    {"double quotes", "Account - \"a b\"\n",
     "Parent - 'root'; Account - 'a b'"},
    {"leading and trailing blanks", "  Account  -\t'a'  :MaxJobs = 4  \n",
     "Parent - 'root'; Account - 'a':MaxJobs=4"},
    {"blank and comment lines", "\n  \n# x\n  # y\nAccount - 'a'\n",
     "Parent - 'root'; Account - 'a'"},
    {"comment after a value", "Account - 'a':MaxJobs=4 # four\n",
     "Parent - 'root'; Account - 'a':MaxJobs=4"},
    {"comment after a quote", "Account - 'a' # it is\n",
     "Parent - 'root'; Account - 'a'"},
    {"hash inside quotes", "Account - 'a':Description='x # y'\n",
     "Parent - 'root'; Account - 'a':Description='x \\# y'"},
    {"escaped hash", "Account - 'a':Description='x\\#y'\n",
     "Parent - 'root'; Account - 'a':Description='x\\#y'"},
    {"backslash and hash", "Account - 'a':Description='x\\\\#y'\n",
     "Parent - 'root'; Account - 'a':Description='x\\\\#y'"},
    {"escaped hash without quotes", "Account - 'a':Description=x\\#y\n",
     "Parent - 'root'; Account - 'a':Description='x\\#y'"},
    {"backslashes are text", "Account - 'a':Description='\\x\\\\ \\'\n",
     "Parent - 'root'; Account - 'a':Description='\\x\\\\ \\'"},
    {"colon in quotes", "Account - 'a':Description='x:y=1':MaxJobs=4\n",
     "Parent - 'root'; Account - 'a':Description='x:y=1':MaxJobs=4"},
    {"quote in quotes", "Account - 'a':Description='it's x':MaxJobs=4\n",
     "Parent - 'root'; Account - 'a':Description='it`s x':MaxJobs=4"},
    {"blank before a colon", "User - 'u' : Partition='p' :MaxJobs=1\n",
     "Parent - 'root'; User - 'u':Partition='p':DefaultAccount='root':"
     "MaxJobs=1"},
    {"the other quote", "Account - 'a':Description='say \"x\"'\n",
     "Parent - 'root'; Account - 'a':Description='say `x`'"},
    {"empty text", "Account - 'a':Description=''\n",
     "Parent - 'root'; Account - 'a':Description=''"},
    {"empty text in the middle", "Account - 'a':Description='':MaxJobs=4\n",
     "Parent - 'root'; Account - 'a':Description='':MaxJobs=4"},
    {"continuation", "Account - 'a':\\\n  MaxJobs=4:\\ \nMaxWall=\\\n9\n",
     "Parent - 'root'; Account - 'a':MaxJobs=4:MaxWallDurationPerJob=9"},
    {"continuation after a quote", "Account - 'a' \\\n:MaxJobs=4\n",
     "Parent - 'root'; Account - 'a':MaxJobs=4"},
    {"continued list", "Account - 'a':GrpTRES=cpu=4,\\\nmem=5\n",
     "Parent - 'root'; Account - 'a':GrpTRES='cpu=4,mem=5'"},
    {"a comment does not continue", "# x \\\nAccount - 'a'\n",
     "Parent - 'root'; Account - 'a'"},
    {"nor one after a value", "Account - 'a' # x \\\nAccount - 'b'\n",
     "Parent - 'root'; Account - 'a'; Account - 'b'"},
    {"two backslashes end a line", "Account - 'a':Desc=x\\\\\nAccount - 'b'\n",
     "Parent - 'root'; Account - 'a':Description='x\\\\'; Account - 'b'"},
    {"typed gres", "Account - 'a':GrpTRES=gres/gpu:a100=2,cpu=4:MaxJobs=3\n",
     "Parent - 'root'; Account - 'a':GrpTRES='cpu=4,gres/gpu:a100=2':"
     "MaxJobs=3"},
    {"two typed gres", "Account - 'a':GrpTRES=gres/gpu:a=2,gres/gpu:b=4\n",
     "Parent - 'root'; Account - 'a':GrpTRES='gres/gpu:a=2,gres/gpu:b=4'"},
    {"gres without type", "Account - 'a':GrpTRES=gres/gpu=2:MaxJobs=3\n",
     "Parent - 'root'; Account - 'a':GrpTRES='gres/gpu=2':MaxJobs=3"},
    {"time", "Account - 'a':MaxWall=1-00:00:00:MaxJobs=3\n",
     "Parent - 'root'; Account - 'a':MaxJobs=3:MaxWallDurationPerJob=1440"},
    {"time at the end", "Account - 'a':GrpWall=10:30\n",
     "Parent - 'root'; Account - 'a':GrpWall=11"},
    {"aliases", "Account - 'a':GrpCPUs=4:GrpTRES=mem=5:GrpNodes=6:Shares=7\n",
     "Parent - 'root'; Account - 'a':Fairshare=7:"
     "GrpTRES='cpu=4,mem=5,node=6'"},
    {"abbreviations", "Account - 'a':desc=x:fair=parent:qos=n:o=p\n",
     "Parent - 'root'; Account - 'a':Description='x':Organization='p':"
     "Fairshare=parent:QOS='n'"},
    {"what is as good as absent",
     "Account - 'a':MaxJobs=-1:Fairshare=1:GrpTRES=cpu=-1:DefaultQOS=-1\n",
     "Parent - 'root'; Account - 'a'"},
    {"own parent restated", "Account - 'a':Parent='root'\n",
     "Parent - 'root'; Account - 'a'"},
    {"nested", "Account - 'a'\nParent - 'A'\nAccount - 'b'\nUser - 'u'\n",
     "Parent - 'root'; Account - 'a'; Parent - 'a'; "
     "User - 'u':DefaultAccount='a'; Account - 'b'"},
    {"blocks out of order",
     "Account - 'b'\nAccount - 'a'\nParent - 'b'\nUser - 'u'\nParent - 'a'\n"
     "User - 'u':DefaultAccount='b'\nParent - 'b'\nUser - 'a'\n",
     "Parent - 'root'; Account - 'a'; Account - 'b'; Parent - 'a'; "
     "User - 'u':DefaultAccount='b'; Parent - 'b'; "
     "User - 'a':DefaultAccount='b'; User - 'u':DefaultAccount='b'"},
    {"record given on one line of several",
     "Account - 'a'\nUser - 'u':DefaultAccount='root':AdminLevel='op'\n"
     "Parent - 'a'\nUser - 'u'\nUser - 'u':Partition='p':Coord='a'\n",
     "Parent - 'root'; "
     "User - 'u':DefaultAccount='root':AdminLevel='Operator':"
     "Coordinator='a'; Account - 'a'; Parent - 'a'; "
     "User - 'u':DefaultAccount='root':AdminLevel='Operator':"
     "Coordinator='a'; "
     "User - 'u':Partition='p':DefaultAccount='root':AdminLevel='Operator':"
     "Coordinator='a'"},
    {"no default account", "User - 'u':DefaultAccount='(null)'\nUser - 'v'\n",
     "Parent - 'root'; User - 'u':DefaultAccount='(null)'; "
     "User - 'v':DefaultAccount='root'"},
    {"a default WCKey is a WCKey", "User - 'u':WCKeys='b':DefaultWCKey='a'\n",
     "Parent - 'root'; User - 'u':DefaultAccount='root':DefaultWCKey='a':"
     "WCKeys='a,b'"},
};

TEST(ParseTest, Good) {
  for (const Good& c : kGood) {
    EXPECT_EQ(Read(absl::StrCat("Cluster - 'c'\n", c.text)),
              absl::StrCat("Cluster - 'c'; ", c.want))
        << c.name;
  }
}

TEST(ParseTest, ClusterLine) {
  EXPECT_EQ(Read("Machine - 'C':Classification='*Capac':MaxJobs=5\n"),
            "Cluster - 'c':Classification='*capacity':MaxJobs=5");
}

TEST(ParseTest, CarriageReturnsAndByteOrderMark) {
  EXPECT_EQ(Read("\xef\xbb\xbf"
                 "Cluster - 'c'\r\nAccount - 'a':\\\r\nFa=2\r\n"),
            "Cluster - 'c'; Parent - 'root'; Account - 'a':Fairshare=2");
}

TEST(ParseTest, QosLines) {
  const ParseResult parsed = Parse(
      "QOS - 'normal':Description='(null)':Priority=0:UsageFactor=1.000000\n"
      "QOS - 'high':MaxTRES=cpu=4:MaxJobs=5:Preempt='normal':MaxWall=1-0\n"
      "Cluster - 'c'\n");
  EXPECT_TRUE(parsed.errors.empty());
  EXPECT_TRUE(parsed.tree.lists_qos);
  ASSERT_EQ(parsed.tree.qos.size(), 2u);
  EXPECT_TRUE(parsed.tree.qos.at(Name("normal")).fields.empty());
  EXPECT_EQ(parsed.tree.qos.at(Name("high")).fields.ToString(),
            "MaxJobsPU=5:MaxTRESPerJob=cpu=4:MaxWallDurationPerJob=1440:"
            "Preempt=normal");
  EXPECT_FALSE(Parse("Cluster - 'c'\n").tree.lists_qos);
}

TEST(ParseTest, WhatDumpWritesAndLoadCannotRead) {
  const ParseOptions dump = {.origin = Origin::kDump};
  // No escapes, no comments, no continuations: all of it is text.
  EXPECT_EQ(Read("Cluster - 'c'\n"
                 "Account - 'a\\':Description='x\\#y # z\\':Organization='\\'\n"
                 "Account - 'b':Description='it's':GrpTRES=gres/gpu:qos=2:"
                 "MaxJobs=4\n"
                 "Account - 'e':Description='a':b' c':Organization='o'\n",
                 dump),
            "Cluster - 'c'; Parent - 'root'; "
            "Account - 'a\\':Description='x\\\\#y \\# z\\':Organization='\\'; "
            "Account - 'b':Description='it`s':GrpTRES='gres/gpu:qos=2':"
            "MaxJobs=4; "
            "Account - 'e':Description='a`:b` c':Organization='o'");
  // A user without DefaultAccount is one whose record is gone.
  EXPECT_EQ(Read("Cluster - 'c'\nUser - 'u'\n", dump),
            "Cluster - 'c'; Parent - 'root'; "
            "User - 'u':DefaultAccount='(null)'");
}

TEST(ParseTest, LinesAndRoot) {
  const ParseResult parsed = Parse(
      "# comment\nCluster - 'c':MaxJobs=1\nAccount - \\\n'a'\n"
      "Parent - 'a'\nUser - 'u'\n");
  ASSERT_EQ(FormatErrors("t", parsed.errors), "");
  const Tree& tree = parsed.tree;
  EXPECT_EQ(tree.accounts.at(RootName()).fields, Fields());
  EXPECT_EQ(tree.associations.at({RootName(), {}, {}}).line, 2u);
  EXPECT_EQ(tree.associations.at({RootName(), {}, {}}).limits.ToString(),
            "MaxJobs=1");
  EXPECT_EQ(tree.accounts.at(Name("a")).line, 3u);
  EXPECT_EQ(tree.associations.at({Name("a"), {}, {}}).line, 3u);
  EXPECT_EQ(tree.users.at(Name("u")).line, 6u);
  EXPECT_EQ(tree.associations.at({Name("a"), Name("u"), {}}).line, 6u);
}

TEST(ParseTest, CaseOfUsers) {
  constexpr char kText[] = "Cluster - 'C'\nAccount - 'A'\nUser - 'Bob'\n";
  EXPECT_EQ(Parse(kText).tree.users.count(Name("bob")), 1u);
  const Tree kept = Parse(kText, {.fold_users = false}).tree;
  EXPECT_EQ(kept.users.count(Name("Bob")), 1u);
  EXPECT_EQ(kept.accounts.count(Name("a")), 1u);
}

TEST(ParseTest, NotesSayWhatDumpRounded) {
  const ParseResult parsed = Parse(
      "Cluster - 'c':GrpTRES=mem=1.50T\nAccount - 'a':"
      "GrpTRES=mem=1.50T\n");
  EXPECT_TRUE(parsed.errors.empty());
  ASSERT_EQ(parsed.notes.size(), 1u);
  EXPECT_EQ(parsed.notes[0].line, 1);
  EXPECT_EQ(parsed.notes[0].column, 23);
  EXPECT_TRUE(absl::StrContains(parsed.notes[0].message, "1573376"));
}

}  // namespace assocsync::parse_test
