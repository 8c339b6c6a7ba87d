// Names that Slurm confuses or cannot be told.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "engine/check/checker.h"
#include "engine/diff/merge.h"
#include "engine/model/value.h"
#include "engine/slurm/names.h"

namespace assocsync::check {
namespace {

// The unique index of Slurm's association tables (slurm-facts 4.4).
constexpr size_t kIndexed = 42;

// Where a name first stands.
struct Named {
  uint32_t line = 0;
  AssocKey row;
};
struct NamedThings {
  absl::string_view kind;
  Change::What what;  // As findings name them (RowName).
  absl::btree_map<Name, Named> all;

  bool are_partitions() const { return kind == "partition"; }
};

bool IsPattern(Name name) {
  return name.view().find_first_of("_%") != absl::string_view::npos;
}

void LookAlikes(const NamedThings& own, const NamedThings& others, Checker* c) {
  if (absl::c_none_of(
          own.all, [](const auto& named) { return IsPattern(named.first); })) {
    return;
  }
  slurm::NameIndex index;
  for (const auto& [name, named] : own.all) index.Insert(name);
  for (const auto& [name, named] : others.all) index.Insert(name);
  for (const auto& [name, named] : own.all) {
    if (!IsPattern(name)) continue;
    std::vector<Name> found;
    index.FindLike(slurm::FoldName(name.view()), &found);
    std::vector<std::string> victims;
    for (const Name victim : found) {
      if (victim != name) victims.push_back(victim.str());
    }
    if (victims.empty()) continue;
    absl::c_sort(victims);
    victims.erase(std::unique(victims.begin(), victims.end()), victims.end());
    const size_t count = victims.size();
    Draft& draft = c->Add(
        kRuleLookAlike, named.line, RowName(own.what, named.row),
        absl::StrCat("`sacctmgr delete ", own.kind, " ", name.view(),
                     "` would take ",
                     count == 1 ? victims[0] : absl::StrCat(count, " others"),
                     " along (Slurm 23.11 and later)"),
        "choose a name without `_`");
    if (count > 1) draft.finding.related = std::move(victims);
  }
}

void SamePrefix(const NamedThings& things, Checker* c) {
  Name last;
  for (const auto& [name, named] : things.all) {
    if (name.view().size() >= kIndexed && last.view().size() >= kIndexed &&
        name.view().substr(0, kIndexed) == last.view().substr(0, kIndexed)) {
      c->Add(
           kRuleSamePrefix, named.line, RowName(things.what, named.row),
           absl::StrCat(things.kind, "s '", name.view(), "' and '", last.view(),
                        "' are equal in their first 42 characters"),
           "shorten one of them")
          .partition = things.are_partitions();
    }
    last = name;
  }
}

void Addressable(const NamedThings& things, Checker* c) {
  const bool accounts = things.kind == "account";
  for (const auto& [name, named] : things.all) {
    const absl::string_view why =
        accounts ? WhyNoAccount(name.view()) : WhyNotAddressable(name.view());
    if (why.empty()) continue;
    c->Add(kRuleNotAddressable, named.line, RowName(things.what, named.row),
           absl::StrCat(things.kind, " '", name.view(), "' ", why),
           "choose another name")
        .partition = things.are_partitions();
  }
}

}  // namespace

void CheckNames(Checker* c) {
  NamedThings accounts{"account", Change::What::kAccount, {}},
      users{"user", Change::What::kUser, {}},
      partitions{"partition", Change::What::kAssociation, {}},
      qos{"QOS", Change::What::kQos, {}};
  const auto take = [](NamedThings* things, Name name, Named named) {
    things->all.emplace_hint(things->all.end(), name, named);
  };
  for (const auto& [name, record] : c->tree.accounts) {
    take(&accounts, name, {c->LineOfAccount(name), {name, {}, {}}});
  }
  for (const auto& [name, record] : c->tree.users) {
    take(&users, name, {record.line, {{}, name, {}}});
  }
  for (const auto& [name, record] : c->tree.qos) {
    take(&qos, name, {record.line, {name, {}, {}}});
  }
  for (const auto& [key, row] : c->tree.associations) {
    if (key.partition.empty()) continue;
    partitions.all.try_emplace(key.partition, Named{row.line, key});
  }
  // A delete of an account also looks for its name among partitions.
  LookAlikes(accounts, partitions, c);
  LookAlikes(users, {}, c);
  for (const NamedThings* const things : {&accounts, &users, &partitions}) {
    SamePrefix(*things, c);
  }
  for (const NamedThings* const things :
       {&accounts, &users, &partitions, &qos}) {
    Addressable(*things, c);
  }
}

}  // namespace assocsync::check
