// What a file is, by its first bytes: people give a command the wrong one, and
// one line that names it and the command that takes it says more than the first
// fault that a parser would meet in it. Pure.
#ifndef ASSOCSYNC_ENGINE_BASE_FILE_KIND_H_
#define ASSOCSYNC_ENGINE_BASE_FILE_KIND_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace assocsync {

enum class FileKind : uint8_t {
  kText,  // As far as can be told a tree; its parser knows better.
  kEmpty,
  kGzip,
  kXz,
  kZstd,
  kBzip2,
  kLz4,
  kZip,
  kTar,
  kUtf16,
  kImage,
  kPdf,
  kSqlite,
  kProgram,
  kBinary,
  kKey,
  kSqlDump,
  kManifest,
  kJournal,
  kSavedPlan,
  kReport,     // JSON that assocsync printed.
  kSlurmJson,  // Of slurmrestd, or of sacctmgr --json.
  kOtherJson,
  kMarkup,  // XML or HTML.
  kScript,  // Its first line says so; also `plan --format sh`.
  kDiff,
  kSlurmConf,  // slurm.conf or slurmdbd.conf.
  kListing,    // `sacctmgr show ...`
};

// So much of the beginning is looked at.
inline constexpr size_t kFileKindBytes = size_t{64} << 10;

FileKind KindOf(absl::string_view bytes);

// kGzip, kXz, kZstd: what uncompress.h undoes.
bool IsCompressed(FileKind kind);

// "is an SQL dump; ...": what it is, and which command takes it or what is to
// be done with it. Of kText, what takes a tree.
std::string KindWords(FileKind kind);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_FILE_KIND_H_
