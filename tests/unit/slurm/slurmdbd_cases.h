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

// `start` after `;`-separated commands, all of which must be done.
Slurmdbd After(absl::string_view release, absl::string_view commands,
               const DatabaseState& start = EmptyState());

// "-a/u -a" for removed, "+" for added, "~" for modified; "user:u", "acct:a",
// "coord:a:u", "wckey:w:u" for what is no row; "nothing", "refused", "unknown".
std::string Said(const Outcome& outcome);

// What there is then. Of the tree: "rows" ("a<root{MaxJobs=4} a/u"),
// "accounts", "users", "qos" or "cluster"; root is left out. Of the tables:
// "records" of users, with or without a row; "marks", the rows that are known
// to be marked as a default account's; "lineages" that are not what the names
// of their rows say ("k/u=/a/k/0-u/").
std::string Shown(const Slurmdbd& dbd, absl::string_view what);

// What cases begin with: accounts a and b, user u with default account a.
inline constexpr char kA[] = "add account name=a cluster=c";
inline constexpr char kAb[] = "add account name=a,b cluster=c";
inline constexpr char kU[] =
    "add account name=a cluster=c;add user name=u account=a cluster=c "
    "defaultaccount=a";
inline constexpr char kUab[] =
    "add account name=a,b cluster=c;add user name=u account=a cluster=c "
    "defaultaccount=a;add user name=u account=b cluster=c";
inline constexpr char kUWithPartitions[] =
    "add account name=a cluster=c;add user name=u account=a cluster=c "
    "defaultaccount=a;add user name=u account=a cluster=c partition=p;add user "
    "name=u account=a cluster=c partition=q";
// Both of his rows are marked as the default account's.
inline constexpr char kMarked[] =
    "add account name=a cluster=c;add user name=u account=a cluster=c "
    "defaultaccount=a;add user name=u account=a cluster=c partition=p;modify "
    "user name=u cluster=c set defaultaccount=a";

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
  // As Said; after ": " the reason, where the case is about that.
  const char* want;
  const char* then = nullptr;  // As Shown; null: nobody asks.
};

// On each release: a delete is predicted as it is done, what is not done leaves
// no trace, and the tree is legal. `shown`: what `then` is about.
void Check(absl::Span<const Case> cases, absl::string_view shown = "rows",
           const DatabaseState& start = EmptyState());

}  // namespace assocsync::slurmdbd_cases

#endif  // ASSOCSYNC_TESTS_UNIT_SLURM_SLURMDBD_CASES_H_
