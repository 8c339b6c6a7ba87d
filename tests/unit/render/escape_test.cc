#include "engine/render/escape.h"

#include <gtest/gtest.h>

#include <string>

namespace assocsync::escape_test {

using std::string_literals::operator""s;

struct Case {
  absl::string_view name;
  std::string text;
  std::string want;
};

TEST(ColumnsTest, AsATerminalHasThem) {
  EXPECT_EQ(Columns(""), 0U);
  EXPECT_EQ(Columns("hep alice-1"), 11U);
  EXPECT_EQ(Columns("Jos\u00e9"), 4U);
  EXPECT_EQ(Columns("Jose\u0301"), 4U);
  EXPECT_EQ(Columns("\u65e5\u672c"), 4U);
  EXPECT_EQ(Columns("\uff21\U0001f600"), 4U);
  EXPECT_EQ(Columns(Escaped("a\tb\u202e\xff")), 4U + 8U + 4U);
  // Not in every version of Unicode.
  EXPECT_EQ(Columns("\u0378"), 1U);
}

TEST(EscapedTest, Cases) {
  const Case kCases[] = {
      {"plain", "hep alice-1", "hep alice-1"},
      {"utf8", "Jos\u00e9 \u65e5\u672c", "Jos\u00e9 \u65e5\u672c"},
      {"backslash", R"(a\b)", R"(a\\b)"},
      {"newline, tab, return", "a\nb\tc\r", R"(a\nb\tc\r)"},
      {"escape sequence", "\x1b[31mred", R"(\x1b[31mred)"},
      {"nul and del", "a\0b\x7f"s, R"(a\x00b\x7f)"},
      {"C1 as UTF-8",
       "\xc2\x9b"
       "31m",
       R"(\u{9b}31m)"},
      {"C1 as a byte",
       "\x9b"
       "31m",
       R"(\x9b31m)"},
      {"bidi override", "a\u202eb", R"(a\u{202e}b)"},
      {"bidi isolate", "a\u2066b", R"(a\u{2066}b)"},
      {"zero width", "a\u200bb\ufeff", R"(a\u{200b}b\u{feff})"},
      {"line separator", "a\u2028b", R"(a\u{2028}b)"},
      {"tag characters", "a\U000e0041", R"(a\u{e0041})"},
      {"emoji", "\U0001f600", "\U0001f600"},
      {"overlong", "\xc0\xaf", R"(\xc0\xaf)"},
      {"overlong of three", "\xe0\x80\xaf", R"(\xe0\x80\xaf)"},
      {"surrogate", "\xed\xa0\x80", R"(\xed\xa0\x80)"},
      {"cut short", "a\xe6\x97", R"(a\xe6\x97)"},
      {"too large", "\xf4\x90\x80\x80", R"(\xf4\x90\x80\x80)"},
      {"lone continuation", "\x80", R"(\x80)"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Escaped(c.text), c.want) << c.name;
}

TEST(EscapedTest, EveryByteBecomesPrintable) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  for (const char c : Escaped(all)) {
    EXPECT_GE(c, ' ');
    EXPECT_LE(c, '~');
  }
}

TEST(EscapeJsonTest, Cases) {
  const Case kCases[] = {
      {"nothing to do", R"({"a": "\\ \u0007 é"})", R"({"a": "\\ \u0007 é"})"},
      {"lines stay", "[\n 1\n]\n", "[\n 1\n]\n"},
      {"delete", "[\"a\x7f\"]", R"(["a\u007f"])"},
      {"C1", "[\"\u009b31m\"]", R"(["\u009b31m"])"},
      {"order", "[\"a\u202eb\",\"\u2028\"]", R"(["a\u202eb","\u2028"])"},
      {"beyond 16 bits", "[\"\U000e0041\"]", R"(["\udb40\udc41"])"},
      {"last plane", "[\"\U0010ffff\"]", R"(["\udbff\udfff"])"},
      {"letters beyond 16 bits", "[\"\U0001d538\"]", "[\"\U0001d538\"]"},
  };
  for (const Case& c : kCases) {
    std::string json = c.text;
    EscapeJson(&json);
    EXPECT_EQ(json, c.want) << c.name;
  }
}

TEST(IsShowableTest, WhatNeedsNoEscape) {
  EXPECT_TRUE(IsShowable(R"(a\b 'x')"));
  EXPECT_TRUE(IsShowable("Jos\u00e9"));
  EXPECT_FALSE(IsShowable("a\nb"));
  EXPECT_FALSE(IsShowable("a\u202eb"));
  EXPECT_FALSE(IsShowable("\xff"));
}

TEST(ShellQuotedTest, Cases) {
  const Case kCases[] = {
      {"plain", "name=hep", "name=hep"},
      {"empty", "", "''"},
      {"blank", "a b", "'a b'"},
      {"quote", "it's", R"('it'\''s')"},
      {"substitution", "$(reboot)", "'$(reboot)'"},
      {"backtick", "`id`", "'`id`'"},
      {"tilde", "~root", "'~root'"},
      {"star", "*", "'*'"},
      {"newline", "a\nb", "'a\nb'"},
      {"comment", "#x", "'#x'"},
      {"history", "a!b", "'a!b'"},
      {"bytes", "\xff", "'\xff'"},
  };
  for (const Case& c : kCases) EXPECT_EQ(ShellQuoted(c.text), c.want) << c.name;
}

}  // namespace assocsync::escape_test
