#include "engine/base/file_kind.h"

#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace assocsync {
namespace {

using absl::string_view;
using Kind = FileKind;

struct Magic {
  string_view bytes;
  Kind kind;
  size_t at = 0;
};
constexpr Magic kMagics[] = {
    {{"\x1f\x8b", 2}, Kind::kGzip},
    {{"\xfd"
      "7zXZ\0",
      6},
     Kind::kXz},
    {{"\x28\xb5\x2f\xfd", 4}, Kind::kZstd},
    {"BZh", Kind::kBzip2},
    {{"\x04\x22\x4d\x18", 4}, Kind::kLz4},
    {{"PK\x03\x04", 4}, Kind::kZip},
    {"ustar", Kind::kTar, 257},
    {"\xff\xfe", Kind::kUtf16},
    {"\xfe\xff", Kind::kUtf16},
    {"\x89PNG", Kind::kImage},
    {"\xff\xd8\xff", Kind::kImage},
    {"GIF8", Kind::kImage},
    {"RIFF", Kind::kImage},
    {"%PDF-", Kind::kPdf},
    {{"SQLite format 3\0", 16}, Kind::kSqlite},
    {"\x7f"
     "ELF",
     Kind::kProgram},
    {"-----BEGIN ", Kind::kKey},
    {"#!", Kind::kScript},
};

struct Words {
  Kind kind;
  string_view is, next;
};
constexpr string_view kFolder =
    "plan, apply, verify and restore take the folder that it is in";
constexpr string_view kDumpTakes =
    "assocsync reads what `sacctmgr dump CLUSTER file=FILE` writes";
constexpr Words kWords[] = {
    {Kind::kText, "a text", "check, plan, apply, diff and fmt take a .cfg"},
    {Kind::kEmpty, "empty", kDumpTakes},
    {Kind::kGzip, "compressed by gzip", "gunzip it first"},
    {Kind::kXz, "compressed by xz", "unxz it first"},
    {Kind::kZstd, "compressed by zstd", "unzstd it first"},
    {Kind::kBzip2, "compressed by bzip2", "bunzip2 it first"},
    {Kind::kLz4, "compressed by lz4", "unlz4 it first"},
    {Kind::kZip, "a zip archive", "unpack it first"},
    {Kind::kTar, "a tar archive", "unpack it first"},
    {Kind::kUtf16, "UTF-16 text", "iconv -f UTF-16 -t UTF-8 makes it readable"},
    {Kind::kImage, "an image or a film", kDumpTakes},
    {Kind::kPdf, "a PDF document", kDumpTakes},
    {Kind::kSqlite, "a database of SQLite", kDumpTakes},
    {Kind::kProgram, "a program", kDumpTakes},
    {Kind::kBinary, "no text (it holds NUL bytes)", kDumpTakes},
    {Kind::kKey, "a key or a certificate",
     "--key and --sign-key take the keys of backups"},
    {Kind::kSqlDump, "an SQL dump",
     "plan, apply, check, diff, fmt, verify and restore take it"},
    {Kind::kManifest, "the manifest of a backup", kFolder},
    {Kind::kJournal, "the journal of a run", kFolder},
    {Kind::kSavedPlan, "a saved plan", "`assocsync apply` takes it"},
    {Kind::kReport, "JSON that assocsync printed",
     "`assocsync plan --out FILE` saves plans, for `assocsync apply`"},
    {Kind::kSlurmJson, "JSON of slurmrestd or sacctmgr", kDumpTakes},
    {Kind::kOtherJson, "JSON, and no saved plan", kDumpTakes},
    {Kind::kMarkup, "XML or HTML", kDumpTakes},
    {Kind::kScript, "a script",
     "plan and apply take the .cfg or the saved plan itself"},
    {Kind::kDiff, "a difference of two files",
     "patch makes a .cfg of it, and `assocsync diff` takes two of these"},
    {Kind::kSlurmConf, "a configuration of Slurm",
     "--slurmdbd-conf takes slurmdbd.conf"},
    {Kind::kListing, "what `sacctmgr show` prints", kDumpTakes},
};

// The names at the top of a JSON object, or of the first object of a list, as
// far as the text goes.
std::vector<string_view> TopKeys(string_view text) {
  std::vector<string_view> keys;
  int depth = 0;
  bool value = false;
  const int top = absl::StartsWith(text, "[") ? 2 : 1;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '{':
      case '[':
        ++depth;
        value = false;
        break;
      case '}':
      case ']':
        if (--depth < top) return keys;
        break;
      case ':':
        value = true;
        break;
      case ',':
        value = false;
        break;
      case '"': {
        const size_t begin = ++i;
        while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
        if (depth == top && !value && i < text.size()) {
          keys.push_back(text.substr(begin, i - begin));
        }
        break;
      }
      default:
        break;
    }
  }
  return keys;
}

Kind KindOfJson(string_view text) {
  const std::vector<string_view> keys = TopKeys(text);
  const auto has = [&](string_view key) {
    return absl::c_linear_search(keys, key);
  };
  if (has("record") && has("time")) return Kind::kJournal;
  if (has("format_version")) {
    if (has("created") && has("files") && has("tool")) return Kind::kManifest;
    // A later one may have these only behind what was looked at.
    if (has("live") || has("steps") || keys.size() == 1) {
      return Kind::kSavedPlan;
    }
    return Kind::kReport;
  }
  for (const string_view key :
       {"meta", "associations", "accounts", "users", "clusters", "plugin"}) {
    if (has(key)) return Kind::kSlurmJson;
  }
  return Kind::kOtherJson;
}

bool StartsWithWord(string_view line, string_view words) {
  return absl::StartsWithIgnoreCase(line, words) &&
         (line.size() == words.size() ||
          !absl::ascii_isalnum(line[words.size()]));
}

// By the first lines that say something.
Kind KindOfLines(string_view text) {
  constexpr int kLines = 40;
  int left = kLines;
  for (string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    if (--left < 0) break;
    if (absl::StartsWith(line, "-- ") || absl::StartsWith(line, "/*!") ||
        absl::StartsWith(line, "/*M!")) {
      return Kind::kSqlDump;
    }
    for (const string_view sql :
         {"CREATE TABLE", "CREATE DATABASE", "DROP TABLE", "INSERT INTO",
          "LOCK TABLES", "SET NAMES", "START TRANSACTION"}) {
      if (StartsWithWord(line, sql)) return Kind::kSqlDump;
    }
    if (absl::StartsWith(line, "diff --git ") ||
        absl::StartsWith(line, "--- ") || absl::StartsWith(line, "@@ -")) {
      return Kind::kDiff;
    }
    for (const string_view key : {"ClusterName=", "SlurmctldHost=", "DbdHost=",
                                  "StorageType=", "AuthType=", "SlurmUser="}) {
      if (absl::StartsWithIgnoreCase(line, key)) return Kind::kSlurmConf;
    }
    // A tree; what comes later is its own.
    if (absl::StrContains(line, " - ")) break;
    if (absl::StrContains(line, "Account") &&
        absl::StrContains(line, "Share")) {
      return Kind::kListing;
    }
    if (absl::StartsWith(line, "Cluster|") ||
        absl::StartsWith(line, "Account|") || absl::StartsWith(line, "User|")) {
      return Kind::kListing;
    }
  }
  return Kind::kText;
}

}  // namespace

FileKind KindOf(absl::string_view bytes) {
  bytes = bytes.substr(0, kFileKindBytes);
  for (const Magic& magic : kMagics) {
    if (bytes.size() >= magic.at &&
        absl::StartsWith(bytes.substr(magic.at), magic.bytes)) {
      return magic.kind;
    }
  }
  if (const size_t nul = bytes.find('\0'); nul != string_view::npos) {
    // Without a mark at its beginning: every other byte of a word is NUL.
    const bool is_wide = nul < 2 && bytes.size() > nul + 2 &&
                         bytes[nul + 2] == '\0' && bytes[nul + 1] != '\0';
    return is_wide ? Kind::kUtf16 : Kind::kBinary;
  }
  absl::ConsumePrefix(&bytes, "\xef\xbb\xbf");
  bytes = absl::StripLeadingAsciiWhitespace(bytes);
  if (bytes.empty()) return Kind::kEmpty;
  if (bytes[0] == '{' || bytes[0] == '[') return KindOfJson(bytes);
  if (bytes[0] == '<') return Kind::kMarkup;
  return KindOfLines(bytes);
}

bool IsCompressed(FileKind kind) {
  return kind == Kind::kGzip || kind == Kind::kXz || kind == Kind::kZstd;
}

std::string KindWords(FileKind kind) {
  for (const Words& words : kWords) {
    if (words.kind == kind) {
      return absl::StrCat("is ", words.is, "; ", words.next);
    }
  }
  return "";
}

}  // namespace assocsync
