#include "engine/io/git.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/edit_distance.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/io/program.h"

namespace assocsync {
namespace {

using absl::string_view;

constexpr string_view kGitWord = "git:";
constexpr string_view kLfsPointer = "version https://git-lfs.github.com/spec/";
// Farther than this is no help to anybody; longer names are not compared.
constexpr int kNearGit = 2;
constexpr size_t kLongestGitName = 80;

string_view BaseName(string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// What git wrote on stderr, in one line.
std::string GitSaid(const RunResult& run) {
  std::vector<string_view> lines;
  for (string_view line : absl::StrSplit(run.err, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    absl::ConsumePrefix(&line, "fatal: ");
    if (!line.empty()) lines.push_back(line);
  }
  return lines.empty() ? run.HowItEnded() : absl::StrJoin(lines, "; ");
}

// The one that was likely meant; empty: none is near.
std::string NearestOf(string_view wanted, string_view names, char separator) {
  std::string nearest;
  int best = kNearGit + 1;
  if (wanted.size() > kLongestGitName) return nearest;
  for (const string_view name :
       absl::StrSplit(names, separator, absl::SkipEmpty())) {
    // The same file in another folder is nearer than another file.
    if (BaseName(name) == BaseName(wanted)) return std::string(name);
    if (name.size() > kLongestGitName) continue;
    const int distance = EditDistance(wanted, name);
    if (distance < best) {
      best = distance;
      nearest = std::string(name);
    }
  }
  return nearest;
}

}  // namespace

std::vector<std::string> RepositoryVariables(
    const std::vector<std::string>& environment) {
  std::vector<std::string> out;
  for (const string_view name :
       {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES"}) {
    const string_view value = EnvironmentValue(environment, name);
    if (!value.empty()) out.push_back(absl::StrCat(name, "=", value));
  }
  return out;
}

bool IsGitName(string_view word) { return absl::StartsWith(word, kGitWord); }

std::string GitName::Short() const {
  string_view file = path;
  absl::ConsumeSuffix(&file, "/");
  file = BaseName(file);
  return file.empty() || file == "." ? rev : absl::StrCat(file, "@", rev);
}

absl::StatusOr<GitName> ParseGitName(string_view word) {
  string_view rest = word;
  absl::ConsumePrefix(&rest, kGitWord);
  const size_t colon = rest.find(':');
  if (colon == string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        word,
        ": write git:REV:PATH, as git:origin/main:cluster.cfg; a file of "
        "that name is ./",
        word));
  }
  GitName name{std::string(rest.substr(0, colon)),
               std::string(rest.substr(colon + 1))};
  if (name.rev.empty() || name.rev[0] == '-') {
    return absl::InvalidArgumentError(
        absl::StrCat(word, ": '", name.rev,
                     "' is no revision; write git:REV:PATH, as "
                     "git:HEAD:cluster.cfg"));
  }
  // git would see the end of the word there.
  if (absl::StrContains(word, '\0')) {
    return absl::InvalidArgumentError("a git: word with a NUL byte in it");
  }
  return name;
}

absl::StatusOr<RunResult> GitReader::Run(std::vector<std::string> words) {
  words.insert(words.begin(), {"git", "--no-pager", "--literal-pathspecs"});
  StreamOptions options;
  options.limit = limit_;
  // The second and the third keep git from a server: the second is heeded from
  // 2.45 on, the third by all.
  options.environment = {"GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1",
                         "GIT_ALLOW_PROTOCOL=none", "GIT_OPTIONAL_LOCKS=0"};
  options.environment.insert(options.environment.end(), repository_.begin(),
                             repository_.end());
  std::string out;
  const auto sink = [&](string_view chunk) -> absl::Status {
    if (out.size() + chunk.size() > kMaxTreeFile) {
      return absl::ResourceExhaustedError("git wrote too much");
    }
    out.append(chunk.data(), chunk.size());
    return absl::OkStatus();
  };
  absl::StatusOr<RunResult> run = runner_->Stream(words, options, sink);
  if (!run.ok()) {
    return Annotate(run.status(),
                    "what git: names is read by the program git; without it, "
                    "name a file");
  }
  run->out = std::move(out);
  return run;
}

absl::StatusOr<std::string> GitReader::Blob(const std::string& object,
                                            string_view what) {
  ASSIGN_OR_RETURN(RunResult run, Run({"cat-file", "blob", object}));
  if (!run.clean()) {
    return absl::FailedPreconditionError(
        absl::StrCat(what, ": git cannot read it: ", GitSaid(run)));
  }
  if (absl::StartsWith(run.out, kLfsPointer)) {
    return absl::FailedPreconditionError(
        absl::StrCat(what,
                     " is kept by Git LFS, and git itself has a pointer to it "
                     "alone; check that revision out and name the file"));
  }
  return std::move(run.out);
}

absl::StatusOr<GitObject> GitReader::Read(const GitName& name) {
  const std::string object = absl::StrCat(name.rev, ":", name.path);
  ASSIGN_OR_RETURN(const RunResult type, Run({"cat-file", "-t", object}));
  if (!type.clean()) return Missing(name, GitSaid(type));
  const string_view is = absl::StripAsciiWhitespace(type.out);
  GitObject out;
  if (is == "blob") {
    ASSIGN_OR_RETURN(out.bytes, Blob(object, name.Short()));
    // All that a symlink holds is a path.
    if (!absl::StrContains(out.bytes, '\n')) {
      const string_view file = BaseName(name.path);
      const string_view folder =
          string_view(object).substr(0, object.size() - file.size());
      ASSIGN_OR_RETURN(const GitObject around,
                       List(std::string(folder), name.Short()));
      for (const GitEntry& entry : around.entries) {
        if (entry.name == file) RETURN_IF_ERROR(ReadFile(entry).status());
      }
    }
    return out;
  }
  if (is != "tree") {
    return absl::FailedPreconditionError(
        absl::StrCat(name.Short(), " is a ", is, " to git, and no file"));
  }
  return List(object, name.Short());
}

absl::StatusOr<GitObject> GitReader::List(const std::string& object,
                                          string_view what) {
  GitObject out;
  out.is_folder = true;
  ASSIGN_OR_RETURN(const RunResult list, Run({"ls-tree", "-z", object}));
  if (!list.clean()) {
    return absl::FailedPreconditionError(
        absl::StrCat(what, ": git cannot list it: ", GitSaid(list)));
  }
  // "100644 blob ID<tab>NAME", sorted by name.
  for (const string_view line :
       absl::StrSplit(list.out, '\0', absl::SkipEmpty())) {
    const std::pair<string_view, string_view> halves =
        absl::StrSplit(line, absl::MaxSplits('\t', 1));
    const std::vector<string_view> words = absl::StrSplit(halves.first, ' ');
    if (words.size() != 3) continue;
    if (words[1] != "blob" && words[1] != "tree") continue;  // A submodule.
    out.entries.push_back({std::string(halves.second), std::string(words[2]),
                           words[1] == "tree", words[0] == "120000"});
  }
  return out;
}

absl::StatusOr<std::string> GitReader::ReadFile(const GitEntry& entry) {
  if (entry.is_link) {
    return absl::FailedPreconditionError(
        absl::StrCat(entry.name,
                     " is a symlink, which is not followed in git; name the "
                     "file that it leads to"));
  }
  return Blob(entry.id, entry.name);
}

absl::StatusOr<GitObject> GitReader::ReadFolder(const GitEntry& entry) {
  return List(entry.id, entry.name);
}

absl::Status GitReader::Missing(const GitName& name, const std::string& said) {
  if (absl::StrContains(said, "not a git repository")) {
    return absl::FailedPreconditionError(absl::StrCat(
        name.Short(), ": git: ", said,
        "; git: words are about the repository of the current folder: go "
        "there, or name a file"));
  }
  if (absl::StrContains(said, "dubious ownership")) {
    return absl::FailedPreconditionError(
        absl::StrCat(name.Short(), ": git: ", said));
  }
  ASSIGN_OR_RETURN(const RunResult tree,
                   Run({"cat-file", "-t", absl::StrCat(name.rev, "^{tree}")}));
  return tree.clean() ? NoPath(name, said) : NoRevision(name, said);
}

absl::Status GitReader::NoRevision(const GitName& name,
                                   const std::string& said) {
  std::string advice;
  ASSIGN_OR_RETURN(const RunResult shallow,
                   Run({"rev-parse", "--is-shallow-repository"}));
  ASSIGN_OR_RETURN(const RunResult refs,
                   Run({"for-each-ref", "--format=%(refname:short)"}));
  const std::string nearest =
      NearestOf(name.rev, absl::StrCat("HEAD\n", refs.out), '\n');
  if (!nearest.empty()) {
    absl::StrAppend(&advice, "; did you mean git:", nearest, ":", name.path,
                    "?");
  }
  if (absl::StartsWith(shallow.out, "true")) {
    absl::StrAppend(&advice,
                    "; this clone is shallow and may lack it: fetch-depth: 0 "
                    "for actions/checkout, GIT_DEPTH: 0 for GitLab, or git "
                    "fetch --unshallow");
  } else if (nearest.empty()) {
    absl::StrAppend(&advice,
                    "; `git branch -a` and `git tag` tell what there "
                    "is, `git fetch` brings what is new");
  }
  return absl::NotFoundError(absl::StrCat("there is no revision '", name.rev,
                                          "' in this repository (git: ", said,
                                          ")", advice));
}

absl::Status GitReader::NoPath(const GitName& name, const std::string& said) {
  ASSIGN_OR_RETURN(
      const RunResult paths,
      Run({"ls-tree", "-r", "-z", "--full-tree", "--name-only", name.rev}));
  const std::string nearest = NearestOf(name.path, paths.out, '\0');
  return absl::NotFoundError(absl::StrCat(
      "revision '", name.rev, "' has no '", name.path, "' (git: ", said, ")",
      nearest.empty()
          ? "; PATH begins at the top of the repository, or with ./ here"
          : absl::StrCat("; did you mean git:", name.rev, ":", nearest, "?")));
}

}  // namespace assocsync
