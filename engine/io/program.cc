#include "engine/io/program.h"

#include <sys/stat.h>
#include <unistd.h>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace assocsync {
namespace {

constexpr absl::string_view kKept[] = {"PATH",
                                       "HOME",
                                       "USER",
                                       "LOGNAME",
                                       "TMPDIR",
                                       "TZ",
                                       "LD_LIBRARY_PATH",
                                       "SLURM_CONF",
                                       "SLURM_JWT"};

constexpr absl::string_view kSystemPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// The folders of a list that are named from the root.
std::string Absolute(absl::string_view list) {
  std::vector<absl::string_view> kept;
  for (const absl::string_view folder : absl::StrSplit(list, ':')) {
    if (absl::StartsWith(folder, "/")) kept.push_back(folder);
  }
  return absl::StrJoin(kept, ":");
}

bool IsRegular(const std::string& file) {
  struct stat st;
  return stat(file.c_str(), &st) == 0 && S_ISREG(st.st_mode);
}

}  // namespace

absl::string_view EnvironmentValue(const std::vector<std::string>& environment,
                                   absl::string_view name) {
  for (absl::string_view word : environment) {
    if (absl::ConsumePrefix(&word, name) && absl::ConsumePrefix(&word, "=")) {
      return word;
    }
  }
  return "";
}

std::vector<std::string> CleanEnvironment(
    const std::vector<std::string>& from) {
  std::vector<std::string> clean;
  for (absl::string_view name : kKept) {
    std::string value(EnvironmentValue(from, name));
    if (name == "PATH" || name == "LD_LIBRARY_PATH") value = Absolute(value);
    if (name == "PATH" && value.empty()) value = std::string(kSystemPath);
    if (!value.empty()) clean.push_back(absl::StrCat(name, "=", value));
  }
  clean.push_back("LC_ALL=C");
  return clean;
}

absl::StatusOr<std::string> FindProgram(absl::string_view name,
                                        absl::string_view path) {
  if (name.empty()) return absl::InvalidArgumentError("empty program name");
  if (absl::StrContains(name, absl::string_view("\0", 1))) {
    return absl::InvalidArgumentError("NUL byte in a program name");
  }
  if (absl::StrContains(name, '/')) return std::string(name);
  std::string forbidden;
  for (absl::string_view folder : absl::StrSplit(path, ':')) {
    if (!absl::StartsWith(folder, "/")) continue;
    const std::string file = absl::StrCat(folder, "/", name);
    if (!IsRegular(file)) continue;
    if (access(file.c_str(), X_OK) == 0) return file;
    forbidden = file;
  }
  if (!forbidden.empty()) {
    return absl::PermissionDeniedError(
        absl::StrCat("'", forbidden, "' is not executable"));
  }
  return absl::NotFoundError(
      absl::StrCat("'", name, "' not found in PATH (", path, ")"));
}

absl::StatusOr<std::vector<std::string>> PlainWords(absl::string_view line) {
  static constexpr absl::string_view kPlain = "%+,-./:=@_";
  const auto plain = [](char c) {
    return c == ' ' || c == '\t' ||
           absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::StrContains(kPlain, absl::string_view(&c, 1));
  };
  std::vector<std::string> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  // A first word with '=' sets a variable, in a shell.
  if (!absl::c_all_of(line, plain) || words.empty() ||
      absl::StrContains(words[0], '=')) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", absl::StripAsciiWhitespace(line),
                     "' is no program with plain words, as 'less -R', and no "
                     "shell is run for "
                     "it"));
  }
  return words;
}

}  // namespace assocsync
