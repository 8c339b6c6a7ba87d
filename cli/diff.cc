// `assocsync diff`: two trees as a unified diff.
#include "engine/diff/diff.h"

#include <string>
#include <utility>
#include <vector>

#include "cli/run.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "engine/model/tree.h"
#include "engine/render/outline.h"
#include "engine/render/text.h"
#include "engine/render/unified_diff.h"

namespace assocsync {
namespace {

struct Input {
  TargetInput read;
  Name cluster;
  std::string text;  // The canonical text.
  Tree tree;         // Only with --summary.
};

Options ArgsFor(const Options& args, const std::string& side) {
  Options of = args;
  of.target = side;
  return of;
}

// Either side may be the first.
absl::Status ParseInput(Input* input, bool keep_tree, cfg::Recall* recall,
                        Env& env) {
  std::vector<ParseError> notes;
  ParseOptions options = {.written = Written::kTell};
  options.files = &input->read.files;
  if (recall->lines().empty()) {
    options.keep = recall;
  } else {
    options.recall = recall;
  }
  ASSIGN_OR_RETURN(Tree tree, ParseTree(input->read.name, input->read.text,
                                        options, &notes));
  TellNotes(input->read.name, input->read.files, notes, env.console);
  tree.authorship = {};  // Whoever wrote it: what it says is compared.
  input->cluster = tree.cluster;
  input->text = Write(tree);
  if (keep_tree) input->tree = std::move(tree);
  return absl::OkStatus();
}

// Of live, and of a backup of several clusters, the tree of the other side's.
absl::Status ReadInputs(const Options& args, Input* from, Input* to, Env& env) {
  struct Side {
    Options args;
    Input* input;
  } sides[] = {{ArgsFor(args, args.target), from},
               {ArgsFor(args, args.second), to}};
  cfg::Recall recall;
  for (const Side& side : sides) {
    ASSIGN_OR_RETURN(side.input->read,
                     ReadTarget(side.args, env, /*plans_too=*/false,
                                /*caller_decides=*/true));
    if (side.input->read.undecided) continue;
    RETURN_IF_ERROR(ParseInput(side.input, args.summary, &recall, env));
  }
  // Live may have one cluster, which a backup of several does not know.
  for (const bool live : {true, false}) {
    for (const Side& side : sides) {
      TargetInput& read = side.input->read;
      if (!read.undecided || read.is_live != live) continue;
      const Input& other = side.input == from ? *to : *from;
      const std::string cluster =
          args.cluster.empty() ? other.cluster.str() : args.cluster;
      RETURN_IF_ERROR(ReadTreeOf(side.args, cluster, env, &read));
      RETURN_IF_ERROR(ParseInput(side.input, args.summary, &recall, env));
    }
  }
  return absl::OkStatus();
}

// What differs in few lines. Only what trees hold can differ.
std::string SummaryOf(const Input& from, const Input& to, const Options& args,
                      bool color) {
  Plan plan;
  plan.changes = Diff(from.tree, to.tree);
  plan.expected = to.tree;
  ShowOptions options;
  options.color = color;
  options.summary = true;
  options.verbose = args.verbose;
  return RenderSummary(Outline(plan), options);
}

}  // namespace

ExitCode RunDiff(const Options& args, Env& env) {
  env.console->Progress("reading");
  Input from, to;
  if (const absl::Status status = ReadInputs(args, &from, &to, env);
      !status.ok()) {
    return Fail(status, env);
  }
  const std::string diff = UnifiedDiff(from.text, to.text,
                                       {.from_name = from.read.name,
                                        .to_name = to.read.name,
                                        .context = args.context,
                                        .color = env.console->color()});
  env.console->Print(
      args.summary ? SummaryOf(from, to, args, env.console->color()) : diff);
  return args.detailed_exitcode && !diff.empty() ? ExitCode::kPending
                                                 : ExitCode::kOk;
}

}  // namespace assocsync
