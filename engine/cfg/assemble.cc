#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/cfg/drafts.h"

namespace assocsync::cfg {
namespace {

using Wide = unsigned __int128;

// The first 16 bytes of a text as a number that sorts as the text does.
Wide Prefix(absl::string_view text) {
  Wide prefix = 0;
  for (size_t i = 0; i < 16; ++i) {
    prefix = prefix << 8 |
             (i < text.size() ? static_cast<unsigned char>(text[i]) : 0u);
  }
  return prefix;
}

// The numbers of `drafts` in the order of their names.
template <typename Draft>
std::vector<uint32_t> ByName(const std::deque<Draft>& drafts) {
  std::vector<std::pair<Wide, uint32_t>> keys;
  keys.reserve(drafts.size());
  for (uint32_t i = 0; i < drafts.size(); ++i) {
    keys.emplace_back(Prefix(drafts[i].name.view()), i);
  }
  std::sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return drafts[a.second].name < drafts[b.second].name;
  });
  std::vector<uint32_t> order;
  order.reserve(keys.size());
  for (const auto& key : keys) order.push_back(key.second);
  return order;
}

std::vector<uint32_t> Ranks(const std::vector<uint32_t>& order) {
  std::vector<uint32_t> ranks(order.size());
  for (uint32_t i = 0; i < order.size(); ++i) ranks[order[i]] = i;
  return ranks;
}

class Assembler {
 public:
  Assembler(Drafts drafts, bool infer_default, Errors* errors)
      : d_(std::move(drafts)), infer_default_(infer_default), errors_(errors) {}

  Tree Run() {
    tree_.cluster = d_.cluster;
    tree_.cluster_fields = std::move(d_.cluster_fields);
    tree_.lists_qos = d_.qos.lists_qos;
    tree_.qos = std::move(d_.qos.qos);
    const std::vector<uint32_t> accounts = ByName(d_.accounts);
    const std::vector<uint32_t> users = ByName(d_.users);
    Rows(Ranks(accounts), Ranks(users));
    for (const uint32_t i : accounts) {
      AccountDraft& account = d_.accounts[i];
      tree_.accounts.emplace_hint(
          tree_.accounts.end(), account.name,
          Record{std::move(account.record), account.line});
    }
    for (const uint32_t i : users) {
      UserDraft& user = d_.users[i];
      CheckDefault(&user);
      tree_.users.emplace_hint(tree_.users.end(), user.name,
                               Record{std::move(user.record), user.line});
    }
    return std::move(tree_);
  }

 private:
  void Rows(const std::vector<uint32_t>& account_ranks,
            const std::vector<uint32_t>& user_ranks) {
    struct Order {
      uint64_t names;
      uint32_t row;
    };
    std::vector<Order> order;
    order.reserve(d_.rows.size());
    for (uint32_t i = 0; i < d_.rows.size(); ++i) {
      const RowDraft& row = d_.rows[i];
      const uint64_t user = row.user == 0 ? 0 : user_ranks[row.user - 1] + 1;
      order.push_back({uint64_t{account_ranks[row.account]} << 32 | user, i});
      if (row.user != 0) Seen(row, &d_.users[row.user - 1]);
    }
    std::sort(order.begin(), order.end(), [&](const Order& a, const Order& b) {
      if (a.names != b.names) return a.names < b.names;
      const Atom first = d_.rows[a.row].partition;
      const Atom second = d_.rows[b.row].partition;
      return first == second ? a.row < b.row : first < second;
    });
    for (const Order& at : order) {
      RowDraft& row = d_.rows[at.row];
      const AssocKey key = {
          d_.accounts[row.account].name,
          row.user == 0 ? Atom() : d_.users[row.user - 1].name, row.partition};
      if (!tree_.associations.empty()) {
        const auto& [last, first_row] = *tree_.associations.rbegin();
        if (last == key) {
          Duplicate(key, row.line, first_row.line);
          continue;
        }
      }
      tree_.associations.emplace_hint(
          tree_.associations.end(), key,
          Association{row.parent, std::move(row.limits), row.line});
    }
  }

  void Seen(const RowDraft& row, UserDraft* user) {
    if (user->account == 0) user->account = row.account + 1;
    if (user->account != row.account + 1) user->several_accounts = true;
    const Atom* const account = user->record.Find(Key::kDefaultAccount);
    if (account != nullptr && *account == d_.accounts[row.account].name) {
      user->has_default_row = true;
    }
  }

  void Duplicate(const AssocKey& key, uint32_t line, uint32_t first) {
    errors_->Add(
        {static_cast<int>(line), 1},
        absl::StrCat(
            "user '", key.user.view(), "' stands in account '",
            key.account.view(), "' twice",
            key.partition.empty()
                ? std::string(" without a partition")
                : absl::StrCat(" for partition '", key.partition.view(), "'"),
            "; the first time on line ", first, "; remove one"));
  }

  void CheckDefault(UserDraft* user) {
    if (user->account == 0) return;
    const auto given = static_cast<int>(user->given[0]);
    const Atom* const account = user->record.Find(Key::kDefaultAccount);
    if (account != nullptr) {
      if (user->has_default_row) return;
      errors_->Add(
          {given, static_cast<int>(user->default_column)},
          absl::StrCat("DefaultAccount '", account->view(), "' of user '",
                       user->name.view(),
                       "' is an account in which the user has no line; add "
                       "one, or choose another (or is the file cut short?)"),
          ParseError::About::kDefaultAccount);
    } else if (given == 0 && infer_default_) {
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
  Errors* const errors_;
  Tree tree_;
};

}  // namespace

Tree Assemble(Drafts drafts, bool infer_default, Errors* errors) {
  return Assembler(std::move(drafts), infer_default, errors).Run();
}

}  // namespace assocsync::cfg
