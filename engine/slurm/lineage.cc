// Lineages: '/a/b/' of account b below a (below root), '/a/b/0-u/' of its user
// u, '/a/b/0-u/p/' of u's row in partition p; root is '/'. slurmdbd finds the
// rows of a delete by LIKE on them, and escapes nothing: `_` in a name matches
// any character, a slash too, so that `delete account a_b` takes account b
// below account a.
//
// A pattern is resolved on the tree, component by component: only rows whose
// lineage is not what their names say (stale ones) are compared one by one.
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/slurm/slurmdbd_tables.h"

namespace assocsync::slurm {

struct SlurmdbdTables::Pattern {
  const SlurmdbdTables& db;
  Lineages how;
  Name cluster;  // kPrefix, kSame: that cluster. kAnywhere: unused.
  absl::btree_set<RowRef>* rows;
  bool known = true;

  bool Fits(absl::string_view piece, absl::string_view name) const {
    const std::string folded = FoldName(name);
    return how == Lineages::kSame ? piece == folded : Like(piece, folded);
  }

  // Names in use that fit the piece. Most patterns hold no wildcard, and most
  // databases plain names only: then no index is needed.
  std::vector<Name> Candidates(NameKind kind, absl::string_view piece) const {
    std::vector<Name> found;
    const bool literal =
        how == Lineages::kSame || !absl::StrContains(piece, '_');
    if (literal && db.odd_[static_cast<int>(kind)].empty()) {
      const Name name(piece);
      if (db.IsUsed(kind, name)) found.push_back(name);
      return found;
    }
    const Names& names = db.AllNames();
    const NameIndex& index = kind == NameKind::kAccount ? names.accounts
                             : kind == NameKind::kUser  ? names.users
                                                        : names.partitions;
    if (literal) {
      index.FindEqual(piece, &found);
    } else {
      index.FindLike(piece, &found);
    }
    return found;
  }

  // Users, whose component is '0-NAME'. Wildcards may match those two
  // characters as well.
  std::vector<Name> Users(absl::string_view piece) const {
    if (piece.size() <= 2 || !Fits(piece.substr(0, 2), "0-")) return {};
    return Candidates(NameKind::kUser, piece.substr(2));
  }

  // Where a piece of the body may end: at its end, at a slash, and under LIKE
  // at each `_`. Calls f(piece, rest); an empty rest is the end.
  template <typename F>
  void Split(absl::string_view body, F f) const {
    for (size_t i = 1; i <= body.size(); ++i) {
      if (i == body.size()) {
        f(body, absl::string_view());
      } else if (body[i] == '/' || (how != Lineages::kSame && body[i] == '_')) {
        if (i + 1 < body.size()) f(body.substr(0, i), body.substr(i + 1));
        if (body[i] == '/') break;
      }
    }
  }

  void TakeAccount(const RowRef& account) {
    std::vector<RowRef> all;
    if (how == Lineages::kSame) {
      all.push_back(account);
    } else if (!db.Subtree(account, &all)) {
      known = false;
    }
    rows->insert(all.begin(), all.end());
  }

  // A user's component is matched; `rest` is left for the partition.
  void TakeUser(const RowRef& row, absl::string_view rest) {
    if (rest.empty()) {
      if (how != Lineages::kSame || row.key.partition.empty()) {
        rows->insert(row);
      }
    } else if (!row.key.partition.empty() &&
               Fits(rest, row.key.partition.view())) {
      rows->insert(row);
    }
  }

  // `body` starts right below `account` (root: at the top).
  void Below(Name in, Name account, absl::string_view body) {
    Split(body, [&](absl::string_view piece, absl::string_view rest) {
      for (const Name child : Candidates(NameKind::kAccount, piece)) {
        const auto& clusters = db.account_clusters_.at(child);
        if (child == RootName() || db.ParentOf(in, child) != account ||
            !absl::c_binary_search(clusters, in)) {
          continue;
        }
        if (rest.empty()) {
          TakeAccount({in, {child, {}, {}}});
        } else {
          Below(in, child, rest);
        }
      }
      for (const Name user : Users(piece)) {
        if (in.empty()) {
          for (const AssocKey& key : db.RowsOf(user, account)) {
            TakeUser({in, key}, rest);
          }
          continue;
        }
        db.RowsOfUser(user).ForEach([&](const UserRow& r) {
          if (r.cluster == in && r.account == account) {
            TakeUser({in, {account, user, r.partition}}, rest);
          }
        });
      }
    });
  }

  void Anywhere(absl::string_view body) {
    Split(body, [&](absl::string_view piece, absl::string_view rest) {
      for (const Name account : Candidates(NameKind::kAccount, piece)) {
        if (account == RootName()) continue;
        for (const Name in : db.ClustersOf(account)) {
          if (db.unknown_parents_.contains(in)) known = false;
          if (rest.empty()) {
            TakeAccount({in, {account, {}, {}}});
          } else {
            Below(in, account, rest);
          }
        }
      }
      for (const Name user : Users(piece)) {
        db.RowsOfUser(user).ForEach([&](const UserRow& r) {
          TakeUser({r.cluster, {r.account, user, r.partition}}, rest);
        });
      }
      if (!rest.empty()) return;
      for (const Name name : Candidates(NameKind::kPartition, piece)) {
        const auto same = db.partition_rows_.find(name);
        rows->insert(same->second.begin(), same->second.end());
      }
    });
  }
};

std::string SlurmdbdTables::RegularLineage(const RowRef& row) const {
  std::vector<absl::string_view> path;
  size_t steps = state_.tree.associations.size() + state_.others.size() + 1;
  for (Name at = row.key.account; !at.empty() && at != RootName() && steps > 0;
       --steps) {
    path.push_back(at.view());
    at = ParentOf(row.cluster, at);
  }
  std::string out = "/";
  for (auto at = path.rbegin(); at != path.rend(); ++at) {
    absl::StrAppend(&out, *at, "/");
  }
  if (!row.key.user.empty()) {
    absl::StrAppend(&out, "0-", row.key.user.view(), "/");
  }
  if (!row.key.partition.empty()) {
    absl::StrAppend(&out, row.key.partition.view(), "/");
  }
  return out;
}

std::string SlurmdbdTables::Lineage(const RowRef& row) const {
  const auto found = stale_.find(row);
  return found == stale_.end() ? RegularLineage(row) : found->second;
}

bool SlurmdbdTables::HasBackslash(const RowRef& row) const {
  return (may_hold_backslash_ || !stale_.empty()) &&
         HoldsBackslash(Lineage(row));
}

bool SlurmdbdTables::HasBackslashBelow(Name account) const {
  std::vector<RowRef> rows;
  if (may_hold_backslash_ || !stale_.empty()) {
    Subtree({Name(), {account, {}, {}}}, &rows);
  }
  return absl::c_any_of(rows,
                        [&](const RowRef& row) { return HasBackslash(row); });
}

void SlurmdbdTables::SetLineage(const RowRef& row, const std::string& lineage) {
  if (RegularLineage(row) == lineage) {
    stale_.erase(row);
    state_.lineages.erase(row.key);
  } else {
    stale_[row] = lineage;
    state_.lineages[row.key] = Name(lineage);
  }
}

// `lineage` of `up` and the names of the row itself.
void SlurmdbdTables::Extend(const AssocKey& key, const RowRef& up,
                            std::string lineage) {
  if (DoublesSlash(key)) lineage += '/';
  const RowRef row{Name(), key};
  lineage += RegularLineage(row).substr(RegularLineage(up).size());
  SetLineage(row, lineage);
}

// Below a row whose lineage is what its name says, another one is too, however
// long both are.
void SlurmdbdTables::FollowParentLineage(const AssocKey& key) {
  if (!behaviour_.has_lineage) return;
  const RowRef up = Above(key);
  if (stale_.contains(up) || DoublesSlash(key)) {
    Extend(key, up, Lineage(up));
  } else {
    stale_.erase({Name(), key});
    state_.lineages.erase(key);
  }
}

void SlurmdbdTables::FollowCachedLineage(const AssocKey& key) {
  if (!behaviour_.has_lineage) return;
  const RowRef up = Above(key);
  const auto cached = cached_lineages_.find(up.key.account);
  if (cached == cached_lineages_.end()) {
    FollowParentLineage(key);
  } else {
    Extend(key, up, cached->second);
  }
}

RowRef SlurmdbdTables::Above(const AssocKey& key) const {
  return {
      Name(),
      {key.is_account() ? ParentOf(Name(), key.account) : key.account, {}, {}}};
}

// Any name on the way from the account to root that LIKE takes for more than
// itself, that others may be taken for, or that a user's component may be.
bool SlurmdbdTables::HasWildAbove(Name account) const {
  if (!odd_[static_cast<int>(NameKind::kAccount)].empty()) return true;
  std::vector<Name> way;
  bool wild = false;
  for (Name at = account; !at.empty() && at != RootName();
       at = ParentOf(Name(), at)) {
    const auto known = wild_above_.find(at);
    if (known != wild_above_.end()) {
      wild = known->second;
      break;
    }
    way.push_back(at);
    // A cycle would be a broken database.
    if (way.size() > state_.tree.associations.size()) return true;
  }
  for (auto at = way.rbegin(); at != way.rend(); ++at) {
    wild = wild || absl::StartsWith(at->view(), "0-") ||
           at->view().find_first_of("_%/") != absl::string_view::npos;
    wild_above_[*at] = wild;
  }
  return wild;
}

bool SlurmdbdTables::FindLineages(Lineages how, const RowRef& row,
                                  absl::btree_set<RowRef>* rows) const {
  // Where the way to the row's account can only mean that way, it need not be
  // gone from root: lineages are as long as trees are deep.
  if (row.cluster.empty() && row.key.account != RootName() && stale_.empty() &&
      !HasWildAbove(row.key.account)) {
    Pattern p{*this, how, row.cluster, rows};
    if (row.key.is_account()) {
      p.TakeAccount(row);
      return p.known;
    }
    const std::string body = FoldName(absl::StrCat(
        "0-", row.key.user.view(), row.key.partition.empty() ? "" : "/",
        row.key.partition.view()));
    if (IsPlainName(body) &&
        body.find_first_of("_%") == absl::string_view::npos) {
      p.Below(row.cluster, row.key.account, body);
      return p.known;
    }
  }
  const std::string lineage = Lineage(row);
  absl::string_view body = lineage;
  absl::ConsumePrefix(&body, "/");
  absl::ConsumeSuffix(&body, "/");
  return FindLineages(how, row.cluster, body, rows);
}

bool SlurmdbdTables::FindLineages(Lineages how, Name cluster,
                                  absl::string_view body,
                                  absl::btree_set<RowRef>* rows) const {
  const std::string folded = FoldName(body);
  std::string pattern = absl::StrCat("/", folded, folded.empty() ? "" : "/");
  if (how == Lineages::kAnywhere) pattern = absl::StrCat("%", pattern, "%");
  if (how == Lineages::kPrefix) absl::StrAppend(&pattern, "%");
  const auto matches = [&](const RowRef& row) {
    if (how != Lineages::kAnywhere && row.cluster != cluster) return false;
    const std::string lineage = FoldName(Lineage(row));
    return how == Lineages::kSame ? lineage == pattern : Like(pattern, lineage);
  };
  absl::btree_set<RowRef> found;
  Pattern p{*this, how, cluster, &found};
  // A name beyond ASCII under a wildcard: one character or several, by the
  // character set of the database.
  if (how != Lineages::kSame &&
      (IsOdd(folded) || absl::StrContains(folded, '_') ||
       absl::StrContains(folded, '%'))) {
    for (const auto& odd : odd_) {
      for (const Name name : odd) {
        if (IsOdd(name.view())) p.known = false;
      }
    }
  }
  const bool all =
      folded.empty() ||
      (how != Lineages::kSame && absl::StrContains(folded, '%')) ||
      (how == Lineages::kAnywhere && absl::StrContains(folded, '/'));
  if (all) {
    for (const auto& [key, row] : state_.tree.associations) {
      if (matches({Name(), key})) found.insert({Name(), key});
    }
    for (const auto& [other, row] : state_.others) {
      const RowRef ref{other.cluster, other.row};
      if (matches(ref)) found.insert(ref);
    }
    if (!unknown_parents_.empty() && how == Lineages::kAnywhere) {
      p.known = false;
    }
  } else if (how == Lineages::kAnywhere) {
    p.Anywhere(folded);
  } else {
    p.Below(cluster, RootName(), folded);
  }
  for (const RowRef& row : found) {
    if (all || !stale_.contains(row)) rows->insert(row);
  }
  for (const auto& [row, lineage] : stale_) {
    if (!all && matches(row)) rows->insert(row);
  }
  return p.known;
}

}  // namespace assocsync::slurm
