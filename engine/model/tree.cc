#include "engine/model/tree.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/hash.h"
#include "engine/base/maps.h"
#include "engine/base/name_set.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

// Texts and sets of options come many times, in all trees of a plan: each is
// hashed once.
class Digests {
 public:
  uint64_t Of(Name text) {
    uint64_t& digest = texts_[text];
    if (digest == 0) digest = HashOf(text.view());
    return digest;
  }
  void Prefetch(Name text) const { texts_.Prefetch(text); }
  uint64_t Of(const Fields& fields) {
    if (fields.id() >= fields_.size()) fields_.resize(fields.id() * 2 + 1);
    uint64_t& digest = fields_[fields.id()];
    if (digest == 0) {
      Hash hash;
      for (const Field& f : fields) {
        hash.Add(Info(f.key).name);
        hash.Add(Of(f.value));
      }
      digest = hash.Digest();
    }
    return digest;
  }

 private:
  NameMap<uint64_t> texts_;
  std::vector<uint64_t> fields_;  // By number.
};

}  // namespace

bool KeepElements(Key key, absl::FunctionRef<bool(absl::string_view)> stays,
                  Fields* fields) {
  const Name list = fields->Get(key);
  std::vector<absl::string_view> elements = Elements(list.view());
  const auto goes = [&](absl::string_view element) { return !stays(element); };
  if (std::erase_if(elements, goes) == 0) return false;
  if (elements.empty()) {
    fields->Erase(key);
  } else {
    fields->Set(key, Name(JoinElements(std::move(elements))));
  }
  return true;
}

std::string AssocKey::ToString() const {
  std::string out = account.str();
  if (!user.empty()) absl::StrAppend(&out, "/", user.view());
  if (!partition.empty()) absl::StrAppend(&out, "@", partition.view());
  return out;
}

Name RootName() {
  static const Name root("root");
  return root;
}

Name ParentOf(const Tree& tree, Name account) {
  const Association* const row = FindIn(tree.associations, {account, {}, {}});
  return row == nullptr ? Name() : row->parent;
}

Name FieldOf(const absl::btree_map<Name, Record>& records, Name name, Key key) {
  const Record* const record = FindIn(records, name);
  return record == nullptr ? Name() : record->fields.Get(key);
}

std::vector<HangingAccount> TopDown(const Tree& tree) {
  std::vector<HangingAccount> accounts;  // By name.
  std::vector<HangingAccount> order;
  for (const auto& [key, row] : tree.associations) {
    if (!key.is_account()) continue;
    if (key.account == RootName()) {
      if (order.empty()) order.push_back({key.account, row});
      continue;
    }
    // A broken tree may have two rows of one account; the last counts.
    if (!accounts.empty() && accounts.back().name == key.account) {
      accounts.pop_back();
    }
    accounts.push_back({key.account, row});
  }
  // Lists of children: the first of each account, and who comes after whom.
  constexpr size_t kNone = ~size_t{0};
  absl::flat_hash_map<Name, size_t> first;
  std::vector<size_t> next(accounts.size());
  for (size_t i = accounts.size(); i-- > 0;) {
    size_t& child =
        first.try_emplace(accounts[i].row.parent, kNone).first->second;
    next[i] = std::exchange(child, i);
  }
  for (size_t i = 0; i < order.size(); ++i) {
    const auto below = first.find(order[i].name);
    if (below == first.end()) continue;
    for (size_t child = below->second; child != kNone; child = next[child]) {
      order.push_back(accounts[child]);
    }
  }
  return order;
}

std::vector<std::string> Illegalities(const Tree& tree) {
  std::vector<std::string> found;
  if (!tree.associations.contains(AssocKey{RootName(), {}, {}})) {
    found.push_back("there is no root account");
  }
  NameSet reached;
  struct User {
    Name default_account;
    // in_default: has a row in the default account, or none is named.
    bool has_record = false, has_row = false, in_default = true;
  };
  NameMap<User> users;
  // Users that are yet to be found as they should be.
  size_t without_row = tree.users.size(), without_default = 0;
  bool any_wckey = false;
  for (const HangingAccount& account : TopDown(tree))
    reached.insert(account.name);
  const auto exists = [&](Name account) {
    return reached.contains(account) ||
           tree.associations.contains(AssocKey{account, {}, {}});
  };
  const auto fetch = [&](const auto& user) { users.Prefetch(user.first); };
  ForEachAhead(tree.users, fetch, [&](const auto& user) {
    const Fields& fields = user.second.fields;
    const Name* const account = fields.Find(Key::kDefaultAccount);
    users[user.first] = {account == nullptr ? Name() : *account, true, false,
                         account == nullptr};
    without_default += account != nullptr;
    any_wckey |= fields.Has(Key::kDefaultWckey);
  });
  for (const auto& [key, row] : tree.associations) {
    if (key.is_account()) {
      if (!key.partition.empty()) {
        found.push_back(
            absl::StrCat("account row ", key.ToString(), " has a partition"));
      }
      if (key.account == RootName()) {
        if (!row.parent.empty()) found.push_back("root has a parent");
      } else if (!exists(row.parent)) {
        found.push_back(absl::StrCat("account ", key.ToString(),
                                     ": its parent '", row.parent.view(),
                                     "' does not exist"));
      } else if (!reached.contains(key.account)) {
        found.push_back(absl::StrCat("account ", key.ToString(),
                                     ": does not hang on root (a cycle, or "
                                     "below an account without parent)"));
      }
      if (!tree.accounts.contains(key.account)) {
        found.push_back(
            absl::StrCat("account ", key.ToString(), " has no record"));
      }
    } else {
      User& user = users[key.user];
      without_row -= user.has_record && !std::exchange(user.has_row, true);
      if (user.default_account == key.account) {
        without_default -= !std::exchange(user.in_default, true);
      }
      if (!exists(key.account)) {
        found.push_back(absl::StrCat("association ", key.ToString(),
                                     ": its account does not exist"));
      }
      if (!user.has_record) {
        found.push_back(
            absl::StrCat("user ", key.user.view(), " has no record"));
      }
    }
  }
  for (const auto& [account, record] : tree.accounts) {
    if (!tree.associations.contains(AssocKey{account, {}, {}})) {
      found.push_back(
          absl::StrCat("account ", account.view(), " has no association"));
    }
  }
  if (without_row == 0 && without_default == 0 && !any_wckey) return found;
  ForEachAhead(tree.users, fetch, [&](const auto& entry) {
    const auto& [user, record] = entry;
    const User& seen = users.Get(user);
    if (!seen.has_row) {
      found.push_back(
          absl::StrCat("user ", user.view(), " has no association"));
      return;
    }
    if (const Name* const account = record.fields.Find(Key::kDefaultAccount)) {
      if (!seen.in_default) {
        found.push_back(absl::StrCat("user ", user.view(),
                                     ": default account '", account->view(),
                                     "' is none of the user's accounts"));
      }
    }
    if (const Name* const wckey = record.fields.Find(Key::kDefaultWckey)) {
      const Name list = record.fields.Get(Key::kWckeys);
      const std::vector<absl::string_view> all = Elements(list.view());
      if (std::find(all.begin(), all.end(), wckey->view()) == all.end()) {
        found.push_back(absl::StrCat("user ", user.view(), ": default WCKey '",
                                     wckey->view(),
                                     "' is none of the user's WCKeys"));
      }
    }
  });
  return found;
}

std::string Fingerprint(const Tree& tree) {
  // What a number stands for never changes.
  static Digests& digests = *new Digests;
  Hash hash;
  hash.Add(digests.Of(tree.cluster));
  hash.Add(digests.Of(tree.cluster_fields));
  hash.Add(tree.lists_qos ? 1 : 0);
  // Rows first: users come there much as files name them, which is the order of
  // their texts in memory.
  hash.Add(tree.associations.size());
  for (const auto& [key, row] : tree.associations) {
    for (const Name name : {key.account, key.user, key.partition, row.parent}) {
      hash.Add(digests.Of(name));
    }
    hash.Add(digests.Of(row.limits));
  }
  for (const auto* records : {&tree.qos, &tree.accounts, &tree.users}) {
    hash.Add(records->size());
    ForEachAhead(
        *records, [&](const auto& entry) { digests.Prefetch(entry.first); },
        [&](const auto& entry) {
          hash.Add(digests.Of(entry.first));
          hash.Add(digests.Of(entry.second.fields));
        });
  }
  return hash.Hex();
}

}  // namespace assocsync
