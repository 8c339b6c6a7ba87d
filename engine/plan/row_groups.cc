#include "engine/plan/row_groups.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace assocsync {
namespace {

// Of the groups that take more, so many are tried.
constexpr size_t kTried = 8;
// Of a user with more other rows than these nobody asks which they are.
constexpr size_t kFewOthers = 64;

struct Group {
  std::vector<size_t> rows;
  // `others`: where its users have rows that are not in it.
  absl::flat_hash_set<Name> accounts, others;
};

class Grouper {
 public:
  Grouper(const std::vector<AssocKey>& rows, size_t most)
      : rows_(rows), most_(most) {}

  // Rows of one user, who has rows in `others` beside these.
  void Add(const std::vector<size_t>& mine, const std::vector<Name>& others) {
    // Whoever has no others goes with anybody who has none.
    std::vector<size_t>& open = others.empty() ? whole_ : in_part_;
    const auto found = absl::c_find_if(
        open, [&](size_t at) { return Fits(groups_[at], mine, others); });
    if (found != open.end()) return Put(*found, mine, others);
    if (open.size() == kTried) open.erase(open.begin());
    open.push_back(groups_.size());
    groups_.emplace_back();
    Put(open.back(), mine, others);
  }
  void AddToAccount(size_t row) {
    const Name account = rows_[row].account;
    const auto [at, added] = of_account_.emplace(account, groups_.size());
    if (added || groups_[at->second].rows.size() == most_) {
      at->second = groups_.size();
      groups_.emplace_back();
    }
    groups_[at->second].rows.push_back(row);
  }
  std::vector<std::vector<size_t>> Take() {
    std::vector<std::vector<size_t>> taken;
    taken.reserve(groups_.size());
    for (Group& group : groups_) taken.push_back(std::move(group.rows));
    return taken;
  }

 private:
  bool Fits(const Group& group, const std::vector<size_t>& mine,
            const std::vector<Name>& others) const {
    return group.rows.size() + mine.size() <= most_ &&
           absl::c_none_of(mine,
                           [&](size_t row) {
                             return group.others.contains(rows_[row].account);
                           }) &&
           absl::c_none_of(others, [&](Name account) {
             return group.accounts.contains(account);
           });
  }
  void Put(size_t at, const std::vector<size_t>& mine,
           const std::vector<Name>& others) {
    Group& group = groups_[at];
    group.rows.insert(group.rows.end(), mine.begin(), mine.end());
    for (const size_t row : mine) group.accounts.insert(rows_[row].account);
    group.others.insert(others.begin(), others.end());
  }

  const std::vector<AssocKey>& rows_;
  const size_t most_;
  std::vector<Group> groups_;
  std::vector<size_t> whole_, in_part_;  // Groups that take more, newest last.
  absl::flat_hash_map<Name, size_t> of_account_;
};

}  // namespace

std::vector<std::vector<size_t>> GroupUserRows(
    const std::vector<AssocKey>& rows, const RowsOfUser& rows_of, size_t most) {
  // Lists of the users' rows: which is a first one, and which comes next.
  constexpr size_t kNone = ~size_t{0};
  absl::flat_hash_map<Name, size_t> last;
  std::vector<size_t> next(rows.size(), kNone);
  std::vector<bool> is_first(rows.size());
  for (size_t row = 0; row < rows.size(); ++row) {
    const auto [at, added] = last.try_emplace(rows[row].user, row);
    is_first[row] = added;
    if (!added) next[std::exchange(at->second, row)] = row;
  }
  Grouper grouper(rows, most);
  std::vector<size_t> mine;
  for (size_t first = 0; first < rows.size(); ++first) {
    if (!is_first[first]) continue;
    mine.clear();
    for (size_t row = first; row != kNone; row = next[row]) mine.push_back(row);
    const AssocKey& any = rows[first];
    const size_t few = mine.size() + kFewOthers;
    const std::vector<AssocKey> all = rows_of(any.user, few + 1);
    if (mine.size() > most || all.size() > few) {
      for (const size_t row : mine) grouper.AddToAccount(row);
      continue;
    }
    absl::flat_hash_set<Name> said;
    for (const size_t row : mine) said.insert(rows[row].account);
    std::vector<Name> others;
    for (const AssocKey& row : all) {
      if (row.partition == any.partition && !said.contains(row.account)) {
        others.push_back(row.account);
      }
    }
    grouper.Add(mine, others);
  }
  return grouper.Take();
}

}  // namespace assocsync
