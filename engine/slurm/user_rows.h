// The rows of one user. Nearly all users have one or two, and some have one in
// each of 100,000 accounts: finding and removing one is fast for either, and
// the many take no more memory than they need.
#ifndef ASSOCSYNC_ENGINE_SLURM_USER_ROWS_H_
#define ASSOCSYNC_ENGINE_SLURM_USER_ROWS_H_

#include <compare>
#include <cstddef>
#include <memory>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/container/inlined_vector.h"
#include "engine/base/name.h"

namespace assocsync::slurm {

struct UserRow {
  Name cluster;  // Empty: the managed one.
  Name account, partition;
  bool operator==(const UserRow&) const = default;
  auto operator<=>(const UserRow&) const = default;
};

class UserRows {
 public:
  UserRows() = default;
  UserRows(const UserRows& other) : few_(other.few_) {
    if (other.many_ != nullptr) many_ = std::make_unique<Set>(*other.many_);
  }
  UserRows(UserRows&&) = default;
  UserRows& operator=(const UserRows& other) { return *this = UserRows(other); }
  UserRows& operator=(UserRows&&) = default;

  size_t size() const { return many_ == nullptr ? few_.size() : many_->size(); }
  bool empty() const { return size() == 0; }

  // That is not there yet.
  void Insert(const UserRow& row) {
    if (many_ == nullptr && few_.size() == kFew) {
      many_ = std::make_unique<Set>(few_.begin(), few_.end());
      few_.clear();
    }
    if (many_ == nullptr) {
      few_.push_back(row);
    } else {
      many_->insert(row);
    }
  }
  void Erase(const UserRow& row) {
    if (many_ == nullptr) {
      few_.erase(absl::c_find(few_, row));
    } else {
      many_->erase(row);
    }
  }

  // Calls f(row) until one is true; whether one was.
  template <typename F>
  bool Any(F f) const {
    return many_ == nullptr ? absl::c_any_of(few_, f)
                            : absl::c_any_of(*many_, f);
  }
  template <typename F>
  void ForEach(F f) const {
    Any([&](const UserRow& row) {
      f(row);
      return false;
    });
  }

 private:
  static constexpr size_t kFew = 16;
  using Set = absl::btree_set<UserRow>;

  absl::InlinedVector<UserRow, 1> few_;
  std::unique_ptr<Set> many_;  // Not null: all are there.
};

}  // namespace assocsync::slurm

#endif  // ASSOCSYNC_ENGINE_SLURM_USER_ROWS_H_
