// The formats of plans and of checks: a row each, and what its renderer is
// given.
#include <filesystem>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/run.h"
#include "engine/base/status.h"
#include "engine/cfg/write.h"
#include "engine/io/program.h"
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
  options.summary = shown.args.summary;
  options.verbose = shown.args.verbose;
  options.max_bytes = shown.args.max_bytes;
  return options;
}

absl::Status PlanText(const ShownPlan& shown, Env& env) {
  ShowOptions options = ShowOptionsOf(shown);
  options.color = env.console->color();
  options.screen = env.console->height();
  options.live_from = std::string(LiveWord(shown.args.live));
  options.evidence = shown.evidence;
  if (shown.evidence != nullptr) {
    options.clock = {absl::Now(), absl::LocalTimeZone()};
  }
  RenderText(shown.saved.plan, options,
             [&](absl::string_view part) { env.console->Print(part); });
  return absl::OkStatus();
}

absl::Status PlanJson(const ShownPlan& shown, Env& env) {
  env.console->Print(PlanToJson(shown.saved, shown.evidence));
  return absl::OkStatus();
}

absl::Status PlanSh(const ShownPlan& shown, Env& env) {
  env.console->Print(RenderSh(shown.saved.plan, ShowOptionsOf(shown)));
  return absl::OkStatus();
}

absl::Status PlanMarkdown(const ShownPlan& shown, Env& env) {
  const absl::StatusOr<std::string> text =
      RenderMarkdown(shown.saved.plan, ShowOptionsOf(shown));
  RETURN_IF_ERROR(Annotate(text.status(), "--max-bytes"));
  env.console->Print(*text);
  return absl::OkStatus();
}

// What live is and what it will be; what stands in the way goes to stderr.
absl::Status PlanDiff(const ShownPlan& shown, Env& env) {
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
  if (plan.findings.empty()) return absl::OkStatus();
  ShowOptions text;
  text.verbose = env.console->verbose();
  env.console->Say(RenderFindings(plan, text));
  return absl::OkStatus();
}

// SOURCE_DATE_EPOCH is for who wants equal bytes of equal inputs.
absl::Time MadeAt(const Env& env) {
  int64_t seconds = 0;
  return absl::SimpleAtoi(
             EnvironmentValue(env.environment, "SOURCE_DATE_EPOCH"), &seconds)
             ? absl::FromUnixSeconds(seconds)
             : absl::Now();
}

// The page goes to others: of a file they are told its name, not its folder.
absl::Status PlanHtml(const ShownPlan& shown, Env& env) {
  const std::string& live = shown.saved.live_name;
  ShowOptions options = ShowOptionsOf(shown);
  options.live_from = shown.args.live == Live::kFile
                          ? std::filesystem::path(live).filename().string()
                          : live;
  options.made = MadeAt(env);
  options.zone = absl::LocalTimeZone();
  options.made_by = shown.saved.options.caller;
  env.console->Print(RenderHtml(shown.saved.plan, shown.live, options));
  return absl::OkStatus();
}

absl::Status CheckText(const CheckReport& report, const Options&, Env& env) {
  RenderCheckText(
      report,
      {.color = env.console->color(), .verbose = env.console->verbose()},
      [&](absl::string_view part) { env.console->Print(part); });
  return absl::OkStatus();
}

absl::Status CheckMarkdown(const CheckReport& report, const Options& args,
                           Env& env) {
  const absl::StatusOr<std::string> text =
      RenderCheckMarkdown(report, args.max_bytes);
  RETURN_IF_ERROR(Annotate(text.status(), "--max-bytes"));
  env.console->Print(*text);
  return absl::OkStatus();
}

absl::Status CheckSarif(const CheckReport& report, const Options&, Env& env) {
  env.console->Print(RenderCheckSarif(report, ASSOCSYNC_VERSION));
  return absl::OkStatus();
}

template <std::string (*kRender)(const CheckReport&)>
absl::Status PrintCheck(const CheckReport& report, const Options&, Env& env) {
  env.console->Print(kRender(report));
  return absl::OkStatus();
}

constexpr Format kFormats[] = {
    {"text", " (the default)", PlanText, CheckText, true},
    {"json", "", PlanJson, PrintCheck<RenderCheckJson>, true},
    {"sh", ": a script of the commands", PlanSh, nullptr, false, 0, true},
    {"diff", ": what live is and will be, line by line", PlanDiff, nullptr},
    {"markdown", ": a comment for a pull request", PlanMarkdown, CheckMarkdown},
    {"html", ": one page to read in a browser", PlanHtml, nullptr, false, 0,
     true},
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
