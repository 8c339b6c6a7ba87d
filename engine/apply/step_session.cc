#include "engine/apply/step_session.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/live/listing.h"
#include "engine/model/key.h"
#include "engine/plan/step.h"

namespace assocsync {
namespace {

constexpr absl::string_view kPrompt = "sacctmgr: ";
constexpr absl::string_view kMarker = "version\n";
// sacctmgr connects to slurmdbd before its first prompt.
constexpr absl::Duration kPatience = absl::Seconds(10);
// sacctmgr takes 128 (slurm-facts 4.2).
constexpr size_t kMaxWordsOfALine = 100;

// Other characters are for readline, or for sacctmgr's own quotes.
bool IsPlain(char c) {
  return absl::ascii_isalnum(c) || absl::StrContains("_-.,=+/%:@", c);
}

// `name`: a word, or what stands before its "=": "qos", "QOS+", "DefaultQOS".
bool IsOfQos(absl::string_view name) {
  return absl::StrContains(absl::AsciiStrToLower(name), "qos");
}

// sacctmgr takes the quotes off some values and leaves them at others: a
// DefaultQOS keeps them (24.11). Texts lose them, on all releases.
bool TakesQuotes(absl::string_view name) {
  return absl::c_any_of(AllKeys(), [&](const KeyInfo& info) {
    return info.kind == Kind::kText && info.word() == name;
  });
}

}  // namespace

std::optional<std::string> SessionLine(const WordList& argv) {
  std::string line;
  size_t words = 0;
  for (const absl::string_view word : argv) {
    const size_t equals = word.find('=');
    const absl::string_view name = word.substr(0, equals);
    const absl::string_view rest = word.substr(name.size());  // "=a value"
    const bool blanks = absl::StrContains(rest, ' ');
    if (name.empty() || !absl::c_all_of(name, IsPlain) || IsOfQos(name) ||
        !absl::c_all_of(rest, [](char c) { return IsPlain(c) || c == ' '; }) ||
        (blanks && !TakesQuotes(name)) || ++words > kMaxWordsOfALine) {
      return std::nullopt;
    }
    absl::StrAppend(&line, line.empty() ? "" : " ", name);
    if (blanks) {
      absl::StrAppend(&line, "=\"", rest.substr(1), "\"");
    } else {
      absl::StrAppend(&line, rest);
    }
  }
  return line;
}

bool StepSession::Open() {
  if (std::exchange(tried_, true)) return sacctmgr_ != nullptr;
  // readline asks these how to show what it reads.
  TalkOptions options;
  options.environment = {"TERM=dumb", "INPUTRC=/dev/null"};
  auto opened = runner_.Open({program_, "-i"}, options);
  if (!opened.ok()) return false;
  const auto is_prompt = [](absl::string_view out) { return out == kPrompt; };
  if (!(*opened)->Ask("", is_prompt, kPatience).ok()) return false;
  const auto is_whole = [](absl::string_view out) {
    return absl::StrContains(out, '\n') &&
           absl::EndsWith(out, absl::StrCat("\n", kPrompt));
  };
  const auto version = (*opened)->Ask(kMarker, is_whole, kPatience);
  if (!version.ok() || !version->err.empty() ||
      !absl::StartsWith(version->out, kMarker)) {
    return false;
  }
  end_ = absl::StrCat(kPrompt, version->out);
  sacctmgr_ = *std::move(opened);
  return true;
}

std::optional<StepResult> StepSession::Run(const Step& step,
                                           absl::Duration limit) {
  const std::optional<std::string> line = SessionLine(step.argv);
  if (!line.has_value() || !Open()) return std::nullopt;
  auto answer = sacctmgr_->Ask(
      absl::StrCat(*line, "\n", kMarker),
      [&](absl::string_view out) { return absl::EndsWith(out, end_); }, limit);
  if (!answer.ok()) {
    sacctmgr_.reset();
    was_killed_ = !absl::IsUnknown(answer.status());
    StepResult failed;
    failed.outcome = failed.said = StepResult::Outcome::kUnknown;
    failed.words = std::string(answer.status().message());
    return failed;
  }
  // What is before the first newline is the line as readline showed it.
  absl::string_view out = absl::StripSuffix(answer->out, end_);
  out.remove_prefix(std::min(out.find('\n'), out.size()));
  return JudgeWords(absl::StrCat(out, "\n", answer->err));
}

}  // namespace assocsync
