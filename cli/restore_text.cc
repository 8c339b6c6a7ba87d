#include "cli/restore_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/database.h"
#include "engine/render/escape.h"

namespace assocsync {
namespace {

std::string Rows(const std::optional<uint64_t>& rows) {
  return rows.has_value() ? absl::StrCat(*rows) : "-";
}

std::string Many(uint64_t n, absl::string_view one, absl::string_view more) {
  return absl::StrCat(n, " ", n == 1 ? one : more);
}

void AppendTables(const std::vector<TableChange>& tables, bool verbose,
                  std::string* out) {
  size_t width = 0, same = 0;
  const auto shown = [&](const TableChange& t) {
    return verbose || t.now != t.backup;
  };
  for (const TableChange& table : tables) {
    if (table.now == table.backup) ++same;
    if (shown(table)) width = std::max(width, Escaped(table.name).size());
  }
  if (same < tables.size() || verbose) {
    absl::StrAppendFormat(out, "\n%-*s  %12s  %12s\n",
                          static_cast<int>(width) + 4, "Rows of tables", "now",
                          "backup");
    for (const TableChange& table : tables) {
      if (!shown(table)) continue;
      absl::StrAppendFormat(out, "    %-*s  %12s  %12s\n",
                            static_cast<int>(width), Escaped(table.name),
                            Rows(table.now), Rows(table.backup));
    }
  }
  if (same == tables.size()) {
    absl::StrAppend(out, "\nEvery table has as many rows now as then (", same,
                    "); what is in them may differ.\n");
  } else if (!verbose) {
    absl::StrAppend(out, "    ", Many(same, "other table has", "others have"),
                    " as many rows now as then\n");
  }
}

std::string LossText(const ClusterLoss& loss) {
  const std::string name = absl::StrCat("cluster ", Escaped(loss.cluster));
  if (!loss.in_backup) {
    return absl::StrCat(name, ": it is not in the backup; all of it goes");
  }
  std::vector<std::string> parts;
  const auto add = [&](uint64_t n, absl::string_view one,
                       absl::string_view more) {
    if (n > 0) parts.push_back(Many(n, one, more));
  };
  add(loss.new_jobs, "job submitted since", "jobs submitted since");
  add(loss.changed_jobs - std::min(loss.new_jobs, loss.changed_jobs),
      "older job that went on since", "older jobs that went on since");
  add(loss.new_assocs, "association made since", "associations made since");
  add(loss.changed_assocs - std::min(loss.new_assocs, loss.changed_assocs),
      "association changed since", "associations changed since");
  if (parts.empty()) return "";
  return absl::StrCat(name, ": ", absl::StrJoin(parts, ", "));
}

void AppendLosses(const std::vector<ClusterLoss>& clusters, std::string* out) {
  std::string lines;
  for (const ClusterLoss& loss : clusters) {
    const std::string line = LossText(loss);
    if (!line.empty()) absl::StrAppend(&lines, "    ", line, "\n");
  }
  if (clusters.empty()) return;
  absl::StrAppend(out, "\nLost by it\n",
                  lines.empty()
                      ? "    no job and no association is younger than the "
                        "backup\n"
                      : lines);
}

// What has to be done before slurmctld is started.
std::string ClusterIdText(const ClusterIdChange& change) {
  return absl::StrCat(
      "    the id of cluster ", Escaped(change.cluster), " becomes ",
      Escaped(change.backup), " again (now ", Escaped(change.now),
      "): its slurmctld does not\n    start with the other one; in its "
      "StateSaveLocation, the file clustername must\n    read ",
      Escaped(absl::StrCat(change.cluster, "|", change.backup)), "\n");
}

}  // namespace

std::string PreviewText(const RestorePreview& preview, absl::Time now,
                        bool verbose) {
  const Manifest& manifest = preview.manifest;
  std::string out = absl::StrCat("Database ", Escaped(preview.database), " <- ",
                                 Escaped(preview.dir), "\n");
  absl::StrAppend(&out, "    taken ",
                  absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", manifest.created,
                                   absl::UTCTimeZone()),
                  ", ", DurationText(now - manifest.created), " ago, by Slurm ",
                  Escaped(manifest.slurm_release), ", server ",
                  Escaped(manifest.server_version), "\n    slurmdbd ",
                  preview.release.DebugString(), " will be started on it\n");
  if (preview.present) {
    AppendTables(preview.tables, verbose, &out);
    AppendLosses(preview.clusters, &out);
    if (!preview.cluster_ids.empty()) {
      absl::StrAppend(&out, "\nCluster ids\n");
      for (const ClusterIdChange& change : preview.cluster_ids) {
        absl::StrAppend(&out, ClusterIdText(change));
      }
    }
  } else {
    absl::StrAppend(&out, "\nThere is no such database now, or it is empty; ",
                    Many(preview.tables.size(), "table", "tables"),
                    " will be restored.\n");
  }
  absl::StrAppend(&out, "\n");
  if (preview.take_dump) {
    absl::StrAppend(&out, "What is there now is dumped first. ");
  }
  absl::StrAppend(
      &out, "The backup is loaded beside it, counted, and put in place in one ",
      "step.", preview.present ? " The old tables are kept until --purge." : "",
      "\n");
  return out;
}

std::string RestoredText(const RestoreReport& report,
                         const RestoreOptions& options) {
  std::string out =
      absl::StrCat("Restored: database ", Escaped(options.database), ", ",
                   Many(report.tables, "table", "tables"), ", ",
                   Many(report.rows, "row", "rows"), ", counted again.\n");
  if (!report.kept.empty()) {
    absl::StrAppend(&out, "What was there before is kept in database ",
                    Escaped(report.kept), ".\n");
  }
  if (report.dumped) {
    absl::StrAppend(&out, "Backup of it: ", Escaped(report.run_dir), "\n");
  }
  std::string ids;
  for (const ClusterIdChange& change : report.cluster_ids) {
    absl::StrAppend(&ids, ClusterIdText(change));
  }
  absl::StrAppend(
      &out, "\nNext\n", ids, "    start slurmdbd ",
      options.release.DebugString(),
      ", and look: sacctmgr show associations\n"
      "    a slurmctld that ran on has its own copy of the associations until "
      "it\n    connects to slurmdbd again; what it has to tell of jobs younger "
      "than the\n    backup may name associations that are no more: see its "
      "log\n");
  if (report.dumped) {
    absl::StrAppend(&out, "    to go back: stop slurmdbd, assocsync restore ",
                    ShellQuoted(report.run_dir), "\n");
  }
  if (!report.kept.empty()) {
    absl::StrAppend(&out,
                    "    when all is well: assocsync restore --purge drops the "
                    "old tables\n");
  }
  return out;
}

std::string KeptText(const std::vector<OwnDatabase>& kept) {
  std::string out = "Old tables that restores moved aside\n";
  for (const OwnDatabase& own : kept) {
    absl::StrAppend(&out, "    ", Escaped(own.name), "  ",
                    Many(own.tables.size(), "table", "tables"), ", about ",
                    BytesText(own.bytes()), ", replaced ",
                    Escaped(own.note.made), " by ", Escaped(own.note.source),
                    "\n");
  }
  return out;
}

}  // namespace assocsync
