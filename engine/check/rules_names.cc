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

bool IsPattern(absl::string_view name) {
  return name.find_first_of("_%") != absl::string_view::npos;
}

// Where a name first stands. `text`: its own, which is fetched once: of a
// million names each is somewhere else in memory.
struct Named {
  uint32_t line = 0;
  AssocKey row;
  absl::string_view text;
};
struct NamedThings {
  absl::string_view kind;
  Change::What what;  // As findings name them (RowName).
  absl::btree_map<Name, Named> all = {};
  bool any_pattern = false;

  // In the order of the names, or anyhow.
  void Take(Name name, uint32_t line, const AssocKey& row) {
    const absl::string_view text = name.view();
    all.emplace_hint(all.end(), name, Named{line, row, text});
    any_pattern = any_pattern || IsPattern(text);
  }
  bool are_partitions() const { return kind == "partition"; }
};

void LookAlikes(const NamedThings& own, const NamedThings& others, Checker* c) {
  if (!own.any_pattern) return;
  slurm::NameIndex index;
  for (const auto& [name, named] : own.all) index.Insert(name);
  for (const auto& [name, named] : others.all) index.Insert(name);
  for (const auto& [name, named] : own.all) {
    if (!IsPattern(named.text)) continue;
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
  absl::string_view last;
  for (const auto& [name, named] : things.all) {
    const absl::string_view text = named.text;
    if (text.size() >= kIndexed && last.size() >= kIndexed &&
        text.substr(0, kIndexed) == last.substr(0, kIndexed)) {
      c->Add(kRuleSamePrefix, named.line, RowName(things.what, named.row),
             absl::StrCat(things.kind, "s '", text, "' and '", last,
                          "' are equal in their first 42 characters"),
             "shorten one of them")
          .partition = things.are_partitions();
    }
    last = text;
  }
}

void Addressable(const NamedThings& things, Checker* c) {
  const bool accounts = things.kind == "account";
  for (const auto& [name, named] : things.all) {
    const absl::string_view why =
        accounts ? WhyNoAccount(named.text) : WhyNotAddressable(named.text);
    if (why.empty()) continue;
    c->Add(kRuleNotAddressable, named.line, RowName(things.what, named.row),
           absl::StrCat(things.kind, " '", named.text, "' ", why),
           "choose another name")
        .partition = things.are_partitions();
  }
}

}  // namespace

void CheckNames(Checker* c) {
  NamedThings accounts{"account", Change::What::kAccount},
      users{"user", Change::What::kUser},
      partitions{"partition", Change::What::kAssociation},
      qos{"QOS", Change::What::kQos};
  for (const auto& [name, record] : c->tree.accounts) {
    accounts.Take(name, c->LineOfAccount(name), {name, {}, {}});
  }
  for (const auto& [name, record] : c->tree.users) {
    users.Take(name, record.line, {{}, name, {}});
  }
  for (const auto& [name, record] : c->tree.qos) {
    qos.Take(name, record.line, {name, {}, {}});
  }
  for (const auto& [key, row] : c->tree.associations) {
    if (key.partition.empty()) continue;
    partitions.Take(key.partition, row.line, key);
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
