// Default accounts and names of a Store: what is known of flags, and which
// names MariaDB may take for one another.
#include <algorithm>

#include "absl/strings/match.h"
#include "engine/slurm/store.h"

namespace assocsync::slurm {
namespace {

// So much of a name is in the unique index of Slurm's tables (slurm-facts 4.4).
constexpr size_t kIndexed = 42;

}  // namespace

Store::Flag Store::DefaultFlag(const AssocKey& row) const {
  if (DefaultAccount(row.user) != row.account) return Flag::kNo;
  const auto found = flags_.find({Atom(), row});
  if (found != flags_.end()) return found->second ? Flag::kYes : Flag::kNo;
  return RowsOf(row.user, row.account).size() == 1 ? Flag::kYes
                                                   : Flag::kUnknown;
}

Atom Store::DefaultAccount(Atom user) const {
  return FieldOf(world_.tree.users, user, Key::kDefaultAccount);
}

// Notes what is known of the flags now, because the number of rows, from which
// it may be concluded, is about to change.
void Store::PinFlags(Atom user) {
  if (RowsOfUser(user).empty()) return;
  const Atom account = DefaultAccount(user);
  if (account.empty()) return;
  for (const AssocKey& row : RowsOf(user, account)) {
    const Flag flag = DefaultFlag(row);
    if (flag != Flag::kUnknown) flags_[{Atom(), row}] = flag == Flag::kYes;
  }
}

void Store::SetDefaultAccount(Atom user, Atom account) {
  RowsOfUser(user).ForEach([&](const UserRow& r) {
    if (r.cluster.empty()) {
      flags_.erase({Atom(), {r.account, user, r.partition}});
    }
  });
  const auto found = world_.tree.users.find(user);
  if (found == world_.tree.users.end()) return;
  if (account.empty()) {
    found->second.fields.Erase(Key::kDefaultAccount);
    return;
  }
  found->second.fields.Set(Key::kDefaultAccount, account);
  for (const AssocKey& row : RowsOf(user, account)) {
    flags_[{Atom(), row}] = true;
  }
}

void Store::MakeOnlyDefault(Atom user, Atom account) {
  if (DefaultAccount(user) == account) return;
  const std::vector<AssocKey> rows = RowsOf(user, account);
  RowsOfUser(user).ForEach([&](const UserRow& r) {
    if (r.cluster.empty()) {
      flags_.erase({Atom(), {r.account, user, r.partition}});
    }
  });
  EnterUser(user)->fields.Set(Key::kDefaultAccount, account);
  for (const AssocKey& row : rows) flags_[{Atom(), row}] = false;
}

bool Store::AnyUserOfARow(absl::FunctionRef<bool(Atom)> f) const {
  const auto of = [&](const AssocKey& row) {
    return !row.is_account() && f(row.user);
  };
  return std::any_of(world_.tree.associations.begin(),
                     world_.tree.associations.end(),
                     [&](const auto& row) { return of(row.first); }) ||
         std::any_of(world_.others.begin(), world_.others.end(),
                     [&](const auto& row) { return of(row.first.row); });
}

const Store::Names& Store::AllNames() const {
  if (!names_) {
    names_.emplace();
    for (const auto& [account, clusters] : account_clusters_) {
      names_->accounts.Insert(account);
    }
    AnyUserOfARow([&](Atom user) {
      names_->users.Insert(user);
      return false;
    });
    for (const auto& [partition, rows] : partition_rows_) {
      names_->partitions.Insert(partition);
    }
  }
  return *names_;
}

bool Store::IsAmbiguous(NameKind kind, Atom name) const {
  for (const Atom other : odd_[static_cast<int>(kind)]) {
    if (MayCollate(name.view(), other.view())) return true;
  }
  if (IsPlainName(name.view())) return false;
  // An odd name may collate with a plain one: compare with all.
  const auto any = [&](const auto& records) {
    return std::any_of(records.begin(), records.end(), [&](const auto& r) {
      return MayCollate(name.view(), r.first.view());
    });
  };
  switch (kind) {
    case NameKind::kAccount:
      return any(world_.accounts) || any(account_clusters_);
    case NameKind::kUser:
      return any(world_.users) || AnyUserOfARow([&](Atom user) {
               return MayCollate(name.view(), user.view());
             });
    case NameKind::kPartition:
      return any(partition_rows_);
  }
  return true;
}

bool Store::IsUsed(NameKind kind, Atom name) const {
  switch (kind) {
    case NameKind::kAccount:
      return account_clusters_.contains(name);
    case NameKind::kUser:
      return !RowsOfUser(name).empty();
    case NameKind::kPartition:
      return partition_rows_.contains(name);
  }
  return false;
}

Atom Store::SharingPrefix42(NameKind kind,
                            const std::vector<Atom>& names) const {
  absl::flat_hash_map<std::string, Atom> before;
  for (const Atom name : names) {
    if (name.view().size() < kIndexed) continue;
    if (SharesPrefix42(kind, name)) return name;
    const auto [other, added] =
        before.emplace(FoldName(name.view().substr(0, kIndexed)), name);
    if (!added && other->second != name) return name;
  }
  return Atom();
}

bool Store::SharesPrefix42(NameKind kind, Atom name) const {
  if (name.view().size() < kIndexed) return false;
  const auto found = long_names_[static_cast<int>(kind)].find(
      FoldName(name.view().substr(0, kIndexed)));
  if (found == long_names_[static_cast<int>(kind)].end()) return false;
  return std::any_of(
      found->second.begin(), found->second.end(), [&](Atom other) {
        return other != name &&
               (IsUsed(kind, other) ||
                (kind == NameKind::kAccount &&
                 world_.accounts.contains(other)) ||
                (kind == NameKind::kUser && world_.users.contains(other)));
      });
}

void Store::IndexName(NameKind kind, Atom name) {
  if (!IsPlainName(name.view())) {
    odd_[static_cast<int>(kind)].insert(name);
  }
  may_hold_backslash_ = may_hold_backslash_ || HoldsBackslash(name.view());
  if (name.view().size() >= kIndexed) {
    long_names_[static_cast<int>(kind)]
               [FoldName(name.view().substr(0, kIndexed))]
                   .insert(name);
  }
}

}  // namespace assocsync::slurm
