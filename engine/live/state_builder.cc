#include "engine/live/state_builder.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/live/state_from_tree.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using absl::string_view;

absl::Status Contradiction(string_view what) {
  return absl::AbortedError(what);
}

absl::StatusOr<Name> NameOf(string_view raw, bool fold = true) {
  ASSIGN_OR_RETURN(const std::string name, CanonicalName(raw, fold));
  return Name(name);
}

// Sets `key` to what the parser makes of `raw` in a dump.
absl::Status SetText(Key key, string_view raw, Fields* fields) {
  ASSIGN_OR_RETURN(const CanonicalValue value, Canonical(key, raw));
  if (value.set) fields->Set(key, Name(value.text));
  return absl::OkStatus();
}

}  // namespace

StateBuilder::StateBuilder(Tree tree, bool fold_users)
    : state_(StateFromTree(std::move(tree))), fold_users_(fold_users) {
  state_.complete = true;
  for (const auto& [key, row] : state_.tree.associations) {
    if (key.is_account() && !row.parent.empty()) {
      parents_.insert({row.parent, key.account});
    }
  }
}

absl::Status StateBuilder::AddAssociations(absl::Span<const AssocLine> lines) {
  for (const AssocLine& line : lines) {
    AssocKey key;
    ASSIGN_OR_RETURN(key.account, NameOf(line.account));
    if (!line.user.empty()) {
      ASSIGN_OR_RETURN(key.user, NameOf(line.user, fold_users_));
    }
    if (!line.partition.empty()) {
      ASSIGN_OR_RETURN(key.partition, NameOf(line.partition));
    }
    if (line.cluster == state_.tree.cluster.view()) {
      auto row = state_.tree.associations.find(key);
      if (row == state_.tree.associations.end()) {
        return Contradiction(
            absl::StrCat(key.ToString(), " is listed, and not in the dump"));
      }
      if (!state_.ids.emplace(key, line.id).second) {
        return Contradiction(absl::StrCat(key.ToString(), " is listed twice"));
      }
      if (!line.lineage.empty()) {
        state_.lineages.emplace(key, Name(line.lineage));
      }
      continue;
    }
    DatabaseState::OtherRow row;
    row.lineage = Name(line.lineage);
    row.default_qos = Name(line.default_qos);
    ASSIGN_OR_RETURN(const CanonicalValue qos, Canonical(Key::kQos, line.qos));
    row.qos = Name(qos.text);
    const Name cluster(line.cluster);
    if (key.is_account() && !line.parent.empty()) {
      ASSIGN_OR_RETURN(const Name parent, NameOf(line.parent));
      parents_.insert({parent, key.account});
    }
    if (!key.is_account()) foreign_users_.emplace(key.user, cluster);
    if (!state_.others.emplace(DatabaseState::OtherKey{cluster, key}, row)
             .second) {
      return Contradiction(absl::StrCat(key.ToString(), " of cluster ",
                                        line.cluster, " is listed twice"));
    }
  }
  if (state_.ids.size() != state_.tree.associations.size()) {
    for (const auto& [key, row] : state_.tree.associations) {
      if (state_.ids.contains(key)) continue;
      return Contradiction(
          absl::StrCat(key.ToString(), " is in the dump, and not listed"));
    }
  }
  return absl::OkStatus();
}

absl::btree_set<std::string> StateBuilder::UserNames() const {
  absl::btree_set<std::string> names;
  for (const auto& [name, user] : state_.tree.users) names.insert(name.str());
  for (const auto& [name, cluster] : foreign_users_) names.insert(name.str());
  return names;
}

absl::btree_set<std::string> StateBuilder::AccountNames() const {
  absl::btree_set<std::string> names;
  for (const auto& [key, row] : state_.tree.associations) {
    if (key.is_account()) names.insert(key.account.str());
  }
  for (const auto& [key, row] : state_.others) {
    if (key.row.is_account()) names.insert(key.row.account.str());
  }
  return names;
}

absl::Status StateBuilder::AddUsers(absl::Span<const UserLine> lines) {
  absl::btree_map<Name, Record> users;
  for (const UserLine& line : lines) {
    ASSIGN_OR_RETURN(const Name name, NameOf(line.user, fold_users_));
    Record record;
    RETURN_IF_ERROR(
        SetText(Key::kAdminLevel, line.admin_level, &record.fields));
    if (!users.emplace(name, std::move(record)).second) {
      return Contradiction(
          absl::StrCat("user ", name.view(), " is listed twice"));
    }
    if (line.accounts.empty() || state_.tree.users.contains(name)) continue;
    std::vector<Name>& accounts = unsettled_[name];
    for (string_view account : line.accounts) {
      ASSIGN_OR_RETURN(accounts.emplace_back(), NameOf(account));
    }
  }
  for (const auto& [name, user] : state_.users) {
    auto listed = users.find(name);
    if (listed == users.end()) {
      return Contradiction(
          absl::StrCat("user ", name.view(), " is in the dump, not listed"));
    }
    if (!(listed->second == user)) {
      return Contradiction(
          absl::StrCat("the AdminLevel of ", name.view(), " changes"));
    }
  }
  for (const auto& [name, cluster] : foreign_users_) {
    if (users.contains(name)) continue;
    return Contradiction(absl::StrCat("user ", name.view(), " of cluster ",
                                      cluster.view(), " is not listed"));
  }
  state_.users = std::move(users);
  return absl::OkStatus();
}

std::vector<std::string> StateBuilder::ClustersToDump() const {
  absl::btree_set<std::string> clusters;
  for (const auto& [user, accounts] : unsettled_) {
    auto it = foreign_users_.find(user);
    if (it != foreign_users_.end()) clusters.insert(it->second.str());
  }
  return {clusters.begin(), clusters.end()};
}

void StateBuilder::AddCoordinatorsOf(const Tree& other) {
  for (const auto& [name, user] : other.users) {
    if (unsettled_.erase(name) == 0) continue;
    for (string_view account :
         Elements(user.fields.Get(Key::kCoordinator).view())) {
      state_.coordinators.insert({Name(account), name});
    }
  }
}

void StateBuilder::FinishCoordinators() {
  for (const auto& [user, accounts] : unsettled_) {
    for (Name account : accounts) {
      const bool from_above = absl::c_any_of(accounts, [&](Name above) {
        return parents_.contains({above, account});
      });
      if (!from_above) state_.coordinators.insert({account, user});
    }
  }
  unsettled_.clear();
}

absl::Status StateBuilder::AddAccounts(
    absl::Span<const AccountLine> lines,
    absl::Span<const AccountLine> organizations) {
  absl::btree_map<string_view, string_view> second;
  for (const AccountLine& line : organizations) {
    second.emplace(line.account, line.rest);
  }
  absl::btree_map<Name, Record> accounts;
  for (const AccountLine& line : lines) {
    ASSIGN_OR_RETURN(const Name name, NameOf(line.account));
    size_t bar = line.rest.find('|');
    if (line.rest.find('|', bar + 1) != string_view::npos) {
      auto it = second.find(line.account);
      if (it == second.end() || line.rest.size() <= it->second.size() ||
          line.rest.substr(line.rest.size() - it->second.size()) !=
              it->second) {
        return Contradiction(absl::StrCat("account ", name.view(),
                                          " changes between two lists"));
      }
      bar = line.rest.size() - it->second.size() - 1;
    }
    Record record;
    RETURN_IF_ERROR(
        SetText(Key::kDescription, line.rest.substr(0, bar), &record.fields));
    RETURN_IF_ERROR(
        SetText(Key::kOrganization, line.rest.substr(bar + 1), &record.fields));
    if (!accounts.emplace(name, std::move(record)).second) {
      return Contradiction(
          absl::StrCat("account ", name.view(), " is listed twice"));
    }
  }
  // From 24.05 on a dump has no texts for accounts with UsersAreCoords, and for
  // none at all when slurmdbd could not answer; the list has them.
  for (auto& [name, account] : state_.tree.accounts) {
    auto listed = accounts.find(name);
    if (listed == accounts.end()) {
      return Contradiction(
          absl::StrCat("account ", name.view(), " is in the dump, not listed"));
    }
    for (Key key : {Key::kDescription, Key::kOrganization}) {
      if (const Name* text = account.fields.Find(key)) {
        listed->second.fields.Set(key, *text);
      } else if (const Name* listed_text = listed->second.fields.Find(key)) {
        account.fields.Set(key, *listed_text);
      }
    }
  }
  state_.accounts = std::move(accounts);
  return absl::OkStatus();
}

absl::Status StateBuilder::AddQosAndTres(absl::Span<const string_view> qos,
                                         absl::Span<const std::string> tres) {
  absl::btree_set<Name> names;
  for (string_view raw : qos) {
    ASSIGN_OR_RETURN(const Name name, NameOf(raw));
    names.insert(name);
  }
  if (state_.tree.lists_qos && names != state_.qos) {
    return Contradiction("the list of QOS is not that of the dump");
  }
  state_.qos = std::move(names);
  for (const std::string& raw : tres) state_.tres.insert(Name(raw));
  if (state_.tres.empty()) {
    return absl::DataLossError("sacctmgr lists no TRES at all, not even cpu");
  }
  return absl::OkStatus();
}

}  // namespace assocsync
