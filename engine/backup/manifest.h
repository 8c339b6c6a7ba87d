// manifest.json: what a backup folder holds, so that years later anybody can
// tell whether it is still whole and what it belongs to.
#ifndef ASSOCSYNC_ENGINE_BACKUP_MANIFEST_H_
#define ASSOCSYNC_ENGINE_BACKUP_MANIFEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/io/signature.h"

namespace assocsync {

inline constexpr absl::string_view kManifestName = "manifest.json";
// Beside it where the backup is signed: 64 bytes, the Ed25519 signature of the
// manifest's bytes (signature.h). The digests in there bind all other files.
inline constexpr absl::string_view kSignatureName = "manifest.json.sig";

inline constexpr absl::string_view kMadeByBackup = "assocsync backup";

// In the folder of a run of apply: the tree before it, and the one that was
// read back.
inline constexpr absl::string_view kBeforeRunName = "before.cfg";
inline constexpr absl::string_view kAfterRunName = "after.cfg";

// Of what stands for the manifest of a plain SQL dump (plain_dump.h), which is
// in no file.
inline constexpr absl::string_view kMadeByDumpProgram = "a plain SQL dump";

// Manifest::tool of a backup without an SQL dump, made where no database can be
// reached.
inline constexpr absl::string_view kTreesAlone = "the trees alone, by sacctmgr";

struct BackupFile {
  std::string name;  // inside the folder; never with a '/'
  uint64_t bytes = 0;
  std::string sha256;  // 64 lower-case hex digits
  friend bool operator==(const BackupFile&, const BackupFile&) = default;
};

struct TableRows {
  std::string name;
  uint64_t rows = 0;
  friend bool operator==(const TableRows&, const TableRows&) = default;
};

// Which file holds the associations of which cluster.
struct TreeFile {
  std::string cluster;
  std::string file;
  friend bool operator==(const TreeFile&, const TreeFile&) = default;
};

struct Manifest {
  absl::Time created;  // when it was begun; whole seconds
  std::string cluster;
  std::string database;
  std::string server_version;  // of MariaDB
  std::string slurm_release;
  std::string tool;     // what made the dump, as its --version says
  std::string version;  // of assocsync
  std::vector<BackupFile> files;
  std::vector<TableRows> tables;  // of the SQL dump

  // Only in the text where they say something.
  // kMadeByBackup; empty: a run of `apply`, which has before.cfg.
  std::string made_by;
  absl::Time finished = absl::InfinitePast();  // whole seconds
  std::string schema;  // of the database: convert_version_table's version
  std::vector<std::string> clusters;  // of the database, sorted
  std::vector<TreeFile> trees;        // that of `cluster` first
  std::vector<std::string> cautions;  // for people
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

// JSON, indented, keys in a fixed order, a newline at the end. Equal manifests
// give equal bytes. Bytes that are not UTF-8 become U+FFFD.
std::string WriteManifest(const Manifest& manifest);

// kInvalidArgument for text that is no manifest: not JSON, a field missing or
// of another type, a file name that leads out of the folder;
// kUnimplemented for a format_version this program does not know. Fields that
// it does not know are skipped.
absl::StatusOr<Manifest> ParseManifest(absl::string_view text);

// What is known of a folder's signature: it has none, or one that nobody asked
// about; by the key that was asked for: it is good, or missing, or not good.
enum class Signature { kNone, kUnchecked, kGood, kMissing, kBad };

// That of the folder `dir`; also kNotFound for a folder that has none, saying
// that it is no backup; file.h. With `key`, kDataLoss where the bytes are not
// signed by it, and then nothing in them is looked at.
absl::StatusOr<Manifest> ReadManifest(const std::string& dir,
                                      const VerifyingKey* key = nullptr,
                                      Signature* signature = nullptr);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_MANIFEST_H_
