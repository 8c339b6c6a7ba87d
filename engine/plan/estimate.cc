#include "engine/plan/estimate.h"

#include <algorithm>
#include <array>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace assocsync {
namespace {

// What a command costs: at each commit slurmdbd walks all associations of the
// cluster, and for each row it asks MariaDB a few times (slurm-facts 12).
struct Cost {
  double command_ms;
  double row_ms;  // For each row that it names.
  // The same, more by this many microseconds for each row of the cluster.
  double live_us;
  double row_live_us;
};

enum Work { kAddUser, kAddOther, kModify, kDelete, kWorks };

struct Costs {
  Release since;
  std::array<Cost, kWorks> of;
};

// From tests/bench/cost, 2026-11-29: two cores of an AMD EPYC, MariaDB 10.11
// beside slurmdbd, no slurmctld, users whom the machine knows.
constexpr Costs kCosts[] = {
    {{2011, 0},
     {{{16.0, 1.37, 0, 0.28},
       {8.2, 0, 0, 0},
       {5.6, 0.44, 2.9, 0.03},
       {41.2, 0, 0, 0}}}},
    {{2205, 0},
     {{{6.7, 1.49, 1.5, 0.26},
       {7.4, 0, 14.4, 0},
       {4.8, 0.46, 3.0, 0.03},
       {34.2, 0, 0.8, 0}}}},
    {{2411, 0},
     {{{0, 2.29, 8.1, 0.59},
       {6.0, 0, 5.8, 0},
       {4.9, 0.48, 3.0, 0.02},
       {64.9, 0, 0, 4.53}}}},
    {{2605, 0},
     {{{0, 2.04, 7.8, 0.36},
       {7.4, 0, 0, 0},
       {4.4, 0.43, 3.4, 0.07},
       {12.7, 0, 101.3, 0}}}},
};

// Below this the first commands do not tell how fast the others will be.
constexpr absl::Duration kTells = absl::Seconds(2);

const Costs& CostsOf(const Release& release) {
  const Costs* found = &kCosts[0];
  for (const Costs& costs : kCosts) {
    if (costs.since <= release) found = &costs;
  }
  return *found;
}

// How many names the word KEY=NAME,NAME has; 0: it is another one.
size_t NamesIn(absl::string_view word, absl::string_view key) {
  if (!absl::StartsWith(word, key)) return 0;
  return 1 + absl::c_count(word, ',');
}

}  // namespace

std::vector<absl::Duration> EndsOf(const Release& release,
                                   const std::vector<Step>& steps,
                                   size_t rows) {
  const Costs& costs = CostsOf(release);
  std::vector<absl::Duration> ends;
  ends.reserve(steps.size());
  double ms = 0;
  for (const Step& step : steps) {
    size_t names = 1, accounts = 1, at = 0;
    bool adds = false, users = false;
    for (const absl::string_view word : step.argv) {
      if (at == 0) adds = word == "add";
      if (at == 1) users = word == "user";
      ++at;
      names = std::max(names, NamesIn(word, "name="));
      accounts = std::max(accounts, NamesIn(word, "account="));
    }
    const Work work = adds && users  ? kAddUser
                      : adds         ? kAddOther
                      : step.deletes ? kDelete
                                     : kModify;
    const size_t touched =
        work == kAddUser ? names * accounts : std::max(names, accounts);
    const Cost& cost = costs.of[work];
    const double n = static_cast<double>(touched);
    const double live = static_cast<double>(rows) / 1000;
    ms += cost.command_ms + cost.row_ms * n + cost.live_us * live +
          cost.row_live_us * n * live;
    ends.push_back(absl::Milliseconds(ms));
    if (adds) rows += touched;
  }
  return ends;
}

absl::Duration TimeLeft(const std::vector<absl::Duration>& ends, size_t done,
                        absl::Duration elapsed) {
  if (ends.empty()) return absl::ZeroDuration();
  const absl::Duration was = done == 0 ? absl::ZeroDuration() : ends[done - 1];
  const absl::Duration left = ends.back() - was;
  if (elapsed < kTells || was == absl::ZeroDuration()) return left;
  return left * absl::FDivDuration(elapsed, was);
}

std::string About(absl::Duration time) {
  const auto in = [&](absl::Duration unit) {
    return std::max(absl::FDivDuration(time, unit) + 0.5, 1.0);
  };
  // Two digits would say more than is known.
  if (time < absl::Seconds(20)) {
    return absl::StrCat("about ", static_cast<int64_t>(in(absl::Seconds(1))),
                        " s");
  }
  if (time < absl::Seconds(95)) {
    return absl::StrCat("about ",
                        10 * static_cast<int64_t>(in(absl::Seconds(10))), " s");
  }
  if (time < absl::Minutes(95)) {
    return absl::StrCat("about ", static_cast<int64_t>(in(absl::Minutes(1))),
                        " min");
  }
  return absl::StrCat("about ", static_cast<int64_t>(in(absl::Hours(1))), " h");
}

}  // namespace assocsync
