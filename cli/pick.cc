// --pick: the changes of a plan in the user's editor, as `git rebase -i` shows
// commits.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "cli/change_line.h"
#include "cli/run.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/program.h"
#include "engine/io/terminal_program.h"
#include "engine/render/escape.h"

namespace assocsync {
namespace {

constexpr char kNoTerminal[] =
    "--pick opens an editor, and there is no terminal; --only, --except and "
    "--changes say the same without one";

// Each change by its line. Numbers make the lines of any two different.
using Lines = absl::btree_map<std::string, ChangeId>;

std::string PickText(const Plan& plan, Lines* lines) {
  std::string text;
  size_t number = 0;
  for (const Change& change : plan.changes) {
    std::string line = absl::StrFormat("%d %s", ++number, ChangeLine(change));
    absl::StrAppend(&text, line, "\n");
    (*lines)[std::move(line)] = {change.what, change.row};
  }
  return absl::StrCat(
      text, "\n# What is to change on cluster ", Escaped(plan.cluster.view()),
      ", a line for each change: + comes, ~ changes, - goes.\n"
      "# Remove a line, or write a # before it: live keeps what it has there.\n"
      "# What the others need comes with them, and is told with the plan.\n"
      "# Without any line nothing is planned. Lines cannot be changed or "
      "added.\n");
}

// The changes whose lines are left. kInvalidArgument, with the line.
absl::StatusOr<std::vector<ChangeId>> ReadPicked(absl::string_view text,
                                                 const Lines& lines) {
  std::vector<ChangeId> picked;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const auto found = lines.find(line);
    if (found == lines.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", number, ", '", Escaped(line.substr(0, kMaxShownValue)),
          "', is none of the changes: lines can be removed, not changed or "
          "added"));
    }
    picked.push_back(found->second);
  }
  absl::c_sort(picked);
  picked.erase(std::unique(picked.begin(), picked.end()), picked.end());
  return picked;
}

// The words of $VISUAL or $EDITOR. No shell reads them: what only a shell
// understands is refused, and not run as something else.
absl::StatusOr<std::vector<std::string>> EditorWords(const Env& env) {
  absl::string_view variable, text;
  for (const absl::string_view name : {"VISUAL", "EDITOR"}) {
    variable = name;
    text = absl::StripAsciiWhitespace(EnvironmentValue(env.environment, name));
    if (!text.empty()) break;
  }
  if (text.empty()) return std::vector<std::string>{"vi"};
  absl::StatusOr<std::vector<std::string>> words = PlainWords(text);
  if (words.ok()) return words;
  return absl::FailedPreconditionError(
      absl::StrCat("$", variable, ": ", words.status().message()));
}

absl::Status Edit(const Options& args, const std::string& path, Env& env) {
  ASSIGN_OR_RETURN(std::vector<std::string> words, EditorWords(env));
  words.push_back(path);
  const PathTrust trust(args.trusted);
  absl::StatusOr<RunResult> ran =
      RunOnTerminal(words, env.environment, &trust, env.stop);
  if (!ran.ok()) return Annotate(ran.status(), "the editor");
  if (*env.stop) return absl::CancelledError("");
  if (ran->clean()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("the editor ", Escaped(words[0]),
                                             " ended with ", ran->HowItEnded(),
                                             "; nothing is planned"));
}

}  // namespace

absl::StatusOr<bool> PickChanges(const Options& args, Planned* planned,
                                 Env& env) {
  if (planned->input.saved.has_value()) {
    return absl::InvalidArgumentError(
        "a saved plan is applied as it was made; --pick goes with a TARGET");
  }
  const Plan& plan = planned->saved.plan;
  if (plan.changes.empty()) return true;
  if (!HasTerminal()) return absl::FailedPreconditionError(kNoTerminal);
  Lines lines;
  const std::string text = PickText(plan, &lines);
  const absl::string_view folder = EnvironmentValue(env.environment, "TMPDIR");
  ASSIGN_OR_RETURN(TempDir dir, TempDir::Create(absl::StartsWith(folder, "/")
                                                    ? std::string(folder)
                                                    : std::string("/tmp")));
  const std::string path = absl::StrCat(dir.path(), "/changes");
  RETURN_IF_ERROR(WriteFileAtomic(path, text));
  RETURN_IF_ERROR(Edit(args, path, env));
  ASSIGN_OR_RETURN(const std::string edited,
                   ReadFile(path, kMaxTreeFile, Readable::kPlain));
  absl::StatusOr<std::vector<ChangeId>> picked = ReadPicked(edited, lines);
  if (!picked.ok()) {
    dir.Keep();
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": ", picked.status().message(), ". The file is kept"));
  }
  if (picked->empty()) return false;
  if (picked->size() == lines.size()) return true;
  planned->saved.options.pick = *std::move(picked);
  ASSIGN_OR_RETURN(planned->saved.plan, PlanFor(*planned, planned->live));
  return true;
}

ExitCode FailPicking(const absl::Status& status, Env& env) {
  if (!absl::IsFailedPrecondition(status)) return Fail(status, env);
  env.console->Error(absl::StrCat("refused: ", status.message()));
  return ExitCode::kRefused;
}

}  // namespace assocsync
