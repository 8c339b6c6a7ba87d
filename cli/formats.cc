// The formats of plans and of checks: a row each, and what its renderer is
// given.
#include <filesystem>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/run.h"
#include "engine/cfg/write.h"
#include "engine/plan/shared.h"
#include "engine/render/check_report.h"
#include "engine/render/escape.h"
#include "engine/render/html.h"
#include "engine/render/json.h"
#include "engine/render/markdown.h"
#include "engine/render/sh.h"
#include "engine/render/text.h"
#include "engine/render/unified_diff.h"

namespace assocsync {
namespace {

ShowOptions ShowOptionsOf(const ShownPlan& shown) {
  ShowOptions options;
  options.target_name = shown.saved.options.target_name;
  options.base_name = shown.saved.options.base_name;
  return options;
}

void PlanText(const ShownPlan& shown, Env& env) {
  ShowOptions options = ShowOptionsOf(shown);
  options.color = env.console->color();
  options.verbose = env.console->verbose();
  options.live_from = std::string(LiveWord(shown.args.live));
  options.evidence = shown.evidence;
  if (shown.evidence != nullptr) {
    options.clock = {absl::Now(), absl::LocalTimeZone()};
  }
  RenderText(shown.saved.plan, options,
             [&](absl::string_view part) { env.console->Print(part); });
}

void PlanJson(const ShownPlan& shown, Env& env) {
  env.console->Print(PlanToJson(shown.saved, shown.evidence));
}

template <std::string (*kRender)(const Plan&, const ShowOptions&)>
void PrintPlan(const ShownPlan& shown, Env& env) {
  env.console->Print(kRender(shown.saved.plan, ShowOptionsOf(shown)));
}

// What live is and what it will be; what stands in the way goes to stderr.
void PlanDiff(const ShownPlan& shown, Env& env) {
  const Plan& plan = shown.saved.plan;
  UnifiedDiffOptions options;
  options.to_name = shown.saved.options.target_name;
  options.color = env.console->color();
  // No line of it can tell of users and accounts that live does not hold yet.
  for (const Change& change : plan.changes) {
    if (change.reaches.empty()) continue;
    env.console->Print(absl::StrCat("# ", Escaped(SharedWords(change)), "\n"));
  }
  env.console->Print(
      UnifiedDiff(Write(shown.live), Write(plan.expected), options));
  if (plan.findings.empty()) return;
  ShowOptions text;
  text.verbose = env.console->verbose();
  env.console->Say(RenderFindings(plan, text));
}

// The page goes to others: of a file they are told its name, not its folder.
void PlanHtml(const ShownPlan& shown, Env& env) {
  const std::string& live = shown.saved.live_name;
  ShowOptions options = ShowOptionsOf(shown);
  options.live_from = shown.args.live == Live::kFile
                          ? std::filesystem::path(live).filename().string()
                          : live;
  env.console->Print(RenderHtml(shown.saved.plan, shown.live, options));
}

void CheckText(const CheckReport& report, Env& env) {
  RenderCheckText(
      report,
      {.color = env.console->color(), .verbose = env.console->verbose()},
      [&](absl::string_view part) { env.console->Print(part); });
}

void CheckMarkdown(const CheckReport& report, Env& env) {
  env.console->Print(RenderCheckMarkdown(report));
}

void CheckSarif(const CheckReport& report, Env& env) {
  env.console->Print(RenderCheckSarif(report, ASSOCSYNC_VERSION));
}

template <std::string (*kRender)(const CheckReport&)>
void PrintCheck(const CheckReport& report, Env& env) {
  env.console->Print(kRender(report));
}

constexpr Format kFormats[] = {
    {"text", " (the default)", PlanText, CheckText, true},
    {"json", "", PlanJson, PrintCheck<RenderCheckJson>, true},
    {"sh", ": a script of the commands", PrintPlan<RenderSh>, nullptr},
    {"diff", ": what live is and will be, line by line", PlanDiff, nullptr},
    {"markdown", ": a comment for a pull request", PrintPlan<RenderMarkdown>,
     CheckMarkdown},
    {"html", ": one page to read in a browser", PlanHtml, nullptr},
    {"github", ": annotations of a workflow", nullptr,
     PrintCheck<RenderCheckGithub>},
    {"gitlab", ": a Code Quality report", nullptr,
     PrintCheck<RenderCheckGitlab>},
    {"sarif", "", nullptr, CheckSarif},
    {"junit", "", nullptr, PrintCheck<RenderCheckJunit>},
    {"nagios", ": a line for monitoring, and its exit status", nullptr, nullptr,
     false, kForStatus},
    {"prometheus", ": for the textfile collector", nullptr, nullptr, false,
     kForStatus},
};

// "text, json or sh", each with what it is for where that `is_told`.
std::string Listed(unsigned command, bool is_told) {
  std::vector<std::string> words;
  for (const Format& format : kFormats) {
    if (!format.TakenBy(command)) continue;
    words.push_back(absl::StrCat(format.word, is_told ? format.help : ""));
  }
  const std::string last = words.back();
  words.pop_back();
  return absl::StrCat(absl::StrJoin(words, ", "), " or ", last);
}

}  // namespace

absl::Span<const Format> AllFormats() { return kFormats; }

const Format& FormatOf(const Options& args) {
  return *absl::c_find_if(kFormats, [&](const Format& format) {
    return format.word == args.format;
  });
}

std::string FormatsOf(unsigned command) { return Listed(command, false); }

std::string FormatHelp(unsigned command) {
  return absl::StrCat(Listed(command, true), ".");
}

}  // namespace assocsync
