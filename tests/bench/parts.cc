// Times the parts of a plan by themselves, on the two files that BENCH_LIVE and
// BENCH_TARGET name (tests/bench/run --parts makes them).
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "engine/check/check.h"
#include "engine/diff/diff.h"
#include "engine/io/mapped_file.h"
#include "engine/live/state_from_tree.h"
#include "engine/plan/plan.h"
#include "engine/render/json.h"
#include "engine/render/text.h"
#include "engine/render/unified_diff.h"
#include "engine/slurm/release.h"

namespace assocsync {
namespace {

struct Input {
  MappedFile live_file, target_file;
  DatabaseState live;
  Tree target;
  PlanOptions options;
};

MappedFile Map(const char* variable) {
  const char* const path = std::getenv(variable);
  absl::StatusOr<MappedFile> file =
      MappedFile::Open(path == nullptr ? "" : path);
  if (!file.ok()) {
    std::fprintf(stderr, "%s: %s\n", variable,
                 file.status().ToString().c_str());
    std::exit(64);
  }
  return *std::move(file);
}

const Input& In() {
  static const Input* const input = [] {
    auto* const made =
        new Input{Map("BENCH_LIVE"), Map("BENCH_TARGET"), {}, {}, {}};
    made->live = StateFromTree(Parse(made->live_file.text()).tree);
    made->target = Parse(made->target_file.text()).tree;
    made->options.release = BehaviourTable().back().since;
    made->options.max_delete = 100;
    return made;
  }();
  return *input;
}

const Plan& Planned() {
  static const Plan* const plan =
      new Plan(*MakePlan({In().live, In().target, In().options}));
  return *plan;
}

void BM_Parse(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(Parse(In().target_file.text()));
  }
}
BENCHMARK(BM_Parse)->Unit(benchmark::kMillisecond);

void BM_ParseTheOtherSide(benchmark::State& state) {
  cfg::Recall recall;
  Parse(In().target_file.text(), {.keep = &recall});
  for (auto _ : state) {
    benchmark::DoNotOptimize(Parse(In().live_file.text(), {.recall = &recall}));
  }
}
BENCHMARK(BM_ParseTheOtherSide)->Unit(benchmark::kMillisecond);

void BM_Write(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Write(In().target));
}
BENCHMARK(BM_Write)->Unit(benchmark::kMillisecond);

void BM_Fingerprint(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Fingerprint(In().target));
}
BENCHMARK(BM_Fingerprint)->Unit(benchmark::kMillisecond);

void BM_Diff(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(Diff(In().live.tree, In().target));
  }
}
BENCHMARK(BM_Diff)->Unit(benchmark::kMillisecond);

// With its proof.
void BM_Plan(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(MakePlan({In().live, In().target, In().options}));
  }
}
BENCHMARK(BM_Plan)->Unit(benchmark::kMillisecond);

void BM_PlanOfAMerge(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        MakePlan({In().live, In().target, In().options, &In().live.tree}));
  }
}
BENCHMARK(BM_PlanOfAMerge)->Unit(benchmark::kMillisecond);

void BM_RenderText(benchmark::State& state) {
  for (auto _ : state) {
    size_t bytes = 0;
    RenderText(Planned(), {},
               [&](absl::string_view part) { bytes += part.size(); });
    benchmark::DoNotOptimize(bytes);
  }
}
BENCHMARK(BM_RenderText)->Unit(benchmark::kMillisecond);

void BM_Check(benchmark::State& state) {
  CheckInput input;
  input.name = "target.cfg";
  input.text = In().target_file.text();
  input.base = {"live.cfg", In().live_file.text()};
  for (auto _ : state) benchmark::DoNotOptimize(Check(input));
}
BENCHMARK(BM_Check)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace assocsync

BENCHMARK_MAIN();
