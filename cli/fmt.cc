// `assocsync fmt`: files in canonical form.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/run.h"
#include "cli/split_folder.h"
#include "engine/base/status.h"
#include "engine/cfg/format.h"
#include "engine/cfg/parse.h"
#include "engine/io/file.h"
#include "engine/io/git.h"
#include "engine/render/unified_diff.h"

namespace assocsync {
namespace {

absl::StatusOr<TargetInput> ReadInput(const Options& given,
                                      const std::string& file, Env& env) {
  Options args = given;
  args.target = file;
  if (file == kLiveSource) {
    return absl::InvalidArgumentError(
        "live is what `assocsync dump` writes, in canonical form; a file of "
        "that name is ./live");
  }
  return ReadTarget(args, env);
}

// In place of the file that holds `before`: it stays whose it was, and as it
// was where that cannot be.
absl::Status WriteInPlace(const std::string& file, absl::string_view before,
                          absl::string_view text) {
  ASSIGN_OR_RETURN(const UniqueFd old, OpenToRead(file, Readable::kPlain));
  const auto now = ReadOpenFile(old.get(), file, before.size());
  if (now.ok() ? *now != before : absl::IsResourceExhausted(now.status())) {
    return absl::AbortedError(absl::StrCat(file, ": changed meanwhile"));
  }
  RETURN_IF_ERROR(now);
  ASSIGN_OR_RETURN(AtomicFile out, AtomicFile::Open(file));
  RETURN_IF_ERROR(out.Append(text));
  RETURN_IF_ERROR(out.TakeAttributesOf(old.get()));
  return out.Commit();
}

// One file; `differs` becomes true where it was not in canonical form.
absl::Status FormatOne(const Options& args, const std::string& file,
                       bool* differs, Env& env) {
  const bool in_git = IsGitName(file);
  if (args.in_place && in_git) {
    return absl::InvalidArgumentError(absl::StrCat(
        file,
        ": -i writes files, and commits are not written anew; without -i "
        "the canonical form is printed"));
  }
  ASSIGN_OR_RETURN(const TargetInput input, ReadInput(args, file, env));
  const std::string name = in_git ? input.name : input.path;
  std::vector<ParseError> notes;
  ASSIGN_OR_RETURN(
      const std::string text,
      FormatTree(name, input.text,
                 {.written = Written::kTell, .files = &input.files}, &notes));
  TellNotes(name, input.files, notes, env.console);
  if (!args.check && !args.in_place) {
    env.console->Print(text);
    return absl::OkStatus();
  }
  if (args.in_place && input.from_dump) {
    return absl::InvalidArgumentError(
        absl::StrCat(file,
                     ": an SQL dump is not written anew; without -i its "
                     "tree is printed"));
  }
  if (args.in_place && input.compressed) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": -i writes plain text; uncompress the file first"));
  }
  if (text == input.text.text()) return absl::OkStatus();
  *differs = true;
  if (args.in_place) return WriteInPlace(file, input.text, text);
  env.console->Print(UnifiedDiff(input.text, text,
                                 {.from_name = file,
                                  .to_name = absl::StrCat(file, " (canonical)"),
                                  .color = env.console->color()}));
  return absl::OkStatus();
}

// The files of a folder of `dump --split`, where each is written anew or
// compared; else the one.
absl::StatusOr<std::vector<std::string>> FilesOf(const Options& args,
                                                 const std::string& file) {
  if (file == "-" || file == kLiveSource || IsGitName(file) ||
      !IsFolder(file)) {
    return std::vector<std::string>{file};
  }
  ASSIGN_OR_RETURN(std::vector<std::string> files, FilesOfSplit(file));
  if (files.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, " is a folder; fmt takes files, and folders of `dump --split`"));
  }
  if (!args.check && !args.in_place) files = {file};
  return files;
}

}  // namespace

// All files are looked at, and every fault is told.
ExitCode RunFmt(const Options& args, Env& env) {
  bool failed = false;
  bool untidy = false;
  std::vector<std::string> files;
  for (const std::string& file : args.files) {
    const auto of = FilesOf(args, file);
    if (!of.ok()) {
      env.console->Error(of.status().message());
      failed = true;
      continue;
    }
    files.insert(files.end(), of->begin(), of->end());
  }
  if (args.files.empty()) files = {"-"};
  for (const std::string& file : files) {
    bool differs = false;
    const absl::Status status = FormatOne(args, file, &differs, env);
    if (absl::IsCancelled(status)) return Fail(status, env);
    if (!status.ok()) {
      env.console->Error(status.message());
      failed = true;
    }
    if (!differs) continue;
    untidy = true;
    if (args.check) {
      env.console->Say(absl::StrCat(file, " is not in canonical form; `",
                                    "assocsync fmt -i` writes it so"));
    }
  }
  if (failed) return ExitCode::kError;
  return args.check && untidy ? ExitCode::kRefused : ExitCode::kOk;
}

}  // namespace assocsync
