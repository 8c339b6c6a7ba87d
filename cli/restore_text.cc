#include "cli/restore_text.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/database.h"
#include "engine/render/escape.h"
#include "engine/slurm/release.h"

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
  if (loss.new_running > 0) {
    const uint64_t more = loss.new_running - loss.running_ids.size();
    absl::StrAppend(&parts.back(), " (running: ",
                    Escaped(absl::StrJoin(loss.running_ids, ", ")),
                    more > 0 ? absl::StrCat(" and ", more, " more") : "", ")");
  }
  if (loss.new_pending > 0) {
    absl::StrAppend(&parts.back(), " (pending: ", loss.new_pending, ")");
  }
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
  if (absl::c_any_of(clusters, [](const auto& loss) {
        return loss.new_running + loss.new_pending > 0;
      })) {
    absl::StrAppend(out,
                    "    those that have not ended go on, but accounting will "
                    "have no record of them\n");
  }
}

// slurmdbd purges by age alone: what it has archived already, it archives
// again.
void AppendPurged(const std::vector<ClusterLoss>& clusters, std::string* out) {
  std::string lines;
  for (const ClusterLoss& loss : clusters) {
    if (loss.purged_jobs == 0) continue;
    absl::StrAppend(
        &lines, "    cluster ", Escaped(loss.cluster), ": ",
        Many(loss.purged_jobs, "job that was purged or archived since",
             "jobs that were purged or archived since"),
        "\n");
  }
  if (lines.empty()) return;
  absl::StrAppend(out, "\nBack with it\n", lines,
                  "    by its next purge slurmdbd takes them out again, and "
                  "writes them to archive\n    files a second time where it "
                  "archives (do not load both)\n");
}

std::string FederationText(const std::string& name) {
  return name.empty() ? "in no federation"
                      : absl::StrCat("in federation ", Escaped(name));
}

// With what has to be done before slurmctld is started.
std::string IdText(const ClusterChange& change) {
  if (change.now.id == change.backup.id) return "";
  return absl::StrCat(
      "    the id of cluster ", Escaped(change.cluster), " becomes ",
      Escaped(change.backup.id), " again (now ", Escaped(change.now.id),
      "): its slurmctld does not\n    start with the other one; in its "
      "StateSaveLocation, the file clustername must\n    read ",
      Escaped(absl::StrCat(change.cluster, "|", change.backup.id)), "\n");
}

// A command, and why.
void AppendDo(absl::string_view command, absl::string_view why,
              std::string* out) {
  absl::StrAppendFormat(out, "    %-38s  # %s\n", command, why);
}

// In order. slurmctld reads the associations when it starts; one that ran on
// has those that it had.
std::string NextText(const RestoreReport& report,
                     const RestoreOptions& options) {
  std::string out;
  for (const ClusterChange& change : report.cluster_changes) {
    absl::StrAppend(&out, IdText(change));
  }
  AppendDo("systemctl start slurmdbd", options.release.ToString(), &out);
  const auto behaviour = BehaviourOf(options.release);
  const auto& running = report.running_controllers;
  if (running.empty()) {
    AppendDo("systemctl start slurmctld", "it reads the associations", &out);
  } else {
    AppendDo(behaviour.ok() && behaviour->reconfigure_reads_tree
                 ? "scontrol reconfigure"
                 : "systemctl restart slurmctld",
             absl::StrCat("cluster ", Escaped(absl::StrJoin(running, ", ")),
                          ": it has the old associations until then"),
             &out);
  }
  AppendDo("scontrol show assoc_mgr flags=assoc",
           "are they those of the backup?", &out);
  AppendDo("sacctmgr show runawayjobs",
           "jobs that ended since, and run in the backup", &out);
  return out;
}

}  // namespace

std::string PreviewText(const RestorePreview& preview, absl::Time now,
                        bool verbose) {
  const Manifest& manifest = preview.manifest;
  const bool plain = manifest.made_by == kMadeByDumpProgram;
  std::string out = absl::StrCat("Database ", Escaped(preview.database), " <- ",
                                 Escaped(preview.dir), "\n");
  absl::StrAppend(&out,
                  plain ? "    a plain SQL dump, completed " : "    taken ",
                  absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", manifest.created,
                                   absl::UTCTimeZone()),
                  ", ", DurationText(now - manifest.created), " ago, ",
                  plain ? "with the tables of Slurm " : "by Slurm ",
                  Escaped(manifest.slurm_release), ", server ",
                  Escaped(manifest.server_version), "\n");
  if (plain) {
    absl::StrAppend(&out, "    ", DumpOfText(manifest), "\n");
  }
  absl::StrAppend(&out, "    slurmdbd ", preview.release.ToString(),
                  " will be started on it\n");
  if (preview.present) {
    AppendTables(preview.tables, verbose, &out);
    AppendLosses(preview.clusters, &out);
    AppendPurged(preview.clusters, &out);
    if (!preview.cluster_changes.empty()) {
      absl::StrAppend(&out, "\nClusters\n");
      for (const ClusterChange& change : preview.cluster_changes) {
        absl::StrAppend(&out, IdText(change));
        if (change.now.federation == change.backup.federation) continue;
        absl::StrAppend(&out, "    cluster ", Escaped(change.cluster), " is ",
                        FederationText(change.backup.federation),
                        " again (now ", FederationText(change.now.federation),
                        ")\n");
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

std::string DumpOfText(const Manifest& manifest) {
  return absl::StrCat(
      "of ",
      manifest.database.empty()
          ? "a database that it does not name"
          : absl::StrCat("database ", Escaped(manifest.database)),
      ", ",
      manifest.clusters.empty()
          ? "without a cluster"
          : absl::StrCat(
                manifest.clusters.size() == 1 ? "cluster " : "clusters ",
                Escaped(absl::StrJoin(manifest.clusters, ", "))));
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
  absl::StrAppend(&out, "\nNext\n", NextText(report, options));
  if (report.dumped) {
    absl::StrAppend(&out, "    to go back: stop slurmdbd, assocsync restore ",
                    ShownWord(report.run_dir), "\n");
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
