#include "engine/backup/manifest.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"
#include "engine/base/input_shape.h"
#include "engine/base/status.h"
#include "engine/io/file.h"
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

absl::Status TooMany(const char* key, size_t count, size_t most) {
  return Malformed(absl::StrCat("'", key, "' holds ", count,
                                " entries; no backup has more than ", most));
}

// The objects of the array under `key`, at most `most`.
absl::StatusOr<const Json*> Objects(const Json& object, const char* key,
                                    size_t most) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_array()) {
    return Malformed(absl::StrCat("'", key, "' is missing or not a list"));
  }
  if (it->size() > most) return TooMany(key, it->size(), most);
  if (!absl::c_all_of(*it, [](const Json& item) { return item.is_object(); })) {
    return Malformed(absl::StrCat("'", key, "' holds what is no object"));
  }
  return &*it;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime(kTimeFormat, time, absl::UTCTimeZone());
}

absl::StatusOr<absl::Time> Time(const Json& object, const char* key) {
  ASSIGN_OR_RETURN(const std::string text, Text(object, key));
  absl::Time time;
  std::string error;
  if (absl::ParseTime(kTimeFormat, text, &time, &error)) return time;
  return Malformed(
      absl::StrCat("'", key, "' is not a time like 2026-11-23T23:59:59Z"));
}

absl::StatusOr<std::vector<std::string>> Texts(const Json& object,
                                               const char* key) {
  const auto it = object.find(key);
  if (it == object.end()) return std::vector<std::string>();
  if (!it->is_array()) return Malformed(absl::StrCat("'", key, "' is no list"));
  if (it->size() > kMaxClusters) return TooMany(key, it->size(), kMaxClusters);
  if (!absl::c_all_of(*it, [](const Json& item) { return item.is_string(); })) {
    return Malformed(absl::StrCat("'", key, "' holds what is no text"));
  }
  return it->get<std::vector<std::string>>();
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

// The fields that older manifests, and those of apply, do not have.
absl::Status ParseOptional(const Json& json, Manifest* manifest) {
  if (json.contains("made_by")) {
    ASSIGN_OR_RETURN(manifest->made_by, Text(json, "made_by"));
  }
  if (json.contains("finished")) {
    ASSIGN_OR_RETURN(manifest->finished, Time(json, "finished"));
  }
  if (json.contains("schema")) {
    ASSIGN_OR_RETURN(manifest->schema, Text(json, "schema"));
  }
  ASSIGN_OR_RETURN(manifest->clusters, Texts(json, "clusters"));
  ASSIGN_OR_RETURN(manifest->cautions, Texts(json, "cautions"));
  if (!json.contains("trees")) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto trees, Objects(json, "trees", kMaxClusters));
  for (const Json& item : *trees) {
    TreeFile tree;
    ASSIGN_OR_RETURN(tree.cluster, Text(item, "cluster"));
    ASSIGN_OR_RETURN(tree.file, Text(item, "file"));
    if (!StaysInside(tree.file)) {
      return Malformed(
          absl::StrCat("'", tree.file, "' is not a file of this folder"));
    }
    manifest->trees.push_back(std::move(tree));
  }
  return absl::OkStatus();
}

// Whether `text` may be looked at.
absl::Status CheckSignature(const std::string& dir, absl::string_view text,
                            const VerifyingKey* key, Signature* found) {
  const std::string path = absl::StrCat(dir, "/", kSignatureName);
  const absl::StatusOr<std::string> signature =
      ReadFile(path, kMaxSignatureFile, Readable::kPlain);
  if (key == nullptr) {
    const bool none = absl::IsNotFound(signature.status());
    *found = none ? Signature::kNone : Signature::kUnchecked;
    return absl::OkStatus();
  }
  if (absl::IsNotFound(signature.status())) {
    *found = Signature::kMissing;
    return absl::DataLossError(
        absl::StrCat(dir, ": is not signed, and shall be by the key of ",
                     key->path(), " (it has no ", kSignatureName, ")"));
  }
  *found = Signature::kBad;
  RETURN_IF_ERROR(signature);
  if (!key->Signed(text, *signature)) {
    return absl::DataLossError(absl::StrCat(
        path, ": is not the signature of ", kManifestName, " by the key of ",
        key->path(), "; nothing in this folder is believed"));
  }
  *found = Signature::kGood;
  return absl::OkStatus();
}

}  // namespace

std::string WriteManifest(const Manifest& manifest) {
  Json json;
  json["format_version"] = kFormatVersion;
  json["created"] = TimeText(manifest.created);
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
  if (!manifest.made_by.empty()) json["made_by"] = manifest.made_by;
  if (manifest.finished > absl::InfinitePast()) {
    json["finished"] = TimeText(manifest.finished);
  }
  if (!manifest.schema.empty()) json["schema"] = manifest.schema;
  if (!manifest.clusters.empty()) json["clusters"] = manifest.clusters;
  for (const TreeFile& tree : manifest.trees) {
    json["trees"].push_back({{"cluster", tree.cluster}, {"file", tree.file}});
  }
  if (!manifest.cautions.empty()) json["cautions"] = manifest.cautions;
  return absl::StrCat(json.dump(2, ' ', false, Json::error_handler_t::replace),
                      "\n");
}

absl::StatusOr<Manifest> ReadManifest(const std::string& dir,
                                      const VerifyingKey* key,
                                      Signature* signature) {
  absl::StatusOr<std::string> text =
      ReadFile(absl::StrCat(dir, "/", kManifestName), kMaxManifestFile,
               Readable::kPlain);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(
        absl::StrCat(text.status().message(), "; this is no backup folder"));
  }
  RETURN_IF_ERROR(text);
  Signature found = Signature::kNone;
  const absl::Status checked = CheckSignature(dir, *text, key, &found);
  if (signature != nullptr) *signature = found;
  RETURN_IF_ERROR(checked);
  return Annotate(ParseManifest(*text), dir);
}

absl::StatusOr<Manifest> ParseManifest(absl::string_view text) {
  if (const absl::Status status = CheckJsonShape(text); !status.ok()) {
    return Malformed(status.message());
  }
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
  ASSIGN_OR_RETURN(manifest.created, Time(json, "created"));
  for (const TextField& field : kTexts) {
    ASSIGN_OR_RETURN(manifest.*field.field, Text(json, field.key));
  }
  ASSIGN_OR_RETURN(const auto files, Objects(json, "files", kMaxManifestFiles));
  for (const Json& item : *files) {
    BackupFile file;
    ASSIGN_OR_RETURN(file.name, Text(item, "name"));
    ASSIGN_OR_RETURN(file.bytes, Number(item, "bytes"));
    ASSIGN_OR_RETURN(file.sha256, Text(item, "sha256"));
    if (!StaysInside(file.name)) {
      return Malformed(
          absl::StrCat("'", file.name, "' is not a file of this folder"));
    }
    if (!IsSha256(file.sha256)) return Malformed("'sha256' is not a digest");
    manifest.files.push_back(std::move(file));
  }
  ASSIGN_OR_RETURN(const auto tables, Objects(json, "tables", kMaxSqlTables));
  for (const Json& item : *tables) {
    TableRows table;
    ASSIGN_OR_RETURN(table.name, Text(item, "name"));
    ASSIGN_OR_RETURN(table.rows, Number(item, "rows"));
    manifest.tables.push_back(std::move(table));
  }
  RETURN_IF_ERROR(ParseOptional(json, &manifest));
  return manifest;
}

}  // namespace assocsync
