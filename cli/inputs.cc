// What plan and apply share: reading target and live, planning, showing.
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/apply/last_applied.h"
#include "engine/backup/dump_tables.h"
#include "engine/backup/manifest.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/file_kind.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "engine/io/file.h"
#include "engine/io/mapped_file.h"
#include "engine/io/trusted_path.h"
#include "engine/io/uncompress.h"
#include "engine/model/finding.h"
#include "engine/render/json.h"

namespace assocsync {
namespace {

absl::StatusOr<std::string> ReadStdin() {
  absl::StatusOr<std::string> text =
      ReadOpenFile(STDIN_FILENO, "standard input", kMaxTreeFile);
  if (absl::IsResourceExhausted(text.status())) {
    return absl::ResourceExhaustedError("standard input: too much");
  }
  return text;
}

// The tree of `cluster`, or the only one.
absl::Status ReadFolder(const std::string& dir, absl::string_view cluster,
                        bool caller_decides, TargetInput* input) {
  std::error_code ignored;  // Then the name is as it was given.
  const auto real = std::filesystem::canonical(dir, ignored);
  input->name = ignored ? dir : real.filename().string();
  ASSIGN_OR_RETURN(const Manifest manifest, ReadManifest(dir));
  if (cluster.empty() && manifest.trees.size() > 1) {
    input->undecided = true;
    if (caller_decides) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        dir, " holds the associations of several clusters; give the file of ",
        "the one that is meant: ",
        absl::StrJoin(
            manifest.trees, ", ", [](std::string* out, const TreeFile& tree) {
              absl::StrAppend(out, tree.file, " (", tree.cluster, ")");
            })));
  }
  const absl::StatusOr<std::string> file = TreeFileOf(manifest, cluster);
  if (!file.ok()) return Annotate(file.status(), dir);
  ASSIGN_OR_RETURN(input->text, ReadVerified(dir, manifest, *file));
  return absl::OkStatus();
}

// The tree of `cluster`, or of the only one, in an SQL dump.
absl::Status TakeDump(absl::string_view bytes, absl::string_view cluster,
                      bool caller_decides, TargetInput* input) {
  // Whoever parses the text folds the names of users, where they are folded.
  absl::StatusOr<DatabaseRead> read =
      ReadDump(input->name, bytes, cluster, /*fold_users=*/false);
  input->undecided = caller_decides && cluster.empty() &&
                     absl::IsInvalidArgument(read.status());
  if (input->undecided) return absl::OkStatus();
  RETURN_IF_ERROR(read.status());
  input->text = Write(read->database.tree);
  input->findings = std::move(read->findings);
  input->from_dump = true;
  return absl::OkStatus();
}

// False: it is no SQL dump, or no regular file.
absl::StatusOr<bool> ReadIfDump(const std::string& path,
                                absl::string_view cluster, bool caller_decides,
                                TargetInput* input) {
  ASSIGN_OR_RETURN(const std::optional<MappedFile> dump, OpenSqlDump(path));
  if (!dump.has_value()) return false;
  RETURN_IF_ERROR(TakeDump(dump->text(), cluster, caller_decides, input));
  return true;
}

// Who sacctmgr will take us for: it goes by the uid, whatever USER says.
std::string CallerName() {
  std::vector<char> buffer(1 << 14);
  struct passwd entry;
  struct passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) !=
          0 ||
      found == nullptr) {
    return "";
  }
  return found->pw_name;
}

// What the reader of the file had to decide, for the plan's reader.
std::vector<Finding> FindingsOf(absl::string_view name,
                                const std::vector<ParseError>& notes) {
  std::vector<Finding> findings;
  const auto gather = [&](ParseError::About about, absl::string_view message) {
    std::vector<std::string> rows;
    for (const ParseError& note : notes) {
      if (note.about != about) continue;
      rows.push_back(absl::StrCat(name, ":", note.line, ": ", note.message));
    }
    AddIfAny(MakeFinding(kAsRead, std::string(message), std::move(rows)),
             &findings);
  };
  gather(ParseError::About::kIgnored, "what sacctmgr ignores was ignored");
  gather(ParseError::About::kAssumed,
         "what the file does not say outright was taken for granted");
  return findings;
}

PlanOptions OptionsFor(const Options& args, const TargetInput& target) {
  PlanOptions options;
  if (target.saved.has_value()) {
    options = target.saved->options;
  } else {
    options.max_delete = args.max_delete;
    options.max_delete_is_count = args.max_delete_is_count;
    options.as_cluster = args.as_cluster;
    options.keep_shared = args.keep_shared;
    options.target_name = target.name;
    options.merge = args.merge;
  }
  // Whoever made a saved plan: it is the one who runs it that may not lose his
  // rights on the way.
  if (args.live != Live::kFile) options.caller = CallerName();
  const auto add = [](const std::vector<std::string>& words,
                      std::vector<std::string>* to) {
    for (const std::string& word : words) {
      if (!absl::c_linear_search(*to, word)) to->push_back(word);
    }
  };
  add(args.allow, &options.allow);
  add(args.skip, &options.skip);
  add(args.only, &options.only);
  add(args.except, &options.except);
  add(args.changes, &options.changes);
  return options;
}

}  // namespace

absl::StatusOr<TargetInput> ReadTarget(const Options& args, bool plans_too,
                                       bool caller_decides) {
  TargetInput input;
  // With --as-cluster, --cluster is the live one's name, and the tree is of
  // another one.
  const std::string cluster = args.as_cluster ? "" : args.cluster;
  const bool decides = caller_decides && !args.as_cluster;
  if (args.target == "-") {
    input.name = "standard input";
    ASSIGN_OR_RETURN(input.text, ReadStdin());
  } else if (IsFolder(args.target)) {
    RETURN_IF_ERROR(ReadFolder(args.target, cluster, decides, &input));
    return input;
  } else {
    // Without its folders: reasons of steps repeat it.
    input.name = std::filesystem::path(args.target).filename().string();
    ASSIGN_OR_RETURN(const bool dump,
                     ReadIfDump(args.target, cluster, decides, &input));
    if (dump) return input;
    ASSIGN_OR_RETURN(input.text, ReadFile(args.target, kMaxTreeFile));
  }
  if (args.target == "-" && IsSqlDump(input.text)) {
    const std::string dump = std::exchange(input.text, "");
    RETURN_IF_ERROR(TakeDump(dump, cluster, false, &input));
    return input;
  }
  FileKind kind = KindOf(input.text);
  if (IsCompressed(kind)) {
    ASSIGN_OR_RETURN(input.text, Uncompress(input.name, kind, input.text));
    input.compressed = true;
    kind = KindOf(input.text);
  }
  if (kind == FileKind::kText) return input;
  // Of JSON that apply is given, its reader says what is wrong.
  if (!plans_too ||
      !(kind == FileKind::kSavedPlan || kind == FileKind::kOtherJson)) {
    return absl::InvalidArgumentError(
        absl::StrCat(input.name, " ", KindWords(kind)));
  }
  absl::StatusOr<SavedPlan> saved = PlanFromJson(input.text);
  if (!saved.ok()) return Annotate(saved.status(), input.name);
  input.text = std::exchange(saved->target_text, "");
  input.name = saved->options.target_name;
  input.live = absl::StartsWith(saved->live_name, LiveWord(Live::kMysql))
                   ? Live::kMysql
                   : Live::kSacctmgr;
  input.saved = *std::move(saved);
  return input;
}

absl::Status ReadTreeOf(const Options& args, absl::string_view cluster,
                        TargetInput* target) {
  if (IsFolder(args.target)) {
    RETURN_IF_ERROR(ReadFolder(args.target, cluster, false, target));
  } else {
    RETURN_IF_ERROR(ReadIfDump(args.target, cluster, false, target).status());
  }
  target->undecided = false;
  return absl::OkStatus();
}

absl::Status CheckIsFolder(const std::string& path) {
  struct stat st;
  if (stat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const UniqueFd file, OpenToRead(path, Readable::kFile));
  std::string bytes(kFileKindBytes, '\0');
  const ssize_t n = read(file.get(), bytes.data(), bytes.size());
  if (n < 0) return FileError(path, "read", errno);
  bytes.resize(static_cast<size_t>(n));
  FileKind kind = KindOf(bytes);
  const bool packed = IsCompressed(kind);
  if (packed) {
    // Of one that is longer than what was read, the name tells enough.
    const absl::StatusOr<std::string> text = Uncompress(path, kind, bytes);
    if (text.ok()) {
      kind = KindOf(*text);
    } else if (absl::StrContains(path, ".sql")) {
      kind = FileKind::kSqlDump;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat(path, " is a file and no folder of a backup: it ",
                   packed ? "is compressed, and " : "", KindWords(kind)));
}

bool IsFolder(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

absl::StatusOr<BaseInput> ReadBase(const Options& args,
                                   const TargetInput& target,
                                   const std::string& cluster,
                                   const std::string& named, Env& env) {
  if (target.saved.has_value()) {
    if (!args.base.empty()) {
      return absl::InvalidArgumentError(
          "a saved plan holds its base; --base goes with a .cfg file");
    }
    return BaseInput{target.saved->options.base_name, target.saved->base_text};
  }
  if (args.base.empty()) return BaseInput();
  if (args.base_is_last_applied()) {
    ASSIGN_OR_RETURN(const std::string dir, BackupDir(args, env));
    ASSIGN_OR_RETURN(LastApplied last, FindLastApplied(dir, cluster));
    if (env.console->verbose()) {
      env.console->Say(
          absl::StrCat("the base is the target of ", last.run_dir));
    }
    return BaseInput{args.base, std::move(last.text)};
  }
  Options from = args;
  from.target = args.base;
  if (std::exchange(from.as_cluster, false)) from.cluster.clear();
  ASSIGN_OR_RETURN(TargetInput base, ReadTarget(from, /*plans_too=*/false,
                                                /*caller_decides=*/true));
  if (base.undecided) RETURN_IF_ERROR(ReadTreeOf(from, named, &base));
  return BaseInput{std::move(base.name), std::move(base.text)};
}

absl::StatusOr<Plan> PlanFor(const Planned& planned, const LiveState& live) {
  PlanInput input{live.database,
                  planned.target,
                  planned.saved.options,
                  planned.base.has_value() ? &*planned.base : nullptr,
                  live.findings,
                  live.jobs,
                  live.mentions,
                  live.usage};
  input.notes.insert(input.notes.end(), planned.notes.begin(),
                     planned.notes.end());
  return MakePlan(input);
}

absl::Status ParseTrees(const TargetInput& target, Written written,
                        const BaseInput& base, bool fold_users, Tree* tree,
                        std::optional<Tree>* base_tree) {
  cfg::Recall recall;
  ParseOptions options;
  options.fold_users = fold_users;
  options.written = written;
  options.keep = base.name.empty() ? nullptr : &recall;
  ASSIGN_OR_RETURN(*tree, ParseTree(target.name, target.text, options));
  if (base.name.empty()) return absl::OkStatus();
  options.written = Written::kTell;
  options.keep = nullptr;
  options.recall = &recall;
  ASSIGN_OR_RETURN(*base_tree, ParseTree(base.name, base.text, options));
  return absl::OkStatus();
}

std::string StrictHint(absl::string_view text, Written written) {
  if (written != Written::kTell || !WasDumped(text)) return "";
  if (!Parse(text, {.written = Written::kByHand}).errors.empty()) return "";
  return "it begins as dumps do, and is read as strictly; --by-hand reads it "
         "as `sacctmgr load` reads what people wrote";
}

void TellNotes(absl::string_view name, const std::vector<ParseError>& notes,
               Console* console) {
  for (const ParseError& note : notes) {
    console->Say(absl::StrCat(name, ":", note.line, ":", note.column, ": ",
                              note.message));
  }
}

absl::StatusOr<Planned> MakePlanned(Options* options, bool plans_too,
                                    Env& env) {
  const Options& args = *options;
  Planned out;
  TargetInput& target = out.input;
  ASSIGN_OR_RETURN(target, ReadTarget(args, plans_too,
                                      /*caller_decides=*/true));
  options->live = ResolveLive(args, target, env);
  ASSIGN_OR_RETURN(out.source, MakeControlledSource(args, env.reader, env.stop,
                                                    out.recall.get()));
  std::string cluster = args.cluster;
  const auto read_live = [&]() -> absl::Status {
    env.console->Progress(absl::StrCat("reading ", out.source->Origin()));
    ASSIGN_OR_RETURN(out.live, out.source->Read(cluster));
    return absl::OkStatus();
  };
  const bool live_tells = target.undecided;
  if (live_tells) {
    RETURN_IF_ERROR(read_live());
    cluster = out.live.database.tree.cluster.str();
    RETURN_IF_ERROR(ReadTreeOf(args, cluster, &target));
  }
  if (target.saved.has_value()) {
    const std::string planned = target.saved->plan.cluster.str();
    if (!cluster.empty() && cluster != planned) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the plan is for cluster '", planned, "', not '", cluster, "'"));
    }
    cluster = planned;
  }
  // Which cluster to read, the target says; how to read the names of users in
  // it, live does. Errors of the file are told before live is asked.
  env.console->Progress(absl::StrCat("reading ", target.name));
  ParseOptions parsing;
  parsing.written = target.saved.has_value() ? target.saved->plan.target_by_hand
                                                   ? Written::kByHand
                                                   : Written::kComplete
                                             : args.written();
  parsing.keep = out.recall.get();
  ParseResult read = Parse(target.text, parsing);
  if (!read.errors.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(FormatErrors(target.name, read.errors),
                     StrictHint(target.text, parsing.written)));
  }
  out.target = std::move(read.tree);
  if (cluster.empty()) cluster = out.target.cluster.str();
  ASSIGN_OR_RETURN(BaseInput base, ReadBase(args, target, cluster,
                                            out.target.cluster.str(), env));
  if (!base.name.empty()) {
    ASSIGN_OR_RETURN(out.base, ParseTree(base.name, base.text,
                                         {.written = Written::kTell,
                                          .recall = out.recall.get()}));
  }
  if (!live_tells) RETURN_IF_ERROR(read_live());
  if (env.console->verbose()) {
    env.console->Say(absl::StrCat("live was read from ", out.source->Origin()));
  }
  if (out.live.preserve_user_case) {
    RETURN_IF_ERROR(ParseTrees(target, parsing.written, base,
                               /*fold_users=*/false, &out.target, &out.base));
  }
  out.recall->Clear();
  env.console->Progress("planning");
  out.notes = FindingsOf(target.name, read.notes);
  out.notes.insert(out.notes.end(), target.findings.begin(),
                   target.findings.end());
  out.saved.options = OptionsFor(args, target);
  out.saved.options.release = out.live.release;
  out.saved.options.base_name = base.name;
  ASSIGN_OR_RETURN(out.saved.plan, PlanFor(out, out.live));
  out.saved.target_text = std::move(target.text);
  out.saved.base_text = std::move(base.text);
  out.saved.live_name = out.source->PublicOrigin();
  env.console->ProgressDone();
  return out;
}

ExitCode Fail(const absl::Status& status, Env& env) {
  if (absl::IsCancelled(status)) {
    env.console->Error("interrupted; nothing was changed");
    return ExitCode::kInterrupted;
  }
  if (IsUntrusted(status)) {
    env.console->Error(absl::StrCat("refused: ", status.message()));
    return ExitCode::kRefused;
  }
  env.console->Error(status.message());
  return ExitCode::kError;
}

}  // namespace assocsync
