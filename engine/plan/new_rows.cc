#include "engine/plan/new_rows.h"

#include <iterator>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "engine/model/value.h"
#include "engine/plan/estimate.h"

namespace assocsync {
namespace {

constexpr size_t kAnySize = std::numeric_limits<size_t>::max();

// A limit that may be set a moment after its row came: it does not close the
// row, as 0 does, and no list of QOS hangs on it. What is added to a list that
// the row inherits may.
bool MayComeLater(const Field& f) {
  switch (Info(f.key).kind) {
    case Kind::kCount:
    case Kind::kFairshare:
    case Kind::kMinutes:
      return f.value.view() != "0";
    case Kind::kTres:
      return absl::c_none_of(TresItems(f.value.view()),
                             [](const TresItem& i) { return i.second == 0; });
    case Kind::kQosList:
      return AddsQos(f.value.view());
    case Kind::kText:
    case Kind::kName:
    case Kind::kNames:
    case Kind::kAdminLevel:
    case Kind::kClassification:
    case Kind::kSeconds:
    case Kind::kFlags:
    case Kind::kPreemptMode:
    case Kind::kFactor:
      return false;
  }
  return false;
}

// Limits that are said with a row, and those that may come later.
struct Parts {
  Fields now, later;
};

Parts PartsOf(const Fields& limits) {
  FieldList now, later;
  for (const Field& f : limits) {
    (MayComeLater(f) ? later : now).Set(f.key, f.value);
  }
  return {Fields(now), Fields(later)};
}

// What tells adds apart.
using Add = std::tuple<Name, Name, SaysDefault, uint32_t>;
Add AddOf(const NewRow& row, const Fields& limits) {
  return {row.key.account, row.key.partition, row.says_default, limits.id()};
}

// A way to say the limits of new rows: with them in adds of at least `large`
// rows, after the others for the others. Where `telling` is by row, what one
// row alone gets is said with it: that is a command either way, and an add of
// one row comes while the cluster is small.
struct Way {
  size_t large = 0;
  Telling telling = Telling::kByValue;
  size_t commands = 0;
  absl::Duration time;
};

class Chooser {
 public:
  Chooser(const std::vector<NewRow>& rows, const Behaviour& behaviour,
          size_t live)
      : behaviour_(behaviour), live_(live) {
    absl::flat_hash_map<Add, size_t> short_adds;
    for (const NewRow& row : rows) {
      const auto [at, added] =
          kind_of_.try_emplace(AddOf(row, row.limits), kinds_.size());
      if (added) {
        kinds_.push_back({PartsOf(row.limits)});
        const Add short_add = AddOf(row, kinds_.back().parts.now);
        kinds_.back().short_add =
            short_adds.try_emplace(short_add, short_adds.size()).first->second;
      }
      ++kinds_[at->second].rows;
    }
    short_adds_ = short_adds.size();
  }

  // A plan that says limits later is harder to read, so that has to pay: in
  // time, or by half of the commands.
  void Choose(bool may_split) {
    const Way at_once = WayOf(0, Telling::kByValue);
    Way later = at_once;
    for (const size_t large : {kAnySize, kLargeAdd}) {
      if (large != kAnySize && !may_split) continue;
      for (const Telling telling : {Telling::kByValue, Telling::kByRow}) {
        const Way way = WayOf(large, telling);
        if (later.large == 0 || way.time < later.time) later = way;
      }
    }
    const bool pays = 2 * later.commands < at_once.commands ||
                      IsWorthIt(at_once.time - later.time, at_once.time);
    way_ = pays ? later : at_once;
    alike_ = CountAlike(way_.large);
  }
  Telling telling() const { return way_.telling; }

  // Takes what the chosen way says later off the limits.
  void Split(NewRow* row) const {
    const Kind& kind = kinds_[kind_of_.at(AddOf(*row, row->limits))];
    if (kind.rows >= way_.large) {
      row->comes_late = way_.large > 0;
    } else if (IsLater(kind, way_.telling, alike_)) {
      row->limits = kind.parts.now;
      row->later = kind.parts.later;
    }
  }

 private:
  // Rows that one add may say with all of their limits.
  struct Kind {
    Parts parts;
    size_t short_add = 0;  // The one that says nothing that may come later.
    size_t rows = 0;
  };
  using Counts = absl::flat_hash_map<uint32_t, size_t>;  // By Fields::id.

  // How many rows get just these limits later.
  Counts CountAlike(size_t large) const {
    Counts alike;
    for (const Kind& kind : kinds_) {
      if (kind.rows < large) alike[kind.parts.later.id()] += kind.rows;
    }
    return alike;
  }
  static bool IsLater(const Kind& kind, Telling telling, const Counts& alike) {
    return !kind.parts.later.empty() && (telling == Telling::kByValue ||
                                         alike.at(kind.parts.later.id()) > 1);
  }
  Way WayOf(size_t large, Telling telling) const;

  const Behaviour& behaviour_;
  const size_t live_;
  absl::flat_hash_map<Add, size_t> kind_of_;
  std::vector<Kind> kinds_;
  size_t short_adds_ = 0;
  Way way_;
  Counts alike_;
};

Way Chooser::WayOf(size_t large, Telling telling) const {
  const Counts alike = CountAlike(large);
  std::vector<size_t> short_adds(short_adds_), adds, late_adds;
  absl::flat_hash_map<uint32_t, std::pair<Fields, size_t>> later;
  const auto say_later = [&](const Fields& said, size_t rows) {
    later.try_emplace(said.id(), said, 0).first->second.second += rows;
  };
  for (const Kind& kind : kinds_) {
    if (kind.rows >= large) {
      late_adds.push_back(kind.rows);
    } else if (kind.parts.later.empty()) {
      short_adds[kind.short_add] += kind.rows;
    } else if (!IsLater(kind, telling, alike)) {
      adds.push_back(kind.rows);
    } else {
      short_adds[kind.short_add] += kind.rows;
      if (telling == Telling::kByRow) {
        say_later(kind.parts.later, kind.rows);
        continue;
      }
      for (const Field& f : kind.parts.later) {
        Fields one;
        one.Set(f.key, f.value);
        say_later(one, kind.rows);
      }
    }
  }
  absl::c_copy_if(short_adds, std::back_inserter(adds),
                  [](size_t rows) { return rows > 0; });
  Way way{large, telling, adds.size() + late_adds.size(), absl::ZeroDuration()};
  const Release& release = behaviour_.since;
  size_t live = live_;
  const auto come = [&](std::vector<size_t>* sizes) {
    absl::c_sort(*sizes);
    for (const size_t rows : *sizes) {
      way.time += TimeOfAddUser(release, rows, live);
      live += rows;
    }
  };
  come(&adds);
  for (const auto& [id, said] : later) {
    const auto& [limits, rows] = said;
    const size_t commands = 1 + (rows - 1) / behaviour_.modify_batch;
    way.commands += commands;
    way.time += TimeOfModifyUser(release, commands, rows,
                                 limits.Has(Key::kFairshare), live);
  }
  come(&late_adds);
  return way;
}

}  // namespace

Telling SetLimitsAside(const Behaviour& behaviour, size_t live, bool may_split,
                       std::vector<NewRow>* rows) {
  Chooser chooser(*rows, behaviour, live);
  chooser.Choose(may_split);
  for (NewRow& row : *rows) chooser.Split(&row);
  return chooser.telling();
}

}  // namespace assocsync
