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
// cluster, after one that adds rows with a search for each (slurm-facts 12),
// and for each row that it names it asks MariaDB a few times.
struct Cost {
  double command, row;  // Milliseconds of a command, and of a row it names.
  // The same, more for each thousand rows of the cluster, and of a command for
  // the square of these thousands.
  double live, row_live, live_live;
};

// kModifyShares: Fairshare is set, and slurmdbd looks through all users as
// after an add. kLoad: rows of the cluster are counted after it (load looks for
// each line of its file among them).
enum Work {
  kAddUser,
  kAddAccount,
  kAddOther,
  kModify,
  kModifyShares,
  kDelete,
  kLoad,
  kLoadAccounts,
  kWorks
};

struct Costs {
  Release since;
  std::array<Cost, kWorks> of;
};

// From tests/bench/cost of 1,000 and 8,000 rows, 2026-11-30: two cores of an
// Intel Xeon, MariaDB 10.11 beside slurmdbd, no slurmctld, users whom the
// machine knows. Deletes on 24.11: by names alone, as apply says them with the
// database at hand. Loads on 26.05: of 1,000 and 4,000 rows; one of 8,000 took
// 15.1 s, where this tells 15.7. Accounts: of 200 and of 1,600, and loads of
// one to a cluster of 8,100 rows.
constexpr Costs kCosts[] = {
    {{2011, 0},
     {{{12.7, 1.87, 5.4, 0.000, 0.00},
       {5.5, 0.00, 13.2, 0.000, 0.00},
       {0.0, 5.91, 0.0, 14.923, 0.00},
       {5.8, 0.86, 0.0, 0.007, 0.00},
       {3.8, 0.78, 0.0, 0.005, 0.06},
       {5.6, 0.16, 0.5, 0.021, 0.00},
       {114.2, 1.98, 0.0, 0.022, 53.86},
       {100.0, 1.18, 0.0, 0.000, 34.00}}}},
    {{2205, 0},
     {{{4.2, 0.00, 27.2, 0.658, 1.78},
       {5.1, 0.00, 13.7, 0.000, 0.65},
       {0.0, 2.37, 0.0, 50.184, 0.00},
       {5.4, 0.35, 0.0, 0.517, 0.05},
       {3.6, 0.31, 0.0, 0.468, 0.50},
       {5.9, 0.21, 0.0, 0.020, 0.03},
       {289.1, 2.35, 390.6, 0.000, 0.00},
       {100.0, 1.20, 0.0, 0.000, 80.00}}}},
    {{2411, 0},
     {{{0.0, 3.72, 17.2, 0.161, 0.00},
       {3.8, 0.00, 15.8, 0.000, 0.00},
       {0.6, 4.31, 0.3, 0.000, 0.00},
       {5.3, 0.76, 0.0, 0.000, 0.00},
       {0.0, 0.68, 8.5, 0.005, 0.31},
       {9.5, 0.09, 0.0, 0.252, 1.74},
       {157.5, 2.49, 0.0, 0.007, 20.54},
       {100.0, 1.16, 0.0, 0.000, 29.00}}}},
    {{2605, 0},
     {{{0.0, 2.59, 8.3, 0.086, 0.00},
       {4.0, 0.00, 4.2, 0.000, 0.00},
       {2.6, 1.58, 0.0, 0.931, 0.00},
       {6.0, 0.49, 0.0, 0.059, 0.00},
       {4.7, 0.72, 0.3, 0.011, 1.36},
       {6.4, 0.28, 0.0, 0.177, 0.94},
       {122.8, 1.40, 0.0, 0.046, 20.63},
       {100.0, 0.86, 0.0, 0.000, 22.00}}}},
};

// What is saved must be more than a moment, and more than the table is off by.
constexpr absl::Duration kWorth = absl::Milliseconds(500);
constexpr double kWorthShare = 0.1;

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
  absl::string_view verb, entity;
  bool shares = false;
  for (const absl::string_view word : step.argv) {
    if (at == 0) verb = word;
    if (at == 1) entity = word;
    ++at;
    names = std::max(names, NamesIn(word, "name="));
    accounts = std::max(accounts, NamesIn(word, "account="));
    shares = shares || NamesIn(word, "Fairshare=") > 0;
  }
  const bool adds = verb == "add";
  const Work work = adds && entity == "user"      ? kAddUser
                    : adds && entity == "account" ? kAddAccount
                    : adds                        ? kAddOther
                    : step.deletes                ? kDelete
                    : shares                      ? kModifyShares
                                                  : kModify;
  return {work, work == kAddUser ? names * accounts : std::max(names, accounts),
          adds};
}

absl::Duration TimeOfWork(const Release& release, Work work, size_t commands,
                          size_t named, size_t rows) {
  const Cost& cost = CostsOf(release).of[work];
  const double live = static_cast<double>(rows) / 1000;
  return absl::Milliseconds(
      static_cast<double>(commands) *
          (cost.command + cost.live * live + cost.live_live * live * live) +
      static_cast<double>(named) * (cost.row + cost.row_live * live));
}

}  // namespace

size_t RowsOf(const Step& step) { return TaskOf(step).rows; }

absl::Duration TimeOf(const Release& release, const Step& step, size_t rows) {
  const Task task = TaskOf(step);
  return TimeOfWork(release, task.work, 1, task.rows, rows);
}

absl::Duration TimeOfLoad(const Release& release, bool accounts, size_t added,
                          size_t rows) {
  return TimeOfWork(release, accounts ? kLoadAccounts : kLoad, 1, added,
                    rows + added);
}

absl::Duration TimeOfAddUser(const Release& release, size_t rows, size_t live) {
  return TimeOfWork(release, kAddUser, 1, rows, live);
}

absl::Duration TimeOfModifyUser(const Release& release, size_t commands,
                                size_t rows, bool shares, size_t live) {
  return TimeOfWork(release, shares ? kModifyShares : kModify, commands, rows,
                    live);
}

bool IsWorthIt(absl::Duration saved, absl::Duration whole) {
  return saved >= kWorth && saved >= kWorthShare * whole;
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
      end += TimeOfLoad(release, load->accounts, load->rows, rows);
      rows += load->rows;
      ends.resize(load->end, end);
      ++load;
      continue;
    }
    const Task task = TaskOf(steps[ends.size()]);
    end += TimeOfWork(release, task.work, 1, task.rows, rows);
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
