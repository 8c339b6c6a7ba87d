#include "engine/backup/manifest.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/base/status.h"
#include "nlohmann/json.hpp"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;
constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%SZ";

// The plain text fields and their keys; the only place they are spelled.
struct TextField {
  const char* key;
  std::string Manifest::*field;
};
constexpr TextField kTexts[] = {
    {"cluster", &Manifest::cluster},
    {"database", &Manifest::database},
    {"server_version", &Manifest::server_version},
    {"slurm_release", &Manifest::slurm_release},
    {"tool", &Manifest::tool},
    {"version", &Manifest::version},
};

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(kManifestName, ": ", what));
}

absl::StatusOr<std::string> Text(const Json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_string()) {
    return Malformed(absl::StrCat("'", key, "' is missing or not a text"));
  }
  return it->get<std::string>();
}

absl::StatusOr<uint64_t> Number(const Json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_number_unsigned()) {
    return Malformed(absl::StrCat("'", key, "' is missing or not a count"));
  }
  return it->get<uint64_t>();
}

// The objects of the array under `key`.
absl::StatusOr<std::vector<const Json*>> Objects(const Json& object,
                                                 const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_array()) {
    return Malformed(absl::StrCat("'", key, "' is missing or not a list"));
  }
  std::vector<const Json*> objects;
  for (const Json& item : *it) {
    if (!item.is_object()) {
      return Malformed(absl::StrCat("'", key, "' holds what is no object"));
    }
    objects.push_back(&item);
  }
  return objects;
}

bool StaysInside(absl::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         !absl::StrContains(name, '/') &&
         !absl::StrContains(name, absl::string_view("\0", 1));
}

bool IsSha256(absl::string_view text) {
  return text.size() == 64 &&
         text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

}  // namespace

std::string WriteManifest(const Manifest& manifest) {
  Json json;
  json["format_version"] = kFormatVersion;
  json["created"] =
      absl::FormatTime(kTimeFormat, manifest.created, absl::UTCTimeZone());
  for (const TextField& text : kTexts) json[text.key] = manifest.*text.field;
  json["files"] = Json::array();
  for (const BackupFile& file : manifest.files) {
    json["files"].push_back(
        {{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  }
  json["tables"] = Json::array();
  for (const TableRows& table : manifest.tables) {
    json["tables"].push_back({{"name", table.name}, {"rows", table.rows}});
  }
  return absl::StrCat(json.dump(2, ' ', false, Json::error_handler_t::replace),
                      "\n");
}

absl::StatusOr<Manifest> ParseManifest(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr,
                                /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) return Malformed("not JSON");
  ASSIGN_OR_RETURN(const uint64_t format, Number(json, "format_version"));
  if (format != kFormatVersion) {
    return absl::UnimplementedError(
        absl::StrCat(kManifestName, ": format_version ", format,
                     " is not known here; use a newer assocsync"));
  }
  Manifest manifest;
  ASSIGN_OR_RETURN(const std::string created, Text(json, "created"));
  std::string error;
  if (!absl::ParseTime(kTimeFormat, created, &manifest.created, &error)) {
    return Malformed("'created' is not a time like 2026-11-23T23:59:59Z");
  }
  for (const TextField& field : kTexts) {
    ASSIGN_OR_RETURN(manifest.*field.field, Text(json, field.key));
  }
  ASSIGN_OR_RETURN(const auto files, Objects(json, "files"));
  for (const Json* item : files) {
    BackupFile file;
    ASSIGN_OR_RETURN(file.name, Text(*item, "name"));
    ASSIGN_OR_RETURN(file.bytes, Number(*item, "bytes"));
    ASSIGN_OR_RETURN(file.sha256, Text(*item, "sha256"));
    if (!StaysInside(file.name)) {
      return Malformed(
          absl::StrCat("'", file.name, "' is not a file of this folder"));
    }
    if (!IsSha256(file.sha256)) return Malformed("'sha256' is not a digest");
    manifest.files.push_back(std::move(file));
  }
  ASSIGN_OR_RETURN(const auto tables, Objects(json, "tables"));
  for (const Json* item : tables) {
    TableRows table;
    ASSIGN_OR_RETURN(table.name, Text(*item, "name"));
    ASSIGN_OR_RETURN(table.rows, Number(*item, "rows"));
    manifest.tables.push_back(std::move(table));
  }
  return manifest;
}

}  // namespace assocsync
