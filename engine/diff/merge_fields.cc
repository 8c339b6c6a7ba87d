#include "engine/diff/merge_fields.h"

#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using Text = std::optional<std::string>;

// Element -> what is said of it: the count of a TRES, the sign of a delta, ""
// of a name in a list.
using Items = absl::btree_map<std::string, std::string>;

Items ItemsOf(Kind kind, bool delta, Name value) {
  Items items;
  if (kind == Kind::kTres) {
    for (const auto& [name, count] : TresItems(value.view())) {
      items[std::string(name)] = absl::StrCat(count);
    }
    return items;
  }
  for (absl::string_view element : Elements(value.view())) {
    if (delta) {
      items[std::string(element.substr(1))] = std::string(element.substr(0, 1));
    } else {
      items[std::string(element)] = "";
    }
  }
  return items;
}

std::string TextOf(Kind kind, bool delta, const Items& items) {
  if (kind == Kind::kTres) {
    std::vector<TresItem> tres;
    for (const auto& [name, count] : items) {
      uint64_t n = 0;
      (void)absl::SimpleAtoi(count, &n);  // StrCat of a number made it.
      tres.emplace_back(name, n);
    }
    return JoinTres(std::move(tres));
  }
  std::vector<std::string> words;
  for (const auto& [name, sign] : items) {
    words.push_back(delta ? absl::StrCat(sign, name) : name);
  }
  return JoinElements({words.begin(), words.end()});
}

Text Found(const Items& items, const std::string& name) {
  const auto it = items.find(name);
  return it == items.end() ? Text() : Text(it->second);
}

// Whether the three values are lists that can be merged by element.
bool ByElement(Kind kind, const Name* base, const Name* live,
               const Name* target) {
  switch (kind) {
    case Kind::kTres:
    case Kind::kNames:
    case Kind::kFlags:
      return true;
    case Kind::kQosList:
      // Not set is "inherited", which is no list to add to.
      if (base == nullptr || live == nullptr || target == nullptr ||
          base->empty() || live->empty() || target->empty()) {
        return false;
      }
      return IsQosDelta(base->view()) == IsQosDelta(live->view()) &&
             IsQosDelta(live->view()) == IsQosDelta(target->view());
    default:
      return false;
  }
}

Items MergeItems(Key key, const Items& base, const Items& live,
                 const Items& target, FieldJudge judge) {
  Items all = base;
  all.insert(live.begin(), live.end());
  all.insert(target.begin(), target.end());
  Items merged;
  for (const auto& [name, unused] : all) {
    const Text b = Found(base, name), l = Found(live, name),
               t = Found(target, name);
    const Outcome3 outcome = Compare3(b, l, t);
    Text value = outcome == Outcome3::kProposed ? t : l;
    if (outcome != Outcome3::kSame && outcome != Outcome3::kProposed) {
      const Side side = judge({outcome, key, name, b, l, t});
      if (outcome == Outcome3::kConflict && side == Side::kTarget) value = t;
    }
    if (value.has_value()) merged[name] = *value;
  }
  return merged;
}

Text Shown(const Name* value) {
  return value == nullptr ? Text() : Text(value->str());
}

}  // namespace

Fields MergeFields(const Fields& base, const Fields& live, const Fields& target,
                   FieldJudge judge) {
  if (live == target || target == base) {
    if (live == base) return live;
  } else if (live == base) {
    return target;
  }
  FieldList merged;
  for (const KeyInfo& info : AllKeys()) {
    const Name *b = base.Find(info.key), *l = live.Find(info.key),
               *t = target.Find(info.key);
    if (b == nullptr && l == nullptr && t == nullptr) continue;
    const auto get = [](const Name* a) {
      return a == nullptr ? std::optional<Name>() : std::optional<Name>(*a);
    };
    const Outcome3 outcome = Compare3(get(b), get(l), get(t));
    if (outcome == Outcome3::kSame || outcome == Outcome3::kProposed) {
      const Name* const value = outcome == Outcome3::kSame ? l : t;
      if (value != nullptr) merged.Set(info.key, *value);
      continue;
    }
    if (outcome == Outcome3::kConflict && ByElement(info.kind, b, l, t)) {
      const bool delta = info.kind == Kind::kQosList && IsQosDelta(b->view());
      const auto items = [&](const Name* a) {
        return a == nullptr ? Items() : ItemsOf(info.kind, delta, *a);
      };
      const Items result =
          MergeItems(info.key, items(b), items(l), items(t), judge);
      // An empty QOS list of its own is what Slurm cannot be told.
      if (!result.empty()) {
        merged.Set(info.key, Name(TextOf(info.kind, delta, result)));
        continue;
      }
      if (info.kind != Kind::kQosList) continue;
    }
    const Side side =
        judge({outcome, info.key, "", Shown(b), Shown(l), Shown(t)});
    const Name* const value =
        outcome == Outcome3::kConflict && side == Side::kTarget ? t : l;
    if (value != nullptr) merged.Set(info.key, *value);
  }
  return Fields(merged);
}

}  // namespace assocsync
