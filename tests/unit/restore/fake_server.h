// A database server that knows databases, tables and how many rows they have,
// and can lose its client at any statement.
#ifndef ASSOCSYNC_TESTS_UNIT_RESTORE_FAKE_SERVER_H_
#define ASSOCSYNC_TESTS_UNIT_RESTORE_FAKE_SERVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "engine/io/database.h"

namespace assocsync {

// What is on the server; outlives its connections.
struct FakeServer {
  using Tables = absl::btree_map<std::string, uint64_t>;
  absl::btree_map<std::string, Tables> databases;
  // Of database `first`: its note names `second`.
  absl::btree_map<std::string, std::string> notes;
  absl::btree_map<std::string, std::vector<std::string>> views, triggers, keys;
  absl::btree_map<std::string, std::string> engines;  // By table; else InnoDB.
  // Of tables that number their rows.
  absl::btree_map<std::string, Tables> next_ids;
  // Registered slurmctlds: cluster, host, port.
  std::vector<std::vector<std::string>> controllers;
  std::vector<std::string> sessions;  // Others that use "slurm_acct_db",
  int sessions_seen = -1;  // until they were seen so often; -1: for good.
  std::string version = "10.11.6-MariaDB";
  std::string read_only = "OFF", max_packet = "16777216";
  std::string user = "root@localhost";
  bool process = true;
  int schema = 16;
  bool lft = false, flags = true;
  bool denied = false;                  // Moving tables is.
  std::vector<std::string> statements;  // Those that change something.

  // The connection breaks at the `dies_at`-th statement, counted over all
  // connections; that one is done first if `done_first`. 0: never.
  int dies_at = 0;
  bool done_first = false;
  int count = 0;
  bool refuses_connections = false;  // Once it has died.
  // Called before each statement: is every database what it must be?
  std::function<void()> before;

  absl::StatusOr<std::unique_ptr<Database>> Connect();
};

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_UNIT_RESTORE_FAKE_SERVER_H_
