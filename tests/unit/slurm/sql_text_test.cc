#include "engine/slurm/sql_text.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace assocsync::slurm::sql_text_test {

std::string List(absl::string_view text) {
  const auto list = ReadAssignments(text);
  if (!list.has_value()) return "no";
  std::vector<std::string> out;
  for (const Assignment& one : *list) {
    out.push_back(absl::StrCat("<", one.column, "><", one.expression, ">"));
  }
  return absl::StrJoin(out, "");
}

std::string Condition(absl::string_view text) {
  const auto groups = ReadCondition(text);
  if (!groups.has_value()) return "no";
  std::vector<std::string> out;
  for (const Alternatives& group : *groups) {
    out.push_back(absl::StrCat(group.column, ":<",
                               absl::StrJoin(group.values, "><"), ">"));
  }
  return absl::StrJoin(out, " ");
}

struct Case {
  absl::string_view text, want;
};

TEST(SqlTextTest, Assignments) {
  constexpr Case kCases[] = {
      {"max_jobs=8", "<max_jobs><8>"},
      {"a=NULL, `partition`='x'", "<a><NULL><partition><'x'>"},
      {"t = if (id_assoc=9, '1=10,2=3', t), b='x, y=1'",
       "<t><if (id_assoc=9, '1=10,2=3', t)><b><'x, y=1'>"},
      {R"(c='it\'s, a=1', d='\\')", R"(<c><'it\'s, a=1'><d><'\\'>)"},
      {"c='it''s', d=1", "<c><'it''s'><d><1>"},
      {"c='a) (', d=(flags | 2)", "<c><'a) ('><d><(flags | 2)>"},
      {"c='a\nb'", "<c><'a\nb'>"},
      {"", "no"},
      {"c='never closed, d=1", "no"},
      {R"(c='cut off\)", "no"},
      {"c=if (a, b", "no"},
      {"c=a), d=1", "no"},
      {"just words", "no"},
      {"a=1,, b=2", "no"},
      {"a=1, ", "no"},
      {"a=", "no"},
      {"`a=1", "no"},
  };
  for (const Case& c : kCases) EXPECT_EQ(List(c.text), c.want) << c.text;
}

TEST(SqlTextTest, Literals) {
  constexpr Case kCases[] = {
      {"'a'", "a"},
      {"''", ""},
      {R"('it\'s \\ \"q\" 100%')", R"(it's \ "q" 100%)"},
      {"'it''s'", "it's"},
      {R"('a\nb\%\_')", "a\nb\\%\\_"},
      {"'a' ", "no"},
      {"'a'b'", "no"},
      {R"('a\')", "no"},
      {"a", "no"},
      {"'", "no"},
      {"", "no"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(ReadLiteral(c.text).value_or("no"), c.want) << c.text;
  }
  EXPECT_EQ(ReadLiteral("'\\0'"), std::string(1, '\0'));
}

TEST(SqlTextTest, Conditions) {
  constexpr Case kCases[] = {
      {"id_assoc=5", "id_assoc:<5>"},
      {"(id_assoc=5 || id_assoc=6)", "id_assoc:<5><6>"},
      {"id='3' || id='4'", "id:<3><4>"},
      {"name in('a','b c')", "name:<a><b c>"},
      {"(user='a' || user='b') && (acct='x')", "user:<a><b> acct:<x>"},
      {R"((name='o\'b || name=1'))", "name:<o'b || name=1>"},
      {"(id_assoc=5", "no"},
      {"id_assoc=5 || name='x'", "no"},
      {"id_assoc=5 or 1", "no"},
      {"id_assoc=5 || id_as", "no"},
      {"name in('a'", "no"},
      {"name='a", "no"},
      {"name=a", "no"},
      {"", "no"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Condition(c.text), c.want) << c.text;
}

TEST(SqlTextTest, Numbers) {
  EXPECT_EQ(ReadNumber("18446744073709551615"), UINT64_MAX);
  for (const char* text :
       {"", "-1", "+1", " 1", "1x", "18446744073709551616"}) {
    EXPECT_FALSE(ReadNumber(text).has_value()) << text;
  }
}

}  // namespace assocsync::slurm::sql_text_test
