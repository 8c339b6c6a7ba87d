// What a proposal changes since its base.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/counted.h"
#include "engine/base/maps.h"
#include "engine/check/checker.h"
#include "engine/diff/counts.h"
#include "engine/diff/diff.h"
#include "engine/diff/merge.h"
#include "engine/model/value.h"

namespace assocsync::check {
namespace {

class ChangeRules {
 public:
  ChangeRules(const Tree& base, const std::vector<Change>& changes, Checker* c)
      : base_(base),
        changes_(changes),
        c_(*c),
        base_owner_(base, c->policy.owners, SaysWho),
        owner_(c->tree, c->policy.owners, SaysWho) {}

  void Run() {
    Shares();
    for (const Change& change : changes_) {
      const uint32_t line = LineOf(change);
      const std::string row = RowName(change.what, change.row);
      Limits(change, line, row);
      AdminLevel(change, line, row);
      Moved(change, line, row);
      User(change, line, row);
      Protected(change, line, row);
      Author(change, line, row);
    }
  }

 private:
  // Of what goes, the line of what it stood under, as far as that stays.
  uint32_t LineOf(const Change& change) {
    switch (change.what) {
      case Change::What::kCluster:
        return 0;
      case Change::What::kQos:
        return c_.LineOfQos(change.row.account);
      case Change::What::kUser:
        if (const uint32_t line = c_.LineOfUser(change.row.user)) return line;
        return LineAbove(FirstAccount(change.row.user));
      case Change::What::kAccount:
      case Change::What::kAssociation:
        if (const uint32_t line = c_.LineOf(change.row)) return line;
        return LineAbove(change.row.account);
    }
    return 0;
  }

  // The associations in the base of a user who changes; those of all such are
  // gathered once.
  const std::vector<AssocKey>& RowsOf(Name user) {
    if (rows_.empty()) {
      for (const Change& change : changes_) {
        if (change.what == Change::What::kUser) rows_[change.row.user];
      }
      for (const auto& [key, row] : base_.associations) {
        if (key.is_account()) continue;
        const auto of = rows_.find(key.user);
        if (of != rows_.end()) of->second.push_back(key);
      }
    }
    return rows_[user];
  }

  Name FirstAccount(Name user) {
    const std::vector<AssocKey>& rows = RowsOf(user);
    return rows.empty() ? RootName() : rows[0].account;
  }

  // Associations of users in the account and all below it, in the proposal.
  size_t Below(Name account) {
    if (below_.empty()) {
      for (const auto& [key, row] : c_.tree.associations) {
        if (!key.is_account()) ++below_[key.account];
      }
      const std::vector<HangingAccount> order = TopDown(c_.tree);
      for (auto at = order.rbegin(); at != order.rend(); ++at) {
        const size_t own = below_[at->name];
        below_[at->row.parent] += own;
      }
    }
    return below_[account];
  }

  uint32_t LineAbove(Name account) {
    return lines_.Of(base_, account,
                     [&](Name up) { return c_.LineOfAccount(up); });
  }

  void Shares() {
    const auto look = [&](absl::string_view kind, const auto& before,
                          const auto& after) {
      DeleteShare share{0, before.size()};
      Along stays(after);
      for (const auto& [key, value] : before) {
        share.gone += stays.Find(key) == nullptr;
      }
      if (!share.Exceeds(c_.policy.delete_share)) return;
      c_.Add(kRuleDeleteShare, 0, "",
             absl::StrCat("deletes ", share.gone, " of ", share.of, " ", kind,
                          " (", share.percent(), "%), more than ",
                          c_.policy.delete_share, "%"),
             "check that the file is whole");
    };
    look("accounts", base_.accounts, c_.tree.accounts);
    look("users", base_.users, c_.tree.users);
    look("associations", base_.associations, c_.tree.associations);
    if (base_.lists_qos && c_.tree.lists_qos) {
      look("QOS", base_.qos, c_.tree.qos);
    }
  }

  void Limits(const Change& change, uint32_t line, const std::string& row) {
    if (change.how != Change::How::kModify) return;
    for (const FieldChange& field : change.fields) {
      if (!IsLimit(field.key) || !field.from.has_value()) continue;
      absl::btree_map<absl::string_view, uint64_t> after;
      const Name to = field.to.value_or(Name());
      for (const TresItem& item : LimitNumbers(field.key, to.view())) {
        after.insert(item);
      }
      for (const auto& [tres, value] :
           LimitNumbers(field.key, field.from->view())) {
        Raised(field.key, tres, value, FindIn(after, tres), line, row);
      }
    }
  }

  void Raised(Key key, absl::string_view tres, uint64_t from,
              const uint64_t* to, uint32_t line, const std::string& row) {
    if (to != nullptr &&
        static_cast<double>(*to) <=
            static_cast<double>(from) * c_.policy.raise_factor) {
      return;
    }
    const std::string what =
        absl::StrCat(Info(key).name, tres.empty() ? "" : " ", tres);
    c_.Add(kRuleRaisedLimit, line, row,
           to != nullptr
               ? absl::StrCat(what, " goes from ", from, " to ", *to,
                              ", more than ", c_.policy.raise_factor, " times")
               : absl::StrCat(what, " ", from, " is removed"))
        .key = key;
  }

  void AdminLevel(const Change& change, uint32_t line, const std::string& row) {
    if (change.what != Change::What::kUser) return;
    for (const FieldChange& field : change.fields) {
      if (field.key != Key::kAdminLevel) continue;
      const auto word = [](const std::optional<Name>& level) {
        return level.has_value() ? level->str() : std::string("None");
      };
      c_.Add(kRuleAdminLevel, line, row,
             absl::StrCat("AdminLevel of user '", change.row.user.view(),
                          "' goes from ", word(field.from), " to ",
                          word(field.to)))
          .key = field.key;
    }
  }

  void Moved(const Change& change, uint32_t line, const std::string& row) {
    if (!change.moves()) return;
    const size_t below = Below(change.row.account);
    c_.Add(kRuleMoved, line, row,
           absl::StrCat("account '", change.row.account.view(),
                        "' moves from '", change.parent_from.view(), "' to '",
                        change.parent_to.view(), "', with ",
                        Counted(below, "association"), " of users"));
  }

  void User(const Change& change, uint32_t line, const std::string& row) {
    if (change.what != Change::What::kUser) return;
    if (change.how == Change::How::kRemove) {
      Draft& draft = c_.Add(kRuleUserLeaves, line, row,
                            absl::StrCat("user '", change.row.user.view(),
                                         "' loses every account"),
                            "check that they left");
      for (const AssocKey& key : RowsOf(change.row.user)) {
        draft.finding.related.push_back(key.ToString());
      }
      return;
    }
    if (change.how != Change::How::kModify) return;
    for (const FieldChange& field : change.fields) {
      if (field.key != Key::kDefaultAccount || !field.from.has_value() ||
          !field.to.has_value()) {
        continue;
      }
      c_.Add(kRuleNewDefault, line, row,
             absl::StrCat("the default account of user '",
                          change.row.user.view(), "' goes from '",
                          field.from->view(), "' to '", field.to->view(), "'"))
          .key = field.key;
    }
  }

  void Protected(const Change& change, uint32_t line, const std::string& row) {
    const bool user = !change.row.user.empty();
    if (change.what == Change::What::kCluster ||
        change.what == Change::What::kQos) {
      return;
    }
    const Globs& globs =
        user ? c_.policy.protected_users : c_.policy.protected_accounts;
    const Name name = user ? change.row.user : change.row.account;
    if (!globs.Match(name.view())) return;
    if (change.how == Change::How::kAdd && !user) return;
    c_.Add(kRuleProtected, line, row,
           absl::StrCat(user ? "user '" : "account '", name.view(),
                        "' is protected: ", change.ToString()),
           "leave it as it is");
  }

  static bool SaysWho(const Policy::Owner& owner) {
    return owner.authors.has_value();
  }

  // Whoever may change an account may change what is below it.
  bool May(const Policy::Owner* owner) const {
    return owner == nullptr || owner->authors->Match(c_.input.author);
  }

  // As it was and as it will be, wherever it is.
  bool MayChange(Name account) {
    return (!base_.accounts.contains(account) ||
            May(base_owner_.Of(account))) &&
           (!c_.tree.accounts.contains(account) || May(owner_.Of(account)));
  }

  // The accounts by whose owners a change must be proposed: what is nobody's
  // own is root's. Defaults and WCKeys go with the user's rows.
  std::vector<Name> Owned(const Change& change) {
    switch (change.what) {
      case Change::What::kAccount:
      case Change::What::kAssociation:
        return {change.row.account};
      case Change::What::kCluster:
      case Change::What::kQos:
        return {RootName()};
      case Change::What::kUser:
        break;
    }
    std::vector<Name> accounts;
    for (const FieldChange& field : change.fields) {
      if (field.key == Key::kAdminLevel) accounts.push_back(RootName());
      if (field.key != Key::kCoordinator) continue;
      const Name from = field.from.value_or(Name());
      const Name to = field.to.value_or(Name());
      for (const auto& differ : {ElementsBut(from.view(), to.view()),
                                 ElementsBut(to.view(), from.view())}) {
        for (const absl::string_view name : differ) accounts.emplace_back(name);
      }
    }
    return accounts;
  }

  void Author(const Change& change, uint32_t line, const std::string& row) {
    if (c_.input.author.empty()) return;
    for (const Name account : Owned(change)) {
      if (MayChange(account)) continue;
      c_.Add(kRuleAuthor, line, row,
             absl::StrCat("'", c_.input.author, "' may not change account '",
                          account.view(), "': ", change.ToString()),
             "ask an owner to propose it");
      return;
    }
  }

  const Tree& base_;
  const std::vector<Change>& changes_;
  Checker& c_;
  absl::flat_hash_map<Name, std::vector<AssocKey>> rows_;
  absl::btree_map<Name, size_t> below_;
  Inherited<uint32_t> lines_;  // Of the accounts above, that stay.
  NearestRule<Policy::Owner> base_owner_, owner_;
};

}  // namespace

void CheckChanges(const Tree& base, Checker* c, CheckReport::Changes* counts) {
  if (base.cluster != c->tree.cluster) {
    c->Add(kRuleOtherCluster, 0, "cluster",
           absl::StrCat("the base is of cluster '", base.cluster.view(),
                        "', the proposal of '", c->tree.cluster.view(), "'"),
           "give the base that the proposal was made from");
    return;
  }
  const std::vector<Change> changes = Diff(base, c->tree);
  *counts = CountOf(changes);
  ChangeRules(base, changes, c).Run();
}

}  // namespace assocsync::check
