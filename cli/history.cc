// `assocsync history`: what a row was in each backup, and who changed it.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/change_line.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/apply/row_history.h"
#include "engine/base/counted.h"
#include "engine/base/status.h"
#include "engine/live/transactions.h"
#include "engine/plan/evidence.h"
#include "engine/plan/plan.h"
#include "engine/render/escape.h"
#include "engine/render/json_text.h"
#include "engine/render/json_words.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kHistoryFormatVersion = 1;
// Nobody waits long for what is only nice to know (as in plan).
constexpr absl::Duration kHistoryPatience = absl::Seconds(10);

// What somebody did between two trees: one for each entry.
using Deeds = std::vector<Evidence>;

std::string LocalTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::LocalTimeZone());
}

// The log of live for all entries. The plan of each is the way back to the tree
// before: its evidence is who went the other way.
absl::StatusOr<Deeds> AskLog(const Options& args, const std::string& cluster,
                             const std::vector<HistoryEntry>& history,
                             Env& env) {
  std::vector<Plan> plans(history.size());
  std::vector<EvidenceFinder> finders;
  finders.reserve(history.size());
  TransactionQuery query;
  query.cluster = cluster;
  for (size_t i = 0; i < history.size(); ++i) {
    const HistoryEntry& entry = history[i];
    plans[i].cluster = Name(cluster);
    if (entry.before != nullptr) {
      plans[i].changes = Diff(entry.at->tree, entry.before->tree);
      if (!query.since.has_value()) {
        query.since = absl::ToUnixSeconds(entry.before->from);
      }
      query.until = absl::ToUnixSeconds(entry.at->to);
    }
    finders.emplace_back(plans[i]);
  }
  if (!query.since.has_value()) return Deeds(history.size());
  DatabaseOptions options;
  RETURN_IF_ERROR(FindDatabase(args, "", env.stop, &options));
  options.SetTimeout(std::min(args.timeout, kHistoryPatience));
  ASSIGN_OR_RETURN(const std::unique_ptr<Database> database, Connect(options));
  TransactionReader reader(database.get());
  RETURN_IF_ERROR(reader.Begin(query).status());
  RETURN_IF_ERROR(reader.ForEach([&](const Transaction& transaction) {
    const absl::Time time = absl::FromUnixSeconds(transaction.row.time);
    for (size_t i = 0; i < history.size(); ++i) {
      const HistoryEntry& entry = history[i];
      if (entry.before == nullptr || time < entry.before->from ||
          time > entry.at->to) {
        continue;
      }
      finders[i].Look(transaction);
    }
    return absl::OkStatus();
  }));
  Deeds deeds;
  for (EvidenceFinder& finder : finders) deeds.push_back(finder.Take());
  return deeds;
}

// Of the row, and of each option, who is known; each once, in order of time.
std::vector<Witness> WitnessesOf(const Change& change,
                                 const Evidence& evidence) {
  std::vector<Witness> known;
  const auto about = evidence.find({change.what, change.row});
  if (about == evidence.end()) return known;
  const auto add = [&](const Witness& witness) {
    if (witness.deed != Witness::Deed::kUnknown) known.push_back(witness);
  };
  if (about->second.row.has_value()) add(*about->second.row);
  for (const auto& [key, witness] : about->second.fields) add(witness);
  std::sort(known.begin(), known.end(), [](const Witness& a, const Witness& b) {
    return a.transaction < b.transaction;
  });
  known.erase(std::unique(known.begin(), known.end(),
                          [](const Witness& a, const Witness& b) {
                            return a.transaction == b.transaction;
                          }),
              known.end());
  return known;
}

std::string TreeName(const SavedTree& tree) {
  const size_t slash = tree.folder.rfind('/');
  return Escaped(absl::StrCat(tree.folder.substr(slash + 1), "/", tree.file));
}

std::string HistoryText(const Options& args, const SavedTrees& saved,
                        const std::vector<HistoryEntry>& history,
                        const Deeds& deeds) {
  std::string out = absl::StrCat(
      "Cluster ", Escaped(saved.cluster), ", ", Escaped(args.target), ": ",
      Counted(saved.trees.size(), "saved tree"), "\n");
  for (size_t i = 0; i < history.size(); ++i) {
    const HistoryEntry& entry = history[i];
    absl::StrAppend(&out, "\n", LocalTime(entry.at->to), "  ",
                    TreeName(*entry.at), "\n");
    if (!entry.there) absl::StrAppend(&out, "    is not there\n");
    for (const Change& change : entry.changes) {
      absl::StrAppend(&out, "    ", ChangeLine(change), "\n");
      for (const Witness& witness : WitnessesOf(change, deeds[i])) {
        absl::StrAppend(&out, "        by ", Escaped(witness.actor), ", ",
                        LocalTime(absl::FromUnixSeconds(witness.time)),
                        witness.note.empty()
                            ? ""
                            : absl::StrCat(" (", Escaped(witness.note), ")"),
                        "\n");
      }
    }
  }
  const SavedTree& last = saved.trees.back();
  if (history.back().at != &last) {
    absl::StrAppend(&out, "\nThe same up to ", LocalTime(last.to), ", ",
                    TreeName(last), ".\n");
  }
  return out;
}

std::string JsonTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

Json ValueJson(const std::optional<Name>& value) {
  return value.has_value() ? assocsync::JsonText(value->view()) : Json(nullptr);
}

Json ChangeJson(const Change& change, const Evidence& evidence) {
  Json fields = Json::array(), by = Json::array();
  for (const FieldChange& field : change.fields) {
    fields.push_back({{"key", std::string(Info(field.key).name)},
                      {"from", ValueJson(field.from)},
                      {"to", ValueJson(field.to)}});
  }
  for (const Witness& witness : WitnessesOf(change, evidence)) {
    by.push_back({{"actor", assocsync::JsonText(witness.actor)},
                  {"time", JsonTime(absl::FromUnixSeconds(witness.time))},
                  {"transaction", witness.transaction},
                  {"note", assocsync::JsonText(witness.note)}});
  }
  return {{"what", WordOf(kWhats, change.what)},
          {"how", WordOf(kHows, change.how)},
          {"account", assocsync::JsonText(change.row.account.view())},
          {"user", assocsync::JsonText(change.row.user.view())},
          {"partition", assocsync::JsonText(change.row.partition.view())},
          {"parent_from", assocsync::JsonText(change.parent_from.view())},
          {"parent_to", assocsync::JsonText(change.parent_to.view())},
          {"fields", std::move(fields)},
          {"by", std::move(by)}};
}

std::string HistoryJson(const Options& args, const SavedTrees& saved,
                        const std::vector<HistoryEntry>& history,
                        const Deeds& deeds, bool log_read) {
  Json json = {{"format_version", kHistoryFormatVersion},
               {"cluster", assocsync::JsonText(saved.cluster)},
               {"row", assocsync::JsonText(args.target)},
               {"trees", saved.trees.size()},
               {"log_read", log_read},
               {"entries", Json::array()}};
  for (size_t i = 0; i < history.size(); ++i) {
    const HistoryEntry& entry = history[i];
    Json changes = Json::array();
    for (const Change& change : entry.changes) {
      changes.push_back(ChangeJson(change, deeds[i]));
    }
    json["entries"].push_back(
        {{"from", JsonTime(entry.at->from)},
         {"to", JsonTime(entry.at->to)},
         {"folder", assocsync::JsonText(entry.at->folder)},
         {"file", assocsync::JsonText(entry.at->file)},
         {"there", entry.there},
         {"changes", std::move(changes)}});
  }
  return JsonDocument(json, 2);
}

absl::Status Show(const Options& args, Env& env) {
  Console* const console = env.console;
  ASSIGN_OR_RETURN(const HistoryRow row, HistoryRow::Parse(args.target));
  HistoryOptions options;
  ASSIGN_OR_RETURN(options.backup_dir, BackupDir(args, env));
  options.cluster = args.cluster;
  if (args.since.has_value()) options.since = *args.since;
  if (args.until.has_value()) options.until = *args.until;
  options.damaged = [&](const absl::Status& status) {
    console->Warn(absl::StrCat("passed over: ", status.message()));
  };
  console->Progress("reading the backups");
  ASSIGN_OR_RETURN(const SavedTrees saved, ReadSavedTrees(row, options));
  if (saved.trees.empty()) {
    return absl::NotFoundError(absl::StrCat(
        options.backup_dir, ": no readable tree of cluster '", saved.cluster,
        "'", row.of_qos() ? " that lists QOS" : "",
        args.since.has_value() || args.until.has_value() ? " in that time"
                                                         : ""));
  }
  const std::vector<HistoryEntry> history = HistoryOf(saved.trees);
  console->Progress("reading Slurm's transaction log");
  absl::StatusOr<Deeds> deeds = AskLog(args, saved.cluster, history, env);
  console->ProgressDone();
  if (absl::IsCancelled(deeds.status())) return deeds.status();
  const bool log_read = deeds.ok();
  if (!log_read) {
    console->Say(absl::StrCat("who changed what is not known: ",
                              deeds.status().message()));
    deeds = Deeds(history.size());
  }
  console->Print(args.json()
                     ? HistoryJson(args, saved, history, *deeds, log_read)
                     : HistoryText(args, saved, history, *deeds));
  return absl::OkStatus();
}

}  // namespace

ExitCode RunHistory(const Options& args, Env& env) {
  const absl::Status status = Show(args, env);
  env.console->ProgressDone();
  return status.ok() ? ExitCode::kOk : Fail(status, env);
}

}  // namespace assocsync
