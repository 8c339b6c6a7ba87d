#include "engine/render/sh.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/model/finding.h"
#include "engine/plan/plan.h"
#include "engine/render/escape.h"

namespace assocsync {
namespace {

// One comment line. Escaped text holds no newline, so nothing gets out of it.
void Comment(absl::string_view text, std::string* out) {
  out->append("# ");
  AppendEscaped(text, out);
  out->push_back('\n');
}

// A word that a reader could not see for what it is, as an assignment to
// `variable`: printf makes the bytes, and the dot keeps newlines at the end,
// which a command substitution would cut off.
void Assign(absl::string_view variable, absl::string_view word,
            std::string* out) {
  absl::StrAppend(out, variable, "=$(printf '");
  for (const char c : word) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte <= '~' && c != '\'' && c != '\\' && c != '%') {
      out->push_back(c);
    } else {
      absl::StrAppendFormat(out, "\\%03o", byte);
    }
  }
  absl::StrAppend(out, ".'); ", variable, "=${", variable, "%.}\n");
}

void Head(const Plan& plan, const ShowOptions& options, std::string* out) {
  out->append("#!/bin/sh\n");
  Comment(absl::StrCat("Made by assocsync: makes the live associations of ",
                       "cluster ", plan.cluster.view(), " (Slurm ",
                       plan.release.ToString(), ")"),
          out);
  Comment(absl::StrCat("those of ", options.target_name, "."), out);
  Comment(absl::StrCat("Fingerprints: live ", plan.live_fingerprint,
                       ", target ", plan.target_fingerprint, "."),
          out);
  out->append(
      "#\n"
      "# It stops at the first command that fails. That sacctmgr exits with 0 "
      "is no\n"
      "# proof that it did what it was told: run `assocsync plan` again "
      "afterwards.\n"
      "# It does not see whether live has changed since, makes no backup and "
      "verifies\n"
      "# nothing; `assocsync apply` does all three.\n"
      "set -eu\n"
      "LC_ALL=C\n"
      "export LC_ALL\n"
      "sacctmgr=${SACCTMGR:-sacctmgr}\n");
}

// Records that clusters share: whoever runs the script for one of them should
// know of the others.
void Shared(const Plan& plan, std::string* out) {
  for (const Finding& finding : plan.findings) {
    if (finding.code != kSharedRecords) continue;
    out->append("\n");
    Comment(absl::StrCat(CodeName(finding.code), ": ", finding.message), out);
    for (const std::string& row : finding.rows) {
      Comment(absl::StrCat("    ", row), out);
    }
  }
}

void Refusals(const Plan& plan, std::string* out) {
  if (plan.applicable()) return;
  out->append("\n");
  for (const Finding& finding : plan.findings) {
    if (!finding.stands()) continue;
    Comment(absl::StrCat("Refused, ", CodeName(finding.code), ": ",
                         finding.message),
            out);
    Comment(absl::StrCat("    ", absl::StrJoin(ShownWayOn(finding), "")), out);
  }
  out->append(
      "echo 'This plan was refused; the reasons are in this script.' >&2\n"
      "exit 3\n");
}

}  // namespace

std::string ShCommand(const Step& step, absl::string_view program) {
  std::string out;
  std::vector<std::string> words;
  for (const absl::string_view word : step.argv) {
    if (IsShowable(word)) {
      words.push_back(ShellQuoted(word));
      continue;
    }
    const std::string variable = absl::StrCat("word", words.size());
    Assign(variable, word, &out);
    words.push_back(absl::StrCat("\"$", variable, "\""));
  }
  absl::StrAppend(&out, program, " -i ", absl::StrJoin(words, " "));
  return out;
}

std::string RenderSh(const Plan& plan, const ShowOptions& options) {
  std::string out;
  Head(plan, options, &out);
  Shared(plan, &out);
  Refusals(plan, &out);
  int number = 0;
  for (const Step& step : plan.steps) {
    out.push_back('\n');
    Comment(absl::StrCat(++number, "/", plan.steps.size(), " ",
                         PhaseName(step.phase), ": ", step.why),
            &out);
    absl::StrAppend(&out, ShCommand(step, "\"$sacctmgr\""), "\n");
  }
  return out;
}

}  // namespace assocsync
