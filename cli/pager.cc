// Which pager, by the rules of git.
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/run.h"
#include "engine/io/program.h"

namespace assocsync {
namespace {

constexpr absl::string_view kUsual = "less";

// nullopt: the variable is not set. A set and empty one says that none is
// wanted.
std::optional<std::string> Variable(const Env& env, absl::string_view name) {
  const std::string begin = absl::StrCat(name, "=");
  for (const std::string& word : env.environment) {
    if (absl::StartsWith(word, begin)) return word.substr(begin.size());
  }
  return std::nullopt;
}

std::string Wanted(const Options& args, const Env& env) {
  if (!args.pager.empty()) return args.pager;
  if (Variable(env, VariableOf(*FindOption("pager"))) == "") return "";
  return Variable(env, "PAGER").value_or(std::string(kUsual));
}

}  // namespace

std::unique_ptr<Pager> StartPager(const Options& args, const PathTrust& trust,
                                  Env& env) {
  if ((FindOption("pager")->commands & args.command->mask) == 0 ||
      args.no_pager) {
    return nullptr;
  }
  const std::string wanted = Wanted(args, env);
  if (wanted.empty() || wanted == "cat") return nullptr;
  const absl::StatusOr<std::vector<std::string>> words = PlainWords(wanted);
  absl::Status status = words.status();
  if (words.ok()) {
    absl::StatusOr<std::unique_ptr<Pager>> pager =
        Pager::Start(*words, env.environment, &trust);
    if (pager.ok()) return *std::move(pager);
    status = pager.status();
  }
  // That there is no less is no news.
  if (wanted != kUsual || IsUntrusted(status)) {
    env.console->Warn(absl::StrCat("no pager: ", status.message()));
  }
  return nullptr;
}

}  // namespace assocsync
