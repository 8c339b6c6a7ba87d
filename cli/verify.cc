// `assocsync verify`: is this backup whole, and does it load?
#include <unistd.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/backup_sources.h"
#include "cli/database.h"
#include "cli/restore_text.h"
#include "cli/run.h"
#include "engine/apply/compare_trees.h"
#include "engine/backup/last_verify.h"
#include "engine/backup/plain_dump.h"
#include "engine/backup/trial_load.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/counted.h"
#include "engine/base/status.h"
#include "engine/io/signature.h"
#include "engine/io/trusted_path.h"
#include "engine/render/escape.h"
#include "engine/render/json_text.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVerifyFormatVersion = 1;
constexpr char kVerifyAdvice[] =
    "say on which server the backup shall be loaded: --defaults-file FILE, or "
    "--slurmdbd-conf PATH";

// All that was found out, as far as that went.
struct Verified {
  Manifest manifest;
  std::optional<PlainDump> plain;  // That is what stands for the manifest.
  Signature signature = Signature::kNone;
  absl::Status status;
  bool judged = false;  // It says something of the backup.
  bool loaded = false;
  // Clusters whose .cfg says less than the SQL dump, and nothing else.
  std::vector<std::string> as_dumped;
};

absl::StatusOr<LoadOptions> HowToLoad(const Options& args, Env& env) {
  LoadOptions load;
  RETURN_IF_ERROR(FindDatabase(args, kVerifyAdvice, env.stop, &load.database));
  load.number = static_cast<uint64_t>(getpid());
  load.stop = env.stop;
  load.progress = [&](uint64_t done) {
    env.console->Progress(absl::StrCat("loading: ", BytesText(done)));
  };
  return load;
}

absl::Status Load(const Options& args, LoadOptions load, Verified* verified,
                  Env& env) {
  const Manifest& manifest = verified->manifest;
  load.newer_release = IsNewer(manifest.slurm_release);
  const bool plain = verified->plain.has_value();
  if (plain) {
    load.uses = verified->plain->uses;
    load.leave_out_others = true;
  }
  const auto look = [&](Database& database) -> absl::Status {
    if (plain) return CompareWithDump(args.target, manifest, database);
    ASSIGN_OR_RETURN(verified->as_dumped,
                     CompareTrees(args.target, manifest, database));
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const Loaded loaded,
                   CheckByLoading(args.target, manifest, load, look));
  SayLogin(loaded, env);
  return absl::OkStatus();
}

// Whether it is whole, and what it says can be read.
absl::Status Read(const Options& args, const VerifyOptions& options,
                  Verified* out) {
  if (IsFile(args.target)) {
    ASSIGN_OR_RETURN(out->plain, ReadPlainDump(args.target, options));
    out->manifest = out->plain->manifest;
    return ReadDumpedTrees(args.target, out->manifest).status();
  }
  ASSIGN_OR_RETURN(out->manifest,
                   VerifyBackup(args.target, options, &out->signature));
  return ReadTrees(args.target, out->manifest).status();
}

// Whether `status` tells of the backup, and not of who may read what, or of a
// server.
bool IsOfBackup(const absl::Status& status) {
  return !absl::IsPermissionDenied(status) && !absl::IsUnavailable(status) &&
         !absl::IsDeadlineExceeded(status) && !absl::IsCancelled(status);
}

// A right that is missing, and that there is nothing to load, shows before
// minutes of reading.
absl::StatusOr<LoadOptions> ReadyToLoad(const Options& args, Env& env) {
  RETURN_IF_ERROR(Annotate(CheckHoldsSql(args.target), "--load"));
  ASSIGN_OR_RETURN(LoadOptions load, HowToLoad(args, env));
  RETURN_IF_ERROR(MayLoad(load));
  return load;
}

Verified Verify(const Options& args, Env& env) {
  Verified out;
  VerifyOptions options;
  options.stop = env.stop;
  options.progress = [&](uint64_t done, uint64_t total) {
    env.console->Progress(absl::StrCat("reading: ", DoneText(done, total)));
  };
  std::optional<VerifyingKey> key;
  if (!args.key.empty()) {
    absl::StatusOr<VerifyingKey> read =
        VerifyingKey::Read(args.key, PathTrust(args.trusted));
    if (!read.ok()) {
      out.status = Annotate(read.status(), "--key");
      return out;
    }
    options.key = &key.emplace(*std::move(read));
  }
  absl::StatusOr<LoadOptions> load = LoadOptions();
  if (args.load) {
    load = ReadyToLoad(args, env);
    out.status = load.status();
    if (!out.status.ok()) return out;
  }
  out.status = Read(args, options, &out);
  if (out.status.ok() && args.load) {
    out.status = Load(args, *std::move(load), &out, env);
    out.loaded = out.status.ok();
  }
  out.judged = IsOfBackup(out.status);
  return out;
}

// For `assocsync status`, where the backup lies in the folder of backups.
void NoteForStatus(const Options& args, const Verified& verified,
                   absl::Time time, Env& env) {
  const absl::StatusOr<std::string> dir = BackupDir(args, env);
  if (!dir.ok() || !verified.judged) return;
  LastVerify last;
  last.time = time;
  last.good = verified.status.ok();
  last.loaded = verified.loaded;
  last.error = std::string(verified.status.message());
  const absl::Status status = NoteVerify(*dir, args.target, last);
  if (!status.ok()) {
    env.console->Warn(absl::StrCat("`assocsync status` will not know of this: ",
                                   status.message()));
  }
}

absl::string_view WordOf(Signature signature) {
  switch (signature) {
    case Signature::kNone:
      return "none";
    case Signature::kUnchecked:
      return "not checked";
    case Signature::kGood:
      return "good";
    case Signature::kMissing:
      return "missing";
    case Signature::kBad:
      return "bad";
  }
  return "";
}

std::string PlainText(const Options& args, const Verified& verified) {
  const Manifest& manifest = verified.manifest;
  uint64_t rows = 0;
  for (const TableRows& table : manifest.tables) rows += table.rows;
  std::string out = absl::StrCat(
      Escaped(args.target), ": whole, as far as a plain SQL dump can tell\n",
      "  ", DumpOfText(manifest), "\n  tables of Slurm ",
      Escaped(manifest.slurm_release),
      manifest.schema.empty() ? "" : absl::StrCat(", schema ", manifest.schema),
      manifest.server_version.empty()
          ? ""
          : absl::StrCat(", server ", Escaped(manifest.server_version)),
      "\n  completed ",
      absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", manifest.created,
                       absl::UTCTimeZone()),
      "\n  ", BytesText(manifest.files[0].bytes), ", SHA-256 ",
      manifest.files[0].sha256,
      "\n  SQL: ", BytesText(verified.plain->sql_bytes), ", to its last line; ",
      manifest.tables.size(), " tables, ", rows,
      " rows; the associations of every cluster can be read\n");
  for (const std::string& what : verified.plain->left_out) {
    absl::StrAppend(&out, "  ", Escaped(what),
                    ": none of slurmdbd's, restore leaves it out\n");
  }
  if (verified.loaded) {
    absl::StrAppend(&out,
                    "  loaded into a scratch database: every table has the "
                    "rows of the dump,\n  and the associations there are those "
                    "that were read from it\n");
  }
  return absl::StrCat(
      out, "  ", Wrapped(absl::StrCat("not known: ", kNotInPlainDumps), 4, 80),
      "\n");
}

std::string FolderText(const Options& args, const Verified& verified) {
  const Manifest& manifest = verified.manifest;
  uint64_t bytes = 0, rows = 0;
  for (const BackupFile& file : manifest.files) bytes += file.bytes;
  for (const TableRows& table : manifest.tables) rows += table.rows;
  std::string out = absl::StrCat(
      Escaped(args.target), ": good\n", "  cluster ", Escaped(manifest.cluster),
      ", Slurm ", Escaped(manifest.slurm_release), ", ",
      absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", manifest.created,
                       absl::UTCTimeZone()),
      "\n  ", Counted(manifest.files.size(), "file"), ", ", BytesText(bytes),
      ": sizes and digests are those of the manifest\n");
  if (verified.signature == Signature::kGood) {
    absl::StrAppend(&out, "  signed by the key of ", Escaped(args.key), "\n");
  } else if (verified.signature == Signature::kUnchecked) {
    absl::StrAppend(&out, "  signed; by whom was not checked (--key FILE)\n");
  }
  if (SqlFileOf(manifest).ok()) {
    absl::StrAppend(&out, "  SQL dump: whole, ", manifest.tables.size(),
                    " tables, ", rows, " rows\n");
  } else {
    absl::StrAppend(&out, "  no SQL dump (", Escaped(manifest.tool), ")\n");
  }
  if (verified.loaded) {
    absl::StrAppend(&out,
                    "  loaded into a scratch database: every table has the "
                    "rows of the manifest,\n  and the associations there are "
                    "those of the .cfg\n");
    for (const std::string& cluster : verified.as_dumped) {
      absl::StrAppend(&out, "  (cluster ", Escaped(cluster),
                      ": as far as sacctmgr dump tells them, from which its "
                      ".cfg was made)\n");
    }
  }
  return out;
}

std::string Text(const Options& args, const Verified& verified,
                 absl::Duration took, bool verbose) {
  std::string out = verified.plain.has_value() ? PlainText(args, verified)
                                               : FolderText(args, verified);
  if (verbose) {
    for (const TableRows& table : verified.manifest.tables) {
      absl::StrAppendFormat(&out, "  %12d  %s\n", table.rows,
                            Escaped(table.name));
    }
  }
  absl::StrAppend(&out, "In ", DurationText(took), ".\n");
  return out;
}

// In place of the manifest, of which a plain SQL dump has none.
Json PlainJson(const PlainDump& dump) {
  const Manifest& manifest = dump.manifest;
  Json json;
  json["database"] = manifest.database;
  json["clusters"] = manifest.clusters;
  json["slurm"] = manifest.slurm_release;
  json["schema"] = manifest.schema;
  json["server_version"] = manifest.server_version;
  json["completed"] = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", manifest.created,
                                       absl::UTCTimeZone());
  json["bytes"] = manifest.files[0].bytes;
  json["sha256"] = manifest.files[0].sha256;
  json["sql_bytes"] = dump.sql_bytes;
  json["tables"] = Json::array();
  for (const TableRows& table : manifest.tables) {
    json["tables"].push_back({{"name", table.name}, {"rows", table.rows}});
  }
  json["left_out"] = dump.left_out;
  json["cautions"] = manifest.cautions;
  json["not_known"] = std::string(kNotInPlainDumps);
  return json;
}

std::string JsonText(const Options& args, const Verified& verified,
                     absl::Duration took) {
  Json json;
  json["format_version"] = kVerifyFormatVersion;
  json["path"] = args.target;
  json["good"] = verified.status.ok();
  if (!verified.status.ok()) {
    json["error"] = std::string(verified.status.message());
  }
  json["signature"] = std::string(WordOf(verified.signature));
  json["loaded"] = verified.loaded;
  if (verified.loaded) json["compared_as_dumped"] = verified.as_dumped;
  json["seconds"] = absl::ToDoubleSeconds(took);
  if (verified.plain.has_value()) {
    json["dump"] = PlainJson(*verified.plain);
  } else if (!verified.manifest.files.empty()) {
    json["manifest"] = Json::parse(WriteManifest(verified.manifest));
  }
  return JsonDocument(json, 2);
}

}  // namespace

ExitCode RunVerify(const Options& given, Env& env) {
  Options args = given;
  if (args.target.empty()) {
    absl::StatusOr<std::string> newest = NewestBackup(args, env);
    if (!newest.ok()) return Fail(newest.status(), env);
    args.target = *std::move(newest);
  }
  const absl::Time start = absl::Now();
  const Verified verified = Verify(args, env);
  const absl::Duration took = absl::Now() - start;
  env.console->ProgressDone();
  if (absl::IsCancelled(verified.status) || IsUntrusted(verified.status)) {
    return Fail(verified.status, env);
  }
  for (const std::string& caution : verified.manifest.cautions) {
    env.console->Warn(verified.plain.has_value()
                          ? caution
                          : absl::StrCat("said when it was made: ", caution));
  }
  NoteForStatus(args, verified, start + took, env);
  if (args.json()) env.console->Print(JsonText(args, verified, took));
  if (verified.status.ok()) {
    if (!args.json())
      env.console->Print(Text(args, verified, took, env.console->verbose()));
    return ExitCode::kOk;
  }
  env.console->Error(absl::StrCat(
      verified.status.message(),
      absl::IsDataLoss(verified.status)
          ? "; the backup is not good: take another copy of it, or an older one"
          : ""));
  return ExitCode::kError;
}

}  // namespace assocsync
