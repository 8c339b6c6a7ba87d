// Limits of a row against those of the accounts above it.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/check/checker.h"
#include "engine/model/value.h"
#include "engine/model/walk.h"

namespace assocsync::check {
namespace {

// A limit of one row: the whole option, or one TRES of it.
struct Limit {
  Key key;
  absl::string_view tres;  // Empty: not by TRES.
  uint64_t value;

  std::string Words() const {
    return absl::StrCat(Info(key).name, tres.empty() ? "" : " ", tres, " ",
                        value);
  }
};

// Slurm's names tell which is which.
bool IsGroup(Key key) { return absl::StartsWith(Info(key).name, "Grp"); }
bool IsJob(Key key) { return absl::StartsWith(Info(key).name, "Max"); }

std::vector<Limit> LimitsOf(const Fields& fields) {
  std::vector<Limit> out;
  for (const Field& field : fields) {
    if (!IsGroup(field.key) && !IsJob(field.key)) continue;
    for (const auto& [tres, value] :
         LimitNumbers(field.key, field.value.view())) {
      out.push_back({field.key, tres, value});
    }
  }
  return out;
}

// One limit of the accounts on the way from root to where the walk is.
struct Above {
  struct Entry {
    uint64_t value;
    Name account;
  };
  // Of job limits: all, the nearest last. Of group limits those that may still
  // be the nearest that is smaller than some value: they rise.
  std::vector<Entry> entries;
  size_t size = 0;  // Those behind it wait for the walk to come back.

  using At = std::vector<Entry>::const_iterator;
  At begin() const { return entries.begin(); }
  At end() const { return begin() + static_cast<ptrdiff_t>(size); }
  // Behind those that are smaller than `value`.
  At Behind(uint64_t value) const {
    return std::partition_point(
        begin(), end(), [&](const Entry& e) { return e.value < value; });
  }
};

class Limits {
 public:
  explicit Limits(Checker* c) : c_(*c) {}

  void Enter(Name account) {
    undo_.emplace_back();
    auto row = c_.tree.associations.find({account, Name(), Name()});
    if (row == c_.tree.associations.end()) return;
    const std::vector<Limit> own = Check(row->first, row->second);
    for (const Limit& limit : own) Push(limit, account);
    for (++row;
         row != c_.tree.associations.end() && row->first.account == account;
         ++row) {
      Check(row->first, row->second);
    }
  }

  void Leave() {
    std::vector<Undo>& undo = undo_.back();
    for (auto step = undo.rbegin(); step != undo.rend(); ++step) {
      step->of->entries[step->at] = step->was;
      step->of->size = step->size;
    }
    undo_.pop_back();
  }

 private:
  struct Undo {
    Above* of;
    size_t at;
    Above::Entry was;
    size_t size;
  };

  // Nodes of a btree_map may move, those of this one do not.
  Above& Of(const Limit& limit) {
    std::unique_ptr<Above>& above = above_[{limit.key, limit.tres}];
    if (above == nullptr) above = std::make_unique<Above>();
    return *above;
  }

  std::vector<Limit> Check(const AssocKey& key, const Association& row) {
    std::vector<Limit> limits = LimitsOf(row.limits);
    for (const Limit& limit : limits) CheckLimit(limit, key, row);
    return limits;
  }

  void CheckLimit(const Limit& limit, const AssocKey& key,
                  const Association& row) {
    const Above& above = Of(limit);
    const bool group = IsGroup(limit.key);
    // The nearest job limit replaces those above it; group limits all hold.
    const Above::At behind = group ? above.Behind(limit.value) : above.end();
    if (behind == above.begin()) return;
    const Above::Entry& up = *std::prev(behind);
    if (limit.value <= up.value) return;
    c_.Add(group ? kRuleGroupLimit : kRuleJobLimit, row.line, key.ToString(),
           absl::StrCat(
               limit.Words(),
               group ? " never holds: account '"
                     : " is more than what would be inherited: account '",
               up.account.view(), "' has ", up.value),
           group ? absl::StrCat("lower it to ", up.value,
                                " or less, or raise it in ", up.account.view())
                 : "remove it, if it is not meant")
        .key = limit.key;
  }

  void Push(const Limit& limit, Name account) {
    Above& above = Of(limit);
    const auto at = static_cast<size_t>(
        (IsGroup(limit.key) ? above.Behind(limit.value) : above.end()) -
        above.begin());
    if (at == above.entries.size()) above.entries.emplace_back();
    Above::Entry& entry = above.entries[at];
    undo_.back().push_back({&above, at, entry, above.size});
    entry = {limit.value, account};
    above.size = at + 1;
  }

  Checker& c_;
  absl::btree_map<std::pair<Key, absl::string_view>, std::unique_ptr<Above>>
      above_;
  std::vector<std::vector<Undo>> undo_;  // Of the accounts on the way.
};

}  // namespace

void CheckLimits(Checker* c) {
  Limits limits(c);
  Walk(
      c->tree, [&](Name account) { limits.Enter(account); },
      [&](Name) { limits.Leave(); });
}

}  // namespace assocsync::check
