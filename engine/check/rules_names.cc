// Names that Slurm confuses or cannot be told.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "engine/check/checker.h"
#include "engine/model/value.h"
#include "engine/slurm/names.h"

namespace assocsync::check {
namespace {

// The unique index of Slurm's association tables (slurm-facts 4.4).
constexpr size_t kIndexed = 42;

// A name and where it first stands.
struct Named {
  uint32_t line = 0;
  std::string row;
  bool partition = false;
};
using NamedThings = absl::btree_map<Name, Named>;

void LookAlikes(absl::string_view kind, const NamedThings& own,
                const NamedThings& others, Checker* c) {
  slurm::NameIndex index;
  for (const auto& [name, named] : own) index.Insert(name);
  for (const auto& [name, named] : others) index.Insert(name);
  for (const auto& [name, named] : own) {
    if (name.view().find_first_of("_%") == absl::string_view::npos) continue;
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
    Draft& draft =
        c->Add(kRuleLookAlike, named.line, named.row,
               absl::StrCat(
                   "`sacctmgr delete ", kind, " ", name.view(), "` would take ",
                   count == 1 ? victims[0] : absl::StrCat(count, " others"),
                   " along (Slurm 23.11 and later)"),
               "choose a name without `_`");
    if (count > 1) draft.finding.related = std::move(victims);
  }
}

void SamePrefix(absl::string_view kind, const NamedThings& things, Checker* c) {
  const NamedThings::value_type* last = nullptr;
  for (const auto& thing : things) {
    if (last != nullptr && thing.first.view().size() >= kIndexed &&
        last->first.view().size() >= kIndexed &&
        thing.first.view().substr(0, kIndexed) ==
            last->first.view().substr(0, kIndexed)) {
      c->Add(kRuleSamePrefix, thing.second.line, thing.second.row,
             absl::StrCat(kind, " '", thing.first.view(), "' and '",
                          last->first.view(),
                          "' are equal in their first 42 characters"),
             "shorten one of them")
          .partition = thing.second.partition;
    }
    last = &thing;
  }
}

void Addressable(absl::string_view kind, const NamedThings& things,
                 Checker* c) {
  for (const auto& [name, named] : things) {
    const absl::string_view why = kind == "account"
                                      ? WhyNoAccount(name.view())
                                      : WhyNotAddressable(name.view());
    if (why.empty()) continue;
    c->Add(kRuleNotAddressable, named.line, named.row,
           absl::StrCat(kind, " '", name.view(), "' ", why),
           "choose another name")
        .partition = named.partition;
  }
}

}  // namespace

void CheckNames(Checker* c) {
  NamedThings accounts, users, partitions, qos;
  for (const auto& [name, record] : c->tree.accounts) {
    accounts[name] = {c->LineOfAccount(name), name.str()};
  }
  for (const auto& [name, record] : c->tree.users) {
    users[name] = {record.line, absl::StrCat("user ", name.view())};
  }
  for (const auto& [name, record] : c->tree.qos) {
    qos[name] = {record.line, absl::StrCat("QOS ", name.view())};
  }
  for (const auto& [key, row] : c->tree.associations) {
    if (key.partition.empty()) continue;
    partitions.try_emplace(key.partition,
                           Named{row.line, key.ToString(), true});
  }
  // A delete of an account also looks for its name among partitions.
  LookAlikes("account", accounts, partitions, c);
  LookAlikes("user", users, {}, c);
  SamePrefix("accounts", accounts, c);
  SamePrefix("users", users, c);
  SamePrefix("partitions", partitions, c);
  Addressable("account", accounts, c);
  Addressable("user", users, c);
  Addressable("partition", partitions, c);
  Addressable("QOS", qos, c);
}

}  // namespace assocsync::check
