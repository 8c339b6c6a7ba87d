// Every limit on what is read, in one place: how much, and why no honest input
// comes near it. What is over a limit is refused with a message that names the
// limit; nothing is cut silently.
//
// Besides these, two rules hold for every reader: its memory is at most a
// constant plus 12 times its input, and its time n log n (tests/bench/shapes
// measures both).
#ifndef ASSOCSYNC_ENGINE_BASE_INPUT_LIMITS_H_
#define ASSOCSYNC_ENGINE_BASE_INPUT_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace assocsync {

// Files that are read whole, in bytes.

// Trees and saved plans: a million associations are about 100 MB.
inline constexpr uint64_t kMaxTreeFile = uint64_t{2} << 30;
// What comes through a pipe has no size that could be looked at first.
inline constexpr uint64_t kMaxPipe = uint64_t{1} << 30;
// slurmdbd.conf, options of MariaDB clients, config files, policies: written by
// hand, and a thousand lines of them are 64 KiB.
inline constexpr uint64_t kMaxConfigFile = uint64_t{1} << 20;
// slurmdbd.conf includes others; two deep is more than anybody was seen to use.
inline constexpr int kMaxIncludeDepth = 8;
// A manifest has a line for each file and table: 100 bytes for each of 100,000.
inline constexpr uint64_t kMaxManifestFile = uint64_t{64} << 20;
// A signature has 64 bytes.
inline constexpr uint64_t kMaxSignatureFile = uint64_t{1} << 10;
// A step is about 1 KB of journal; a million steps would run for days.
inline constexpr uint64_t kMaxJournalFile = uint64_t{1} << 30;
// mydumper's `metadata` names the binary log and the tables.
inline constexpr uint64_t kMaxMydumperMetadata = uint64_t{64} << 10;
// What sacctmgr prints: `dump` writes to a file, and nothing else is long.
inline constexpr uint64_t kMaxProgramOutput = uint64_t{256} << 20;

// Trees (.cfg).

// With its continuations. The longest lines are those of users who coordinate
// very many accounts: 20 bytes for each of 50,000.
inline constexpr size_t kMaxLine = size_t{1} << 20;
// A line has each of some thirty options once, or nine TRES of one.
inline constexpr size_t kMaxOptions = 256;
// Slurm holds names in TINYTEXT columns.
inline constexpr size_t kMaxName = 255;
// Since 23.11 slurmdbd keeps the way from root to each row in a TEXT column of
// 65,535 bytes, at least two bytes for each account: it cannot hold more than
// 32,767. Releases before that number their rows, and slurmctld walks the whole
// way up from each: this many would take it days.
inline constexpr uint32_t kMaxAccountDepth = 250'000;

// Faults.

// Of one kind, those that are told; the rest is counted. Who mends twenty of a
// kind knows how to mend the others.
inline constexpr size_t kMaxErrorsOfAKind = 20;
// Of findings of a plan, those that say why; the rest is told by its rows.
inline constexpr size_t kMaxFindingsOfAKind = 50;
// Of a value or a name in a message: whoever reads it finds the whole at its
// line and column.
inline constexpr size_t kMaxShownValue = 80;
// Of the line that is printed below a message, around the column.
inline constexpr size_t kMaxShownLine = 160;

// JSON: saved plans, manifests, journals.

// Plans are nested six deep.
inline constexpr size_t kMaxJsonDepth = 32;
// Each value in memory costs up to 64 bytes, however short its text: bytes of
// text for each, on the average of the document. What assocsync writes has a
// name of several letters for nearly each value, 20 bytes and more.
inline constexpr size_t kLeastJsonBytesPerValue = 6;
// So many are free, which small documents may need.
inline constexpr size_t kFreeJsonValues = 10'000;

// TOML: config files and policies, both at most kMaxConfigFile.

// Parts of a key, `a.b.c`: a policy has two. (Values in values are bounded by
// the parser, toml++, by the same number.)
inline constexpr size_t kMaxTomlDepth = 256;
// A policy lists names: of QOS, partitions, rows. Each costs 100 bytes and
// more.
inline constexpr size_t kMaxTomlValues = 100'000;
// Memory of one name pattern, compiled: one of 1,000 characters takes 100 KB.
inline constexpr int64_t kMaxPatternMemory = int64_t{8} << 20;

// Backups.

// Each file is opened and read once; mydumper makes one for each table and
// chunk, and slurmdbd has about 30 tables for each cluster.
inline constexpr size_t kMaxManifestFiles = 100'000;
// A database of Slurm was never seen with more than 30 clusters.
inline constexpr size_t kMaxClusters = 10'000;
// About 30 for each cluster and 20 others: room for 3,000 clusters.
inline constexpr size_t kMaxSqlTables = 100'000;
// The widest table of slurmdbd takes some 500 tokens.
inline constexpr size_t kMaxSqlStatementTokens = 50'000;
inline constexpr size_t kMaxSqlStatementBytes = size_t{1} << 20;
// A row, with a job script in it, or a token. The longest that slurmdbd stores
// is one packet of the server, by default 16 MiB, and escaping doubles it.
inline constexpr size_t kMaxSqlUnitBytes = size_t{64} << 20;
// Memory that a zstd frame may ask for, as a power of two: `zstd` itself wants
// --long=N above that, and its level 19 takes 23.
inline constexpr int kMaxZstdWindowLog = 27;
// A frame may grow by this much, and kFreeZstdBytes besides. Rows of a usage
// table, all numbers, were seen to shrink to a fortieth; zeroes to 1/30,000.
inline constexpr uint64_t kMaxZstdRatio = 1'000;
inline constexpr uint64_t kFreeZstdBytes = uint64_t{64} << 20;

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_INPUT_LIMITS_H_
