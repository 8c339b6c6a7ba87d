// Law 1 of engine/README.md: what is written is read back, whatever the names;
// what was cut or garbled is an error or a legal tree, never a crash or a
// guess.
// ASSOCSYNC_LAW_TRIPLES: how many trees (default: what CI has time for);
// ASSOCSYNC_SEED: the first.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/cfg/format.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/parts.h"
#include "engine/cfg/write.h"
#include "engine/model/value.h"
#include "gtest/gtest.h"
#include "tests/support/any_tree.h"
#include "tests/support/environment.h"
#include "tests/support/random_tree.h"
#include "tests/support/told.h"

namespace assocsync::cfg_law_test {

const int kTrees = FromEnvironment("ASSOCSYNC_LAW_TRIPLES", 2000);
const int kFirst = FromEnvironment("ASSOCSYNC_SEED", 1);

// What a dump of `release` says of `tree`.
Tree Said(Tree tree, int release) {
  if (release < 2505) {
    tree.lists_qos = false;
    tree.qos.clear();
  }
  for (auto& [key, row] : tree.associations) {
    if (release < 2302) row.limits.Erase(Key::kComment);
    if (release < 2505) row.limits.Erase(Key::kMinPrioThresh);
  }
  return tree;
}

// The parts of a tree are the tree, in files that any file system holds.
TEST(CfgLaws, PartsTogetherAreTheTree) {
  for (int seed = kFirst; seed < kFirst + kTrees / 4; ++seed) {
    std::mt19937_64 random(seed);
    const Tree tree = AnyTree(random);
    std::vector<Part> parts = Split(tree);
    ASSERT_TRUE(parts == Split(tree)) << seed;
    std::set<std::string> folded;
    for (const Part& part : parts) {
      ASSERT_TRUE(folded.insert(absl::AsciiStrToLower(part.file)).second)
          << seed << ": " << part.file;
      ASSERT_LE(part.file.size(), 255u) << seed;
      ASSERT_EQ(part.file.find('/'), std::string::npos) << seed;
      ASSERT_NE(part.file[0], '.') << seed;
      const absl::StatusOr<std::string> formatted =
          FormatTree(part.file, part.text, {.fold_users = false});
      ASSERT_TRUE(formatted.ok()) << seed << ": " << formatted.status();
      ASSERT_EQ(*formatted, part.text) << seed;
    }
    std::shuffle(parts.begin(), parts.end(), random);
    const absl::StatusOr<JoinedParts> joined = Join("d", std::move(parts));
    ASSERT_TRUE(joined.ok()) << seed << ": " << joined.status();
    const ParseResult parsed =
        Parse(joined->text, {.fold_users = false, .files = &joined->files});
    ASSERT_EQ(FormatErrors("d", parsed.errors, &joined->files), "") << seed;
    ASSERT_TRUE(parsed.tree == tree) << seed << "\n" << Write(parsed.tree);
  }
}

TEST(CfgLaws, WhatIsWrittenIsRead) {
  for (int seed = kFirst; seed < kFirst + kTrees; ++seed) {
    std::mt19937_64 random(seed);
    const Tree tree = AnyTree(random);
    ASSERT_EQ(Illegalities(tree), std::vector<std::string>()) << seed;
    ASSERT_EQ(NotWritable(tree), std::vector<std::string>()) << seed;
    const std::string text = Write(tree);
    const ParseResult parsed = Parse(text, {.fold_users = false});
    ASSERT_EQ(FormatErrors("t", parsed.errors), "") << seed << "\n" << text;
    ASSERT_TRUE(parsed.notes.empty()) << seed;
    ASSERT_TRUE(parsed.tree == tree) << seed << "\n"
                                     << text << "\n"
                                     << Write(parsed.tree);
    ASSERT_EQ(Write(parsed.tree), text) << seed;
    ASSERT_EQ(Fingerprint(parsed.tree), Fingerprint(tree)) << seed;
  }
}

TEST(CfgLaws, DumpsOfEveryReleaseAreRead) {
  for (int seed = kFirst; seed < kFirst + kTrees; ++seed) {
    std::mt19937_64 random(seed);
    const Tree tree = AnyTree(random);
    for (const int release : {2011, 2205, 2302, 2411, 2505, 2605}) {
      const std::string text = Write(tree, {.dump_of = release});
      const ParseResult parsed =
          Parse(text, {.fold_users = false, .origin = Origin::kDump});
      ASSERT_EQ(FormatErrors("t", parsed.errors), "") << seed << "\n" << text;
      ASSERT_TRUE(parsed.tree == Said(tree, release)) << seed << "\n"
                                                      << text << "\n"
                                                      << Write(parsed.tree);
      ASSERT_EQ(Write(parsed.tree, {.dump_of = release}), text) << seed;
    }
  }
}

// Lines that went, came twice, changed a byte, changed places, or are garbage.
std::string Edited(std::mt19937_64& random, const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  lines.pop_back();
  const size_t edits = random() % 6;
  for (size_t i = 0; i < edits && !lines.empty(); ++i) {
    const size_t at = random() % lines.size();
    std::string& line = lines[at];
    switch (random() % 6) {
      case 0:
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at),
                     lines[random() % lines.size()]);
        break;
      case 2:
        if (line.empty()) break;
        line[random() % line.size()] = "0aA':=\\#\r"[random() % 8];
        break;
      case 3:
        std::swap(line, lines[random() % lines.size()]);
        break;
      case 4: {  // An option of another line, or the account's own.
        const std::vector<std::string> options =
            absl::StrSplit(lines[random() % lines.size()], ':');
        absl::StrAppend(&line, ":",
                        random() % 4 == 0 ? "Parent='root'"
                                          : options[random() % options.size()]);
        break;
      }
      default:
        absl::StrAppend(&line, random() % 2 == 0 ? ":MaxJobs=07" : " # why");
        break;
    }
  }
  return absl::StrCat(absl::StrJoin(lines, "\n"),
                      random() % 9 == 0 ? "" : "\n");
}

TEST(CfgLaws, LinesThatWereReadBeforeMeanTheSame) {
  size_t kept = 0;
  for (int seed = kFirst; seed < kFirst + kTrees; ++seed) {
    std::mt19937_64 random(seed);
    const Tree tree =
        random() % 4 == 0 ? AnyTree(random) : RandomTree(random, {});
    const std::string text = Write(tree, {.dump_of = 2605});
    const std::string first = Edited(random, text);
    ParseOptions options;
    options.fold_users = random() % 2 == 0;
    cfg::Recall recall;
    options.keep = &recall;
    ASSERT_EQ(ToldBy(Parse(first, options)),
              ToldBy(Parse(first, {.fold_users = options.fold_users})));
    kept += recall.lines().size();
    for (int i = 0; i < 3; ++i) {
      options.keep = nullptr;
      options.recall = nullptr;
      options.fold_users = random() % 2 == 0;
      options.written =
          random() % 4 == 0 ? Written::kByHand : Written::kComplete;
      const std::string second =
          Edited(random, random() % 2 == 0 ? first : text);
      const ParseResult anew = Parse(second, options);
      options.recall = &recall;
      const ParseResult again = Parse(second, options);
      ASSERT_EQ(ToldBy(again), ToldBy(anew)) << seed << "\n"
                                             << first << "\n"
                                             << second;
      ASSERT_TRUE(again.tree == anew.tree) << seed;
    }
  }
  // Of a text with an error those before it.
  EXPECT_GT(kept, size_t{3} * kTrees);
}

// Where a text is cut: behind each line, and anywhere.
std::vector<size_t> Cuts(std::mt19937_64& random, absl::string_view text) {
  std::vector<size_t> cuts = {0};
  for (size_t at = 0; at + 1 < text.size(); ++at) {
    if (text[at] == '\n') cuts.push_back(at + 1);
  }
  for (int i = 0; i < 40; ++i) cuts.push_back(random() % text.size());
  return cuts;
}

TEST(CfgLaws, ACutIsAnErrorAnywhere) {
  for (int seed = kFirst; seed < kFirst + kTrees / 10; ++seed) {
    std::mt19937_64 random(seed);
    const std::string text = Write(AnyTree(random));
    for (const size_t size : Cuts(random, text)) {
      ASSERT_FALSE(
          Parse(absl::string_view(text).substr(0, size)).errors.empty())
          << seed << "\n"
          << text.substr(0, size);
    }
  }
}

// Without the marks a cut after a whole line may look like a smaller tree, but
// never like anything that is no tree.
TEST(CfgLaws, ACutDumpIsAnErrorOrASmallerTree) {
  for (int seed = kFirst; seed < kFirst + kTrees / 10; ++seed) {
    std::mt19937_64 random(seed);
    const Tree tree = AnyTree(random);
    const std::string text = Write(tree, {.dump_of = 2605});
    for (const size_t size : Cuts(random, text)) {
      const ParseResult parsed =
          Parse(absl::string_view(text).substr(0, size),
                {.fold_users = false, .origin = Origin::kDump});
      if (size == 0 || text[size - 1] != '\n') {
        ASSERT_FALSE(parsed.errors.empty()) << seed << "\n"
                                            << text.substr(0, size);
      } else if (parsed.errors.empty()) {
        ASSERT_TRUE(Illegalities(parsed.tree).empty()) << seed;
        ASSERT_LE(parsed.tree.associations.size(), tree.associations.size());
      }
    }
  }
}

std::vector<std::string> Seeds() {
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::directory_iterator(
           ASSOCSYNC_SOURCE_DIR "/testdata/dumps")) {
    if (entry.path().extension() != ".cfg") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(in),
                       std::istreambuf_iterator<char>());
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

// One change of the kind that hands, disks and editors make.
void Garble(std::mt19937_64& random, std::string* text) {
  if (text->empty()) return;
  static constexpr absl::string_view kBytes = "'\"\\#:=-+,\n\r\0 \tA9\x80/%`*";
  const auto below = [&](size_t n) {
    return static_cast<size_t>(random() % n);
  };
  const size_t at = below(text->size());
  const char byte = kBytes[below(kBytes.size())];
  switch (below(6)) {
    case 0:
      (*text)[at] = byte;
      break;
    case 1:
      text->insert(at, 1, byte);
      break;
    case 2:
      text->erase(at, 1 + below(3));
      break;
    case 3:
      text->erase(at, below(200));
      break;
    case 4:
      text->insert(below(text->size()), text->substr(at, below(100)));
      break;
    default: {  // Two lines change places.
      const size_t line = text->rfind('\n', at) + 1;
      const size_t end = text->find('\n', at);
      if (end == std::string::npos) break;
      const std::string moved = text->substr(line, end + 1 - line);
      text->erase(line, moved.size());
      const size_t to = text->rfind('\n', below(text->size() + 1)) + 1;
      text->insert(to, moved);
    }
  }
}

TEST(CfgLaws, GarbledTextIsAnErrorOrALegalTree) {
  const std::vector<std::string> dumps = Seeds();
  int legal = 0;
  for (int seed = kFirst; seed < kFirst + kTrees; ++seed) {
    std::mt19937_64 random(seed);
    std::string text = seed % 8 == 0 ? dumps[random() % dumps.size()]
                       : seed % 2 == 0
                           ? Write(AnyTree(random))
                           : Write(AnyTree(random), {.dump_of = 2605});
    for (auto edits = 1 + random() % 4; edits > 0; --edits) {
      Garble(random, &text);
    }
    for (const Origin origin : {Origin::kFile, Origin::kDump}) {
      const ParseResult parsed = Parse(text, {.origin = origin});
      if (!parsed.errors.empty()) {
        for (const ParseError& error : parsed.errors) {
          ASSERT_GE(error.line, 1) << seed;
          ASSERT_GE(error.column, 1) << seed;
        }
        ASSERT_FALSE(FormatErrors("t", parsed.errors).empty());
        continue;
      }
      ++legal;
      ASSERT_EQ(Illegalities(parsed.tree), std::vector<std::string>())
          << seed << "\n"
          << text;
      if (!NotWritable(parsed.tree).empty()) continue;
      const auto again = ParseTree("canonical", Write(parsed.tree));
      ASSERT_TRUE(again.ok()) << seed << "\n" << again.status();
      ASSERT_TRUE(*again == parsed.tree) << seed << "\n" << text;
    }
  }
  EXPECT_GT(legal, kTrees / 50);  // Not all were mere noise.
}

std::vector<std::string> CommentsIn(const std::string& text) {
  std::vector<std::string> found;
  for (size_t at = text.find("#c"); at != std::string::npos;
       at = text.find("#c", at + 1)) {
    found.push_back(text.substr(at, text.find('\n', at) - at));
  }
  return found;
}

// Formatting keeps the tree and every comment, in order, and does it once.
TEST(CfgLaws, FormattingKeepsTreeAndComments) {
  const ParseOptions options{.fold_users = false};
  int behind = 0, kept_there = 0;
  for (int seed = kFirst; seed < kFirst + kTrees / 4; ++seed) {
    std::mt19937_64 random(seed);
    const Tree tree = AnyTree(random);
    const std::string canonical = Write(tree);
    if (absl::StrContains(canonical, "#c")) continue;  // Not told apart here.
    std::string text;
    int number = 0;
    const auto comment = [&] {
      static constexpr const char* kTails[] = {"", " it's", " \"x\":y=1",
                                               " a\\b", " # more"};
      return absl::StrCat("#c", ++number, kTails[random() % 5]);
    };
    for (absl::string_view rest = canonical; !rest.empty();) {
      const absl::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() + 1);
      const bool mark = absl::StartsWith(line, "#");
      if (random() % 3 == 0 && (!mark || rest.empty())) {
        absl::StrAppend(&text, random() % 2 == 0 ? "" : "  ", comment(), "\n",
                        random() % 4 == 0 ? "\n" : "");
      }
      absl::StrAppend(&text, line);
      if (!mark && random() % 3 == 0) {
        // Only where the parser can tell that it is one.
        const std::string with = absl::StrCat(" ", comment());
        const auto one = Parse(absl::StrCat(text, with, "\n", rest), options);
        if (one.errors.empty() && one.tree == tree) {
          text += with;
          ++behind;
        } else {
          --number;
        }
      }
      text += '\n';
    }
    const auto formatted = FormatTree("t", text, options);
    ASSERT_TRUE(formatted.ok()) << formatted.status() << "\n" << text;
    const auto parsed = Parse(*formatted, options);
    ASSERT_TRUE(parsed.tree == tree) << seed << "\n" << text;
    ASSERT_EQ(CommentsIn(*formatted), CommentsIn(text)) << seed << "\n"
                                                        << text << *formatted;
    const auto again = FormatTree("t", *formatted, options);
    ASSERT_TRUE(again.ok()) << again.status();
    ASSERT_EQ(*again, *formatted) << seed;
    ASSERT_EQ(*FormatTree("t", canonical, options), canonical) << seed;
    kept_there += absl::StrContains(*formatted, " #c") ? 1 : 0;
  }
  EXPECT_GT(behind, kTrees / 100);
  EXPECT_GT(kept_there, 0);
}

}  // namespace assocsync::cfg_law_test
