#include "engine/render/report_rows.h"

#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "engine/base/maps.h"

namespace assocsync {
namespace {

using RowKind = ReportRow::Kind;
using Section = Item::Section;

// A user's row in an account.
struct Member {
  AssocKey key;
  const Association* live;
  const Association* expected;
};

struct Account {
  const Association* live = nullptr;
  const Association* expected = nullptr;
  std::vector<Member> members;
};

class RowLister {
 public:
  RowLister(const Plan& plan, const Tree& live,
            const std::vector<Item>& outline)
      : expected_(plan.expected), live_(live) {
    for (const Item& item : outline) {
      items_[IdOf(item.section, item.user, item.row)] = &item;
      if (item.section == Section::kShared) shared_.push_back(&item);
    }
  }

  std::vector<ReportRow> Run() {
    Cluster();
    Qos();
    Accounts();
    Records();
    return std::move(rows_);
  }

 private:
  using Id = std::tuple<Section, bool, Name, Name, Name>;

  static Id IdOf(Section section, bool user, const AssocKey& row) {
    return {section, user, row.account, row.user, row.partition};
  }

  const Item* ItemOf(Section section, bool user, const AssocKey& row) const {
    const Item* const* const item = FindIn(items_, IdOf(section, user, row));
    return item == nullptr ? nullptr : *item;
  }

  ReportRow& Add(RowKind kind, int depth, Name name,
                 const Item* item = nullptr) {
    ReportRow& row = rows_.emplace_back();
    row.kind = kind;
    row.depth = depth;
    row.name = name;
    row.item = item;
    return row;
  }

  static const Fields& OptionsOf(const Fields& fields) { return fields; }
  static const Fields& OptionsOf(const Record& record) { return record.fields; }
  static const Fields& OptionsOf(const Association& row) { return row.limits; }

  template <typename T>
  static void AddSame(const T* live, const T* expected, ReportRow* row) {
    if (live == nullptr || expected == nullptr) return;
    for (const Field& field : OptionsOf(*expected)) {
      const Name* const before = OptionsOf(*live).Find(field.key);
      if (before != nullptr && *before == field.value) {
        row->same.push_back(field);
      }
    }
  }

  void Cluster() {
    const Name name = expected_.cluster;
    ReportRow& row = Add(RowKind::kCluster, 0, name,
                         ItemOf(Section::kCluster, false, {name, {}, {}}));
    AddSame(&live_.cluster_fields, &expected_.cluster_fields, &row);
  }

  void Qos() {
    if (live_.qos.empty() && expected_.qos.empty()) return;
    Add(RowKind::kQosGroup, 0, Name());
    Join(live_.qos, expected_.qos,
         [&](Name name, const Record* live, const Record* expected) {
           ReportRow& row = Add(RowKind::kQos, 1, name,
                                ItemOf(Section::kQos, false, {name, {}, {}}));
           AddSame(live, expected, &row);
         });
  }

  void Accounts() {
    std::vector<Name> names;
    Join(live_.associations, expected_.associations,
         [&](const AssocKey& key, const Association* live,
             const Association* expected) {
           Account& account = accounts_[key.account];
           if (!key.is_account()) {
             account.members.push_back({key, live, expected});
             return;
           }
           account.live = live;
           account.expected = expected;
           names.push_back(key.account);
         });
    WalkAccounts(
        names,
        [this](Name name) {
          const Account& account = accounts_[name];
          const Name parent =
              (account.expected != nullptr ? account.expected : account.live)
                  ->parent;
          return accounts_.contains(parent) ? parent : Name();
        },
        [this](Name name, int depth) { OneAccount(name, depth); });
  }

  void OneAccount(Name name, int depth) {
    const Account& account = accounts_[name];
    ReportRow& row = Add(RowKind::kAccount, depth, name,
                         ItemOf(Section::kAccounts, false, {name, {}, {}}));
    AddSame(FindIn(live_.accounts, name), FindIn(expected_.accounts, name),
            &row);
    AddSame(account.live, account.expected, &row);
    for (const Member& member : account.members) User(member, depth + 1);
  }

  void User(const Member& member, int depth) {
    const AssocKey& key = member.key;
    ReportRow& row = Add(RowKind::kUser, depth, key.user,
                         ItemOf(Section::kAccounts, true, key));
    row.partition = key.partition;
    if (row.item != nullptr && row.item->with_record) told_.insert(key.user);
    const Record* before = FindIn(live_.users, key.user);
    const Record* after = FindIn(expected_.users, key.user);
    if (key.partition.empty() && before != nullptr && after != nullptr &&
        *before == *after &&
        after->fields.Get(Key::kDefaultAccount) == key.account) {
      told_.insert(key.user);
      AddSame(before, after, &row);
    }
    AddSame(member.live, member.expected, &row);
  }

  void Records() {
    const size_t group = rows_.size();
    Add(RowKind::kRecordGroup, 0, Name());
    Join(live_.users, expected_.users,
         [&](Name name, const Record* live, const Record* expected) {
           if (told_.contains(name)) return;
           const AssocKey key{{}, name, {}};
           const Item* const own = ItemOf(Section::kUsers, true, key);
           ReportRow& row =
               Add(RowKind::kRecord, 1, name,
                   own != nullptr ? own : ItemOf(Section::kShared, true, key));
           AddSame(live, expected, &row);
         });
    // Shared ones of accounts, and of users who have no row here.
    for (const Item* item : shared_) {
      if (item->user && (live_.users.contains(item->row.user) ||
                         expected_.users.contains(item->row.user))) {
        continue;
      }
      Add(RowKind::kRecord, 1, item->user ? item->row.user : item->row.account,
          item);
    }
    if (rows_.size() == group + 1) rows_.pop_back();
  }

  const Tree& expected_;
  const Tree& live_;
  absl::flat_hash_map<Id, const Item*> items_;
  std::vector<const Item*> shared_;
  absl::flat_hash_map<Name, Account> accounts_;
  absl::flat_hash_set<Name> told_;  // Users whose records have been told.
  std::vector<ReportRow> rows_;
};

}  // namespace

std::vector<ReportRow> ReportRows(const Plan& plan, const Tree& live,
                                  const std::vector<Item>& outline) {
  return RowLister(plan, live, outline).Run();
}

}  // namespace assocsync
