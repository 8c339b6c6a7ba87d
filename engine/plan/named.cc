#include "engine/plan/named.h"

#include <fnmatch.h>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/status.h"
#include "engine/model/walk.h"

namespace assocsync {
namespace {

bool Matches(const std::string& pattern, Name name) {
  // A backslash may be a part of a name.
  return fnmatch(pattern.c_str(), name.str().c_str(), FNM_NOESCAPE) == 0;
}

// "ann@bio"; either name may have an @ of its own.
bool MatchesRow(const std::string& word, const AssocKey& key) {
  for (size_t at = word.find('@'); at != std::string::npos;
       at = word.find('@', at + 1)) {
    if (Matches(word.substr(0, at), key.user) &&
        Matches(absl::AsciiStrToLower(word.substr(at + 1)), key.account)) {
      return true;
    }
  }
  return false;
}

}  // namespace

Named::Named(const std::vector<ChangeId>& pick, const Tree& live,
             const Tree& target)
    : picked_(true) {
  for (const ChangeId& id : pick) {
    switch (id.what) {
      case Change::What::kCluster:
        cluster_ = true;
        break;
      case Change::What::kQos:
        qos_.insert(id.row.account);
        break;
      case Change::What::kAccount:
        accounts_.insert(id.row.account);
        break;
      case Change::What::kUser:
        users_.insert(id.row.user);
        break;
      case Change::What::kAssociation:
        rows_.insert(id.row);
        break;
    }
  }
  GoToo(live, target);
}

// An account comes with its record and its row; none goes before the rows in
// it and the accounts below it, which go or move; no user before its rows.
void Named::GoToo(const Tree& live, const Tree& target) {
  const auto goes = [&](Name account) {
    return live.associations.contains(AccountRow(account)) &&
           !target.associations.contains(AccountRow(account)) &&
           (Account(account) || rows_.contains(AccountRow(account)));
  };
  for (const auto& [name, record] : target.accounts) {
    const AssocKey own = AccountRow(name);
    if (live.associations.contains(own)) continue;
    if (Account(name)) rows_.insert(own);
    if (rows_.contains(own)) accounts_.insert(name);
  }
  // Those above come first.
  for (const auto& [account, row] : TopDown(live)) {
    const AssocKey own = AccountRow(account);
    const Name above = row.parent;
    if (goes(above)) Add(own, absl::StrCat("account ", above.view(), " goes"));
    if (!goes(account)) continue;
    rows_.insert(own);
    accounts_.insert(account);
  }
  for (const auto& [key, row] : live.associations) {
    if (key.is_account() || target.associations.contains(key)) continue;
    if (goes(key.account)) {
      Add(key, absl::StrCat("account ", key.account.view(), " goes"));
    } else if (User(key.user) && !target.users.contains(key.user)) {
      Add(key, absl::StrCat("user ", key.user.view(), " goes"));
    }
  }
}

void Named::Add(const AssocKey& key, const std::string& why) {
  if (rows_.insert(key).second) {
    with_others_.insert(absl::StrCat(key.ToString(), ": ", why));
  }
}

int Named::Look(const Tree& live, const Tree& target) {
  std::vector<bool> found(selectors_.size(), false);
  for (const Tree* tree : {&live, &target}) LookInto(*tree, &found);
  // An @ may be a part of a user's name: it is one where no row is meant.
  for (size_t i = 0; i < selectors_.size(); ++i) {
    if (selectors_[i].what != Selector::What::kUser || found[i]) continue;
    for (const Tree* tree : {&live, &target}) {
      if (LookForUsers(selectors_[i].name, *tree)) found[i] = true;
    }
  }
  const auto first = absl::c_find(found, false);
  return first == found.end() ? -1 : static_cast<int>(first - found.begin());
}

void Named::LookInto(const Tree& tree, std::vector<bool>* found) {
  // From the top down: what is above an account has been looked at. Below is
  // below in this tree: what hangs elsewhere under one that moves is not meant.
  NameSet below;
  for (const auto& [name, row] : TopDown(tree)) {
    if (below.contains(row.parent)) {
      below.insert(name);
      accounts_.insert(name);
    }
    for (size_t i = 0; i < selectors_.size(); ++i) {
      const Selector& s = selectors_[i];
      if (s.what != Selector::What::kAccount &&
          s.what != Selector::What::kAccountAlone) {
        continue;
      }
      if (!Matches(s.name, name)) continue;
      (*found)[i] = true;
      accounts_.insert(name);
      if (s.what == Selector::What::kAccount) below.insert(name);
    }
  }
  for (size_t i = 0; i < selectors_.size(); ++i) {
    const Selector& s = selectors_[i];
    if (s.what == Selector::What::kCoordinators) {
      coordinators_ = (*found)[i] = true;
    } else if (s.what == Selector::What::kQos) {
      for (const auto& [name, record] : tree.qos) {
        if (!Matches(s.name, name)) continue;
        qos_.insert(name);
        (*found)[i] = true;
      }
    } else if (s.what == Selector::What::kUser &&
               absl::StrContains(s.name, '@')) {
      for (const auto& [key, row] : tree.associations) {
        if (key.is_account() || !MatchesRow(s.name, key)) continue;
        rows_.insert(key);
        (*found)[i] = true;
      }
    }
  }
}

bool Named::LookForUsers(const std::string& pattern, const Tree& tree) {
  bool found = false;
  for (const auto& [name, record] : tree.users) {
    if (!Matches(pattern, name)) continue;
    users_.insert(name);
    found = true;
  }
  return found;
}

absl::StatusOr<Named> NamedBy(const std::vector<std::string>& words,
                              absl::string_view option, const Tree& live,
                              const Tree& target) {
  std::vector<Selector> selectors;
  for (const std::string& word : words) {
    ASSIGN_OR_RETURN(Selector selector, ParseSelector(word));
    selectors.push_back(std::move(selector));
  }
  Named named(std::move(selectors));
  const int nothing = named.Look(live, target);
  if (nothing < 0) return named;
  return absl::InvalidArgumentError(
      absl::StrCat(option, " ", words[static_cast<size_t>(nothing)],
                   ": neither live nor the target has anything of that name"));
}

absl::StatusOr<Selector> ParseSelector(absl::string_view word) {
  if (word == "coordinators") {
    return Selector{Selector::What::kCoordinators, ""};
  }
  Selector selector;
  absl::string_view name = word;
  if (absl::ConsumePrefix(&name, "account=")) {
    selector.what = absl::ConsumeSuffix(&name, "/")
                        ? Selector::What::kAccountAlone
                        : Selector::What::kAccount;
  } else if (absl::ConsumePrefix(&name, "user=")) {
    selector.what = Selector::What::kUser;
    if (absl::StartsWith(name, "@") || absl::EndsWith(name, "@")) name = "";
  } else if (absl::ConsumePrefix(&name, "qos=")) {
    selector.what = Selector::What::kQos;
  } else {
    name = "";
  }
  if (name.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", word,
        "' names nothing: account=bio (with all below it), account=bio/ (with "
        "its users alone), user=ann, user=ann@bio, qos=long or coordinators is "
        "meant"));
  }
  // Slurm's names are in lower case; users' are not under PreserveCaseUser.
  selector.name = selector.what == Selector::What::kUser
                      ? std::string(name)
                      : absl::AsciiStrToLower(name);
  return selector;
}

}  // namespace assocsync
