#include "engine/cfg/parts.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "engine/base/hash.h"
#include "engine/base/status.h"
#include "engine/cfg/marks.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"

namespace assocsync {
namespace {

using absl::string_view;

constexpr size_t kLongestFileName = 150;
constexpr string_view kSuffix = ".cfg";
// Behind the first line of a part; a tree has it once.
const std::string& NoteOfPart() {
  static const auto* const note =
      new std::string(absl::StrCat("\n", cfg::kEditNote, "\n"));
  return *note;
}

bool IsPlainInFileName(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' ||
         c == '-' || c == '.';
}

// A line without what ends it.
string_view LineAt(string_view text, size_t begin) {
  string_view line = text.substr(begin, text.find('\n', begin) - begin);
  absl::ConsumeSuffix(&line, "\r");
  return line;
}

absl::Status At(string_view folder, const Part& part, int line,
                string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(folder, part.file, ":", line, ":1: ", what));
}

struct ClusterLine {
  size_t begin = 0;    // Of the line.
  size_t objects = 0;  // Lines that hold an object, this one not counted.
  int line = 0;        // From 1; 0: there is none.
  Tree tree;           // What it says.
};

// The first one of a part. What cannot be read is the parser's to tell, but for
// that line.
absl::StatusOr<ClusterLine> FindCluster(string_view folder, const Part& part) {
  ClusterLine found;
  int number = 1;
  for (size_t at = 0; at < part.text.size(); ++number) {
    const string_view line = LineAt(part.text, at);
    const string_view words = absl::StripLeadingAsciiWhitespace(line);
    if (found.line == 0 && absl::StartsWithIgnoreCase(words, "cluster")) {
      found.begin = at;
      found.line = number;
      ParseResult read = Parse(absl::StrCat(line, "\n"));
      if (!read.errors.empty()) {
        read.errors[0].line = number;
        return absl::InvalidArgumentError(
            FormatErrors(absl::StrCat(folder, part.file), {read.errors[0]}));
      }
      found.tree = std::move(read.tree);
    } else if (!words.empty() && words[0] != '#') {
      ++found.objects;
    }
    const size_t newline = part.text.find('\n', at);
    at = newline == std::string::npos ? part.text.size() : newline + 1;
  }
  if (found.line == 0) {
    return At(folder, part, 1,
              "the file holds no Cluster line; each file of a tree has one: "
              "Cluster - 'name'");
  }
  return found;
}

// Takes the marks out of a part, whose lines stay where they are.
absl::Status TakeMarks(string_view folder, Part* part) {
  string_view text = part->text;
  absl::ConsumePrefix(&text, cfg::kByteOrderMark);
  std::string out(text.substr(std::min(text.find('\n'), text.size())));
  const string_view trimmed = absl::StripTrailingAsciiWhitespace(out);
  if (!absl::EndsWith(trimmed, absl::StrCat("\n", cfg::kTrailerMark))) {
    const auto lines = static_cast<int>(absl::c_count(trimmed, '\n'));
    return At(folder, *part, lines + 2,
              "the mark of the file's end (# assocsync:end) is missing: the "
              "file was cut short, or something stands behind it");
  }
  out.resize(trimmed.size() - cfg::kTrailerMark.size());
  if (part->file != kRestFile && absl::StartsWith(out, NoteOfPart())) {
    out.replace(0, NoteOfPart().size(), "\n\n");
  }
  part->text = std::move(out);
  return absl::OkStatus();
}

}  // namespace

std::string FileNameOf(string_view name) {
  std::string out;
  for (const char c : name) {
    if (IsPlainInFileName(c) && !(c == '.' && out.empty())) {
      out.push_back(c);
    } else {
      absl::StrAppendFormat(&out, "%%%02x", static_cast<unsigned char>(c));
    }
  }
  if (out.size() <= kLongestFileName) return out;
  // "%-" stands in no other name.
  Hash digest;
  digest.Add(name);
  return absl::StrCat(out.substr(0, kLongestFileName), "%-", digest.Hex());
}

std::vector<Part> Split(const Tree& tree) {
  // Parts of the tree, by file; that of the rest has the empty name.
  absl::btree_map<std::string, std::unique_ptr<Tree>> trees;
  const auto tree_in = [&trees](const std::string& file) {
    std::unique_ptr<Tree>& tree = trees[file];
    if (tree == nullptr) tree = std::make_unique<Tree>();
    return tree.get();
  };
  Tree& rest = *tree_in("");
  rest.cluster_fields = tree.cluster_fields;
  rest.lists_qos = tree.lists_qos;
  rest.qos = tree.qos;
  absl::flat_hash_map<Name, Tree*> tree_of;  // By account.
  tree_of[RootName()] = &rest;
  for (const auto& [account, row] : TopDown(tree)) {
    if (account == RootName()) continue;
    const Name parent = row.parent;
    if (parent != RootName()) {
      Tree* const above = tree_of.at(parent);
      tree_of[account] = above;
      continue;
    }
    std::string file = FileNameOf(account.view());
    if (absl::StrCat(file, kSuffix) == kRestFile) {
      file = absl::StrFormat("%%%02x%s", file[0], file.substr(1));
    }
    tree_of[account] = tree_in(file);
  }
  for (const auto& [key, row] : tree.associations) {
    const auto found = tree_of.find(key.account);
    if (found == tree_of.end()) continue;  // It hangs on no account.
    Tree& part = *found->second;
    part.associations.emplace_hint(part.associations.end(), key, row);
    if (key.is_account()) {
      const auto record = tree.accounts.find(key.account);
      if (record != tree.accounts.end()) part.accounts.insert(*record);
    } else {
      const auto record = tree.users.find(key.user);
      if (record != tree.users.end()) part.users.insert(*record);
    }
  }
  std::vector<Part> parts;
  for (auto& [file, part] : trees) {
    part->cluster = tree.cluster;
    parts.push_back(
        {file.empty() ? std::string(kRestFile) : absl::StrCat(file, kSuffix),
         Write(*part, {.part = true})});
    part.reset();
  }
  return parts;
}

bool IsPart(string_view text) {
  absl::ConsumePrefix(&text, cfg::kByteOrderMark);
  return absl::ConsumePrefix(&text, cfg::kHeaderMark) &&
         absl::StartsWith(text, cfg::kTitleOfPart);
}

absl::Status PartAlone(string_view name) {
  return absl::InvalidArgumentError(absl::StrCat(
      name,
      " is one file of a tree in several, which `dump --split` wrote: "
      "give the folder that it lies in; of it alone: --only account=NAME"));
}

absl::StatusOr<std::string> ClusterOfPart(string_view text) {
  ASSIGN_OR_RETURN(
      const ClusterLine line,
      FindCluster("", {std::string(kRestFile), std::string(text)}));
  return line.tree.cluster.str();
}

absl::StatusOr<JoinedParts> Join(string_view name, std::vector<Part> parts) {
  const std::string folder = absl::StrCat(name, "/");
  absl::c_sort(parts, [](const Part& a, const Part& b) {
    return std::make_pair(a.file != kRestFile, a.file) <
           std::make_pair(b.file != kRestFile, b.file);
  });
  if (parts.empty() || parts[0].file != kRestFile) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder, kRestFile,
                     " is missing, which says what stands in no "
                     "account: without it they are no tree"));
  }
  JoinedParts out;
  Name cluster;
  int line = 1;
  for (Part& part : parts) {
    const bool rest = part.file == kRestFile;
    if (!IsPart(part.text)) {
      return At(folder, part, 1,
                absl::StrCat("the file is no part of a tree; if it is meant to "
                             "be one, its first line is: ",
                             cfg::kHeaderMark, cfg::kTitleOfPart));
    }
    RETURN_IF_ERROR(TakeMarks(folder, &part));
    ASSIGN_OR_RETURN(const ClusterLine at, FindCluster(folder, part));
    if (rest) {
      cluster = at.tree.cluster;
    } else if (at.tree.cluster != cluster) {
      return At(
          folder, part, at.line,
          absl::StrCat("this is of cluster '", at.tree.cluster.view(),
                       "', and ", kRestFile, " of '", cluster.view(), "'"));
    } else if (!at.tree.cluster_fields.empty() ||
               !at.tree.associations.begin()->second.limits.empty()) {
      return At(folder, part, at.line,
                absl::StrCat("options of the cluster stand in ", kRestFile,
                             "; here its line has none"));
    } else {
      // Lines of this file do not stand under the last Parent of another.
      const string_view was = LineAt(part.text, at.begin);
      part.text.replace(at.begin, was.size(),
                        at.objects == 0 ? "" : "Parent - 'root'");
    }
    out.files.files.push_back({line, part.file});
    if (rest) {
      absl::StrAppend(&out.text, cfg::kHeaderMark, cfg::kTitle);
    }
    absl::StrAppend(&out.text, part.text);
    line += static_cast<int>(absl::c_count(part.text, '\n'));
    // The place of the mark of its end.
    absl::StrAppend(&out.text, "\n");
    ++line;
    part.text = std::string();
  }
  out.text.pop_back();
  absl::StrAppend(&out.text, cfg::kTrailerMark, "\n");
  return out;
}

}  // namespace assocsync
