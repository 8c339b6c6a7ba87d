// Line by line, in the order in which Slurm's own reader does it: comment,
// continuation, backslashes, Include, key=value.
#include "engine/io/slurmdbd_conf.h"

#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/user_group.h"

namespace assocsync {
namespace {

// Everything before a `#` that no odd number of backslashes precedes.
absl::string_view WithoutComment(absl::string_view line) {
  bool escaped = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#' && !escaped) return line.substr(0, i);
    escaped = line[i] == '\\' && !escaped;
  }
  return line;
}

// Takes the last backslash off when an odd number of them ends the line (blanks
// after them do not count). True: the next line belongs to this one.
bool StripContinuation(absl::string_view* line) {
  const absl::string_view text = absl::StripTrailingAsciiWhitespace(*line);
  size_t count = 0;
  while (count < text.size() && text[text.size() - 1 - count] == '\\') ++count;
  if (count % 2 == 0) return false;
  *line = text.substr(0, text.size() - 1);
  return true;
}

std::string WithoutBackslashes(absl::string_view line) {
  std::string plain;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) ++i;
    plain.push_back(line[i]);
  }
  return plain;
}

bool IsKeyChar(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '.';
}

// "key = value", nothing behind it.
std::optional<std::pair<std::string, std::string>> SplitKeyValue(
    absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  size_t end = 0;
  while (end < line.size() && IsKeyChar(line[end])) ++end;
  const absl::string_view key = line.substr(0, end);
  line = absl::StripLeadingAsciiWhitespace(line.substr(end));
  if (key.empty() || !absl::ConsumePrefix(&line, "=")) return std::nullopt;
  absl::string_view value = absl::StripLeadingAsciiWhitespace(line);
  if (value.size() >= 2 && value.front() == '"' &&
      value.find('"', 1) == value.size() - 1) {
    value = value.substr(1, value.size() - 2);
  } else if (value.empty() || absl::c_any_of(value, absl::ascii_isspace)) {
    return std::nullopt;
  }
  return std::make_pair(std::string(key), std::string(value));
}

bool HasWord(absl::string_view list, absl::string_view word) {
  const std::vector<absl::string_view> items = absl::StrSplit(list, ',');
  return absl::c_any_of(items, [&](absl::string_view item) {
    return absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(item), word);
  });
}

DatabaseTls ParseTls(absl::string_view parameters) {
  DatabaseTls tls;
  const std::pair<absl::string_view, std::string*> kFields[] = {
      {"SSL_CERT", &tls.cert},
      {"SSL_KEY", &tls.key},
      {"SSL_CA", &tls.ca},
      {"SSL_CAPATH", &tls.capath},
      {"SSL_CIPHER", &tls.cipher}};
  for (absl::string_view item : absl::StrSplit(parameters, ',')) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(item, absl::MaxSplits('=', 1));
    for (const auto& [name, field] : kFields) {
      if (absl::EqualsIgnoreCase(pair.first, name)) {
        *field = std::string(pair.second);
      }
    }
  }
  return tls;
}

class Reader {
 public:
  explicit Reader(const PathTrust* trust) : trust_(trust) {}

  absl::Status ReadPath(const std::string& path, int depth) {
    if (depth > kMaxIncludeDepth) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": Include lines nest too deep"));
    }
    ASSIGN_OR_RETURN(const std::string text, Text(path));
    std::string logical;
    int number = 0, first = 1;
    std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
    for (absl::string_view line : lines) {
      ++number;
      line = WithoutComment(line);
      const bool continued = StripContinuation(&line);
      absl::StrAppend(&logical, line);
      if (continued && static_cast<size_t>(number) < lines.size()) continue;
      const std::string place = absl::StrCat(path, ":", first);
      RETURN_IF_ERROR(
          ReadLine(path, place, WithoutBackslashes(logical), depth));
      logical.clear();
      first = number + 1;
    }
    return absl::OkStatus();
  }

  // Who may tell what is in the files shows when all are read.
  absl::Status JudgeOwners() const {
    for (const auto& [path, owner] : owners_) {
      if (owner == 0 || owner == trust_->caller() ||
          owner == UserId(conf.slurm_user)) {
        continue;
      }
      return UntrustedOwner(path, owner,
                            absl::StrCat("chown ", conf.slurm_user, " ", path,
                                         " (SlurmUser), or chown root"));
    }
    return absl::OkStatus();
  }

  SlurmdbdConf conf;

 private:
  absl::StatusOr<std::string> Text(const std::string& path) {
    if (trust_ == nullptr) return ReadFile(path, kMaxConfigFile);
    uid_t owner = 0;
    ASSIGN_OR_RETURN(std::string text,
                     trust_->Read(path, kMaxConfigFile,
                                  PathTrust::End::kFileOfDaemon, &owner));
    owners_.emplace_back(path, owner);
    return text;
  }

  absl::Status ReadLine(const std::string& path, const std::string& place,
                        const std::string& line, int depth) {
    if (absl::StripAsciiWhitespace(line).empty()) return absl::OkStatus();
    // As in Slurm, only at the very beginning of a line.
    if (absl::StartsWithIgnoreCase(line, "include") && line.size() > 7 &&
        absl::ascii_isspace(line[7])) {
      std::string file(absl::StripAsciiWhitespace(line.substr(7)));
      if (!absl::StartsWith(file, "/")) {
        file = absl::StrCat(ParentFolder(path), "/", file);
      }
      return Annotate(ReadPath(file, depth + 1), place);
    }
    const auto pair = SplitKeyValue(line);
    // The line itself stays out of the message: it may hold the password.
    if (!pair.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          place, ": not a key=value line; put a value with blanks in quotes"));
    }
    return Annotate(Set(pair->first, pair->second), place);
  }

  absl::Status Set(absl::string_view key, const std::string& value) {
    const std::pair<absl::string_view, std::string*> kTexts[] = {
        {"SlurmUser", &conf.slurm_user},
        {"DbdHost", &conf.dbd_host},
        {"DbdAddr", &conf.dbd_addr},
        {"DbdBackupHost", &conf.dbd_backup_host},
        {"StorageHost", &conf.storage_host},
        {"StorageUser", &conf.storage_user},
        {"StoragePass", &conf.storage_pass},
        {"StorageLoc", &conf.storage_loc}};
    for (const auto& [name, field] : kTexts) {
      if (absl::EqualsIgnoreCase(key, name)) *field = value;
    }
    if (absl::EqualsIgnoreCase(key, "StorageParameters")) {
      conf.tls = ParseTls(value);
    } else if (absl::EqualsIgnoreCase(key, "Parameters")) {
      conf.preserve_case_user = HasWord(value, "PreserveCaseUser");
    } else if (absl::EqualsIgnoreCase(key, "AllowNoDefAcct")) {
      constexpr absl::string_view kYes[] = {"yes", "up", "true", "1"};
      conf.allow_no_def_acct = absl::c_any_of(kYes, [&](absl::string_view yes) {
        return absl::EqualsIgnoreCase(value, yes);
      });
    } else if (absl::EqualsIgnoreCase(key, "StoragePort")) {
      return SetPort(key, value, &conf.storage_port);
    } else if (absl::EqualsIgnoreCase(key, "DbdPort")) {
      return SetPort(key, value, &conf.dbd_port);
    }
    return absl::OkStatus();
  }

  static absl::Status SetPort(absl::string_view key, const std::string& value,
                              int* port) {
    if (absl::SimpleAtoi(value, port) && *port >= 1 && *port <= 65535) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        absl::StrCat(key, "=", value, " is not a port"));
  }

  const PathTrust* trust_;  // nullptr: anybody is believed.
  std::vector<std::pair<std::string, uid_t>> owners_;  // Of what was read.
};

}  // namespace

DatabaseOptions SlurmdbdConf::Database() const {
  DatabaseOptions options;
  options.host = storage_host;
  options.port = storage_port;
  options.user = storage_user;
  options.password = storage_pass;
  options.database = storage_loc;
  options.tls = tls;
  options.origin = path;
  return options;
}

std::vector<std::string> SlurmdbdConf::DbdHosts() const {
  std::vector<std::string> hosts;
  for (const std::string& host :
       {dbd_addr.empty() ? dbd_host : dbd_addr, dbd_backup_host}) {
    if (!host.empty() && !absl::c_linear_search(hosts, host)) {
      hosts.push_back(host);
    }
  }
  return hosts;
}

absl::StatusOr<SlurmdbdConf> ReadSlurmdbdConf(const std::string& path,
                                              const PathTrust* trust) {
  Reader reader(trust);
  reader.conf.path = path;
  RETURN_IF_ERROR(reader.ReadPath(path, 0));
  RETURN_IF_ERROR(reader.JudgeOwners());
  return std::move(reader.conf);
}

}  // namespace assocsync
