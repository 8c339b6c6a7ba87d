#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/model/value.h"
#include "engine/plan/planner.h"

namespace assocsync {
namespace {

// sacctmgr merges TRES lists (slurm-facts 4.6): say what is new or different,
// and -1 for what goes.
std::string TresSetting(absl::string_view from, absl::string_view to) {
  absl::btree_map<absl::string_view,
                  std::pair<const uint64_t*, const uint64_t*>>
      items;
  const std::vector<TresItem> have = TresItems(from);
  const std::vector<TresItem> want = TresItems(to);
  for (const TresItem& item : have) items[item.first].first = &item.second;
  for (const TresItem& item : want) items[item.first].second = &item.second;
  std::vector<std::string> words;
  for (const auto& [name, counts] : items) {
    const auto& [had, gets] = counts;
    if (gets == nullptr) {
      words.push_back(absl::StrCat(name, "=-1"));
    } else if (had == nullptr || *had != *gets) {
      words.push_back(absl::StrCat(name, "=", *gets));
    }
  }
  return absl::StrJoin(words, ",");
}

std::string ClearWord(const KeyInfo& info) {
  switch (info.clear) {
    case Clear::kMinusOne:
      return "-1";
    case Clear::kWord:
      return info.kind == Kind::kPreemptMode ? "cluster" : "None";
    case Clear::kEmpty:
    case Clear::kNever:
    case Clear::kEachMinusOne:
    case Clear::kElsewhere:
      break;
  }
  return "";
}

}  // namespace

std::vector<Setting> SettingsFor(const FieldChanges& changes) {
  std::vector<Setting> set;
  for (const FieldChange& f : changes) {
    const KeyInfo& info = Info(f.key);
    std::string value;
    if (info.kind == Kind::kTres) {
      value = TresSetting(f.from.value_or(Name()).view(),
                          f.to.value_or(Name()).view());
    } else if (f.to.has_value()) {
      value = f.to->str();
    } else {
      value = ClearWord(info);
    }
    if (f.key == Key::kQosPreemptExemptTime && f.to.has_value()) {
      // The file has seconds, the command line takes a time (2.4b).
      value = absl::StrCat("00:00:", value);
    }
    set.push_back({std::string(info.word()), std::move(value)});
  }
  return set;
}

Fields SaidByAdd(const Fields& limits) {
  const Name qos = limits.Get(Key::kQos);
  FieldList said;
  for (const Field& f : limits) {
    if (f.key == Key::kQos && (IsQosDelta(qos.view()) || qos.empty())) continue;
    if (f.key == Key::kDefaultQos &&
        (IsQosDelta(qos.view()) || !HasElement(qos.view(), f.value.view()))) {
      continue;
    }
    said.Set(f.key, f.value);
  }
  return Fields(said);
}

std::vector<Setting> AddSettings(const Fields& said) {
  FieldChanges say;
  for (const Field& f : said) say.push_back({f.key, std::nullopt, f.value});
  return SettingsFor(say);
}

std::string IdOf(const std::vector<Setting>& set) {
  std::string id;
  for (const Setting& s : set) absl::StrAppend(&id, "\n", s.key, "=", s.value);
  return id;
}

std::string WhyOf(const FieldChanges& changes) {
  return absl::StrJoin(changes, ", ",
                       [](std::string* out, const FieldChange& f) {
                         absl::StrAppend(out, f.ToString());
                       });
}

absl::flat_hash_map<Name, int> DepthsOf(
    const std::vector<HangingAccount>& top_down) {
  absl::flat_hash_map<Name, int> depth;
  for (const auto& [name, row] : top_down) {
    depth[name] = row.parent.empty() ? 0 : depth[row.parent] + 1;
  }
  return depth;
}

std::string JoinNames(const std::vector<Name>& names,
                      absl::string_view separator) {
  return absl::StrJoin(names, separator, [](std::string* out, Name name) {
    absl::StrAppend(out, name.view());
  });
}

std::string SomeNames(const std::vector<Name>& names) {
  constexpr size_t kShown = 3;
  if (names.size() <= kShown) return JoinNames(names, ", ");
  return absl::StrCat(names[0].view(), ", ", names[1].view(), " and ",
                      names.size() - 2, " more");
}

Command ModifyAccounts(const std::vector<Name>& names,
                       const std::string& cluster, std::vector<Setting> set) {
  return Command::Modify(Command::Entity::kAccount,
                         {{"name", JoinNames(names)}, {"cluster", cluster}},
                         std::move(set));
}

Command ModifyUserRows(const std::vector<Name>& users,
                       const std::vector<Name>& accounts, Name partition,
                       const std::string& cluster, std::vector<Setting> set) {
  return Command::Modify(Command::Entity::kUser,
                         {{"name", JoinNames(users)},
                          {"account", JoinNames(accounts)},
                          {"cluster", cluster},
                          {"partition", partition.str()}},
                         std::move(set));
}

}  // namespace assocsync
