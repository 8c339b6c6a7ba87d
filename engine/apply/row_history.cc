#include "engine/apply/row_history.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/backup/backup_list.h"
#include "engine/backup/manifest.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/plan/scope.h"

namespace assocsync {
namespace {

using What = Change::What;

absl::Status NoRow(absl::string_view word) {
  return absl::InvalidArgumentError(absl::StrCat(
      "'", word,
      "' is no row: bio/ann, bio/ann@debug, account=bio, user=ann, "
      "user=ann@bio or qos=long is meant"));
}

// Those with a manifest, oldest first.
absl::StatusOr<std::vector<FoundBackup>> FoldersIn(
    const HistoryOptions& options) {
  ASSIGN_OR_RETURN(BackupList list, ListBackups(options.backup_dir));
  for (const FoundBackup& found : list.backups) {
    if (found.has_manifest() || absl::IsNotFound(found.read)) continue;
    if (options.damaged) options.damaged(Annotate(found.read, found.path));
  }
  std::erase_if(list.backups,
                [](const FoundBackup& found) { return !found.has_manifest(); });
  absl::c_reverse(list.backups);
  return std::move(list.backups);
}

// When what was written last was.
absl::Time TimeOfFile(const std::string& path, absl::Time otherwise) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 ? absl::FromTimeT(st.st_mtime)
                                      : otherwise;
}

class SavedTreeReader {
 public:
  SavedTreeReader(const HistoryRow& row, const HistoryOptions& options,
                  SavedTrees* out)
      : row_(row), options_(options), out_(*out) {}

  void Take(const FoundBackup& folder) {
    const Manifest& manifest = folder.manifest;
    const absl::StatusOr<std::string> file = TreeFileOf(manifest, out_.cluster);
    if (!file.ok()) return;
    Take(folder, *file, manifest.created,
         std::max(manifest.created, manifest.finished));
    const bool ran = absl::c_any_of(manifest.files, [](const BackupFile& one) {
      return one.name == kAfterRunName;
    });
    // A run that was one of several has their trees of before, but only that of
    // its own cluster of after.
    if (!ran || !manifest.made_by.empty() || manifest.cluster != out_.cluster) {
      return;
    }
    const absl::Time end = TimeOfFile(
        absl::StrCat(folder.path, "/", kAfterRunName), manifest.created);
    Take(folder, std::string(kAfterRunName), manifest.created,
         std::max(manifest.created, end));
  }

 private:
  void Take(const FoundBackup& folder, const std::string& file, absl::Time from,
            absl::Time to) {
    if (to < options_.since || from > options_.until) return;
    const auto read = [&]() -> absl::StatusOr<Tree> {
      ASSIGN_OR_RETURN(const std::string text,
                       ReadVerified(folder.path, folder.manifest, file));
      ASSIGN_OR_RETURN(const Tree tree,
                       ParseTree(absl::StrCat(folder.path, "/", file), text));
      return row_.Of(tree);
    };
    absl::StatusOr<Tree> tree = read();
    if (!tree.ok()) {
      if (options_.damaged) options_.damaged(tree.status());
      return;
    }
    // It says nothing of QOS.
    if (row_.of_qos() && !tree->lists_qos) return;
    out_.trees.push_back({from, to, folder.path, file, *std::move(tree)});
  }

  const HistoryRow& row_;
  const HistoryOptions& options_;
  SavedTrees& out_;
};

}  // namespace

absl::StatusOr<HistoryRow> HistoryRow::Parse(absl::string_view word) {
  HistoryRow row;
  if (absl::StrContains(word, '=')) {
    const absl::StatusOr<Selector> selector = ParseSelector(word);
    if (!selector.ok() ||
        selector->name.find_first_of("*?[") != std::string::npos) {
      return NoRow(word);
    }
    switch (selector->what) {
      case Selector::What::kAccount:
      case Selector::What::kAccountAlone:
        row.what_ = What::kAccount;
        row.account_ = Name(selector->name);
        return row;
      case Selector::What::kQos:
        row.what_ = What::kQos;
        row.account_ = Name(selector->name);
        return row;
      case Selector::What::kUser: {
        const size_t at = selector->name.rfind('@');
        row.user_ = Name(selector->name.substr(0, at));
        row.what_ = at == std::string::npos ? What::kUser : What::kAssociation;
        if (at != std::string::npos) {
          row.account_ = Name(absl::AsciiStrToLower(
              absl::string_view(selector->name).substr(at + 1)));
        }
        return row;
      }
      case Selector::What::kCoordinators:
        break;
    }
    return NoRow(word);
  }
  const size_t slash = word.find('/');
  row.account_ = Name(absl::AsciiStrToLower(word.substr(0, slash)));
  if (row.account_.empty()) return NoRow(word);
  if (slash == absl::string_view::npos) {
    row.what_ = What::kAccount;
    return row;
  }
  const absl::string_view user = word.substr(slash + 1);
  const size_t at = user.find('@');
  row.user_ = Name(user.substr(0, at));
  if (row.user_.empty()) return NoRow(word);
  if (at != absl::string_view::npos) row.partition_ = Name(user.substr(at + 1));
  return row;
}

bool HistoryRow::Has(const AssocKey& key) const {
  switch (what_) {
    case What::kAccount:
      return key.account == account_ && key.is_account();
    case What::kUser:
      return key.user == user_;
    case What::kAssociation:
      return key.account == account_ && key.user == user_ &&
             (partition_.empty() || key.partition == partition_);
    default:
      return false;
  }
}

Tree HistoryRow::Of(const Tree& tree) const {
  Tree part;
  part.cluster = tree.cluster;
  part.lists_qos = tree.lists_qos && of_qos();
  const auto copy = [](Name name, const auto& from, auto* to) {
    const auto found = from.find(name);
    if (found != from.end()) to->insert(*found);
  };
  if (of_qos()) copy(account_, tree.qos, &part.qos);
  if (what_ == What::kAccount) copy(account_, tree.accounts, &part.accounts);
  if (what_ == What::kUser) copy(user_, tree.users, &part.users);
  for (const auto& [key, row] : tree.associations) {
    if (Has(key)) part.associations.insert({key, row});
  }
  return part;
}

absl::StatusOr<SavedTrees> ReadSavedTrees(const HistoryRow& row,
                                          const HistoryOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<FoundBackup> folders, FoldersIn(options));
  SavedTrees out;
  out.cluster = options.cluster;
  absl::btree_set<std::string> clusters;
  for (const FoundBackup& folder : folders) {
    for (std::string& cluster : ClustersOfTrees(folder.manifest)) {
      clusters.insert(std::move(cluster));
    }
  }
  if (out.cluster.empty() && clusters.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.backup_dir,
                     " holds the associations of several clusters; say "
                     "which: --cluster ",
                     absl::StrJoin(clusters, ", --cluster ")));
  }
  if (clusters.empty() ||
      (!out.cluster.empty() && !clusters.contains(out.cluster))) {
    return absl::NotFoundError(absl::StrCat(
        options.backup_dir, ": no backup with the associations of ",
        out.cluster.empty() ? "any cluster"
                            : absl::StrCat("cluster '", out.cluster, "'"),
        clusters.empty()
            ? ""
            : absl::StrCat(", only of ", absl::StrJoin(clusters, ", "))));
  }
  if (out.cluster.empty()) out.cluster = *clusters.begin();
  SavedTreeReader reader(row, options, &out);
  for (const FoundBackup& folder : folders) reader.Take(folder);
  return out;
}

std::vector<HistoryEntry> HistoryOf(const std::vector<SavedTree>& trees) {
  std::vector<HistoryEntry> history;
  const SavedTree* before = nullptr;
  for (const SavedTree& at : trees) {
    Tree nothing;
    nothing.lists_qos = at.tree.lists_qos;
    HistoryEntry entry;
    entry.at = &at;
    entry.before = before;
    entry.there = !at.tree.associations.empty() || !at.tree.accounts.empty() ||
                  !at.tree.users.empty() || !at.tree.qos.empty();
    entry.changes = Diff(before == nullptr ? nothing : before->tree, at.tree);
    if (before == nullptr || !entry.changes.empty()) {
      history.push_back(std::move(entry));
    }
    before = &at;
  }
  return history;
}

}  // namespace assocsync
