#include "engine/apply/run_step.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/apply/step_model.h"
#include "engine/live/listing.h"
#include "engine/model/finding.h"

namespace assocsync {
namespace {

constexpr size_t kMaxWords = 2000;
constexpr absl::string_view kRunning = "Job(s) active";

// Beginnings of lines that mean "refused" whatever the exit code. Names stand
// on lines of their own, but in lower case (that of users only if slurmdbd does
// not keep their case), so none is taken for one of these.
constexpr absl::string_view kRefusals[] = {
    "Error with request",
    "Changes Discarded",
    "Nothing modified",
    "Nothing added",
    "Nothing new added",
    "Nothing deleted",
    "Nothing removed",
    "Problem ",
    "You gave a bad ",
    "Unknown option",
    "Can't modify",
    "Request didn't affect",
    kRunning,
};
// Refusals of moves, exit code 0 from 25.05.1 on.
struct Framed {
  absl::string_view begin, within;
};
constexpr Framed kFramedRefusals[] = {
    {"Requested parent account ", " is a child of "},
    {"Parent account ", " doesn't exist on cluster "},
};
// At the end of a line: default QOS conflicts, exit code 0 up to 23.02.
constexpr absl::string_view kDefaultQos = "access to their default qos";

bool Refuses(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  absl::ConsumePrefix(&line, "sacctmgr: ");
  absl::ConsumePrefix(&line, "error: ");
  for (absl::string_view text : kRefusals) {
    if (absl::StartsWith(line, text)) return true;
  }
  for (const Framed& text : kFramedRefusals) {
    if (absl::StartsWith(line, text.begin) &&
        absl::StrContains(line, text.within)) {
      return true;
    }
  }
  return absl::StrContains(line, kDefaultQos);
}

// "  JobID = 78   C = lab   A = q   U = u": the number.
std::vector<std::string> Jobs(absl::string_view text) {
  std::vector<std::string> jobs;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!absl::ConsumePrefix(&line, "JobID = ")) continue;
    const absl::string_view id = line.substr(0, line.find(' '));
    if (!id.empty() && absl::c_all_of(id, absl::ascii_isdigit)) {
      jobs.emplace_back(id);
    }
  }
  return jobs;
}

}  // namespace

StepResult JudgeWords(absl::string_view text) {
  using Outcome = StepResult::Outcome;
  StepResult step;
  step.words = Words(text, kMaxWords);
  step.said = Outcome::kDone;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!Refuses(line)) continue;
    step.said = Outcome::kRefused;
    if (step.reason.empty()) {
      step.reason = Words(text.substr(line.data() - text.data()), kMaxWords);
    }
    if (absl::StrContains(line, kRunning)) step.jobs = Jobs(text);
  }
  step.outcome = step.said;
  return step;
}

StepResult JudgeStep(const RunResult& result) {
  using Outcome = StepResult::Outcome;
  StepResult step = JudgeWords(absl::StrCat(result.out, "\n", result.err));
  step.exit_code = result.exit_code;
  if (result.signal != 0) {
    const std::string words = std::move(step.words);
    step = {};
    step.outcome = step.said = Outcome::kUnknown;
    step.words =
        absl::StrCat(result.HowItEnded(), words.empty() ? "" : "; ", words);
  } else if (result.exit_code != 0) {
    step.outcome = step.said = Outcome::kRefused;
  }
  return step;
}

StepResult RunStep(const Step& step, const std::string& program,
                   absl::Duration limit, CommandRunner& runner) {
  std::vector<std::string> argv = {program, "-i"};
  for (const absl::string_view word : step.argv) argv.emplace_back(word);
  const absl::StatusOr<RunResult> result = runner.Run(argv, limit);
  if (result.ok()) return JudgeStep(*result);
  StepResult failed;
  failed.said = absl::IsUnavailable(result.status())
                    ? StepResult::Outcome::kNotRun
                    : StepResult::Outcome::kUnknown;
  failed.outcome = failed.said;
  failed.words = Words(result.status().message(), kMaxWords);
  return failed;
}

absl::string_view OutcomeWord(StepResult::Outcome outcome) {
  switch (outcome) {
    case StepResult::Outcome::kDone:
      return "done";
    case StepResult::Outcome::kNoEffect:
      return "no effect";
    case StepResult::Outcome::kPartlyDone:
      return "partly done";
    case StepResult::Outcome::kRefused:
      return "refused";
    case StepResult::Outcome::kRefusedButDone:
      return "refused but done";
    case StepResult::Outcome::kUnknown:
      return "unknown";
    case StepResult::Outcome::kNotRun:
      return "not run";
  }
  return "unknown";
}

StepResult Conclude(const StepResult& of, const Sight& sight) {
  using Outcome = StepResult::Outcome;
  StepResult result = of;
  if (sight.what == Sight::What::kNothing || of.said == Outcome::kNotRun) {
    return result;
  }
  result.seen = true;
  result.shown.clear();
  switch (sight.what) {
    case Sight::What::kNothing:
      break;
    case Sight::What::kDone:
      result.outcome =
          of.said == Outcome::kDone ? Outcome::kDone : Outcome::kRefusedButDone;
      break;
    case Sight::What::kNotDone:
      result.outcome =
          of.said == Outcome::kRefused ? Outcome::kRefused : Outcome::kNoEffect;
      break;
    case Sight::What::kPartly:
      result.outcome = Outcome::kPartlyDone;
      result.shown = sight.words;
      break;
    case Sight::What::kOtherwise:
      result.outcome = Outcome::kUnknown;
      result.shown = sight.words;
      break;
  }
  return result;
}

namespace {

// " (exit code 1)"; nothing where there was none.
std::string ExitCode(const StepResult& result) {
  if (!result.exit_code.has_value()) return "";
  return absl::StrCat(" (exit code ", *result.exit_code, ")");
}

// ": sacctmgr (exit code 0) said: Adding Account(s)"
std::string WhatWasSaid(const StepResult& result) {
  if (result.said == StepResult::Outcome::kUnknown) {
    return absl::StrCat(": sacctmgr ended badly: ", result.words);
  }
  return absl::StrCat(": sacctmgr", ExitCode(result), " said",
                      result.words.empty() ? " nothing" : ": ", result.words);
}

// What slurmdbd says where it takes something for there, or for missing, that
// is not so.
constexpr absl::string_view kContradictions[] = {
    "Request didn't affect anything; Nothing added",
    "Already existing account ",
    "Nothing new added",
    "No account ",
    "No parent account ",
};

// By the model, the rows that were read are no reason to say so: slurmdbd's
// word is against its own database.
std::string StaleMemory(const StepResult& result) {
  if (!result.seen || result.done()) return "";
  for (const absl::string_view text : kContradictions) {
    if (!absl::StrContains(result.words, text)) continue;
    return absl::StrCat(". By its database that is not so: ", kStaleMemory,
                        ". Restart slurmdbd, then apply again");
  }
  if (result.said != StepResult::Outcome::kDone) return "";
  return absl::StrCat(
      ". Where the database server was restarted or cut off before the "
      "commit, ",
      kStaleMemory, " now: restart slurmdbd, then apply again");
}

}  // namespace

std::string Explain(const StepResult& result) {
  switch (result.outcome) {
    case StepResult::Outcome::kDone:
      return "done";
    case StepResult::Outcome::kNoEffect:
      return absl::StrCat(
          "it had no effect: its rows were read again and are as they were",
          WhatWasSaid(result), StaleMemory(result));
    case StepResult::Outcome::kPartlyDone:
      return absl::StrCat("only a part of it took effect: ", result.shown,
                          WhatWasSaid(result), StaleMemory(result));
    case StepResult::Outcome::kRefusedButDone:
      return absl::StrCat(
          "it took effect, though sacctmgr did not end well: its rows were "
          "read again and are as they should be",
          WhatWasSaid(result));
    case StepResult::Outcome::kNotRun:
      return absl::StrCat("it was not started: ", result.words);
    case StepResult::Outcome::kUnknown:
      if (result.seen) {
        return absl::StrCat(
            "its rows are neither what they were nor what it makes of them "
            "(somebody else changed them?): ",
            result.shown, WhatWasSaid(result));
      }
      return absl::StrCat("whether it took effect is not known: ", result.words,
                          result.shown.empty() ? "" : "; ", result.shown);
    case StepResult::Outcome::kRefused:
      break;
  }
  if (!result.jobs.empty()) {
    return absl::StrCat(
        CodeName(kRunningJobs),
        ": slurmdbd refused it because of running jobs ",
        absl::StrJoin(result.jobs, ", "),
        " (there may be more). Let them end or cancel them, then apply again");
  }
  std::string text = absl::StrCat("sacctmgr refused it", ExitCode(result));
  const std::string& why = result.reason.empty() ? result.words : result.reason;
  if (!why.empty()) absl::StrAppend(&text, ": ", why);
  return absl::StrCat(text, StaleMemory(result));
}

}  // namespace assocsync
