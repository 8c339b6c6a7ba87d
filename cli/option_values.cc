#include "cli/option_values.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "engine/io/program.h"
#include "engine/log/transaction.h"
#include "engine/model/finding.h"
#include "engine/plan/skip.h"
#include "engine/slurm/release.h"

namespace assocsync {
namespace {

using absl::string_view;

template <typename E>
absl::Status SetWord(string_view text,
                     absl::Span<const std::pair<string_view, E>> words,
                     E* value) {
  std::vector<string_view> all;
  for (const auto& [word, meaning] : words) {
    all.push_back(word);
    if (word == text) {
      *value = meaning;
      return absl::OkStatus();
    }
  }
  return BadValue(text, absl::StrCat("one of ", absl::StrJoin(all, ", ")));
}

absl::Status SetPreference(string_view text, MergeOptions* merge) {
  // Names of rows may hold a '='; the side behind the last one cannot.
  const size_t equals = text.rfind('=');
  const string_view side =
      equals == string_view::npos ? text : text.substr(equals + 1);
  if (side != "target" && side != "live") {
    return BadValue(text, "target, live, ROW=target or ROW=live");
  }
  const Side value = side == "target" ? Side::kTarget : Side::kLive;
  if (equals == string_view::npos) {
    merge->prefer = value;
  } else {
    merge->prefer_row[std::string(text.substr(0, equals))] = value;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BadValue(string_view text, string_view wanted) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not ", wanted));
}

absl::Status SetLive(string_view text, Options* options) {
  for (const Live live : {Live::kAuto, Live::kMysql, Live::kSacctmgr}) {
    if (text != LiveWord(live)) continue;
    options->live = live;
    return absl::OkStatus();
  }
  if (text == kLiveSource) {
    return BadValue(
        text,
        "a place to read live from: auto, mysql, sacctmgr or a file, "
        "here perhaps ./live");
  }
  options->live = Live::kFile;
  return Set<&Options::live_file>(text, options);
}

absl::Status SetRelease(string_view text, Options* options) {
  ASSIGN_OR_RETURN(Release release, ParseRelease(text));
  // Who names a series alone has not its first days in mind.
  if (absl::c_count(text, '.') == 1) {
    release = NewestOf(release.series);
  }
  RETURN_IF_ERROR(BehaviourOf(release));
  options->release = release.ToString();
  return absl::OkStatus();
}

absl::Status SetMaxDelete(string_view text, Options* options) {
  string_view number = text;
  const bool share = absl::ConsumeSuffix(&number, "%");
  int n = 0;
  const bool digits = !number.empty() && absl::c_all_of(number, [](char c) {
    return c >= '0' && c <= '9';
  });
  if (!digits || !absl::SimpleAtoi(number, &n) || (share && n > 100)) {
    return BadValue(text, "a number of objects or a share from 0% to 100%");
  }
  options->max_delete = n;
  options->max_delete_is_count = !share;
  return absl::OkStatus();
}

absl::Status SetAllow(string_view text, Options* options) {
  for (const string_view word :
       absl::StrSplit(text, absl::ByAnyChar(",\n"), absl::SkipEmpty())) {
    const std::string code = absl::AsciiStrToUpper(word);
    const FindingRow* const row = FindFinding(code);
    if (row == nullptr || row->is_rule()) {
      return BadValue(word, "a code of a finding, as AS101");
    }
    options->allow.push_back(code);
  }
  return absl::OkStatus();
}

absl::Status SetSkip(string_view text, Options* options) {
  for (const string_view word : absl::StrSplit(text, '\n')) {
    if (word.empty()) return BadValue(word, "a code of a finding, or a row");
    const std::string code = absl::AsciiStrToUpper(word);
    const FindingRow* const row = FindFinding(code);
    const bool is_code = row != nullptr && !row->is_rule();
    if (is_code && !IsSkippable(code)) {
      return BadValue(
          word,
          "about rows that could be skipped; AS107 to AS111 and AS113 are");
    }
    options->skip.push_back(is_code ? code : std::string(word));
  }
  return absl::OkStatus();
}

absl::Status SetChanges(string_view text, Options* options) {
  options->changes = absl::StrSplit(text, ',');
  return ParseChangeKinds(options->changes).status();
}

absl::Status SetNoDelete(string_view, Options* options) {
  options->changes = {"add", "modify", "move"};
  return absl::OkStatus();
}

absl::Status SetPrefer(string_view text, Options* options) {
  for (const string_view word : absl::StrSplit(text, '\n')) {
    RETURN_IF_ERROR(SetPreference(word, &options->merge));
  }
  return absl::OkStatus();
}

absl::Status SetDuration(string_view text, absl::Duration least,
                         absl::Duration most, absl::Duration* to) {
  absl::Duration time;
  int seconds = 0;
  if (absl::SimpleAtoi(text, &seconds)) {
    time = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(std::string(text), &time)) {
    return BadValue(text, "a time, as 90, 90s or 10m");
  }
  if (time < least || time > most) {
    return BadValue(text, absl::StrCat("from ", absl::FormatDuration(least),
                                       " to ", absl::FormatDuration(most)));
  }
  *to = time;
  return absl::OkStatus();
}

absl::Status SetTimeout(string_view text, Options* options) {
  return SetDuration(text, absl::Seconds(1), absl::Hours(24),
                     &options->timeout);
}

absl::Status SetPause(string_view text, Options* options) {
  return SetDuration(text, absl::ZeroDuration(), absl::Minutes(10),
                     &options->pause_between);
}

absl::Status SetFormat(string_view text, Options* options) {
  std::vector<std::pair<string_view, string_view>> words;
  for (const Format& format : AllFormats()) {
    words.emplace_back(format.word, format.word);
  }
  return SetWord<string_view>(text, words, &options->format);
}

absl::Status SetFailOn(string_view text, Options* options) {
  return SetWord<std::optional<Severity>>(text,
                                          {{"error", Severity::kError},
                                           {"warning", Severity::kWarning},
                                           {"note", Severity::kNote}},
                                          &options->fail_on);
}

absl::Status SetMaxBytes(string_view text, Options* options) {
  return SetNumber(text, size_t{1}, "a number of bytes, as 65536",
                   &options->max_bytes);
}

absl::Status SetWarnDrift(string_view text, Options* options) {
  return SetNumber(text, 0, "a number of changes",
                   &options->status_limits.warn_drift.emplace());
}

absl::Status SetBulkLoad(string_view text, Options* options) {
  return SetWord<LoadWhen>(text,
                           {{"auto", LoadWhen::kPays},
                            {"never", LoadWhen::kNever},
                            {"always", LoadWhen::kAlways}},
                           &options->bulk_load);
}

absl::Status SetKeepWithin(string_view text, Options* options) {
  ASSIGN_OR_RETURN(options->keep.within, ParseKeepSpan(text));
  return absl::OkStatus();
}

absl::Status SetDumpTool(string_view text, Options* options) {
  if (text != "mariadb-dump" && text != "mysqldump" && text != "mydumper") {
    return BadValue(text, "mariadb-dump, mysqldump or mydumper");
  }
  options->dump_tool = std::string(text);
  return absl::OkStatus();
}

absl::Status SetContext(string_view text, Options* options) {
  return SetNumber(text, 0, "a number of lines", &options->context);
}

absl::Status SetColor(string_view text, Options* options) {
  return SetWord<Color>(text,
                        {{"auto", Color::kAuto},
                         {"always", Color::kAlways},
                         {"never", Color::kNever}},
                        &options->color);
}

absl::Status SetPager(string_view text, Options* options) {
  if (text.empty()) return BadValue(text, "a command; --no-pager takes none");
  options->pager = std::string(text);
  return absl::OkStatus();
}

absl::Status SetExplain(string_view text, Options* options) {
  const std::string code = absl::AsciiStrToUpper(text);
  if (FindFinding(code) == nullptr) {
    return BadValue(text, "a code of a finding, as AS101 or AS204");
  }
  options->explain = code;
  return absl::OkStatus();
}

absl::Status SetAction(string_view text, Options* options) {
  if (ActionCodes(text).empty()) {
    return BadValue(
        text,
        "an action: add, modify or delete; a kind of thing, as user or "
        "association; both, as 'delete user'; or a code, as 1439");
  }
  options->action = std::string(text);
  return absl::OkStatus();
}

absl::Status SetLimit(string_view text, Options* options) {
  return SetNumber(text, 1, "a number from 1 on", &options->limit);
}

absl::Status SetOnFailure(string_view text, Options* options) {
  ASSIGN_OR_RETURN(options->on_failure, PlainWords(text));
  return absl::OkStatus();
}

absl::Status SetTrusted(string_view text, Options* options) {
  for (const string_view path : absl::StrSplit(text, '\n')) {
    if (path.empty()) return BadValue(path, "a path");
    options->trusted.emplace_back(path);
  }
  return absl::OkStatus();
}

}  // namespace assocsync
