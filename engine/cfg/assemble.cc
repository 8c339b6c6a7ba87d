#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/cfg/drafts.h"

namespace assocsync::cfg {
namespace {

// The numbers of `drafts` in the order of their names. `sorted`: so many names
// were, all of these among them; 0: none need be.
template <typename Draft>
std::vector<uint32_t> ByName(const std::vector<Draft>& drafts, size_t sorted) {
  if (sorted == 0) {
    std::vector<uint32_t> order(drafts.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return drafts[a].name < drafts[b].name;
    });
    return order;
  }
  constexpr uint32_t kNone = ~uint32_t{0};
  std::vector<uint32_t> by_rank(sorted, kNone);
  for (uint32_t i = 0; i < drafts.size(); ++i) {
    by_rank[drafts[i].name.rank()] = i;
  }
  std::erase(by_rank, kNone);
  return by_rank;
}

std::vector<uint32_t> Ranks(const std::vector<uint32_t>& order) {
  std::vector<uint32_t> ranks(order.size());
  for (uint32_t i = 0; i < order.size(); ++i) ranks[order[i]] = i;
  return ranks;
}

class Assembler {
 public:
  Assembler(Drafts drafts, const AssembleOptions& options, Errors* errors)
      : d_(std::move(drafts)),
        infer_default_(options.infer_default),
        by_hand_(options.by_hand),
        part_(options.part),
        errors_(errors) {}

  Tree Run() {
    tree_.authorship.by_hand = by_hand_;
    tree_.cluster = d_.cluster;
    tree_.cluster_fields = std::move(d_.cluster_fields);
    tree_.lists_qos = d_.qos.lists_qos;
    tree_.qos = std::move(d_.qos.qos);
    // What a small file costs must not go with all names that there ever were.
    const bool most = d_.users.size() >= Name::Count() / 8;
    const size_t sorted = most ? Name::Sort() : 0;
    const std::vector<uint32_t> accounts = ByName(d_.accounts, sorted);
    const std::vector<uint32_t> users = ByName(d_.users, sorted);
    Rows(accounts, Ranks(users));
    for (const uint32_t i : accounts) {
      AccountDraft& account = d_.accounts[i];
      tree_.accounts.emplace_hint(
          tree_.accounts.end(), account.name,
          Record{std::move(account.record), account.line});
    }
    for (size_t at = 0; at < users.size(); ++at) {
      if (at + 2 * kAhead < users.size()) {
        const UserDraft& next = d_.users[users[at + 2 * kAhead]];
        __builtin_prefetch(&next);
        __builtin_prefetch(&next.account);
      }
      if (at + kAhead < users.size()) {
        d_.users[users[at + kAhead]].name.PrefetchRank();
      }
      UserDraft& user = d_.users[users[at]];
      CheckDefault(&user);
      SeeAdminLevel(user);
      tree_.users.emplace_hint(tree_.users.end(), user.name,
                               Record{std::move(user.record), user.line});
    }
    return std::move(tree_);
  }

 private:
  // What is in no order in memory is fetched so many rows or users ahead.
  static constexpr int kAhead = 8;

  // `accounts`: their numbers in the order of their names.
  void Rows(const std::vector<uint32_t>& accounts,
            const std::vector<uint32_t>& user_ranks) {
    // Each account's rows, which mostly stand together, are sorted by
    // themselves.
    const std::vector<uint32_t> account_ranks = Ranks(accounts);
    std::vector<uint32_t> ends(accounts.size() + 1);
    for (const RowDraft& row : d_.rows) {
      ++ends[account_ranks[row.account] + 1];
      if (row.user != 0) Seen(row, &d_.users[row.user - 1]);
    }
    std::partial_sum(ends.begin(), ends.end(), ends.begin());
    struct Order {
      uint32_t user, row;
    };
    std::vector<Order> order(d_.rows.size());
    std::vector<uint32_t> at = ends;
    uint32_t i = 0;
    for (const RowDraft& row : d_.rows) {
      order[at[account_ranks[row.account]]++] = {
          row.user == 0 ? 0 : user_ranks[row.user - 1] + 1, i++};
    }
    const auto sorts_before = [&](const Order& a, const Order& b) {
      if (a.user != b.user) return a.user < b.user;
      const Name first = d_.rows[a.row].partition;
      const Name second = d_.rows[b.row].partition;
      return first == second ? a.row < b.row : first < second;
    };
    for (size_t rank = 0; rank < accounts.size(); ++rank) {
      const auto begin = order.begin() + ends[rank];
      const auto end = order.begin() + ends[rank + 1];
      // As dumps have them.
      if (!std::is_sorted(begin, end, sorts_before)) {
        std::sort(begin, end, sorts_before);
      }
      const Name account = d_.accounts[accounts[rank]].name;
      AssocKey last;
      for (auto next = begin; next != end; ++next) {
        if (order.end() - next > 2 * kAhead) {
          __builtin_prefetch(&d_.rows[next[2 * kAhead].row]);
          d_.rows[next[kAhead].row].name.PrefetchRank();
        }
        RowDraft& row = d_.rows[next->row];
        const bool is_user = row.user != 0;
        const AssocKey key = {account, is_user ? row.name : Name(),
                              row.partition};
        if (key == last) {
          Duplicate(key, row, tree_.associations.at(key));
          continue;
        }
        last = key;
        tree_.associations.emplace_hint(
            tree_.associations.end(), key,
            Association{is_user ? Name() : row.name, row.limits, row.line});
      }
    }
  }

  void Seen(const RowDraft& row, UserDraft* user) {
    if (user->account == 0) user->account = row.account + 1;
    if (user->account != row.account + 1) {
      user->several_accounts = true;
      // slurmdbd gives the default to the first by name (seen on 20.11, 22.05,
      // 24.11 and 26.05).
      if (by_hand_ &&
          d_.accounts[row.account].name < d_.accounts[user->account - 1].name) {
        user->account = row.account + 1;
      }
    }
    const Name* const account = user->record.Find(Key::kDefaultAccount);
    if (account != nullptr && *account == d_.accounts[row.account].name) {
      user->has_default_row = true;
    }
  }

  void Duplicate(const AssocKey& key, const RowDraft& row,
                 const Association& first) {
    const Place at = {static_cast<int>(row.line), 1};
    const std::string twice = absl::StrCat(
        "user '", key.user.view(), "' stands in account '", key.account.view(),
        "' twice",
        key.partition.empty()
            ? std::string(" without a partition")
            : absl::StrCat(" for partition '", key.partition.view(), "'"),
        "; the first time on ", errors_->Words(first.line));
    if (by_hand_) {
      errors_->Note(at,
                    absl::StrCat(twice, row.limits == first.limits
                                            ? ", and both say the same"
                                            : "; the first holds, as sacctmgr "
                                              "load has it"),
                    ParseError::About::kIgnored);
    } else {
      errors_->Add(at, absl::StrCat(twice, "; remove one"));
    }
  }

  // "None" is no value that a record holds; by hand it matters that it was
  // said.
  void SeeAdminLevel(const UserDraft& user) {
    if (by_hand_ && user.Gives(Key::kAdminLevel) &&
        !user.record.Has(Key::kAdminLevel)) {
      tree_.authorship.no_admin_level.insert(user.name);
    }
  }

  // As sacctmgr load does: the line in an account tells that it is the default;
  // for want of one it is the first of the user's accounts by name, which all
  // releases take. Live's may hold as well (plan/by_hand.h).
  void DefaultByHand(UserDraft* user) {
    const Name first = d_.accounts[user->account - 1].name;
    const Name* const said = user->record.Find(Key::kDefaultAccount);
    const auto given =
        static_cast<int>(d_.GivenOn(*user, Key::kDefaultAccount));
    const OddUser& odd = d_.OddOf(*user);
    const bool contested = said != nullptr && !odd.last_default.empty() &&
                           odd.last_default != *said;
    const Place at = {given, static_cast<int>(user->default_column)};
    if (said == nullptr && given != 0 && odd.default_elsewhere.empty()) {
      return;  // "(null)": none is wanted.
    }
    const std::string name = absl::StrCat("user '", user->name.view(), "'");
    if (said != nullptr && !contested) {
      if (!odd.default_elsewhere.empty() && odd.default_elsewhere != *said) {
        errors_->Note(
            at,
            absl::StrCat(name, " is given several default accounts; '",
                         said->view(),
                         "' holds, which the line in that account names"),
            ParseError::About::kIgnored);
      }
      return;
    }
    tree_.authorship.assumed_default.emplace(
        user->name, contested ? odd.last_default : first);
    user->record.Set(Key::kDefaultAccount, first);
    if (contested) {
      errors_->Note(at,
                    absl::StrCat(name,
                                 " is given several default accounts; one of "
                                 "them that holds on live stays, else it is "
                                 "what sacctmgr load of that release takes: "
                                 "the last, '",
                                 odd.last_default.view(), "', or up to 22.05 '",
                                 first.view(), "', the first by name"),
                    ParseError::About::kAssumed);
    } else if (given != 0 || user->several_accounts) {
      const std::string why =
          given == 0
              ? std::string(" has several accounts and no DefaultAccount")
              : absl::StrCat(" has no line in account '",
                             odd.default_elsewhere.view(),
                             "' that names it as the default");
      errors_->Note(
          given == 0 ? Place{static_cast<int>(user->line), 1} : at,
          absl::StrCat(name, why,
                       "; a default that holds on live stays, else it is '",
                       first.view(), "', the first by name"),
          ParseError::About::kAssumed);
    }
  }

  void CheckDefault(UserDraft* user) {
    if (user->account == 0) return;
    if (by_hand_) return DefaultByHand(user);
    const bool given = user->Gives(Key::kDefaultAccount);
    const Name* const account = user->record.Find(Key::kDefaultAccount);
    if (part_ && (account != nullptr || given)) return;
    if (part_) {
      errors_->Add({static_cast<int>(user->line), 1},
                   absl::StrCat("user '", user->name.view(),
                                "' has no DefaultAccount; name it, for it may "
                                "be in another file of the tree"),
                   ParseError::About::kDefaultAccount);
      return;
    }
    if (account != nullptr) {
      if (user->has_default_row) return;
      errors_->Add(
          {static_cast<int>(d_.GivenOn(*user, Key::kDefaultAccount)),
           static_cast<int>(user->default_column)},
          absl::StrCat("DefaultAccount '", account->view(), "' of user '",
                       user->name.view(),
                       "' is an account in which the user has no line; add "
                       "one, or choose another (or is the file cut short?)"),
          ParseError::About::kDefaultAccount);
    } else if (!given && infer_default_) {
      if (!user->several_accounts) {
        user->record.Set(Key::kDefaultAccount,
                         d_.accounts[user->account - 1].name);
        return;
      }
      errors_->Add({static_cast<int>(user->line), 1},
                   absl::StrCat("user '", user->name.view(),
                                "' has several accounts and no "
                                "DefaultAccount; name one of them"),
                   ParseError::About::kDefaultAccount);
    }
  }

  Drafts d_;
  const bool infer_default_;
  const bool by_hand_;
  const bool part_;
  Errors* const errors_;
  Tree tree_;
};

}  // namespace

Tree Assemble(Drafts drafts, const AssembleOptions& options, Errors* errors) {
  return Assembler(std::move(drafts), options, errors).Run();
}

}  // namespace assocsync::cfg
