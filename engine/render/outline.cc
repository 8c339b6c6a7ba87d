#include "engine/render/outline.h"

#include <cstddef>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "engine/base/name_set.h"

namespace assocsync {
namespace {

using Mark = Item::Mark;
using Part = Item::Section;

Mark MarkOf(const Change& change) {
  if (change.how == Change::How::kAdd) return Mark::kAdd;
  if (change.how == Change::How::kRemove) return Mark::kRemove;
  return change.moves() ? Mark::kMove : Mark::kModify;
}

// An account that is shown: changed itself, or above something that is.
struct Node {
  const Change* row = nullptr;
  const Change* record = nullptr;
  std::vector<const Change*> users;
};

// A user's record that changes, and the row that it is shown with.
struct UserRecord {
  const Change* change = nullptr;
  Name default_account;
  const Change* at = nullptr;
};

class Outliner {
 public:
  explicit Outliner(const Plan& plan) : plan_(plan) {}

  std::vector<Item> Run() {
    Sort();
    const std::vector<Name> accounts = Shown();
    items_.reserve(clusters_.size() + qos_.size() + nodes_.size() + users_ +
                   records_.size() + shared_.size());
    for (const Change* change : clusters_) Plain(*change, Part::kCluster);
    for (const Change* change : qos_) Plain(*change, Part::kQos);
    WalkAccounts(
        accounts, [this](Name name) { return ParentOf(name); },
        [this](Name name, int depth) {
          const Node& node = nodes_[name];
          Account(name, node, depth);
          for (const Change* user : node.users) User(*user, depth + 1);
        });
    for (const Change* change : records_) Plain(*change, Part::kUsers);
    for (const Change* change : shared_) Plain(*change, Part::kShared);
    return std::move(items_);
  }

 private:
  static bool IsShared(const Change& change) {
    return change.how == Change::How::kModify && !change.reaches.empty();
  }

  // Deals the changes out to the things they belong to.
  void Sort() {
    for (const Change& change : plan_.changes) {
      switch (change.what) {
        case Change::What::kCluster:
          clusters_.push_back(&change);
          break;
        case Change::What::kQos:
          qos_.push_back(&change);
          break;
        case Change::What::kAccount:
          if (IsShared(change)) {
            shared_.push_back(&change);
            break;
          }
          nodes_[change.row.account].record = &change;
          break;
        case Change::What::kUser:
          user_records_[change.row.user] = {&change, DefaultAccount(change),
                                            nullptr};
          break;
        case Change::What::kAssociation:
          if (change.row.is_account()) {
            nodes_[change.row.account].row = &change;
          } else {
            nodes_[change.row.account].users.push_back(&change);
            ++users_;
          }
          break;
      }
    }
    // A record that comes or goes is shown with one of the user's rows that
    // does so too: that of the default account, else the first.
    for (const Change& change : plan_.changes) {
      if (change.what != Change::What::kAssociation) continue;
      UserRecord& record = user_records_[change.row.user];
      if (record.change == nullptr || record.change->how != change.how ||
          change.how == Change::How::kModify) {
        continue;
      }
      if (record.at == nullptr ||
          (change.row.account == record.default_account &&
           record.at->row.account != record.default_account)) {
        record.at = &change;
      }
    }
    for (const Change& change : plan_.changes) {
      if (change.what != Change::What::kUser) continue;
      if (IsShared(change)) {
        shared_.push_back(&change);
      } else if (user_records_[change.row.user].at == nullptr) {
        records_.push_back(&change);
      }
    }
  }

  static Name DefaultAccount(const Change& record) {
    for (const FieldChange& field : record.fields) {
      if (field.key != Key::kDefaultAccount) continue;
      return (record.how == Change::How::kRemove ? field.from : field.to)
          .value_or(Name());
    }
    return Name();
  }

  // The accounts that change, and those above them, sorted.
  std::vector<Name> Shown() {
    std::vector<Name> names;
    names.reserve(nodes_.size());
    for (const auto& [name, node] : nodes_) names.push_back(name);
    for (size_t i = 0; i < names.size(); ++i) {
      const Name parent = ParentOf(names[i]);
      if (!parent.empty() && nodes_.try_emplace(parent).second) {
        names.push_back(parent);
      }
    }
    absl::c_sort(names);
    return names;
  }

  // Where the account will be, and of a removed one, where it was.
  Name ParentOf(Name name) {
    const Change* const row = nodes_[name].row;
    const Name parent = row == nullptr
                            ? assocsync::ParentOf(plan_.expected, name)
                        : row->how == Change::How::kRemove ? row->parent_from
                                                           : row->parent_to;
    return parent == name ? Name() : parent;  // Of no legal tree.
  }

  Item& Add(Part section, Mark mark, bool user, const AssocKey& row,
            int depth = 0) {
    Item& item = items_.emplace_back();
    item.section = section;
    item.mark = mark;
    item.user = user;
    item.row = row;
    item.depth = depth;
    return item;
  }

  void Account(Name name, const Node& node, int depth) {
    Item& item =
        Add(Part::kAccounts, Mark::kContext, false, {name, {}, {}}, depth);
    for (const Change* change : {node.record, node.row}) {
      if (change == nullptr) continue;
      item.mark = MarkOf(*change);
      AddFields(*change, &item);
    }
    // The record of an account that stays may come late or go early.
    if (node.row == nullptr && node.record != nullptr)
      item.mark = Mark::kModify;
    if (item.mark == Mark::kMove) item.moved_from = node.row->parent_from;
  }

  void User(const Change& change, int depth) {
    Item& item = Add(Part::kAccounts, MarkOf(change), true, change.row, depth);
    const UserRecord& record = user_records_[change.row.user];
    if (record.at == &change && !IsShared(*record.change)) {
      item.with_record = true;
      item.user_word = item.mark != Mark::kAdd          ? "user leaves"
                       : record.change->record_is_there ? ""
                                                        : "new user";
      AddFields(*record.change, &item);
    }
    AddFields(change, &item);
  }

  void Plain(const Change& change, Part section) {
    AddFields(change, &Add(section, MarkOf(change),
                           change.what == Change::What::kUser, change.row));
  }

  static void AddFields(const Change& change, Item* item) {
    for (const FieldChange& field : change.fields) {
      item->fields.push_back(&field);
    }
    if (!change.reaches.empty()) item->reaches = change.reaches;
  }

  const Plan& plan_;
  absl::flat_hash_map<Name, Node> nodes_;
  std::vector<const Change*> clusters_, qos_, records_, shared_;
  size_t users_ = 0;  // Rows of users, in the nodes.
  NameMap<UserRecord> user_records_;
  std::vector<Item> items_;
};

}  // namespace

std::vector<Item> Outline(const Plan& plan) { return Outliner(plan).Run(); }

Counts& Counts::operator+=(const Counts& more) {
  add += more.add;
  change += more.change;
  move += more.move;
  remove += more.remove;
  commands += more.commands;
  return *this;
}

Counts CountsOf(const std::vector<Item>& outline, const Plan& plan) {
  Counts counts;
  counts.commands = static_cast<int>(plan.steps.size());
  for (const Item& item : outline) {
    switch (item.mark) {
      case Mark::kContext:
        break;
      case Mark::kAdd:
        ++counts.add;
        break;
      case Mark::kModify:
        ++counts.change;
        break;
      case Mark::kMove:
        ++counts.move;
        break;
      case Mark::kRemove:
        ++counts.remove;
        break;
    }
  }
  return counts;
}

}  // namespace assocsync
