#include "engine/backup/full_backup.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/backup/backup_folder.h"
#include "engine/backup/keep_backups.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/io/stop.h"
#include "engine/live/live_text.h"
#include "engine/live/read_state.h"

namespace assocsync {
namespace {

constexpr int kAttempts = 3;

absl::Time WholeSeconds(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

// The trees of all clusters as they were at one time.
struct Trees {
  std::string managed;
  Release release;
  absl::btree_map<std::string, std::string> texts;  // By cluster.
  std::vector<std::string> cautions;
};

class Backup {
 public:
  // `database` is nullptr with trees_alone.
  Backup(const FullBackupOptions& options, const FullBackupDeps& deps,
         Database* database)
      : options_(options),
        deps_(deps),
        database_(database),
        cluster_(options.cluster) {}

  absl::StatusOr<FullBackup> Take();

 private:
  void Tell(FullBackupProgress::What what, uint64_t done = 0,
            uint64_t total = 0) const {
    if (deps_.progress) deps_.progress({what, done, total});
  }

  absl::Status ReadClusters();
  absl::Status ReadSchema();
  void AddQos(LiveState* live, std::vector<std::string>* cautions);
  absl::Status AddTree(LiveState live, Trees* trees);
  absl::StatusOr<Trees> ReadTrees();
  absl::StatusOr<SqlDump> Dump(const StagedFolder& folder);
  // Trees and dump of one moment, if three attempts bring that about.
  absl::StatusOr<Trees> TakeBoth(const StagedFolder& folder);
  absl::Status WriteTrees(const StagedFolder& folder, const Trees& trees);

  const FullBackupOptions& options_;
  const FullBackupDeps& deps_;
  Database* const database_;
  std::string cluster_;  // As asked for; then the one that was read.
  FullBackup out_;
};

// The clusters, and where none was asked for and there are several, the one
// that was there first: it does not change when others come. (sacctmgr does not
// tell which that is: the first by name.)
absl::Status Backup::ReadClusters() {
  std::vector<std::string>& clusters = out_.manifest.clusters;
  if (options_.trees_alone) {
    ASSIGN_OR_RETURN(clusters, deps_.live->Clusters());
  } else {
    ASSIGN_OR_RETURN(
        clusters,
        FirstColumn(*database_,
                    "SELECT name FROM cluster_table WHERE deleted=0 ORDER BY "
                    "creation_time, BINARY name"));
  }
  if (cluster_.empty() && clusters.size() > 1) cluster_ = clusters[0];
  absl::c_sort(clusters);
  return absl::OkStatus();
}

// Databases older than Slurm 17.11 have no such table, and no release here.
absl::StatusOr<std::string> SchemaOf(Database& database) {
  ASSIGN_OR_RETURN(
      const auto version,
      FirstColumn(database, "SELECT MAX(version) FROM convert_version_table"));
  return version.empty() ? "" : version[0];
}

absl::Status Backup::ReadSchema() {
  if (options_.trees_alone) return absl::OkStatus();
  ASSIGN_OR_RETURN(out_.manifest.schema, SchemaOf(*database_));
  return absl::OkStatus();
}

// Sacctmgr tells the definitions of QOS from 25.05 on, the database always.
void Backup::AddQos(LiveState* live, std::vector<std::string>* cautions) {
  Tree& tree = live->database.tree;
  if (tree.lists_qos) return;
  if (options_.trees_alone) {
    cautions->push_back(absl::StrCat(
        "the .cfg of cluster ", tree.cluster.view(),
        " holds no definitions of QOS: dumps of this release have none"));
    return;
  }
  absl::StatusOr<DatabaseState> state = ReadDatabaseState(
      *database_, tree.cluster.view(), !live->preserve_user_case);
  if (state.ok()) {
    tree.lists_qos = true;
    tree.qos = std::move(state->tree.qos);
    // Dumps of such releases do not print it either, and a tree with QOS is
    // taken to say it (plan/expected.cc).
    for (const auto& [key, row] : state->tree.associations) {
      const Name* const thresh = row.limits.Find(Key::kMinPrioThresh);
      const auto at = tree.associations.find(key);
      if (thresh != nullptr && at != tree.associations.end()) {
        at->second.limits.Set(Key::kMinPrioThresh, *thresh);
      }
    }
    return;
  }
  cautions->push_back(
      absl::StrCat("the .cfg of cluster ", tree.cluster.view(),
                   " holds no definitions of QOS (the SQL dump does): ",
                   state.status().message()));
}

absl::Status Backup::AddTree(LiveState live, Trees* trees) {
  AddQos(&live, &trees->cautions);
  const std::string cluster = live.database.tree.cluster.str();
  ASSIGN_OR_RETURN(LiveText written, WriteLive(std::move(live.database.tree),
                                               !live.preserve_user_case));
  for (const std::string& loss : written.losses) {
    trees->cautions.push_back(
        absl::StrCat("not in the .cfg of cluster ", cluster, ": ", loss));
  }
  trees->texts[cluster] = std::move(written.text);
  return absl::OkStatus();
}

absl::StatusOr<Trees> Backup::ReadTrees() {
  Tell(FullBackupProgress::What::kReading);
  Trees trees;
  RETURN_IF_ERROR(ReadClusters());
  ASSIGN_OR_RETURN(LiveState live, deps_.live->ReadTree(cluster_));
  trees.managed = live.database.tree.cluster.str();
  cluster_ = trees.managed;  // Also when another cluster is added meanwhile.
  trees.release = live.release;
  const auto without = [&](const std::string& cluster,
                           const absl::Status& status) {
    trees.cautions.push_back(absl::StrCat(
        kNoTree, cluster, options_.trees_alone ? "" : " (the SQL dump has it)",
        ": ", status.message()));
  };
  absl::Status status = AddTree(std::move(live), &trees);
  if (!status.ok()) without(trees.managed, status);
  for (const std::string& cluster : out_.manifest.clusters) {
    if (cluster == trees.managed || !options_.cluster.empty()) continue;
    RETURN_IF_ERROR(CheckStop(deps_.stop));
    absl::StatusOr<LiveState> other = deps_.live->ReadTree(cluster);
    if (absl::IsCancelled(other.status())) return other.status();
    status = other.ok() ? AddTree(*std::move(other), &trees) : other.status();
    if (!status.ok()) without(cluster, status);
  }
  if (options_.trees_alone && trees.texts.empty()) return status;
  return trees;
}

absl::StatusOr<SqlDump> Backup::Dump(const StagedFolder& folder) {
  SqlDumpOptions options = options_.dump;
  options.dir = folder.path();
  options.stop = deps_.stop;
  options.progress = [this](uint64_t done, uint64_t expected) {
    Tell(FullBackupProgress::What::kDumping, done, expected);
  };
  return TakeSqlDump(options, *deps_.runner, *database_);
}

absl::StatusOr<Trees> Backup::TakeBoth(const StagedFolder& folder) {
  ASSIGN_OR_RETURN(Trees before, ReadTrees());
  if (options_.trees_alone) return before;
  std::vector<std::string> changed;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Tell(FullBackupProgress::What::kDumping);
    ASSIGN_OR_RETURN(SqlDump dump, Dump(folder));
    ASSIGN_OR_RETURN(Trees after, ReadTrees());
    changed.clear();
    for (const auto& [cluster, text] : after.texts) {
      const auto it = before.texts.find(cluster);
      if (it == before.texts.end() || it->second != text) {
        changed.push_back(cluster);
      }
    }
    for (const auto& [cluster, text] : before.texts) {
      if (!after.texts.contains(cluster)) changed.push_back(cluster);
    }
    before = std::move(after);
    out_.sql_bytes = dump.sql_bytes;
    Manifest& manifest = out_.manifest;
    manifest.server_version = std::move(dump.server_version);
    manifest.tool = std::move(dump.tool);
    manifest.tables = std::move(dump.tables);
    manifest.cautions = std::move(dump.cautions);
    manifest.files = {std::move(dump.file)};
    if (changed.empty()) return before;
  }
  before.cautions.push_back(absl::StrCat(
      "associations of ", absl::StrJoin(changed, ", "),
      " changed during each of ", kAttempts,
      " dumps: the .cfg is of the moment after the dump, not of the dump's"));
  return before;
}

absl::Status Backup::WriteTrees(const StagedFolder& folder,
                                const Trees& trees) {
  Manifest& manifest = out_.manifest;
  absl::btree_set<std::string> names;
  const auto write = [&](const std::string& cluster,
                         const std::string& name) -> absl::Status {
    ASSIGN_OR_RETURN(manifest.files.emplace_back(),
                     folder.Write(name, trees.texts.at(cluster)));
    manifest.trees.push_back({cluster, name});
    return absl::OkStatus();
  };
  if (trees.texts.contains(trees.managed)) {
    RETURN_IF_ERROR(write(trees.managed, std::string(kManagedTreeName)));
  }
  for (const auto& [cluster, text] : trees.texts) {
    if (cluster == trees.managed) continue;
    const std::string base = absl::StrCat("tree-", FileNameOfCluster(cluster));
    std::string name = base;
    for (int i = 2; !names.insert(name).second; ++i) {
      name = absl::StrCat(base, "-", i);
    }
    RETURN_IF_ERROR(write(cluster, absl::StrCat(name, ".cfg")));
  }
  return absl::OkStatus();
}

absl::StatusOr<FullBackup> Backup::Take() {
  RemoveLeftovers(options_.backup_dir);
  ASSIGN_OR_RETURN(StagedFolder folder,
                   StagedFolder::Create(options_.backup_dir));
  Manifest& manifest = out_.manifest;
  manifest.created = WholeSeconds(deps_.now());
  manifest.made_by = std::string(kMadeByBackup);
  manifest.version = options_.version;
  if (options_.trees_alone) {
    manifest.tool = std::string(kTreesAlone);
  } else {
    manifest.database = options_.dump.database.database;
  }
  RETURN_IF_ERROR(ReadSchema());
  ASSIGN_OR_RETURN(Trees trees, TakeBoth(folder));
  Tell(FullBackupProgress::What::kWriting);
  manifest.cluster = trees.managed;
  manifest.slurm_release = trees.release.ToString();
  manifest.cautions.insert(manifest.cautions.begin(), options_.cautions.begin(),
                           options_.cautions.end());
  manifest.cautions.insert(manifest.cautions.end(), trees.cautions.begin(),
                           trees.cautions.end());
  RETURN_IF_ERROR(WriteTrees(folder, trees));
  manifest.finished = WholeSeconds(deps_.now());
  const std::string text = WriteManifest(manifest);
  RETURN_IF_ERROR(folder.Write(kManifestName, text));
  out_.is_signed = options_.sign_key != nullptr;
  if (out_.is_signed) {
    RETURN_IF_ERROR(
        folder.Write(kSignatureName, options_.sign_key->Sign(text)));
  }
  RETURN_IF_ERROR(CheckStop(deps_.stop));
  ASSIGN_OR_RETURN(out_.path, folder.Publish(RunFolderName(manifest.cluster,
                                                           manifest.created)));
  out_.cautions = manifest.cautions;
  if (!options_.keep.empty()) {
    auto removed =
        KeepByRules(options_.backup_dir, manifest.cluster, options_.keep,
                    {deps_.now(), options_.zone}, out_.path);
    if (removed.ok()) {
      out_.removed = *std::move(removed);
    } else {
      out_.cautions.push_back(absl::StrCat("old backups were not removed: ",
                                           removed.status().message()));
    }
  }
  return std::move(out_);
}

}  // namespace

absl::StatusOr<FullBackup> TakeFullBackup(const FullBackupOptions& options,
                                          const FullBackupDeps& deps) {
  ASSIGN_OR_RETURN(
      RunLock lock,
      RunLock::Acquire(options.backup_dir, options.dump.database.database,
                       options.trees_alone ? nullptr : deps.connect,
                       /*need_database=*/!options.trees_alone, deps.stop));
  return Backup(options, deps, lock.database()).Take();
}

absl::StatusOr<Manifest> LastOfSameSchema(const std::string& backup_dir,
                                          const std::string& database_name,
                                          const DatabaseOpener& connect) {
  ASSIGN_OR_RETURN(BackupList list, ListBackups(backup_dir));
  std::erase_if(list.backups, [&](const FoundBackup& found) {
    return found.MadeBy() != "backup" || !found.problem.empty() ||
           found.manifest.database != database_name ||
           found.manifest.schema.empty();
  });
  const std::string none = absl::StrCat("no good backup of database ",
                                        database_name, " in ", backup_dir);
  if (list.backups.empty()) return absl::NotFoundError(none);
  ASSIGN_OR_RETURN(const auto database, connect());
  // Also those that were deleted since: their rows stay.
  ASSIGN_OR_RETURN(const std::vector<std::string> clusters,
                   FirstColumn(*database, "SELECT name FROM cluster_table"));
  const auto last = absl::c_find_if(list.backups, [&](const FoundBackup& one) {
    return absl::c_all_of(one.manifest.clusters, [&](const std::string& name) {
      return absl::c_linear_search(clusters, name);
    });
  });
  if (last == list.backups.end()) {
    const FoundBackup& newest = list.backups[0];
    return absl::NotFoundError(absl::StrCat(
        none, " whose clusters it has; ", newest.name, " is of cluster ",
        absl::StrJoin(newest.manifest.clusters, ", ")));
  }
  ASSIGN_OR_RETURN(const std::string schema, SchemaOf(*database));
  if (schema == last->manifest.schema) return std::move(last->manifest);
  return absl::FailedPreconditionError(
      absl::StrCat("the database has schema ", schema, ", in ", last->name,
                   " it had ", last->manifest.schema));
}

}  // namespace assocsync
