// What slurmdbd does, told in a line each: the commands that made what is
// there, one command more, what it touched, and what is there then.
#ifndef ASSOCSYNC_TESTS_UNIT_SLURM_SLURMDBD_CASES_H_
#define ASSOCSYNC_TESTS_UNIT_SLURM_SLURMDBD_CASES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/slurm/slurmdbd.h"

namespace assocsync::slurmdbd_cases {

// Words split at blanks; `~` stands for a blank within a word. The word `where`
// may be left out.
Command Parsed(absl::string_view text);

// Cluster c with account and user root; QOS normal, q1 and q2; TRES cpu, mem,
// node and gres/gpu.
DatabaseState EmptyState();

Behaviour Of(absl::string_view release);

// EmptyState after `;`-separated commands, all of which must be done.
Slurmdbd After(absl::string_view release, absl::string_view commands);

// "-a/u -a" for removed, "+" for added, "~" for modified; "user:u", "acct:a",
// "coord:a:u", "wckey:w:u" for what is no row; "nothing", "refused", "unknown".
std::string Said(const Outcome& outcome);

// `what` of the tree: "rows" ("a<root{MaxJobs=4} a/u"), "accounts", "users" or
// "qos". Root is left out.
std::string Shown(const Tree& tree, absl::string_view what);

inline constexpr char kOld[] = "20.11.4 22.05.8 23.02.8";
inline constexpr char kNew[] =
    "23.11.11 24.05.0 24.05.8 24.11.5 25.05.8 26.05.5";
inline constexpr char kAll[] =
    "20.11.4 22.05.8 23.02.8 23.11.11 24.05.0 24.05.8 24.11.5 25.05.8 26.05.5";

struct Case {
  const char* name;
  const char* releases;  // Separated by blanks.
  const char* before;    // Commands.
  const char* command;
  const char* want;            // As Said.
  const char* then = nullptr;  // As Shown; null: nobody asks.
};

// On each release: a delete is predicted as it is done, what is not done leaves
// no trace, and the tree is legal. `shown`: what `then` is about.
void Check(absl::Span<const Case> cases, absl::string_view shown = "rows");

}  // namespace assocsync::slurmdbd_cases

#endif  // ASSOCSYNC_TESTS_UNIT_SLURM_SLURMDBD_CASES_H_
