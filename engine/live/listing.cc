#include "engine/live/listing.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/model/tree.h"

namespace assocsync {
namespace {

using absl::string_view;

std::vector<string_view> Lines(string_view text) {
  std::vector<string_view> lines = absl::StrSplit(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

absl::Status Broken(string_view what, string_view line) {
  return absl::DataLossError(absl::StrCat(
      "the list of ", what, " holds a line that cannot be read: '",
      Words(line, 200),
      "' (a name or text in the database that holds a newline breaks "
      "sacctmgr's output; --live mysql reads the database itself)"));
}

absl::Status Unclear(string_view what, string_view line) {
  return absl::UnimplementedError(
      absl::StrCat("the list of ", what,
                   " holds a name with '|', and sacctmgr's output "
                   "does not tell where it ends (--live mysql reads the "
                   "database itself): '",
                   Words(line, 200), "'"));
}

// The associations of the managed tree that hold a `|`, by the text that
// sacctmgr makes of them: "account|user|partition|parent|".
// Where two rows make one text: nullptr.
using Joined =
    absl::flat_hash_map<std::string,
                        const std::pair<const AssocKey, Association>*>;

Joined JoinedRows(const Tree& tree) {
  Joined joined;
  for (const auto& entry : tree.associations) {
    const auto& [key, row] = entry;
    std::string text =
        absl::StrCat(key.account.view(), "|", key.user.view(), "|",
                     key.partition.view(), "|", row.parent.view(), "|");
    if (absl::c_count(text, '|') > 4) {
      const auto [it, inserted] = joined.emplace(std::move(text), &entry);
      if (!inserted) it->second = nullptr;
    }
  }
  return joined;
}

// `rest`: what follows "id|cluster|". Finds the one row of `joined` that it
// begins with and fills `line`; false if there is none or more than one.
bool Settle(string_view rest, const Joined& joined, bool lineage,
            AssocLine* line) {
  Joined::mapped_type found = nullptr;
  size_t end = 0;
  for (size_t at = rest.find('|'); at != string_view::npos;
       at = rest.find('|', at + 1)) {
    auto it = joined.find(rest.substr(0, at + 1));
    if (it == joined.end()) continue;
    if (found != nullptr || it->second == nullptr) return false;
    found = it->second;
    end = at + 1;
  }
  if (found == nullptr) return false;
  const auto& [key, row] = *found;
  line->account = key.account.view();
  line->user = key.user.view();
  line->partition = key.partition.view();
  line->parent = row.parent.view();
  const std::vector<string_view> tail =
      absl::StrSplit(rest.substr(end), absl::MaxSplits('|', lineage ? 2 : 1));
  if (tail.size() != (lineage ? 3u : 2u)) return false;
  line->default_qos = tail[0];
  line->qos = tail[1];
  if (!lineage) return tail[1].find('|') == string_view::npos;
  line->lineage = tail[2];
  return absl::StartsWith(tail[2], "/");
}

// Where the name in front of `text` ends: at the first '|' where the line has
// no others than those between fields (`plain`), else behind a name of `known`.
// npos: behind none, or more than one.
size_t EndOfName(string_view text, bool plain,
                 const absl::btree_set<std::string>& known) {
  size_t end = string_view::npos;
  for (size_t at = text.find('|'); at != string_view::npos;
       at = text.find('|', at + 1)) {
    if (plain) return at;
    if (!known.contains(text.substr(0, at))) continue;
    if (end != string_view::npos) return string_view::npos;
    end = at;
  }
  return end;
}

}  // namespace

string_view AssocFormat(bool lineage) {
  return lineage
             ? "id,cluster,account,user,partition,parentname,defaultqos,qos,"
               "lineage"
             : "id,cluster,account,user,partition,parentname,defaultqos,qos";
}

absl::StatusOr<std::vector<AssocLine>> AssocLines(string_view text,
                                                  bool lineage,
                                                  const Tree& managed) {
  const size_t fields = lineage ? 9 : 8;
  const Joined joined = JoinedRows(managed);
  std::vector<AssocLine> result;
  for (string_view line : Lines(text)) {
    const std::vector<string_view> part = absl::StrSplit(line, '|');
    AssocLine row;
    if (part.size() < fields || !absl::SimpleAtoi(part[0], &row.id)) {
      return Broken("associations", line);
    }
    row.cluster = part[1];
    if (part.size() == fields) {
      row.account = part[2];
      row.user = part[3];
      row.partition = part[4];
      row.parent = part[5];
      row.default_qos = part[6];
      row.qos = part[7];
      if (lineage) row.lineage = part[8];
    } else {
      const size_t head = part[0].size() + part[1].size() + 2;
      if (row.cluster != managed.cluster.view() ||
          !Settle(line.substr(head), joined, lineage, &row)) {
        return Unclear("associations", line);
      }
    }
    // Where a name with a newline ended, what follows may have as many fields.
    const bool torn =
        row.user.empty() ? !row.partition.empty() : !row.parent.empty();
    if (row.cluster.empty() || row.account.empty() || torn) {
      return Broken("associations", line);
    }
    result.push_back(row);
  }
  return result;
}

absl::StatusOr<std::vector<UserLine>> UserLines(
    string_view text, const absl::btree_set<std::string>& known) {
  std::vector<UserLine> result;
  for (string_view line : Lines(text)) {
    const std::vector<string_view> part =
        absl::StrSplit(line, absl::MaxSplits('|', 1));
    if (part.size() < 2) return Broken("users", line);
    UserLine row;
    row.admin_level = part[0];
    const string_view rest = part[1];
    const size_t end = EndOfName(rest, absl::c_count(rest, '|') == 1, known);
    if (end == string_view::npos) return Unclear("users", line);
    row.user = rest.substr(0, end);
    if (row.user.empty()) return Broken("users", line);
    row.accounts = absl::StrSplit(rest.substr(end + 1), ',', absl::SkipEmpty());
    absl::c_sort(row.accounts);
    row.accounts.erase(std::unique(row.accounts.begin(), row.accounts.end()),
                       row.accounts.end());
    result.push_back(std::move(row));
  }
  return result;
}

absl::StatusOr<std::vector<AccountLine>> AccountLines(
    string_view text, size_t fields,
    const absl::btree_set<std::string>& known) {
  std::vector<AccountLine> result;
  for (string_view line : Lines(text)) {
    const size_t bars = absl::c_count(line, '|');
    if (bars + 1 < fields) return Broken("accounts", line);
    const size_t end = EndOfName(line, bars + 1 == fields, known);
    if (end == string_view::npos) return Unclear("accounts", line);
    const AccountLine row{line.substr(0, end), line.substr(end + 1)};
    if (row.account.empty()) return Broken("accounts", line);
    result.push_back(row);
  }
  return result;
}

absl::StatusOr<std::vector<string_view>> NameLines(string_view text,
                                                   string_view what) {
  std::vector<string_view> result = Lines(text);
  for (string_view line : result) {
    if (line.empty()) return Broken(what, line);
  }
  return result;
}

absl::StatusOr<std::vector<std::string>> TresLines(string_view text) {
  std::vector<std::string> result;
  for (string_view line : Lines(text)) {
    const std::vector<string_view> part =
        absl::StrSplit(line, absl::MaxSplits('|', 1));
    if (part.size() != 2 || part[0].empty()) return Broken("TRES", line);
    result.push_back(part[1].empty() ? std::string(part[0])
                                     : absl::StrCat(part[0], "/", part[1]));
  }
  return result;
}

string_view ConfigValue(string_view text, string_view key) {
  string_view value;
  for (string_view line : Lines(text)) {
    const std::vector<string_view> part =
        absl::StrSplit(line, absl::MaxSplits('=', 1));
    if (part.size() == 2 && absl::StripAsciiWhitespace(part[0]) == key) {
      value = absl::StripAsciiWhitespace(part[1]);
    }
  }
  return value;
}

std::string Words(string_view text, size_t max) {
  std::string words;
  for (string_view line : Lines(text)) {
    line = absl::StripAsciiWhitespace(line);
    absl::ConsumePrefix(&line, "sacctmgr: ");
    absl::ConsumePrefix(&line, "error: ");
    if (line.empty()) continue;
    if (!words.empty()) words += "; ";
    for (char c : line) {
      const unsigned char byte = static_cast<unsigned char>(c);
      words += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    if (words.size() > max) {
      words.resize(max);
      words += " ...";
      break;
    }
  }
  return words;
}

}  // namespace assocsync
