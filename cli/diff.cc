// `assocsync diff`: two saved trees as a unified diff.
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/run.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "engine/render/unified_diff.h"

namespace assocsync {
namespace {

struct Input {
  std::string name, text;  // The canonical text.
};

absl::StatusOr<Input> ReadInput(const std::string& path) {
  PlanningArgs args;
  args.target = path;
  absl::StatusOr<TargetInput> input = ReadTarget(args, /*plans_too=*/false);
  if (!input.ok()) return input.status();
  ParseOptions options;
  options.written = Written::kTell;
  absl::StatusOr<Tree> tree = ParseTree(input->name, input->text, options);
  if (!tree.ok()) return tree.status();
  tree->authorship = {};  // Whoever wrote it: what it says is compared.
  return Input{std::move(input->name), Write(*tree)};
}

}  // namespace

ExitCode RunDiff(const DiffArgs& args, Env& env) {
  env.console->Progress("reading");
  const absl::StatusOr<Input> from = ReadInput(args.from);
  if (!from.ok()) return Fail(from.status(), env);
  const absl::StatusOr<Input> to = ReadInput(args.to);
  if (!to.ok()) return Fail(to.status(), env);
  UnifiedDiffOptions options;
  options.from_name = from->name;
  options.to_name = to->name;
  options.context = args.context;
  options.color = env.console->color();
  const std::string diff = UnifiedDiff(from->text, to->text, options);
  env.console->Print(diff);
  return args.detailed_exitcode && !diff.empty() ? ExitCode::kPending
                                                 : ExitCode::kOk;
}

}  // namespace assocsync
