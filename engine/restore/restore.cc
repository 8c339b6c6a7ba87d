#include "engine/restore/restore.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/apply/run_folder.h"
#include "engine/backup/plain_dump.h"
#include "engine/backup/rights.h"
#include "engine/backup/run_lock.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/io/stop.h"
#include "engine/restore/checks.h"
#include "engine/restore/names.h"
#include "engine/restore/record.h"
#include "engine/restore/schema.h"
#include "engine/restore/swap.h"

namespace assocsync {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(2);

using What = RestoreProgress::What;

constexpr absl::Duration kHurry = absl::Milliseconds(500);

absl::Status NeedsRights(const absl::Status& status,
                         const std::string& database) {
  if (!absl::IsPermissionDenied(status)) return status;
  return absl::PermissionDeniedError(absl::StrCat(
      status.message(), "; restoring needs all rights on ", database,
      " and on the databases beside it, ", database,
      "_assocsync_*: give an administrator's login with --defaults-file FILE, "
      "or see `assocsync restore --help` for the GRANT"));
}

// One run. Each step that needs undoing leaves its mark in a member, which
// CleanUp goes by.
class Run {
 public:
  Run(const RestoreOptions& options, const RestoreDeps& deps)
      : options_(options), deps_(deps) {
    swap_.database = options.database;
    swap_.shadow = ShadowName(options.database);
  }

  absl::StatusOr<RestoreReport> Do() {
    const absl::Status status = UpToTheSwap();
    if (!status.ok()) {
      CleanUp();
      return NeedsRights(status, options_.database);
    }
    if (declined_) return report_;
    Finish();
    return report_;
  }

 private:
  absl::Status UpToTheSwap() {
    RETURN_IF_ERROR(ReadBackup());
    ASSIGN_OR_RETURN(lock_,
                     RunLock::Acquire(options_.backup_dir, options_.database,
                                      deps_.connect, true, deps_.stop));
    server_ = lock_->database();
    // The connection is silent while the dump and the load run.
    RETURN_IF_ERROR(server_->Execute("SET SESSION wait_timeout=604800"));
    RETURN_IF_ERROR(LookAround());
    ASSIGN_OR_RETURN(const bool agreed, Agreed());
    declined_ = !agreed;
    if (declined_) return absl::OkStatus();
    RETURN_IF_ERROR(Begin());
    RETURN_IF_ERROR(Dump());
    RETURN_IF_ERROR(Load());
    return SwapTables();
  }

  absl::Status ReadBackup() {
    RETURN_IF_ERROR(CheckRestorable(options_.database));
    const auto tell = [&](uint64_t done, uint64_t total) {
      Tell(What::kVerifying, done, total);
    };
    const VerifyOptions how = {deps_.stop, tell, options_.key};
    std::error_code ignored;  // Then its reader says what is wrong.
    if (std::filesystem::is_regular_file(options_.dir, ignored)) {
      RETURN_IF_ERROR(ReadPlain(how));
    } else {
      ASSIGN_OR_RETURN(manifest_, VerifyBackup(options_.dir, how));
    }
    RETURN_IF_ERROR(CheckBackup(options_, manifest_));
    // What is none of slurmdbd's is not restored, and stays where it is.
    for (const std::string& name : TakeOthers(newer_, &manifest_.tables)) {
      report_.cautions.push_back(absl::StrCat(
          "table ", name,
          " of the backup is none of slurmdbd's: it is left out, and if there "
          "is one now it stays as it is"));
    }
    return absl::OkStatus();
  }

  // What cannot be known of it is said before anybody agrees.
  absl::Status ReadPlain(const VerifyOptions& how) {
    ASSIGN_OR_RETURN(PlainDump dump, ReadPlainDump(options_.dir, how, newer_));
    RETURN_IF_ERROR(CheckPlainDump(options_, dump));
    manifest_ = std::move(dump.manifest);
    uses_ = std::move(dump.uses);
    report_.cautions = std::move(manifest_.cautions);
    report_.cautions.emplace_back(kNotInPlainDumps);
    for (const std::string& what : dump.left_out) {
      report_.cautions.push_back(
          absl::StrCat(what, " of the dump is left out"));
    }
    return absl::OkStatus();
  }

  absl::Status LookAtPresent() {
    ASSIGN_OR_RETURN(present_, LookAt(*server_, options_.database));
    present_.others = TakeOthers(newer_, &present_.tables);
    return CheckPresent(options_, present_, manifest_);
  }

  absl::Status LookAround() {
    ASSIGN_OR_RETURN(facts_, LookAtServer(*server_));
    ASSIGN_OR_RETURN(const OwnDatabase shadow,
                     LookAtOwn(*server_, swap_.shadow, options_.database));
    RETURN_IF_ERROR(CheckServer(options_, facts_, shadow));
    RETURN_IF_ERROR(LookAtPresent());
    RETURN_IF_ERROR(MayMoveTables(
        *server_,
        {swap_.database, swap_.shadow, KeptName(swap_.database, deps_.now())}));
    RETURN_IF_ERROR(CheckUnused(options_, deps_, *server_, facts_, kPatience,
                                &report_.cautions));
    return LookAtControllers(&report_.cautions);
  }

  absl::Status LookAtControllers(std::vector<std::string>* cautions) {
    if (present_.tables.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(report_.running_controllers,
                     CheckControllers(options_, deps_, *server_, cautions));
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Agreed() {
    Tell(What::kCounting);
    ASSIGN_OR_RETURN(
        RestorePreview preview,
        MakePreview(*server_, options_.database, present_, manifest_));
    if (preview.present) {
      ASSIGN_OR_RETURN(
          preview.cluster_changes,
          ClusterChanges(options_.dir, manifest_, *server_, options_.database));
    }
    report_.cluster_changes = preview.cluster_changes;
    preview.dir = options_.dir;
    preview.release = options_.release;
    preview.take_dump = options_.take_dump && preview.present;
    preview.cautions.insert(preview.cautions.end(), report_.cautions.begin(),
                            report_.cautions.end());
    report_.cautions.clear();
    RETURN_IF_ERROR(CheckStop(deps_.stop));
    const bool agreed = deps_.confirm(preview);
    RETURN_IF_ERROR(CheckStop(deps_.stop));
    return agreed;
  }

  // The first thing that is made.
  absl::Status Begin() {
    ASSIGN_OR_RETURN(
        RunFolder folder,
        RunFolder::Create(
            options_.backup_dir,
            manifest_.cluster.empty() ? options_.database : manifest_.cluster,
            deps_.now()));
    folder_.emplace(std::move(folder));
    report_.run_dir = folder_->path();
    RETURN_IF_ERROR(DropLeftovers(*server_, options_.database));
    made_ = true;
    return MakeOwnDatabase(*server_, swap_.shadow, NoteFor("new"));
  }

  absl::Status Dump() {
    report_.dumped = options_.take_dump && !present_.tables.empty();
    if (report_.dumped) {
      RETURN_IF_ERROR(
          server_->Execute(absl::StrCat("USE ", SqlName(options_.database))));
      const absl::Time begun = deps_.now();
      ASSIGN_OR_RETURN(const SqlDump dump,
                       deps_.dump(folder_->path(), *server_));
      report_.cautions = dump.cautions;
      // So that the way back is one more restore.
      Manifest manifest = ManifestOf(dump, options_, manifest_);
      manifest.created = absl::FromUnixSeconds(absl::ToUnixSeconds(begun));
      if (auto schema = ReadSchema(*server_, options_.database); schema.ok()) {
        manifest.schema = absl::StrCat(schema->version);
      }
      RETURN_IF_ERROR(
          folder_->Write(kManifestName, WriteManifest(manifest)).status());
    }
    ASSIGN_OR_RETURN(
        record_, RestoreRecord::Create(folder_->File(kRestoreRecordName),
                                       options_, report_.dumped, deps_.now()));
    return CheckStop(deps_.stop);
  }

  absl::Status Load() {
    ASSIGN_OR_RETURN(const Loaded loaded,
                     deps_.load(manifest_, uses_, swap_.shadow));
    TellLeftOut(loaded);
    Tell(What::kComparing);
    RETURN_IF_ERROR(CheckLoaded(*server_, swap_.shadow, manifest_));
    ASSIGN_OR_RETURN(const Schema schema, ReadSchema(*server_, swap_.shadow));
    RETURN_IF_ERROR(CheckSchema(schema, options_.release));
    swap_.restored = NamesOf(manifest_.tables);
    RETURN_IF_ERROR(record_->Loaded(swap_.shadow, schema.version, deps_.now()));
    return CheckStop(deps_.stop);
  }

  // Views that the present database has stay in it; tables were told before.
  void TellLeftOut(const Loaded& loaded) {
    for (const std::string& what : loaded.left_out) {
      absl::string_view view = what;
      if (absl::StartsWith(what, "table ") ||
          (absl::ConsumePrefix(&view, "view ") &&
           absl::c_linear_search(present_.views, view))) {
        continue;
      }
      report_.cautions.push_back(absl::StrCat(
          what, " of the backup is not restored; make it by hand"));
    }
  }

  Note NoteFor(absl::string_view purpose) const {
    return {options_.database, std::string(purpose),
            absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", deps_.now(),
                             absl::UTCTimeZone()),
            options_.dir, report_.run_dir};
  }

  // From the statement itself on there is no way back but another restore.
  absl::Status SwapTables() {
    Tell(What::kSwapping);
    RETURN_IF_ERROR(MakeKept());
    if (!present_.exists) {
      RETURN_IF_ERROR(server_->Execute(
          absl::StrCat("CREATE DATABASE ", SqlName(options_.database))));
    }
    RETURN_IF_ERROR(LookAtPresent());
    swap_.present = NamesOf(present_.tables);
    swap_.staying = present_.others;
    RETURN_IF_ERROR(KeepIdsApart());
    const std::string statement = SwapStatement(swap_);
    if (statement.size() >= facts_.max_packet) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the statement that renames ",
          swap_.present.size() + swap_.restored.size(), " tables has ",
          statement.size(), " bytes, the server takes ", facts_.max_packet,
          ": raise max_allowed_packet"));
    }
    RETURN_IF_ERROR(record_->Swapping(swap_, deps_.now()));
    std::vector<std::string> cautions;  // Told already.
    RETURN_IF_ERROR(CheckStop(deps_.stop));
    RETURN_IF_ERROR(
        CheckUnused(options_, deps_, *server_, facts_, kPatience, &cautions));
    RETURN_IF_ERROR(LookAtControllers(&cautions));
    // What has been begun is ended, and looked at.
    server_->StopBy(deps_.stop_now);
    const absl::Status status = server_->Execute(statement);
    return status.ok() ? status : JudgeFailure(status);
  }

  // No id that was given out since the backup is given out again. slurmctld
  // goes on with the numbers that it has of jobs and associations: with a
  // number that another row got meanwhile, one job's end was seen to be written
  // to another's record (22.05), and one user's jobs to be charged to another
  // (24.11, 26.05).
  absl::Status KeepIdsApart() {
    if (swap_.present.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto present, NextIds(*server_, swap_.database));
    ASSIGN_OR_RETURN(const auto restored, NextIds(*server_, swap_.shadow));
    for (const auto& [table, next] : restored) {
      const auto now = present.find(table);
      if (now == present.end() || now->second <= next) continue;
      RETURN_IF_ERROR(server_->Execute(
          absl::StrCat("ALTER TABLE ", SqlName(swap_.shadow), ".",
                       SqlName(table), " AUTO_INCREMENT=", now->second)));
    }
    return absl::OkStatus();
  }

  absl::Status MakeKept() {
    if (present_.tables.empty()) return absl::OkStatus();
    absl::Time time = deps_.now();
    while (true) {
      swap_.kept = KeptName(options_.database, time);
      ASSIGN_OR_RETURN(const OwnDatabase own,
                       LookAtOwn(*server_, swap_.kept, options_.database));
      if (own.ownership == Ownership::kAbsent) break;
      time += absl::Seconds(1);
    }
    return MakeOwnDatabase(*server_, swap_.kept, NoteFor("old"));
  }

  // The server said no, or its answer never came: the tables tell. An error
  // means that they are where they were.
  absl::Status JudgeFailure(const absl::Status& failure) {
    absl::StatusOr<SwapState> state = LookAtSwap(*server_, swap_);
    if (LostServer(failure)) {
      state = LookAgain(swap_, deps_, &again_);
      if (again_ != nullptr) server_ = again_.get();
    }
    if (state.ok() && *state == SwapState::kAfter) return absl::OkStatus();
    if (state.ok() && *state == SwapState::kBefore) {
      return Annotate(failure, "the swap did not happen");
    }
    report_.problems.push_back(absl::StrCat(
        "the swap failed (", failure.message(), "), and ",
        state.ok() ? "some tables were renamed and others not"
                   : absl::StrCat("whether it happened is not known: ",
                                  state.status().message()),
        "; when the server is well again, run this again"));
    return absl::OkStatus();
  }

  // What is under the name now, said truly.
  void Finish() {
    folder_->Keep();
    report_.kept = swap_.kept;
    report_.tables = manifest_.tables.size();
    for (const TableRows& table : manifest_.tables) report_.rows += table.rows;
    if (report_.problems.empty()) {
      Remark(record_->Swapped(deps_.now()));
      Remark(DropOwn(*server_, swap_.shadow, options_.database));
      Tell(What::kCounted);
      report_.problems =
          ProblemsAfter(options_, deps_, *server_, facts_, manifest_, swap_);
    }
    report_.outcome = report_.problems.empty()
                          ? RestoreReport::Outcome::kRestored
                          : RestoreReport::Outcome::kNotVerified;
    Remark(record_->End(report_, deps_.now()));
  }

  void Remark(const absl::Status& status) {
    if (!status.ok()) report_.cautions.emplace_back(status.message());
  }

  // Before the swap: what was made beside the database goes. What cannot be
  // dropped now the next run drops.
  void CleanUp() {
    if (!made_) return;
    if (!CheckStop(deps_.stop).ok() && deps_.connect_after_stop) {
      // Whoever wants to stop does not wait for this.
      auto fresh = deps_.connect_after_stop(kHurry);
      if (fresh.ok()) {
        DropLeftovers(**fresh, options_.database).IgnoreError();
      }
      return;
    }
    DropLeftovers(*server_, options_.database).IgnoreError();
  }

  void Tell(What what, uint64_t done = 0, uint64_t total = 0) const {
    if (deps_.progress) deps_.progress({what, done, total});
  }

  const RestoreOptions& options_;
  const RestoreDeps& deps_;
  const bool newer_ = IsNewerThanTable(options_.release);
  RestoreReport report_;
  Manifest manifest_;
  std::string uses_;  // As in PlainDump.
  std::optional<RunLock> lock_;
  std::unique_ptr<Database> again_;  // Where the lock's connection broke.
  Database* server_ = nullptr;
  ServerFacts facts_;
  Contents present_;
  std::optional<RunFolder> folder_;
  std::optional<RestoreRecord> record_;
  Swap swap_;
  bool declined_ = false;
  bool made_ = false;  // Databases of our own.
};

}  // namespace

absl::StatusOr<RestoreReport> RestoreDatabase(const RestoreOptions& options,
                                              const RestoreDeps& deps) {
  return Run(options, deps).Do();
}

}  // namespace assocsync
