#include "engine/apply/journal.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"
#include "engine/base/input_shape.h"
#include "engine/base/status.h"
#include "engine/io/file.h"
#include "engine/plan/step.h"
#include "engine/render/json_text.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

Json NewRecord(absl::string_view kind, absl::Time time) {
  return Json{{"record", std::string(kind)}, {"time", TimeText(time)}};
}

Json BeginRecord(size_t number, const Step& step, absl::Time time) {
  Json record = NewRecord("begin", time);
  record["step"] = number;
  record["argv"] = JsonTexts(step.argv);
  record["why"] = JsonText(step.why);
  return record;
}

std::string JournalLine(const Json& record) {
  return record.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Reads fields of one record; any that is missing or of another type makes the
// whole record bad.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}
  bool ok() const { return ok_; }

  std::string Text(const char* key) {
    std::string text;
    if (!json_.contains(key) || !FromJsonText(json_[key], &text)) ok_ = false;
    return text;
  }
  int Number(const char* key) {
    if (!json_.contains(key) || !json_[key].is_number_integer()) {
      ok_ = false;
      return 0;
    }
    return json_[key].get<int>();
  }
  std::vector<std::string> Texts(const char* key) {
    std::vector<std::string> texts;
    if (!json_.contains(key) || !json_[key].is_array()) {
      ok_ = false;
      return texts;
    }
    for (const Json& item : json_[key]) {
      if (!FromJsonText(item, &texts.emplace_back())) ok_ = false;
    }
    return texts;
  }

 private:
  const Json& json_;
  bool ok_ = true;
};

bool ReadStart(const Json& json, JournalStart* start) {
  Reader read(json);
  const std::string time = read.Text("time");
  start->version = read.Text("version");
  start->cluster = read.Text("cluster");
  start->release = read.Text("release");
  start->steps = read.Number("steps");
  start->live = read.Text("live");
  start->target = read.Text("target");
  start->expected = read.Text("expected");
  start->sql_dump = read.Text("sql_dump");
  start->sql_dump_file = read.Text("sql_dump_file");
  start->sql_dump_sha256 = read.Text("sql_dump_sha256");
  std::string error;
  return read.ok() &&
         absl::ParseTime(absl::RFC3339_full, time, &start->time, &error);
}

// Of a `stop` record: what the last reading showed of steps, in the place of
// what their `end` said.
bool ReadSettled(const Json& json, JournalRun* run) {
  if (!json.is_array()) return false;
  for (const Json& entry : json) {
    Reader read(entry);
    const size_t number = static_cast<size_t>(read.Number("step"));
    const std::string result = read.Text("result");
    if (!read.ok() || number == 0 || number > run->steps.size()) return false;
    JournalRun::StepRecord& step = run->steps[number - 1];
    step.result = result;
    step.seen = true;
    step.shown = entry.contains("shown") ? read.Text("shown") : "";
    if (!read.ok()) return false;
  }
  return true;
}

bool ReadRecord(const Json& json, JournalRun* run) {
  Reader read(json);
  const std::string kind = read.Text("record");
  if (kind == "begin") {
    JournalRun::StepRecord step;
    step.number = read.Number("step");
    step.argv = read.Texts("argv");
    step.why = read.Text("why");
    run->steps.push_back(std::move(step));
    return read.ok();
  }
  if (kind == "load") {
    run->loads.push_back({static_cast<size_t>(read.Number("first")),
                          static_cast<size_t>(read.Number("last")),
                          read.Text("file")});
    return read.ok();
  }
  if (kind == "end") {
    if (run->steps.empty() || run->steps.back().ended) return false;
    JournalRun::StepRecord& step = run->steps.back();
    step.ended = true;
    step.result = read.Text("result");
    if (!json.contains("exit") || !json["exit"].is_null()) {
      step.exit_code = read.Number("exit");
    }
    step.output = read.Text("output");
    // Journals from before steps were looked at have neither.
    if (json.contains("seen")) step.seen = json["seen"] == true;
    if (json.contains("shown")) step.shown = read.Text("shown");
    return read.ok() && static_cast<int>(step.number) == read.Number("step");
  }
  if (kind == "stop") {
    run->stopped = true;
    run->outcome = read.Text("outcome");
    run->problems = read.Texts("problems");
    return read.ok() &&
           (!json.contains("settled") || ReadSettled(json["settled"], run));
  }
  return false;
}

}  // namespace

absl::StatusOr<Journal> Journal::Create(const std::string& path,
                                        const JournalStart& start) {
  ASSIGN_OR_RETURN(JournalFile file, JournalFile::Create(path));
  Json record = NewRecord("start", start.time);
  record["version"] = JsonText(start.version);
  record["cluster"] = JsonText(start.cluster);
  record["release"] = JsonText(start.release);
  record["steps"] = start.steps;
  record["live"] = JsonText(start.live);
  record["target"] = JsonText(start.target);
  record["expected"] = JsonText(start.expected);
  record["sql_dump"] = JsonText(start.sql_dump);
  record["sql_dump_file"] = JsonText(start.sql_dump_file);
  record["sql_dump_sha256"] = JsonText(start.sql_dump_sha256);
  RETURN_IF_ERROR(file.Append(JournalLine(record)));
  return Journal(std::move(file));
}

absl::Status Journal::Begin(size_t number, const Step& step, absl::Time time) {
  return file_.Append(JournalLine(BeginRecord(number, step, time)));
}

absl::Status Journal::BeganInLoad(size_t number, const Step& step,
                                  absl::Time time) {
  return file_.AppendSoon(JournalLine(BeginRecord(number, step, time)));
}

absl::Status Journal::Load(size_t first, size_t last, absl::string_view file,
                           absl::Time time) {
  Json record = NewRecord("load", time);
  record["first"] = first;
  record["last"] = last;
  record["file"] = JsonText(file);
  return file_.Append(JournalLine(record));
}

absl::Status Journal::End(size_t number, const StepResult& result,
                          absl::Time time) {
  Json record = NewRecord("end", time);
  record["step"] = number;
  record["result"] = std::string(OutcomeWord(result.outcome));
  record["exit"] =
      result.exit_code.has_value() ? Json(*result.exit_code) : Json(nullptr);
  record["output"] = JsonText(result.words);
  record["seen"] = result.seen;
  if (!result.shown.empty()) record["shown"] = JsonText(result.shown);
  // The disk has it before the next command is begun, or the run stops.
  return file_.AppendSoon(JournalLine(record));
}

absl::Status Journal::Stop(size_t done, absl::string_view outcome,
                           const std::vector<std::string>& problems,
                           const std::vector<Settled>& settled,
                           const ControllerAnswer& controller,
                           absl::Time time) {
  Json record = NewRecord("stop", time);
  record["done"] = done;
  if (!settled.empty()) {
    record["settled"] = Json::array();
    for (const auto& [number, result] : settled) {
      Json entry;
      entry["step"] = number;
      entry["result"] = std::string(OutcomeWord(result.outcome));
      if (!result.shown.empty()) entry["shown"] = JsonText(result.shown);
      record["settled"].push_back(std::move(entry));
    }
  }
  record["outcome"] = std::string(outcome);
  record["problems"] = JsonTexts(problems);
  record["controller"] = std::string(HasWord(controller.has));
  if (!controller.words.empty()) {
    record["controller_words"] = JsonTexts(controller.words);
  }
  return file_.Append(JournalLine(record));
}

absl::StatusOr<JournalRun> ParseJournal(absl::string_view text) {
  const JournalLines lines = SplitJournal(text);
  JournalRun run;
  run.torn = lines.torn;
  for (size_t i = 0; i < lines.lines.size(); ++i) {
    const bool parsable = CheckJsonShape(lines.lines[i]).ok();
    const Json json =
        parsable ? Json::parse(lines.lines[i], nullptr, false) : Json();
    const bool good = json.is_object() && (i == 0 ? ReadStart(json, &run.start)
                                                  : ReadRecord(json, &run));
    if (!good) {
      return absl::DataLossError(absl::StrCat(kJournalName, ":", i + 1,
                                              ": this is no record of a run"));
    }
  }
  return run;
}

size_t JournalRun::done() const {
  using Outcome = StepResult::Outcome;
  return absl::c_count_if(steps, [](const StepRecord& step) {
    return step.ended && (step.result == OutcomeWord(Outcome::kDone) ||
                          step.result == OutcomeWord(Outcome::kRefusedButDone));
  });
}

absl::StatusOr<JournalRun> ReadJournal(const std::string& dir) {
  const std::string path = absl::StrCat(dir, "/", kJournalName);
  ASSIGN_OR_RETURN(const std::string text,
                   ReadFile(path, kMaxJournalFile, Readable::kPlain));
  return Annotate(ParseJournal(text), path);
}

}  // namespace assocsync
