#include "engine/live/row_places.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/model/tree.h"

namespace assocsync {

using absl::string_view;

std::string RowInWords(const DatabaseRow& row) {
  return absl::StrCat(row.key.ToString(), " (id_assoc ", row.id, ")");
}

void NestedSets::Add(Name account, int64_t lft, int64_t rgt) {
  intervals_.push_back({lft, rgt, account, -1});
}

void NestedSets::Finish() {
  absl::c_sort(intervals_, [](const Interval& a, const Interval& b) {
    return a.lft < b.lft;
  });
  int open = -1;
  for (size_t i = 0; i < intervals_.size(); ++i) {
    while (open >= 0 && intervals_[open].rgt < intervals_[i].lft) {
      open = intervals_[open].outer;
    }
    intervals_[i].outer = open;
    open = static_cast<int>(i);
  }
}

Name NestedSets::Around(int64_t lft, int64_t rgt) const {
  const auto after = std::lower_bound(
      intervals_.begin(), intervals_.end(), lft,
      [](const Interval& a, int64_t value) { return a.lft < value; });
  int at = static_cast<int>(after - intervals_.begin()) - 1;
  while (at >= 0 && intervals_[at].rgt <= rgt) at = intervals_[at].outer;
  return at < 0 ? Name() : intervals_[at].account;
}

void RowPlaces::Contradiction(const DatabaseRow& row, string_view what) {
  faults_->contradictions.push_back(
      absl::StrCat(prefix_, RowInWords(row), ": ", what));
}

void RowPlaces::TakePlace(const RowSpot& spot, const DatabaseRow& row) {
  const bool lft = taken_.insert(spot.lft).second;
  if (taken_.insert(spot.rgt).second && lft) return;
  Contradiction(row,
                "lft or rgt is that of another row as well: a delete of "
                "either takes both (slurmdbd -R sets them anew)");
}

void RowPlaces::PlaceAccounts(absl::Span<const RowSpot> spots,
                              absl::Span<DatabaseRow> rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const RowSpot& spot = spots[i];
    by_id_[rows[i].id] = rows[i].key.account;
    ids_[rows[i].key.account] = rows[i].id;
    if (!has_lineage_) {
      nested_.Add(rows[i].key.account, spot.lft, spot.rgt);
    }
  }
  nested_.Finish();
  for (size_t i = 0; i < rows.size(); ++i) {
    DatabaseRow& row = rows[i];
    Name& parent = row.association.parent;
    const Name named = parent;
    const RowSpot& spot = spots[i];
    if (has_lineage_) {
      const auto up = by_id_.find(spot.up);
      if (up != by_id_.end()) parent = up->second;
      if (up == by_id_.end() && spot.up != 0) {
        Contradiction(
            row, absl::StrCat("id_parent ", spot.up, " is no account row"));
      } else if (named != parent || (up == by_id_.end() && !parent.empty())) {
        Contradiction(
            row,
            absl::StrCat("parent_acct is '", named.view(), "', id_parent is ",
                         up == by_id_.end()
                             ? "0"
                             : absl::StrCat("that of '", parent.view(), "'")));
      }
    } else {
      const Name around = nested_.Around(spot.lft, spot.rgt);
      if (around != parent) {
        Contradiction(row, absl::StrCat("parent_acct is '", named.view(),
                                        "', lft and rgt lie within '",
                                        around.view(), "'"));
        if (!managed_) parent = around;
      }
      TakePlace(spot, row);
    }
    parents_[row.key.account] = parent;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    SetLineage(spots[i].lineage, &rows[i]);
  }
}

void RowPlaces::PlaceUser(const RowSpot& spot, DatabaseRow* user) {
  DatabaseRow& row = *user;
  if (has_lineage_) {
    const auto account = ids_.find(row.key.account);
    if (account != ids_.end() && account->second != spot.up) {
      Contradiction(
          row, absl::StrCat("id_parent is ", spot.up, ", its account's row is ",
                            account->second));
    }
  } else if (ids_.contains(row.key.account)) {
    const Name around = nested_.Around(spot.lft, spot.rgt);
    if (around != row.key.account) {
      Contradiction(
          row, absl::StrCat("lft and rgt lie within '", around.view(), "'"));
    }
  }
  if (!has_lineage_) TakePlace(spot, row);
  SetLineage(spot.lineage, &row);
}

// '/a/b/' of an account, by parents. A cycle ends where it closes.
const std::string& RowPlaces::PathOf(Name account) {
  const auto known = paths_.find(account);
  if (known != paths_.end()) return known->second;
  std::vector<Name> way;
  std::string path = "/";
  for (Name at = account; !at.empty() && at != RootName();) {
    if (const std::string* found = FindIn(paths_, at)) {
      path = *found;
      break;
    }
    if (way.size() > parents_.size()) break;
    way.push_back(at);
    const Name* parent = FindIn(parents_, at);
    at = parent == nullptr ? Name() : *parent;
  }
  for (auto at = way.rbegin(); at != way.rend(); ++at) {
    absl::StrAppend(&path, at->view(), "/");
    paths_[*at] = path;
  }
  return paths_[account] = path;
}

void RowPlaces::SetLineage(string_view stored, DatabaseRow* row) {
  if (managed_ && !has_lineage_) return;
  if (has_lineage_ && stored.empty()) Contradiction(*row, "has no lineage");
  path_ = PathOf(row->key.account);
  if (!row->key.user.empty()) {
    absl::StrAppend(&path_, "0-", row->key.user.view(), "/");
  }
  if (!row->key.partition.empty()) {
    absl::StrAppend(&path_, row->key.partition.view(), "/");
  }
  if (!has_lineage_) {
    row->lineage = Name(path_);
  } else if (!managed_ || stored != path_) {
    row->lineage = Name(stored);
  }
}

}  // namespace assocsync
