#include "engine/live/database_look.h"

#include "engine/base/status.h"
#include "engine/live/read_state.h"

namespace assocsync {
namespace {
constexpr size_t kMostNames = 5000;
constexpr absl::Duration kLastLook = absl::Seconds(1);
}  // namespace

absl::StatusOr<DatabaseState> DatabaseLook::Read(
    const absl::btree_set<Name>* users) {
  absl::StatusOr<DatabaseState> state = ReadBy(options_, users);
  if (!absl::IsCancelled(state.status())) return state;
  DatabaseOptions last = options_;
  last.stop = nullptr;
  last.SetTimeout(kLastLook);
  return ReadBy(last, users);
}

absl::StatusOr<DatabaseState> DatabaseLook::ReadBy(
    const DatabaseOptions& options, const absl::btree_set<Name>* users) {
  if (database_ == nullptr) {
    ASSIGN_OR_RETURN(database_, Connect(options));
  }
  DatabaseReadOptions how;
  how.fold_users = fold_users_;
  if (users != nullptr && users->size() <= kMostNames) how.only_users = users;
  if (schema_.has_value()) how.schema = &*schema_;
  absl::StatusOr<DatabaseRead> read = ReadDatabase(*database_, cluster_, how);
  if (!read.ok()) {
    database_.reset();
    return read.status();
  }
  schema_ = std::move(read->schema);
  return std::move(read->database);
}

}  // namespace assocsync
