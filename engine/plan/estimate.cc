#include "engine/plan/estimate.h"

#include <algorithm>
#include <array>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/plan/bulk_load.h"

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

// kLoad: rows of the cluster are counted after it (load looks for each line of
// its file among them).
enum Work { kAddUser, kAddOther, kModify, kDelete, kLoad, kWorks };

struct Costs {
  Release since;
  std::array<Cost, kWorks> of;
};

// From tests/bench/cost, 2026-11-30: two cores of an Intel Xeon, MariaDB 10.11
// beside slurmdbd, no slurmctld, users whom the machine knows. Deletes on
// 24.11: by names alone, as apply says them with the database at hand.
constexpr Costs kCosts[] = {
    {{2011, 0},
     {{{5.2, 2.13, 1.4, 0.14},
       {6.0, 0.00, 11.9, 0.00},
       {4.0, 0.68, 1.8, 0.02},
       {0.0, 0.26, 1.1, 0.00},
       {0.0, 1.86, 185.2, 0.10}}}},
    {{2205, 0},
     {{{5.6, 2.17, 1.8, 0.15},
       {6.9, 0.00, 0.0, 0.00},
       {3.7, 0.68, 1.7, 0.03},
       {23.6, 0.00, 2.9, 0.00},
       {0.0, 1.87, 218.0, 0.11}}}},
    {{2411, 0},
     {{{0.0, 2.46, 6.0, 0.74},
       {4.0, 0.00, 0.0, 0.00},
       {2.8, 0.67, 2.3, 0.01},
       {15.1, 0.00, 0.0, 0.37},
       {0.0, 2.86, 139.4, 0.04}}}},
    {{2605, 0},
     {{{0.0, 1.60, 5.6, 0.37},
       {4.2, 0.00, 0.0, 0.00},
       {3.4, 0.60, 1.8, 0.04},
       {55.1, 0.00, 0.0, 0.23},
       {0.0, 1.57, 130.4, 0.05}}}},
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

struct Task {
  Work work;
  size_t rows;
  bool adds;
};

Task TaskOf(const Step& step) {
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
  return {work, work == kAddUser ? names * accounts : std::max(names, accounts),
          adds};
}

absl::Duration TimeOfWork(const Release& release, Work work, size_t named,
                          size_t rows) {
  const Cost& cost = CostsOf(release).of[work];
  const double n = static_cast<double>(named);
  const double live = static_cast<double>(rows) / 1000;
  return absl::Milliseconds(cost.command_ms + cost.row_ms * n +
                            cost.live_us * live + cost.row_live_us * n * live);
}

}  // namespace

size_t RowsOf(const Step& step) { return TaskOf(step).rows; }

absl::Duration TimeOf(const Release& release, const Step& step, size_t rows) {
  const Task task = TaskOf(step);
  return TimeOfWork(release, task.work, task.rows, rows);
}

absl::Duration TimeOfLoad(const Release& release, size_t added, size_t rows) {
  return TimeOfWork(release, kLoad, added, rows + added);
}

std::vector<absl::Duration> EndsOf(const Release& release,
                                   const std::vector<Step>& steps, size_t rows,
                                   const std::vector<BulkLoad>& loads) {
  std::vector<absl::Duration> ends;
  ends.reserve(steps.size());
  absl::Duration end;
  auto load = loads.begin();
  while (ends.size() < steps.size()) {
    if (load != loads.end() && load->begin == ends.size()) {
      end += TimeOfLoad(release, load->rows, rows);
      rows += load->rows;
      ends.resize(load->end, end);
      ++load;
      continue;
    }
    const Task task = TaskOf(steps[ends.size()]);
    end += TimeOfWork(release, task.work, task.rows, rows);
    ends.push_back(end);
    if (task.adds) rows += task.rows;
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
