#include "engine/live/controller.h"

#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/status.h"
#include "engine/live/controller_view.h"
#include "engine/live/listing.h"

namespace assocsync {
namespace {

using absl::string_view;

// States of slurm.h from which no job comes back, and those of a job that
// waits. All others hold nodes. COMPLETING is shown in place of each of these
// while a node cleans up, for hours where it hangs: with the time of its end,
// or with none where the job is queued again (all four releases).
constexpr string_view kEnded[] = {
    "COMPLETED", "CANCELLED", "FAILED",        "TIMEOUT", "NODE_FAIL",
    "PREEMPTED", "BOOT_FAIL", "OUT_OF_MEMORY", "REVOKED", "DEADLINE"};
constexpr string_view kPending[] = {"PENDING",      "REQUEUED",
                                    "REQUEUE_FED",  "REQUEUE_HOLD",
                                    "SPECIAL_EXIT", "RESV_DEL_HOLD"};

constexpr string_view kCompleting = "COMPLETING", kNoTime = "NONE";

ControllerJob::Phase PhaseOf(string_view state, string_view end_time) {
  using Phase = ControllerJob::Phase;
  if (state == kCompleting) {
    return end_time == kNoTime ? Phase::kPending : Phase::kEnded;
  }
  if (absl::c_linear_search(kEnded, state)) return Phase::kEnded;
  return absl::c_linear_search(kPending, state) ? Phase::kPending
                                                : Phase::kRunning;
}

// The program of Slurm that lies beside sacctmgr.
std::string Beside(const std::string& sacctmgr, string_view name) {
  const size_t slash = sacctmgr.rfind('/');
  return slash == std::string::npos
             ? std::string(name)
             : absl::StrCat(sacctmgr.substr(0, slash + 1), name);
}

struct MentionKey {
  string_view word;
  Mention::Of of;
};
// AllowAccounts=hep,-tmp; of a reservation a name behind '-' is kept out.
constexpr MentionKey kMentionKeys[] = {
    {"AllowAccounts", Mention::Of::kAccount},
    {"DenyAccounts", Mention::Of::kAccount},
    {"Accounts", Mention::Of::kAccount},
    {"Users", Mention::Of::kUser},
    {"AllowQos", Mention::Of::kQos},
    {"DenyQos", Mention::Of::kQos},
    {"QoS", Mention::Of::kQos},
};

// How these programs write that there is none, or no limit.
bool IsNoName(string_view name) {
  return name.empty() || name == "ALL" || name == "(null)" || name == "N/A";
}

void MentionsOf(string_view line, std::vector<Mention>* mentions) {
  std::string what;
  for (const string_view word : absl::StrSplit(line, ' ')) {
    const size_t equals = word.find('=');
    if (equals == string_view::npos) continue;
    const string_view key = word.substr(0, equals);
    const string_view value = word.substr(equals + 1);
    if (what.empty()) {  // The first word. Reservations are in a partition too.
      if (key == "PartitionName") what = absl::StrCat("partition ", value);
      if (key == "ReservationName") what = absl::StrCat("reservation ", value);
      if (what.empty()) return;
    }
    const auto* const known = absl::c_find_if(
        kMentionKeys, [&](const MentionKey& k) { return k.word == key; });
    if (known == std::end(kMentionKeys)) continue;
    for (string_view name : absl::StrSplit(value, ',')) {
      absl::ConsumePrefix(&name, "-");
      if (IsNoName(name)) continue;
      mentions->push_back(
          {known->of, Name(name), absl::StrCat(what, " (", key, ")")});
    }
  }
}

class ControlledSource : public LiveSource {
 public:
  ControlledSource(std::unique_ptr<LiveSource> source, CommandRunner* runner,
                   ControllerOptions options)
      : source_(std::move(source)),
        runner_(runner),
        options_(std::move(options)) {}

  absl::StatusOr<LiveState> ReadTree(string_view cluster) override {
    ASSIGN_OR_RETURN(LiveState state, source_->Read(cluster));
    at_ = state.controller;
    return state;
  }

  absl::StatusOr<LiveState> Read(string_view cluster) override {
    ASSIGN_OR_RETURN(LiveState state, ReadTree(cluster));
    if (at_.port == 0) return state;
    const absl::Status asked = Ask(&state);
    if (absl::IsCancelled(asked)) return asked;
    if (!asked.ok()) {
      state.findings.push_back(MakeFinding(
          kNoController,
          absl::StrCat("slurmctld of cluster ",
                       state.database.tree.cluster.view(), " (", at_.host, ":",
                       at_.port, ") could not be asked for its jobs, ",
                       "partitions and reservations: ", asked.message())));
    }
    return state;
  }

  absl::StatusOr<std::vector<Job>> Jobs(
      const DatabaseState& database_state) override {
    ASSIGN_OR_RETURN(std::vector<Job> jobs, source_->Jobs(database_state));
    if (at_.port == 0) return jobs;
    const auto seen = Squeue(database_state.tree.cluster.view());
    if (absl::IsCancelled(seen.status())) return seen.status();
    return seen.ok() ? JoinJobs(jobs, *seen, database_state.ids) : jobs;
  }

  absl::StatusOr<std::vector<std::string>> DiffersInController(
      const DatabaseState& database_state) override {
    ASSIGN_OR_RETURN(const ControllerView view,
                     View(database_state.tree.cluster.view()));
    return ControllerDiffers(database_state, view);
  }

  absl::StatusOr<std::vector<std::string>> Clusters() override {
    return source_->Clusters();
  }

  std::string Origin() const override { return source_->Origin(); }
  std::string PublicOrigin() const override { return source_->PublicOrigin(); }

 private:
  absl::StatusOr<ControllerView> View(string_view cluster) {
    RETURN_IF_ERROR(Answers());
    ControllerViewReader reader(cluster);
    const std::vector<std::string> argv = {
        Beside(options_.sacctmgr, "scontrol"), "-M", std::string(cluster),
        "show", "assoc_mgr"};
    std::string begun;  // A line that is not whole yet.
    ASSIGN_OR_RETURN(
        const RunResult result,
        runner_->Stream(
            argv, {.limit = options_.limit}, [&](string_view chunk) {
              size_t end;
              while ((end = chunk.find('\n')) != string_view::npos) {
                absl::StrAppend(&begun, chunk.substr(0, end));
                reader.Line(begun);
                begun.clear();
                chunk.remove_prefix(end + 1);
              }
              absl::StrAppend(&begun, chunk);
              return absl::OkStatus();
            }));
    if (!result.clean()) return Failed(argv[0], result);
    return reader.Take();
  }

  absl::Status Ask(LiveState* state) {
    const string_view cluster = state->database.tree.cluster.view();
    ASSIGN_OR_RETURN(const auto seen, Squeue(cluster));
    state->jobs = JoinJobs(state->jobs, seen, state->database.ids);
    for (const char* const what : {"partition", "reservation"}) {
      ASSIGN_OR_RETURN(const std::string text,
                       Run({Beside(options_.sacctmgr, "scontrol"), "-M",
                            std::string(cluster), "-o", "show", what}));
      const std::vector<Mention> mentions = ParseMentions(text);
      state->mentions.insert(state->mentions.end(), mentions.begin(),
                             mentions.end());
    }
    if (!options_.usage) return absl::OkStatus();
    ASSIGN_OR_RETURN(const ControllerView view, View(cluster));
    for (const auto& [key, id] : state->database.ids) {
      const auto row = view.rows.find(id);
      if (row != view.rows.end()) state->usage[key] = row->second.usage;
    }
    return absl::OkStatus();
  }

  absl::Status Answers() const {
    if (at_.port == 0) {
      return absl::UnavailableError("no slurmctld is registered with slurmdbd");
    }
    ASSIGN_OR_RETURN(const bool listens, options_.listens(at_.host, at_.port));
    if (listens) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat("nothing answers on ", at_.host, ":", at_.port));
  }

  absl::StatusOr<std::vector<ControllerJob>> Squeue(string_view cluster) {
    RETURN_IF_ERROR(Answers());
    ASSIGN_OR_RETURN(
        const std::string text,
        Run({Beside(options_.sacctmgr, "squeue"), "-M", std::string(cluster),
             "-h", "-a", "-t", "all", "-O", kSqueueFields}));
    return ParseSqueue(text);
  }

  absl::StatusOr<std::string> Run(const std::vector<std::string>& argv) {
    ASSIGN_OR_RETURN(RunResult result, runner_->Run(argv, options_.limit));
    if (result.clean()) return std::move(result.out);
    return Failed(argv[0], result);
  }

  static absl::Status Failed(const std::string& program,
                             const RunResult& result) {
    return absl::UnavailableError(absl::StrCat(
        program, " ended with ", result.HowItEnded(), ": ", Words(result.err)));
  }

  const std::unique_ptr<LiveSource> source_;
  CommandRunner* const runner_;
  const ControllerOptions options_;
  ControllerAddress at_;
};

}  // namespace

ControllerAddress::ControllerAddress(string_view registered_host,
                                     string_view registered_port) {
  int number = 0;
  if (registered_host.empty() || !absl::SimpleAtoi(registered_port, &number)) {
    return;
  }
  host = std::string(registered_host);
  port = number;
}

absl::StatusOr<std::vector<ControllerJob>> ParseSqueue(string_view text) {
  std::vector<ControllerJob> jobs;
  for (const string_view line :
       absl::StrSplit(text, '\n', absl::SkipWhitespace())) {
    const std::vector<string_view> words =
        absl::StrSplit(line, absl::MaxSplits(' ', 4));
    ControllerJob job;
    if (words.size() != 5 || !absl::SimpleAtoi(words[0], &job.id) ||
        !absl::SimpleAtoi(words[1], &job.row)) {
      return absl::DataLossError(absl::StrCat(
          "squeue printed a line that is no job: '", Words(line, 200), "'"));
    }
    job.phase = PhaseOf(words[2], words[3]);
    const string_view qos = absl::StripTrailingAsciiWhitespace(words[4]);
    if (!IsNoName(qos)) job.qos = std::string(qos);
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::vector<Mention> ParseMentions(string_view text) {
  std::vector<Mention> mentions;
  for (const string_view line : absl::StrSplit(text, '\n')) {
    MentionsOf(line, &mentions);
  }
  absl::c_sort(mentions, [](const Mention& a, const Mention& b) {
    return std::tie(a.of, a.name, a.where) < std::tie(b.of, b.name, b.where);
  });
  return mentions;
}

std::vector<Job> JoinJobs(const std::vector<Job>& jobs,
                          const std::vector<ControllerJob>& seen,
                          const DatabaseState::Ids& ids) {
  using Phase = ControllerJob::Phase;
  absl::flat_hash_map<uint64_t, const ControllerJob*> by_id;
  for (const ControllerJob& job : seen) by_id[job.id] = &job;
  const auto take = [](const ControllerJob& from, Job* job) {
    job->state = from.phase == Phase::kPending ? Job::State::kPending
                                               : Job::State::kRunning;
    job->qos = Name(from.qos);
  };
  std::vector<Job> out;
  std::set<std::pair<AssocKey, uint64_t>> told;
  for (Job job : jobs) {
    const auto at = by_id.find(job.id);
    if (at == by_id.end()) {
      job.state = Job::State::kRunaway;
    } else if (at->second->phase != Phase::kEnded) {
      take(*at->second, &job);
    }
    told.emplace(job.row, job.id);
    out.push_back(std::move(job));
  }
  absl::flat_hash_map<uint64_t, const AssocKey*> rows;
  for (const auto& [key, id] : ids) rows[id] = &key;
  for (const ControllerJob& from : seen) {
    const auto row = rows.find(from.row);
    if (from.phase == Phase::kEnded || row == rows.end() ||
        !told.emplace(*row->second, from.id).second) {
      continue;
    }
    Job job;
    job.id = from.id;
    job.row = *row->second;
    take(from, &job);
    out.push_back(std::move(job));
  }
  absl::c_sort(out, [](const Job& a, const Job& b) {
    return std::tie(a.row, a.id) < std::tie(b.row, b.id);
  });
  return out;
}

std::unique_ptr<LiveSource> WithController(std::unique_ptr<LiveSource> source,
                                           CommandRunner* runner,
                                           ControllerOptions options) {
  return std::make_unique<ControlledSource>(std::move(source), runner,
                                            std::move(options));
}

}  // namespace assocsync
