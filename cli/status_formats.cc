// How `assocsync status` tells what it found.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/backup_words.h"
#include "cli/database.h"
#include "cli/status.h"
#include "engine/base/counted.h"
#include "engine/render/escape.h"
#include "engine/render/json_text.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kStatusFormatVersion = 1;

// What a plan does, by its words.
std::vector<std::pair<absl::string_view, size_t>> KindsOf(
    const ChangeCounts& counts) {
  return {{"add", counts.added},
          {"modify", counts.changed},
          {"move", counts.moved},
          {"delete", counts.removed}};
}

std::string LastBackupText(const StatusReport& report) {
  if (!report.unreadable.empty()) return "unknown";
  if (!report.last.has_value()) return "no good backup";
  const FoundBackup& last = *report.last;
  return absl::StrCat(AgeText(report.now - last.manifest.created), " old, ",
                      BytesText(last.bytes),
                      last.has_sql ? "" : ", no SQL dump",
                      last.is_signed ? ", signed" : "");
}

std::string LastVerifyText(const StatusReport& report) {
  if (!report.verify.has_value()) {
    return report.verify_unknown.empty() ? "never" : "unknown";
  }
  const LastVerify& verify = *report.verify;
  return absl::StrCat(verify.good ? "good" : "NOT GOOD", " ",
                      AgeText(report.now - verify.time), " ago",
                      verify.loaded ? ", loaded" : "");
}

std::string DriftText(const Drift& drift) {
  if (!drift.changes.has_value()) return "unknown";
  return Counted(drift.changes->all(), "change");
}

// Nagios ends the text at a '|', and takes one line.
std::string NagiosText(absl::string_view text) {
  return absl::StrReplaceAll(Escaped(text), {{"|", "/"}});
}

// A label's value. Prometheus reads UTF-8, and these three escapes.
std::string LabelValue(absl::string_view text) {
  return absl::StrReplaceAll(IsUtf8(text) ? std::string(text) : Escaped(text),
                             {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}});
}

class Metrics {
 public:
  // The head of a metric whose samples follow.
  void Head(absl::string_view name, absl::string_view help) {
    name_ = name;
    absl::StrAppend(&text_, "# HELP assocsync_", name, " ", help,
                    "\n# TYPE assocsync_", name, " gauge\n");
  }
  using Labels = std::vector<std::pair<absl::string_view, std::string>>;
  void Sample(int64_t value, const Labels& labels = {}) {
    absl::StrAppend(&text_, "assocsync_", name_);
    if (!labels.empty()) {
      absl::StrAppend(&text_, "{",
                      absl::StrJoin(labels, ",",
                                    [](std::string* out, const auto& label) {
                                      absl::StrAppend(out, label.first, "=\"",
                                                      LabelValue(label.second),
                                                      "\"");
                                    }),
                      "}");
    }
    absl::StrAppend(&text_, " ", value, "\n");
  }
  void One(absl::string_view name, absl::string_view help, int64_t value) {
    Head(name, help);
    Sample(value);
  }
  std::string text() && { return std::move(text_); }

 private:
  absl::string_view name_;
  std::string text_;
};

int64_t Seconds(absl::Duration time) { return absl::ToInt64Seconds(time); }

}  // namespace

absl::string_view StateWord(State state) {
  constexpr absl::string_view kWords[] = {"OK", "WARNING", "CRITICAL",
                                          "UNKNOWN"};
  return kWords[static_cast<size_t>(state)];
}

JudgedStatus JudgeStatus(const StatusReport& report,
                         const StatusLimits& limits) {
  std::vector<std::pair<State, std::string>> found;
  if (report.missing) {
    found.emplace_back(State::kCritical, report.unreadable);
  } else if (!report.unreadable.empty()) {
    found.emplace_back(State::kUnknown, report.unreadable);
  } else if (!report.last.has_value()) {
    found.emplace_back(State::kCritical, "there is no good backup");
  } else {
    const absl::Duration age = report.now - report.last->manifest.created;
    const bool critical = age > limits.crit_age;
    if (critical || age > limits.warn_age) {
      found.emplace_back(
          critical ? State::kCritical : State::kWarning,
          absl::StrCat("the last good backup is ", AgeText(age), " old"));
    }
  }
  if (report.last_bad.has_value()) {
    found.emplace_back(State::kWarning,
                       absl::StrCat("the newest backup is not good: ",
                                    report.last_bad->problem));
  }
  if (report.verify.has_value() && !report.verify->good) {
    found.emplace_back(State::kCritical,
                       absl::StrCat("the last verify found ",
                                    report.verify->backup, " not good"));
  }
  if (!report.verify_unknown.empty()) {
    found.emplace_back(State::kUnknown, report.verify_unknown);
  }
  for (const Drift& drift : report.drifts) {
    if (!limits.warn_drift.has_value()) break;
    const std::string of =
        drift.cluster.empty() ? "" : absl::StrCat(" of ", drift.cluster);
    if (!drift.changes.has_value()) {
      found.emplace_back(
          State::kUnknown,
          absl::StrCat("drift", of, " is not known: ", drift.unknown));
    } else if (drift.changes->all() > static_cast<size_t>(*limits.warn_drift)) {
      found.emplace_back(State::kWarning,
                         absl::StrCat("drift", of, ": ", DriftText(drift)));
    }
  }
  // What is not known may be anything, but what is known to be bad is worse.
  const auto rank = [](State state) {
    return state == State::kCritical ? 0 : state == State::kUnknown ? 1 : 2;
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const auto& a, const auto& b) {
                     return rank(a.first) < rank(b.first);
                   });
  JudgedStatus judged;
  if (!found.empty()) judged.state = found.front().first;
  for (auto& [state, reason] : found) {
    judged.reasons.push_back(std::move(reason));
  }
  return judged;
}

std::string StatusText(const StatusReport& report, const JudgedStatus& judged) {
  std::string out = absl::StrCat("Backup  ", LastBackupText(report));
  if (report.last.has_value()) {
    absl::StrAppend(&out, ": ", Escaped(report.last->name));
  }
  absl::StrAppend(&out, "\nVerify  ", LastVerifyText(report));
  if (report.verify.has_value()) {
    absl::StrAppend(&out, ": ", Escaped(report.verify->backup));
    if (!report.verify->error.empty()) {
      absl::StrAppend(&out, "\n        ", Escaped(report.verify->error));
    }
  }
  for (const Drift& drift : report.drifts) {
    absl::StrAppend(&out, "\nDrift   ");
    if (!drift.cluster.empty()) {
      absl::StrAppend(&out, "cluster ", Escaped(drift.cluster), ": ");
    }
    absl::StrAppend(&out, DriftText(drift));
    if (!drift.changes.has_value()) {
      absl::StrAppend(&out, ": ", Escaped(drift.unknown));
      continue;
    }
    absl::StrAppend(&out, " since ", Escaped(drift.against));
    if (drift.changes->all() == 0) continue;
    absl::StrAppend(&out, "\n        to bring it back: ",
                    absl::StrJoin(KindsOf(*drift.changes), ", ",
                                  [](std::string* text, const auto& kind) {
                                    absl::StrAppend(text, kind.first, " ",
                                                    kind.second);
                                  }));
  }
  if (report.drifts.empty()) {
    absl::StrAppend(&out, "\nDrift   not asked");
  }
  absl::StrAppend(&out, "\nState   ", StateWord(judged.state));
  for (const std::string& reason : judged.reasons) {
    absl::StrAppend(&out, "\n        ", Escaped(reason));
  }
  absl::StrAppend(&out, "\n");
  return out;
}

std::string StatusNagios(const StatusReport& report, const StatusLimits& limits,
                         const JudgedStatus& judged) {
  std::vector<std::string> words, data;
  for (const std::string& reason : judged.reasons) {
    words.push_back(NagiosText(reason));
  }
  if (words.empty()) {
    words = {absl::StrCat("backup ", LastBackupText(report)),
             absl::StrCat("verify ", LastVerifyText(report))};
    for (const Drift& drift : report.drifts) {
      words.push_back(NagiosText(
          absl::StrCat("drift ", DriftText(drift),
                       drift.changes.has_value() ? "" : ": ", drift.unknown)));
    }
  }
  if (report.last.has_value()) {
    data.push_back(absl::StrCat(
        "backup_age=", Seconds(report.now - report.last->manifest.created),
        "s;", Seconds(limits.warn_age), ";", Seconds(limits.crit_age), ";0"));
    data.push_back(absl::StrCat("backup_size=", report.last->bytes, "B;;;0"));
  }
  if (report.unreadable.empty()) {
    data.push_back(absl::StrCat("backups=", report.backups, ";;;0"));
  }
  if (report.verify.has_value()) {
    data.push_back(absl::StrCat(
        "verify_age=", Seconds(report.now - report.verify->time), "s;;;0"));
  }
  size_t drift = 0;
  bool known = !report.drifts.empty();
  for (const Drift& one : report.drifts) {
    known = known && one.changes.has_value();
    if (one.changes.has_value()) drift += one.changes->all();
  }
  if (known) {
    data.push_back(absl::StrCat(
        "drift=", drift, ";",
        limits.warn_drift.has_value() ? absl::StrCat(*limits.warn_drift) : "",
        ";;0"));
  }
  return absl::StrCat("ASSOCSYNC ", StateWord(judged.state), " - ",
                      absl::StrJoin(words, "; "), data.empty() ? "" : " | ",
                      absl::StrJoin(data, " "), "\n");
}

std::string StatusPrometheus(const StatusReport& report,
                             const JudgedStatus& judged) {
  Metrics out;
  out.One("status_timestamp_seconds", "When this was written.",
          absl::ToUnixSeconds(report.now));
  out.One("state", "0 OK, 1 warning, 2 critical, 3 unknown.",
          static_cast<int64_t>(judged.state));
  if (report.unreadable.empty()) {
    out.One("backups", "Backups in the folder.",
            static_cast<int64_t>(report.backups));
    out.One("backups_bytes", "Their size.", static_cast<int64_t>(report.bytes));
    out.One("newest_backup_good",
            "1: the newest backup is good, as far as names and sizes tell.",
            report.last.has_value() && !report.last_bad.has_value());
  }
  if (report.last.has_value()) {
    const FoundBackup& last = *report.last;
    out.Head("last_backup_timestamp_seconds", "When the last good one began.");
    out.Sample(absl::ToUnixSeconds(last.manifest.created),
               {{"cluster", last.manifest.cluster}});
    out.One("last_backup_bytes", "Its size.", static_cast<int64_t>(last.bytes));
    out.One("last_backup_sql_dump", "1: it holds an SQL dump.", last.has_sql);
  }
  if (report.verify.has_value()) {
    out.One("last_verify_timestamp_seconds", "When the last verify ended.",
            absl::ToUnixSeconds(report.verify->time));
    out.One("last_verify_good", "1: it found the backup good.",
            report.verify->good);
  }
  if (report.drifts.empty()) return std::move(out).text();
  out.Head("drift_known", "1: live could be read and compared.");
  for (const Drift& drift : report.drifts) {
    out.Sample(drift.changes.has_value(), {{"cluster", drift.cluster}});
  }
  out.Head("drift_changes",
           "Changes that would bring live back to what was applied last.");
  for (const Drift& drift : report.drifts) {
    if (!drift.changes.has_value()) continue;
    for (const auto& [kind, count] : KindsOf(*drift.changes)) {
      out.Sample(static_cast<int64_t>(count),
                 {{"cluster", drift.cluster}, {"kind", std::string(kind)}});
    }
  }
  return std::move(out).text();
}

std::string StatusJson(const StatusReport& report, const JudgedStatus& judged) {
  const auto text_or_null = [](absl::string_view text) {
    return text.empty() ? Json(nullptr) : assocsync::JsonText(text);
  };
  Json json = {{"format_version", kStatusFormatVersion},
               {"state", std::string(StateWord(judged.state))},
               {"reasons", JsonTexts(judged.reasons)},
               {"time", UtcJson(report.now)},
               {"backup_dir", assocsync::JsonText(report.backup_dir)},
               {"unreadable", text_or_null(report.unreadable)},
               {"backups", report.backups},
               {"bytes", report.bytes},
               {"last_backup", nullptr},
               {"newest_problem", nullptr},
               {"last_verify", nullptr},
               {"drift", Json::array()}};
  if (report.last.has_value()) {
    Json last = BackupJson(*report.last);
    last["age_seconds"] = Seconds(report.now - report.last->manifest.created);
    last["signed"] = report.last->is_signed;
    json["last_backup"] = std::move(last);
  }
  if (report.last_bad.has_value()) {
    json["newest_problem"] = assocsync::JsonText(report.last_bad->problem);
  }
  if (report.verify.has_value()) {
    const LastVerify& verify = *report.verify;
    json["last_verify"] = {{"time", UtcJson(verify.time)},
                           {"age_seconds", Seconds(report.now - verify.time)},
                           {"backup", assocsync::JsonText(verify.backup)},
                           {"good", verify.good},
                           {"loaded", verify.loaded},
                           {"error", text_or_null(verify.error)}};
  }
  for (const Drift& drift : report.drifts) {
    Json one = {{"cluster", text_or_null(drift.cluster)},
                {"against", assocsync::JsonText(drift.against)},
                {"unknown", text_or_null(drift.unknown)},
                {"changes", nullptr}};
    if (drift.changes.has_value()) {
      one["changes"] = drift.changes->all();
      for (const auto& [kind, count] : KindsOf(*drift.changes)) {
        one[std::string(kind)] = count;
      }
    }
    json["drift"].push_back(std::move(one));
  }
  return JsonDocument(json);
}

}  // namespace assocsync
