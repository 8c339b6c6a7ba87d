// Default accounts and names of a SlurmdbdTables: what is known of flags, and
// which names MariaDB may take for one another.

#include "absl/algorithm/container.h"
#include "engine/slurm/limits.h"
#include "engine/slurm/slurmdbd_tables.h"

namespace assocsync::slurm {
namespace {

// So much of a name is in the unique index of Slurm's tables (slurm-facts 4.4).
constexpr size_t kIndexed = 42;

}  // namespace

SlurmdbdTables::Flag SlurmdbdTables::DefaultFlag(const AssocKey& row) const {
  if (DefaultAccount(row.user) != row.account) return Flag::kNo;
  const auto found = flags_.find({Name(), row});
  if (found != flags_.end()) return found->second ? Flag::kYes : Flag::kNo;
  return RowsOf(row.user, row.account).size() == 1 ? Flag::kYes
                                                   : Flag::kUnknown;
}

// Notes what is known of the flags now, because the number of rows, from which
// it may be concluded, is about to change.
void SlurmdbdTables::PinFlags(Name user) {
  if (RowsOfUser(user).empty()) return;
  const Name account = DefaultAccount(user);
  if (account.empty()) return;
  for (const AssocKey& row : RowsOf(user, account)) {
    const Flag flag = DefaultFlag(row);
    if (flag != Flag::kUnknown) flags_[{Name(), row}] = flag == Flag::kYes;
  }
}

void SlurmdbdTables::ForgetFlags(Name user) {
  RowsOfUser(user).ForEach([&](const UserRow& r) {
    if (r.cluster.empty()) {
      flags_.erase({Name(), {r.account, user, r.partition}});
    }
  });
}

void SlurmdbdTables::SetDefaultAccount(Name user, Name account) {
  ForgetFlags(user);
  const auto found = state_.tree.users.find(user);
  if (found == state_.tree.users.end()) return;
  SetOrErase(Key::kDefaultAccount, account, &found->second.fields);
  for (const AssocKey& row : RowsOf(user, account)) {
    flags_[{Name(), row}] = true;
  }
}

void SlurmdbdTables::MakeOnlyDefault(Name user, Name account) {
  if (DefaultAccount(user) == account) return;
  ForgetFlags(user);
  EnterUser(user).fields.Set(Key::kDefaultAccount, account);
  for (const AssocKey& row : RowsOf(user, account))
    flags_[{Name(), row}] = false;
}

bool SlurmdbdTables::AnyUserOfARow(absl::FunctionRef<bool(Name)> f) const {
  const auto of = [&](const AssocKey& row) {
    return !row.is_account() && f(row.user);
  };
  return absl::c_any_of(state_.tree.associations,
                        [&](const auto& row) { return of(row.first); }) ||
         absl::c_any_of(state_.others,
                        [&](const auto& row) { return of(row.first.row); });
}

const SlurmdbdTables::Names& SlurmdbdTables::AllNames() const {
  if (!names_) {
    names_.emplace();
    for (const auto& [account, clusters] : account_clusters_) {
      names_->accounts.Insert(account);
    }
    AnyUserOfARow([&](Name user) {
      names_->users.Insert(user);
      return false;
    });
    for (const auto& [partition, rows] : partition_rows_) {
      names_->partitions.Insert(partition);
    }
  }
  return *names_;
}

bool SlurmdbdTables::IsAmbiguous(NameKind kind, Name name) const {
  for (const Name other : odd_[static_cast<int>(kind)]) {
    if (MayCollate(name.view(), other.view())) return true;
  }
  if (IsPlainName(name.view())) return false;
  // An odd name may collate with a plain one: compare with all.
  const auto any = [&](const auto& records) {
    return absl::c_any_of(records, [&](const auto& r) {
      return MayCollate(name.view(), r.first.view());
    });
  };
  switch (kind) {
    case NameKind::kAccount:
      return any(state_.accounts) || any(account_clusters_);
    case NameKind::kUser:
      return any(state_.users) || AnyUserOfARow([&](Name user) {
               return MayCollate(name.view(), user.view());
             });
    case NameKind::kPartition:
      return any(partition_rows_);
  }
  return true;
}

bool SlurmdbdTables::IsUsed(NameKind kind, Name name) const {
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

Name SlurmdbdTables::SharingPrefix42(NameKind kind,
                                     const std::vector<Name>& names) const {
  absl::flat_hash_map<std::string, Name> before;
  for (const Name name : names) {
    if (name.view().size() < kIndexed) continue;
    if (SharesPrefix42(kind, name)) return name;
    const auto [other, added] =
        before.emplace(FoldName(name.view().substr(0, kIndexed)), name);
    if (!added && other->second != name) return name;
  }
  return Name();
}

bool SlurmdbdTables::SharesPrefix42(NameKind kind, Name name) const {
  if (name.view().size() < kIndexed) return false;
  const auto found = long_names_[static_cast<int>(kind)].find(
      FoldName(name.view().substr(0, kIndexed)));
  if (found == long_names_[static_cast<int>(kind)].end()) return false;
  return absl::c_any_of(found->second, [&](Name other) {
    return other != name &&
           (IsUsed(kind, other) ||
            (kind == NameKind::kAccount && state_.accounts.contains(other)) ||
            (kind == NameKind::kUser && state_.users.contains(other)));
  });
}

void SlurmdbdTables::IndexName(NameKind kind, Name name) {
  NameSet& indexed = indexed_[static_cast<int>(kind)];
  if (indexed.contains(name)) return;
  indexed.insert(name);
  const absl::string_view text = name.view();
  if (!IsPlainName(text)) odd_[static_cast<int>(kind)].insert(name);
  may_hold_backslash_ = may_hold_backslash_ || HoldsBackslash(text);
  if (text.size() >= kIndexed) {
    long_names_[static_cast<int>(kind)][FoldName(text.substr(0, kIndexed))]
        .insert(name);
  }
}

}  // namespace assocsync::slurm
