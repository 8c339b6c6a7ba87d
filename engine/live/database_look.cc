#include "engine/live/database_look.h"

#include "engine/base/status.h"
#include "engine/live/read_state.h"

namespace assocsync {
namespace {
constexpr size_t kMostNames = 5000;
constexpr absl::Duration kLastLook = absl::Seconds(1);
}  // namespace

absl::StatusOr<DatabaseState> DatabaseLook::Read(const StatePart* part) {
  absl::StatusOr<DatabaseState> state = ReadBy(options_, part);
  if (!absl::IsCancelled(state.status())) return state;
  DatabaseOptions last = options_;
  last.stop = nullptr;
  last.SetTimeout(kLastLook);
  return ReadBy(last, part);
}

absl::StatusOr<DatabaseState> DatabaseLook::ReadBy(
    const DatabaseOptions& options, const StatePart* part) {
  if (database_ == nullptr) {
    ASSIGN_OR_RETURN(database_, Connect(options));
  }
  DatabaseReadOptions how;
  how.fold_users = fold_users_;
  if (part != nullptr && part->users.size() <= kMostNames) how.part = part;
  if (schema_.has_value()) how.schema = &*schema_;
  if (how.part != nullptr && !how.part->accounts) how.names = names_;
  absl::StatusOr<DatabaseRead> read = ReadDatabase(*database_, cluster_, how);
  if (read.ok() && how.names != nullptr && !read->findings.empty()) {
    // What is odd may be a QOS that came since.
    how.names = nullptr;
    read = ReadDatabase(*database_, cluster_, how);
  }
  if (!read.ok()) {
    database_.reset();
    return read.status();
  }
  schema_ = std::move(read->schema);
  names_ = std::move(read->names);
  return std::move(read->database);
}

}  // namespace assocsync
