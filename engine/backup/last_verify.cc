#include "engine/backup/last_verify.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "engine/base/escape.h"
#include "engine/base/input_shape.h"
#include "engine/base/status.h"
#include "engine/io/file.h"

namespace assocsync {
namespace {

using VerifyJson = nlohmann::ordered_json;

constexpr int kLastVerifyFormat = 1;
constexpr uint64_t kMaxLastVerify = uint64_t{1} << 20;

bool Take(const VerifyJson& json, const char* key, std::string* text) {
  const auto it = json.find(key);
  if (it == json.end() || !it->is_string()) return false;
  *text = it->get<std::string>();
  return true;
}

bool Take(const VerifyJson& json, const char* key, bool* flag) {
  const auto it = json.find(key);
  if (it == json.end() || !it->is_boolean()) return false;
  *flag = it->get<bool>();
  return true;
}

}  // namespace

absl::Status NoteVerify(const std::string& backup_dir, const std::string& dir,
                        LastVerify verified) {
  std::error_code error, other_error;
  const std::filesystem::path real = std::filesystem::canonical(dir, error);
  const std::filesystem::path backups =
      std::filesystem::canonical(backup_dir, other_error);
  if (error || other_error || real.parent_path() != backups) {
    return absl::OkStatus();
  }
  const VerifyJson json = {
      {"format_version", kLastVerifyFormat},
      {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", verified.time,
                                absl::UTCTimeZone())},
      {"backup", real.filename().string()},
      {"good", verified.good},
      {"loaded", verified.loaded},
      {"error", verified.error}};
  std::string text =
      json.dump(1, ' ', false, VerifyJson::error_handler_t::replace);
  EscapeJson(&text);
  return WriteFileAtomic(absl::StrCat(backups.string(), "/", kLastVerifyName),
                         absl::StrCat(text, "\n"));
}

absl::StatusOr<LastVerify> ReadLastVerify(const std::string& backup_dir) {
  const std::string path = absl::StrCat(backup_dir, "/", kLastVerifyName);
  ASSIGN_OR_RETURN(const std::string text,
                   ReadFile(path, kMaxLastVerify, Readable::kPlain));
  const absl::Status bad = absl::DataLossError(
      absl::StrCat(path, ": not what `assocsync verify` writes"));
  if (!CheckJsonShape(text).ok()) return bad;
  const VerifyJson json = VerifyJson::parse(text.begin(), text.end(), nullptr,
                                            /*allow_exceptions=*/false);
  LastVerify verified;
  std::string time, error;
  if (json.is_discarded() || !json.is_object() ||
      json.value("format_version", VerifyJson()) != kLastVerifyFormat ||
      !Take(json, "time", &time) || !Take(json, "backup", &verified.backup) ||
      !Take(json, "good", &verified.good) ||
      !Take(json, "loaded", &verified.loaded) ||
      !Take(json, "error", &verified.error) ||
      !absl::ParseTime(absl::RFC3339_sec, time, &verified.time, &error)) {
    return bad;
  }
  return verified;
}

}  // namespace assocsync
