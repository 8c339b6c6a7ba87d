#include "engine/plan/agreed.h"

#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/diff/diff.h"
#include "engine/model/value.h"
#include "engine/slurm/limits.h"

namespace assocsync {
namespace {

constexpr Key kTexts[] = {Key::kDescription, Key::kOrganization};

// What the file says of a user's record; nullopt: nothing.
std::optional<Name> WordOn(const Tree& tree, Name user, const Fields& fields,
                           Key key) {
  const Name* const value = fields.Find(key);
  if (value != nullptr) return *value;
  const bool says_none = !tree.authorship.by_hand ||
                         (key == Key::kAdminLevel &&
                          tree.authorship.no_admin_level.contains(user));
  return says_none ? std::optional<Name>(Name()) : std::nullopt;
}

absl::string_view Shown(Name value) {
  return value.empty() ? absl::string_view("none") : value.view();
}

// A target that got its QOS definitions from elsewhere may be a dump, and says
// as little as before of what dumps of the release do not print (expected.h).
void KeepUnprinted(const DatabaseState& live, Tree* target) {
  for (const auto& [key, row] : live.tree.associations) {
    const Name* const value = row.limits.Find(Key::kMinPrioThresh);
    const auto at = target->associations.find(key);
    if (value != nullptr && at != target->associations.end() &&
        !at->second.limits.Has(Key::kMinPrioThresh)) {
      at->second.limits.Set(Key::kMinPrioThresh, *value);
    }
  }
}

class Agreement {
 public:
  Agreement(const std::vector<PlanInput>& inputs, const PlaceOfLine& place)
      : inputs_(inputs), place_(place) {}

  AgreedRecords Run(std::vector<Finding>* findings) {
    for (const PlanInput& input : inputs_) {
      out_.clusters.insert(input.live.tree.cluster);
    }
    for (size_t i = 0; i < inputs_.size(); ++i) {
      Qos(i);
      for (size_t j = i + 1; j < inputs_.size(); ++j) {
        Users(i, j);
        Accounts(i, j);
      }
    }
    AddIfAny(MakeFinding(kFilesContradict,
                         "the trees of two clusters say different things of "
                         "what is there once for both",
                         {rows_.begin(), rows_.end()}),
             findings);
    return std::move(out_);
  }

 private:
  void Contradict(absl::string_view record, absl::string_view what,
                  absl::string_view one, const std::string& at,
                  absl::string_view other, const std::string& other_at) {
    rows_.insert(absl::StrCat(record, ": ", what, " ", one, " at ", at, ", ",
                              other, " at ", other_at));
  }

  void Users(size_t i, size_t j) {
    const Tree &a = inputs_[i].target, &b = inputs_[j].target;
    Join(a.users, b.users,
         [&](Name name, const Record* left, const Record* right) {
           if (left == nullptr || right == nullptr) return;
           for (const auto& [key, words] :
                {std::pair(Key::kAdminLevel, &out_.admin_levels),
                 {Key::kCoordinator, &out_.coordinators}}) {
             const auto one = WordOn(a, name, left->fields, key);
             const auto other = WordOn(b, name, right->fields, key);
             if (one.has_value() != other.has_value()) {
               words->emplace(name, one.has_value() ? *one : *other);
             } else if (one != other) {
               Contradict(absl::StrCat("user ", name.view()), Info(key).name,
                          Shown(*one), place_(i, left->line), Shown(*other),
                          place_(j, right->line));
             }
           }
         });
  }

  void Accounts(size_t i, size_t j) {
    Join(inputs_[i].target.accounts, inputs_[j].target.accounts,
         [&](Name name, const Record* left, const Record* right) {
           if (left == nullptr || right == nullptr) return;
           for (const Key key : kTexts) {
             const Name* const one = left->fields.Find(key);
             const Name* const other = right->fields.Find(key);
             if ((one == nullptr) != (other == nullptr)) {
               Fields& texts = out_.texts[name];
               if (!texts.Has(key)) texts.Set(key, *(one ? one : other));
             } else if (one != nullptr && *one != *other) {
               Contradict(absl::StrCat("account ", name.view()), Info(key).name,
                          absl::StrCat("'", one->view(), "'"),
                          place_(i, left->line),
                          absl::StrCat("'", other->view(), "'"),
                          place_(j, right->line));
             }
           }
         });
  }

  // Against the first file that defines any.
  void Qos(size_t i) {
    const Tree& tree = inputs_[i].target;
    if (!tree.lists_qos) return;
    if (!std::exchange(out_.lists_qos, true)) {
      out_.qos = tree.qos;
      first_with_qos_ = i;
      return;
    }
    Join(
        out_.qos, tree.qos,
        [&](Name name, const Record* left, const Record* right) {
          const std::string record = absl::StrCat("QOS ", name.view());
          if (left == nullptr || right == nullptr) {
            const size_t in = left == nullptr ? i : first_with_qos_;
            const size_t out = left == nullptr ? first_with_qos_ : i;
            rows_.insert(
                absl::StrCat(record, ": defined at ",
                             place_(in, (left == nullptr ? right : left)->line),
                             ", and not in ", place_(out, 0)));
            return;
          }
          for (const FieldChange& f : DiffFields(left->fields, right->fields)) {
            Contradict(record, Info(f.key).name,
                       f.from.has_value() ? f.from->view() : "(not set)",
                       place_(first_with_qos_, left->line),
                       f.to.has_value() ? f.to->view() : "(not set)",
                       place_(i, right->line));
          }
        });
  }

  const std::vector<PlanInput>& inputs_;
  const PlaceOfLine& place_;
  AgreedRecords out_;
  absl::btree_set<std::string> rows_;
  size_t first_with_qos_ = 0;
};

}  // namespace

void SharedView::Apply(const DatabaseState& live, const Behaviour& behaviour,
                       Tree* target) const {
  for (auto& [name, record] : target->users) {
    for (const auto& [key, words] :
         {std::pair(Key::kAdminLevel, &agreed->admin_levels),
          {Key::kCoordinator, &agreed->coordinators}}) {
      const Name* const word = FindIn(*words, name);
      if (word != nullptr) slurm::SetOrErase(key, *word, &record.fields);
    }
    const auto stays = [&](absl::string_view element) {
      const Name account(element);
      // What this cluster has now, ExpectedFor tells of.
      const bool gone = agreed->gone_accounts.contains(account) &&
                        !live.tree.accounts.contains(account);
      const bool waits = adds_only && !live.accounts.contains(account) &&
                         !target->accounts.contains(account);
      return !gone && !waits;
    };
    KeepElements(Key::kCoordinator, stays, &record.fields);
  }
  for (auto& [name, record] : target->accounts) {
    const Fields* const texts = FindIn(agreed->texts, name);
    if (texts == nullptr) continue;
    for (const Field& f : *texts) record.fields.Set(f.key, f.value);
  }
  if (!agreed->lists_qos) return;
  if (!target->lists_qos && !behaviour.dumps_qos) KeepUnprinted(live, target);
  target->lists_qos = true;
  target->qos = agreed->qos;
  if (!is_last) target->qos.insert(live.tree.qos.begin(), live.tree.qos.end());
}

void LookAtTargets(const std::vector<PlanInput>& inputs,
                   const std::vector<const Tree*>& targets,
                   AgreedRecords* agreed, std::vector<Finding>* findings) {
  const Name administrator("Administrator");
  absl::btree_set<Name> stay;  // Accounts.
  for (const auto& [other, row] : inputs[0].live.others) {
    if (!agreed->clusters.contains(other.cluster))
      stay.insert(other.row.account);
  }
  for (const Tree* const target : targets) {
    for (const auto& [name, record] : target->accounts) stay.insert(name);
    for (const auto& [name, record] : target->users) {
      agreed->has_administrator |=
          name != RootName() &&
          record.fields.Get(Key::kAdminLevel) == administrator;
    }
  }
  for (const PlanInput& input : inputs) {
    for (const auto& [name, record] : input.live.tree.accounts) {
      if (!stay.contains(name)) agreed->gone_accounts.insert(name);
    }
  }
  absl::btree_set<std::string> rows;
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (const auto& [name, record] : targets[i]->users) {
      const Name rights = record.fields.Get(Key::kCoordinator);
      for (const absl::string_view account : Elements(rights.view())) {
        // Of those that this cluster has now, its own plan says so.
        if (agreed->gone_accounts.contains(Name(account)) &&
            !inputs[i].live.tree.accounts.contains(Name(account))) {
          rows.insert(absl::StrCat("user ", name.view(), ": ", account));
        }
      }
    }
  }
  AddIfAny(MakeFinding(kCannotRestore,
                       "cannot restore: Coordinator of accounts that no target "
                       "holds",
                       {rows.begin(), rows.end()}),
           findings);
}

AgreedRecords AgreedBy(const std::vector<PlanInput>& inputs,
                       const PlaceOfLine& place,
                       std::vector<Finding>* findings) {
  return Agreement(inputs, place).Run(findings);
}

}  // namespace assocsync
