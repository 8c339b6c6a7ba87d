// journal.jsonl: what a run was about to do, and what became of it. One JSON
// object per line, each on disk before the next command. The schema:
//   {"record":"start","time":T,"version":V,"cluster":C,"release":R,"steps":N,
//    "live":F,"target":F,"expected":F,"sql_dump":"taken"|"given"|"none",
//    "sql_dump_file":P,"sql_dump_sha256":D}
//   {"record":"begin","time":T,"step":K,"argv":[...],"why":W}
//   {"record":"load","time":T,"first":K,"last":K,"file":F}
//   {"record":"end","time":T,"step":K,"result":R,"exit":E,"output":O,
//    "seen":true|false[,"shown":W]}
//   {"record":"stop","time":T,"done":N[,"settled":[{"step":K,"result":R
//    [,"shown":W]},...]],"outcome":O,"problems":[...],
//    "controller":"same"|"other"|"unknown"[,"controller_words":[...]]}
// T is RFC 3339 in UTC; a word of argv that is not UTF-8 is {"base64":"..."}.
// A `begin` without its `end` is the step during which the run was killed.
// A `load` is written before one `sacctmgr load` of the file F in this folder
// is to do the steps from `first` to `last` (bulk_load.h). Their `begin` and
// `end` follow once it is known what became of them: of all of them where it
// was done, of the first where that is not known. Where nothing came of it,
// they are run one by one. A `load` with nothing after it was killed, and all
// of its steps are done, or none.
//
// R: "done", "no effect" (whatever sacctmgr said), "partly done", "refused"
// (and nothing of it is there), "refused but done" (refused, failed or killed,
// and all of it is there), "unknown", "not run" (StepResult::Outcome).
// E: the exit status of sacctmgr, null where a session was told the command.
// "seen":true: the rows of the step were read again before R was written, and R
// is what they show ("shown": what of them is not as it should be).
// "seen":false: they could not be looked at then, and R is what sacctmgr said:
// no database is at hand. What the reading at the end of the run shows of such
// a step, or anew of the one that stopped the run, is in `settled` and counts
// in the place of its R; `done` counts after that. A step that is neither seen
// nor settled shows nowhere (it sets what was set, or a later step overwrote
// it), or the run was killed before its end.
//
// "controller": whether slurmctld had the tree too ("unknown": the run was not
// verified, or slurmctld could not be asked), and where not, or why.
#ifndef ASSOCSYNC_ENGINE_APPLY_JOURNAL_H_
#define ASSOCSYNC_ENGINE_APPLY_JOURNAL_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/apply/controller_answer.h"
#include "engine/apply/run_step.h"
#include "engine/base/word_list.h"
#include "engine/io/journal_file.h"

namespace assocsync {

struct Step;

inline constexpr absl::string_view kJournalName = "journal.jsonl";
// The outcome of a run after which live was the expected tree.
inline constexpr absl::string_view kVerifiedWord = "verified";

struct JournalStart {
  absl::Time time;
  std::string version, cluster, release;
  size_t steps = 0;
  std::string live, target, expected;  // Fingerprints.
  std::string sql_dump;                // "taken", "given", "none"
  std::string sql_dump_file, sql_dump_sha256;
};

// Writes it. Any error: the record is not known to be on disk, and the run must
// not go on.
class Journal {
 public:
  // A step's number and what the last reading showed of it.
  using Settled = std::pair<size_t, StepResult>;

  static absl::StatusOr<Journal> Create(const std::string& path,
                                        const JournalStart& start);
  absl::Status Begin(size_t number, const Step& step, absl::Time time);
  // The same of a step that a load did: it was begun before it is recorded.
  absl::Status BeganInLoad(size_t number, const Step& step, absl::Time time);
  absl::Status Load(size_t first, size_t last, absl::string_view file,
                    absl::Time time);
  absl::Status End(size_t number, const StepResult& result, absl::Time time);
  absl::Status Stop(size_t done, absl::string_view outcome,
                    const std::vector<std::string>& problems,
                    const std::vector<Settled>& settled,
                    const ControllerAnswer& controller, absl::Time time);

 private:
  explicit Journal(JournalFile file) : file_(std::move(file)) {}
  JournalFile file_;
};

// A journal as far as it was written.
struct JournalRun {
  JournalStart start;
  struct StepRecord {
    size_t number = 0;
    WordList argv;
    std::string why;
    bool ended = false;  // False: killed meanwhile; its effect is not known.
    std::string result;  // R, as settled.
    bool seen = false;   // R is what the rows showed.
    std::string shown;
    std::optional<int> exit_code;
    std::string output;
  };
  std::vector<StepRecord> steps;
  struct LoadRecord {
    size_t first = 0, last = 0;
    std::string file;
  };
  std::vector<LoadRecord> loads;
  bool stopped = false;  // There is a `stop` record.
  std::string outcome;
  std::vector<std::string> problems;
  std::string torn;  // A last line that was not finished.

  size_t done() const;  // Steps that took effect.
};
// kDataLoss: a whole line is not what a Journal writes.
absl::StatusOr<JournalRun> ParseJournal(absl::string_view text);
// That of the run whose folder `dir` is. Errors: also those of file.h.
absl::StatusOr<JournalRun> ReadJournal(const std::string& dir);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_JOURNAL_H_
