// slurmctld's own copy of a tree, as `scontrol show assoc_mgr` shows it: rows,
// their parents and limits, default accounts, AdminLevels, limits of QOS. It
// shows no lists of QOS, no default QOS and no coordinators.
//
// A row's limits are those that hold for it: what it does not have itself it
// has from the accounts above (MaxJobs and the like, Priority; of a TRES limit
// each item), but no Grp limit and no share (seen on 20.11 to 26.05).
//
// slurmctld does not always follow: an account that moves keeps, with the users
// below it, what it had from its old place (24.11, 26.05), and where a limit of
// an account is taken away its users keep it (24.11), until slurmctld reads the
// tree again or the row itself is modified. Below 24.11 only the accounts' own
// rows keep it, and no job is held to these: they are not compared.
#ifndef ASSOCSYNC_ENGINE_LIVE_CONTROLLER_VIEW_H_
#define ASSOCSYNC_ENGINE_LIVE_CONTROLLER_VIEW_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "engine/model/key.h"

namespace assocsync {

struct DatabaseState;

struct ControllerView {
  // Canonical; of what is set.
  using Values = absl::btree_map<Key, std::string>;
  struct Row {
    std::string name;     // "hep", "hep/ann", "hep/ann@debug"
    uint64_t parent = 0;  // The number of an account's parent; else 0.
    double usage = 0;     // UsageRaw
    Values values;
  };
  absl::btree_map<uint64_t, Row> rows;  // Of the cluster, by number.
  struct User {
    std::string default_account, admin_level;  // Empty: none.
    // Of a user whom its machine does not know slurmctld keeps no default
    // account up to date; nobody submits as him.
    bool known = true;
  };
  absl::btree_map<std::string, User> users;
  absl::btree_map<std::string, Values> qos;
  // What it knows as TRES; of others it shows no limit.
  absl::btree_set<std::string> tres;
};

// Takes the lines of `scontrol show assoc_mgr` one by one: that text may be a
// thousand bytes for each row.
class ControllerViewReader {
 public:
  explicit ControllerViewReader(absl::string_view cluster)
      : cluster_(cluster) {}
  void Line(absl::string_view line);
  ControllerView Take() { return std::move(view_); }

 private:
  void Value(absl::string_view word);

  const std::string cluster_;
  ControllerView view_;
  ControllerView::Values* values_ = nullptr;  // Of the record being read.
  ControllerView::Row* row_ = nullptr;
};

// How slurmctld's view is not that of `state`, one sentence each: rows, then
// users, then QOS. Empty: it is.
std::vector<std::string> ControllerDiffers(const DatabaseState& state,
                                           const ControllerView& view);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_CONTROLLER_VIEW_H_
