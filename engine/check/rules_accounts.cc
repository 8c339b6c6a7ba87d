// Accounts that nobody uses or describes, and shares.
#include <cstdint>

#include "absl/container/btree_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/name_set.h"
#include "engine/check/checker.h"

namespace assocsync::check {
namespace {

// Of what is directly below an account.
struct Shares {
  size_t given = 0;  // All but Fairshare=parent.
  uint64_t sum = 0;
};

void AddShare(const Association& row, Shares* shares) {
  const Name* const share = row.limits.Find(Key::kFairshare);
  uint64_t value = 1;  // Slurm's default.
  // "parent" takes no part.
  if (share != nullptr && !absl::SimpleAtoi(share->view(), &value)) return;
  ++shares->given;
  shares->sum += value;
}

void CheckShares(Name account, const Shares& shares, Checker* c) {
  if (shares.given > 0 && shares.sum == 0) {
    c->Add(
        kRuleFairshare, c->LineOfAccount(account), account.str(),
        shares.given == 1
            ? absl::StrCat("the only share below '", account.view(), "' is 0")
            : absl::StrCat("the shares of all ", shares.given, " below '",
                           account.view(), "' are 0"),
        "give them shares, or Fairshare=parent");
  }
  for (const Policy::FairshareSum& rule : c->policy.fairshare) {
    if (!rule.account.Match(account.view()) || shares.sum == rule.sum) continue;
    c->Add(kRuleFairshare, c->LineOfAccount(account), account.str(),
           absl::StrCat("the shares of the ", shares.given, " below '",
                        account.view(), "' add up to ", shares.sum, ", not ",
                        rule.sum));
    return;
  }
}

}  // namespace

void CheckAccounts(Checker* c) {
  absl::btree_map<Name, Shares> shares;
  NameSet used;  // Accounts with users below them.
  NameSet parents;
  for (const auto& [key, row] : c->tree.associations) {
    if (key.is_account()) {
      if (row.parent.empty()) continue;
      parents.insert(row.parent);
      AddShare(row, &shares[row.parent]);
      continue;
    }
    if (key.partition.empty()) AddShare(row, &shares[key.account]);
    for (Name account = key.account;
         !account.empty() && !used.contains(account);
         account = ParentOf(c->tree, account)) {
      used.insert(account);
    }
  }
  for (const auto& [name, record] : c->tree.accounts) {
    if (name == RootName()) continue;
    // Of a branch without users, the outermost account says it all.
    const auto row = c->tree.associations.find({name, Name(), Name()});
    const bool outermost =
        row != c->tree.associations.end() &&
        (row->second.parent == RootName() || used.contains(row->second.parent));
    if (!used.contains(name) && outermost) {
      c->Add(kRuleNoUsers, c->LineOfAccount(name), name.str(),
             absl::StrCat(
                 "account '", name.view(), "' has no users",
                 parents.contains(name) ? ", nor have those below it" : ""),
             "add users, or remove it");
    }
    if (record.fields.Get(Key::kDescription).empty()) {
      c->Add(kRuleNoDescription, c->LineOfAccount(name), name.str(),
             absl::StrCat("account '", name.view(), "' has no Description"),
             "say what it is for");
    }
  }
  for (const auto& [account, sum] : shares) CheckShares(account, sum, c);
}

}  // namespace assocsync::check
