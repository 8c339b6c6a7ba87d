// Plans in the words of a reader: what all formats for people share.
#ifndef ASSOCSYNC_ENGINE_RENDER_SHOWN_H_
#define ASSOCSYNC_ENGINE_RENDER_SHOWN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/diff/diff.h"
#include "engine/model/finding.h"
#include "engine/plan/evidence.h"

namespace assocsync {

struct FoldedItem;
struct Plan;
struct Step;

// Clock of the reader: the library reads none.
struct Clock {
  absl::Time now;
  absl::TimeZone zone;
};

// Each format looks at what it has a place for.
struct ShowOptions {
  bool color = false;
  bool verbose = false;  // The commands with their reasons; findings in full.
  std::string target_name = "target";
  std::string base_name = "";  // Of a merge; empty: there is none.
  std::string live_from = "";  // "mysql", "sacctmgr", a file; empty: not said.
  // Shown under what it is about. nullptr: none was asked for. `clock` is for
  // it alone.
  const Evidence* evidence = nullptr;
  Clock clock = {};
  // When, and by whom, a page was made that goes to others; InfinitePast,
  // empty: not said.
  absl::Time made = absl::InfinitePast();
  absl::TimeZone zone = {};
  std::string made_by = "";
  // The summary (summary.h) instead of the single changes.
  bool summary = false;
  // A text of more lines than this begins with the summary; 0: none does.
  size_t screen = 50;
  // Bytes that Markdown may take: what GitHub takes for a comment.
  size_t max_bytes = 65536;
};

// A name or a value on one line: escaped, in single quotes where it is empty or
// where a reader could not tell where it ends.
std::string ShownName(absl::string_view name);
// As ShownName, for names between commas.
std::string ShownListed(absl::string_view name);
// As ShownName; free text is always quoted, and a value that is not set is said
// as what it then is: "(not set)", "1" for Fairshare, "None" for AdminLevel.
// Memory has its largest exact unit: mem=8T.
std::string ShownValue(Key key, const std::optional<Name>& value);

// "MaxJobs 4 -> 8". With one side only, that value: "MaxJobs 4". Long lists
// that share most of their elements show what comes and goes:
// "QOS -high, +low (12 stay)".
std::string ShownModify(const FieldChange& field);
std::string ShownAdd(const FieldChange& field);
std::string ShownRemove(const FieldChange& field);

// "sacctmgr -i add user 'name=al ice' ...", of ShownWord. (--format sh spells
// words that cannot be shown.)
std::string ShownCommand(const Step& step);

// "refused", "warning", "note"; "lifted".
absl::string_view FindingWord(const Finding& finding);
// What can be done about a finding that stands in the way of apply: words and
// options of the command line in turn, words first; not escaped. Empty for
// other findings.
std::vector<std::string> ShownWayOn(const Finding& finding);
// "backup.cfg", or "what was asked of backup.cfg" where --only, --except or
// --skip leave some of it.
std::string ShownTarget(const Plan& plan, absl::string_view name);

// ", 200 of them by sacctmgr load, about 50 s": how the commands run where not
// one by one, and how long they take, where people would wait for them.
std::string ShownTime(const Plan& plan);
// Of the findings that stand in the way of apply, each once, in their order.
std::vector<std::string> StandingCodes(const Plan& plan);

// "also on cluster beta", "also on clusters beta, gamma and 3 more"; nothing
// for a change that stays on this cluster.
std::string ShownReach(Name reaches);
// "hep", "alice", "alice (partition debug)".
std::string ShownRow(const AssocKey& row, bool user);
// Of users on one line: "12 users", "12 users (partition debug)", and who they
// are: "ann, bob, carl and 9 more".
std::string ShownHowMany(const FoldedItem& item);
std::string ShownWho(const FoldedItem& item);

// Who did it and when, in words (witness.cc).

// The lines under one thing of a plan that several changes make: rows first,
// then fields, those of one witness together: "MaxJobs, QOS last changed by
// ...".
std::vector<std::string> ShownEvidence(const Evidence& evidence,
                                       const std::vector<ChangeId>& changes,
                                       const Clock& clock);

absl::string_view DeedWord(Witness::Deed deed);  // "deleted"

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_SHOWN_H_
