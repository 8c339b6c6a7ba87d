// The merge of three trees.
//
// 1. Object by object: the cluster, QOS, accounts, users' rows. Decide says who
//    has the object at all, MergeOf what it holds where both sides have it.
// 2. What hangs together (merge_repair.cc): coordinators of an account that the
//    other side deleted; accounts and rows without a parent, circles of
//    accounts, users without a row, until there is none of them. The decision
//    about one can make another.
// 3. Users' records, now that it is known who has a row.
// 4. Names that only one side still knows (merge_names.cc).
// 5. The result is a legal tree. Drift that a conflict nearby undid is left
//    out.
#include "engine/diff/merge.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/base/name_set.h"
#include "engine/diff/merger.h"

namespace assocsync {
namespace {

// Walks three sorted maps at once: f(key, base, live, target), nullptr where
// one lacks the key.
template <typename Map, typename F>
void Join3(const Map& base, const Map& live, const Map& target, F f) {
  auto b = base.begin(), l = live.begin(), t = target.begin();
  while (true) {
    // Most keys are in all three.
    if (b != base.end() && l != live.end() && t != target.end() &&
        b->first == l->first && l->first == t->first) {
      f(b->first, &b->second, &l->second, &t->second);
      ++b, ++l, ++t;
      continue;
    }
    const typename Map::key_type* key = nullptr;
    const auto least = [&](const Map& map, auto it) {
      if (it != map.end() && (key == nullptr || it->first < *key)) {
        key = &it->first;
      }
    };
    least(base, b);
    least(live, l);
    least(target, t);
    if (key == nullptr) return;
    const typename Map::key_type at = *key;
    const auto take = [&](const Map& map, auto* it) {
      const typename Map::mapped_type* found = nullptr;
      if (*it != map.end() && (*it)->first == at) found = &((*it)++)->second;
      return found;
    };
    const auto* in_base = take(base, &b);
    const auto* in_live = take(live, &l);
    f(at, in_base, in_live, take(target, &t));
  }
}

const Fields* FieldsOf(const Record* record) {
  return record == nullptr ? nullptr : &record->fields;
}
const Fields* LimitsOf(const Association* row) {
  return row == nullptr ? nullptr : &row->limits;
}

// Fills a map with keys that come in its order; it may hold others.
template <typename Map>
class InOrder {
 public:
  explicit InOrder(Map* map) : map_(*map), at_(map->begin()) {}
  void Add(const typename Map::key_type& key, typename Map::mapped_type value) {
    while (at_ != map_.end() && at_->first < key) ++at_;
    at_ = map_.emplace_hint(at_, key, std::move(value));
  }

 private:
  Map& map_;
  typename Map::iterator at_;  // The last that was added, or one before.
};

// Puts an object where Decide wants it. `merged`: makes it of both sides.
template <typename Fate, typename Map, typename Merged>
void Settle(Fate fate, const typename Map::key_type& key,
            const typename Map::mapped_type* live,
            const typename Map::mapped_type* target, InOrder<Map>* map,
            Merged merged) {
  switch (fate) {
    case Fate::kGone:
      return;
    case Fate::kLive:
      return map->Add(key, *live);
    case Fate::kTarget:
      return map->Add(key, *target);
    case Fate::kMerged:
      return map->Add(key, merged());
  }
}

void Sort(std::vector<Difference>* differences) {
  std::stable_sort(differences->begin(), differences->end(),
                   [](const Difference& a, const Difference& b) {
                     return std::tie(a.what, a.row, a.about, a.key, a.element) <
                            std::tie(b.what, b.row, b.about, b.key, b.element);
                   });
}

}  // namespace

absl::StatusOr<Merge> Merger::Run() {
  Cluster();
  Qos();
  Accounts();
  UserRows();
  NewCoordinators(live_, target_);
  NewCoordinators(target_, live_);
  // Each round decides about accounts or users for good, or undoes a move: so
  // there is a last one.
  for (size_t rounds = 2 * tree_.accounts.size() + 8;
       Orphans() || Circles() || LostUsers();) {
    if (--rounds == 0) {
      return absl::InternalError("merge: the accounts come to no order");
    }
  }
  UserRecords();
  Coordinators();
  UsesOfQos();
  OwnLists();
  Defaults();
  const std::vector<std::string> wrong = Illegalities(tree_);
  if (!wrong.empty()) {
    return absl::InternalError(
        absl::StrCat("merge: the result is no legal tree: ", wrong[0]));
  }
  for (const auto& [row, side] : options_.prefer_row) {
    if (!used_.contains(row)) out_.unused_preferences.push_back(row);
  }
  std::erase_if(out_.drift,
                [this](const Difference& d) { return !WasKept(d); });
  Sort(&out_.drift);
  Sort(&out_.conflicts);
  Sort(&out_.both);
  return std::move(out_);
}

Side Merger::Preferred(const std::string& row, std::optional<Side>* taken) {
  const auto found = options_.prefer_row.find(row);
  if (found != options_.prefer_row.end()) {
    used_.insert(row);
    *taken = found->second;
  } else {
    *taken = options_.prefer;
  }
  return taken->value_or(Side::kLive);
}

Side Merger::Note(Outcome3 outcome, Difference difference) {
  Side side = Side::kLive;
  switch (outcome) {
    case Outcome3::kSame:
    case Outcome3::kProposed:
      break;
    case Outcome3::kDrift:
      out_.drift.push_back(std::move(difference));
      break;
    case Outcome3::kBoth:
      out_.both.push_back(std::move(difference));
      break;
    case Outcome3::kConflict:
      side = Preferred(RowName(difference.what, difference.row),
                       &difference.taken);
      out_.conflicts.push_back(std::move(difference));
      break;
  }
  return side;
}

Side Merger::Conflict(Change::What what, const AssocKey& row,
                      std::string note) {
  Difference difference;
  difference.what = what;
  difference.row = row;
  difference.note = std::move(note);
  return Note(Outcome3::kConflict, std::move(difference));
}

Merger::Fate Merger::Decide(Change::What what, const AssocKey& row,
                            bool in_base, bool in_live, bool in_target,
                            absl::FunctionRef<bool(Side)> edited) {
  const Outcome3 outcome = Compare3(in_base, in_live, in_target);
  if (in_live && in_target) return Fate::kMerged;
  if (in_live != in_target && in_base &&
      edited(in_live ? Side::kLive : Side::kTarget)) {
    const Side side =
        Conflict(what, row,
                 in_live ? "deleted by the proposal, changed on live"
                         : "changed by the proposal, deleted on live");
    if (side == Side::kLive) return in_live ? Fate::kLive : Fate::kGone;
    return in_target ? Fate::kTarget : Fate::kGone;
  }
  if (outcome == Outcome3::kDrift || outcome == Outcome3::kBoth) {
    Difference difference;
    difference.what = what;
    difference.row = row;
    const auto there = [](bool there) {
      return there ? std::optional<std::string>("") : std::nullopt;
    };
    difference.base = there(in_base);
    difference.live = there(in_live);
    difference.target = there(in_target);
    Note(outcome, std::move(difference));
  }
  if (outcome == Outcome3::kProposed) {
    return in_target ? Fate::kTarget : Fate::kGone;
  }
  return in_live ? Fate::kLive : Fate::kGone;
}

Fields Merger::MergeOf(Change::What what, const AssocKey& row,
                       const Fields* base, const Fields* live,
                       const Fields* target) {
  static const Fields* const none = new Fields;
  if (live == nullptr) return target == nullptr ? *none : *target;
  if (target == nullptr) return *live;
  return MergeFields(base == nullptr ? *none : *base, *live, *target,
                     [&](const FieldOutcome& field) {
                       // No file says what root's record holds, nor those of
                       // some accounts (24.05+).
                       if (what == Change::What::kAccount &&
                           field.outcome == Outcome3::kDrift &&
                           !field.base.has_value()) {
                         return Side::kLive;
                       }
                       Difference difference;
                       difference.what = what;
                       difference.row = row;
                       difference.about = Difference::About::kField;
                       difference.key = field.key;
                       difference.element = field.element;
                       difference.base = field.base;
                       difference.live = field.live;
                       difference.target = field.target;
                       return Note(field.outcome, std::move(difference));
                     });
}

void Merger::Cluster() {
  tree_.cluster = target_.cluster;
  tree_.cluster_fields =
      MergeOf(Change::What::kCluster, AssocKey{}, &base_.cluster_fields,
              &live_.cluster_fields, &target_.cluster_fields);
}

void Merger::Qos() {
  tree_.lists_qos = live_.lists_qos;
  if (!base_.lists_qos || !live_.lists_qos || !target_.lists_qos) {
    tree_.qos = live_.qos;
    return;
  }
  InOrder all(&tree_.qos);
  Join3(base_.qos, live_.qos, target_.qos,
        [&](Name name, const Record* b, const Record* l, const Record* t) {
          const AssocKey row{name, {}, {}};
          const Fate fate = Decide(
              Change::What::kQos, row, b != nullptr, l != nullptr, t != nullptr,
              [&](Side side) { return *(side == Side::kLive ? l : t) != *b; });
          Settle(fate, name, l, t, &all, [&] {
            return Record{MergeOf(Change::What::kQos, row, FieldsOf(b),
                                  FieldsOf(l), FieldsOf(t)),
                          t->line};
          });
        });
}

// Whether the object on that side is another than in base. A user's row counts
// with the user's record, where the other side has no such user any more.
bool Merger::Edited(Side of, const AssocKey& row) const {
  const Tree& side = of == Side::kLive ? live_ : target_;
  const Tree& other = of == Side::kLive ? target_ : live_;
  const auto differs = [](const auto* a, const auto* b) {
    return a != nullptr && b != nullptr && *a != *b;
  };
  if (differs(FindIn(side.associations, row),
              FindIn(base_.associations, row))) {
    return true;
  }
  if (row.is_account()) {
    return differs(FindIn(side.accounts, row.account),
                   FindIn(base_.accounts, row.account));
  }
  return !other.users.contains(row.user) &&
         differs(FindIn(side.users, row.user), FindIn(base_.users, row.user));
}

void Merger::CopyAccount(const Tree& from, Name account) {
  tree_.accounts[account] = from.accounts.at(account);
  const AssocKey row{account, {}, {}};
  tree_.associations[row] = from.associations.at(row);
}

void Merger::Accounts() {
  Join3(
      base_.accounts, live_.accounts, target_.accounts,
      [&](Name name, const Record* b, const Record* l, const Record* t) {
        const AssocKey row{name, {}, {}};
        switch (Decide(Change::What::kAccount, row, b != nullptr, l != nullptr,
                       t != nullptr,
                       [&](Side side) { return Edited(side, row); })) {
          case Fate::kGone:
            return;
          case Fate::kLive:
            return CopyAccount(live_, name);
          case Fate::kTarget:
            return CopyAccount(target_, name);
          case Fate::kMerged:
            break;
        }
        tree_.accounts[name] = {MergeOf(Change::What::kAccount, row,
                                        FieldsOf(b), FieldsOf(l), FieldsOf(t)),
                                t->line};
        const Association* const in_base = FindIn(base_.associations, row);
        const Association& on_live = live_.associations.at(row);
        const Association& proposed = target_.associations.at(row);
        Association& merged = tree_.associations[row];
        merged.line = proposed.line;
        merged.limits =
            MergeOf(Change::What::kAssociation, row, LimitsOf(in_base),
                    &on_live.limits, &proposed.limits);
        std::optional<std::string> from;
        if (in_base != nullptr) from = in_base->parent.str();
        Difference move;
        move.what = Change::What::kAssociation;
        move.row = row;
        move.about = Difference::About::kParent;
        move.base = from;
        move.live = on_live.parent.str();
        move.target = proposed.parent.str();
        const Outcome3 outcome = Compare3(move.base, move.live, move.target);
        const Side side = Note(outcome, std::move(move));
        merged.parent = outcome == Outcome3::kProposed || side == Side::kTarget
                            ? proposed.parent
                            : on_live.parent;
      });
}

void Merger::UserRows() {
  InOrder all(&tree_.associations);
  Join3(base_.associations, live_.associations, target_.associations,
        [&](const AssocKey& row, const Association* b, const Association* l,
            const Association* t) {
          if (row.is_account()) return;
          const Fate fate = Decide(
              Change::What::kAssociation, row, b != nullptr, l != nullptr,
              t != nullptr, [&](Side side) { return Edited(side, row); });
          Settle(fate, row, l, t, &all, [&] {
            return Association{{},
                               MergeOf(Change::What::kAssociation, row,
                                       LimitsOf(b), LimitsOf(l), LimitsOf(t)),
                               t->line};
          });
        });
}

// Those who have an association, now that it is known who has.
void Merger::UserRecords() {
  NameSet users;
  for (const auto& [row, association] : tree_.associations) {
    users.insert(row.user);
  }
  InOrder all(&tree_.users);
  Join3(base_.users, live_.users, target_.users,
        [&](Name user, const Record* b, const Record* l, const Record* t) {
          if (!users.contains(user)) return;
          all.Add(user, {MergeOf(Change::What::kUser, AssocKey{{}, user, {}},
                                 FieldsOf(b), FieldsOf(l), FieldsOf(t)),
                         t == nullptr ? 0 : t->line});
        });
}

// Whether a conflict nearby did not undo it.
bool Merger::WasKept(const Difference& drift) const {
  const Fields* fields = nullptr;
  std::optional<std::string> parent;
  switch (drift.what) {
    case Change::What::kCluster:
      fields = &tree_.cluster_fields;
      break;
    case Change::What::kQos:
      fields = FieldsOf(FindIn(tree_.qos, drift.row.account));
      break;
    case Change::What::kAccount:
      fields = FieldsOf(FindIn(tree_.accounts, drift.row.account));
      break;
    case Change::What::kUser:
      fields = FieldsOf(FindIn(tree_.users, drift.row.user));
      break;
    case Change::What::kAssociation: {
      const Association* const row = FindIn(tree_.associations, drift.row);
      fields = LimitsOf(row);
      if (row != nullptr) parent = row->parent.str();
      break;
    }
  }
  if (drift.about == Difference::About::kRow) {
    return (fields != nullptr) == drift.live.has_value();
  }
  if (fields == nullptr) return false;
  if (drift.about == Difference::About::kParent) return parent == drift.live;
  if (!drift.element.empty()) return true;
  const Name* const value = fields->Find(drift.key);
  return value == nullptr ? !drift.live.has_value()
                          : drift.live == value->str();
}

absl::StatusOr<Merge> MergeTrees(const Tree& base, const Tree& live,
                                 const Tree& target,
                                 const MergeOptions& options) {
  return Merger(base, live, target, options).Run();
}

}  // namespace assocsync
