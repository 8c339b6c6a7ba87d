#include "engine/live/read_state.h"

#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/live/choose_cluster.h"
#include "engine/live/database_records.h"
#include "engine/live/database_rows.h"
#include "engine/live/database_value.h"
#include "engine/live/same_database.h"

namespace assocsync {
namespace {

using absl::string_view;

// Records of the tree from those of the database, for whoever has a row.
absl::Status FillTree(DatabaseState* state, RowFaults* faults) {
  Tree& tree = state->tree;
  absl::flat_hash_map<Name, std::vector<Name>> coordinated;
  for (const DatabaseState::Coordinator& pair : state->coordinators) {
    coordinated[pair.user].push_back(pair.account);
  }
  absl::flat_hash_map<Name, Record> users;
  users.reserve(state->users.size());
  for (const auto& [key, row] : tree.associations) {
    if (!key.is_account()) {
      users.try_emplace(key.user);
      continue;
    }
    const auto record = state->accounts.find(key.account);
    if (record != state->accounts.end()) {
      tree.accounts.emplace_hint(tree.accounts.end(), *record);
    }
  }
  for (const AssocKey& key : state->default_rows) {
    Fields& fields = users[key.user].fields;
    const Name* const other = fields.Find(Key::kDefaultAccount);
    if (other != nullptr && *other != key.account) {
      faults->contradictions.push_back(absl::StrCat(
          "user ", key.user.view(), ": both ", other->view(), " and ",
          key.account.view(),
          " are the default account (sacctmgr modify user where name=",
          key.user.view(), " set defaultaccount=... leaves one)"));
      continue;
    }
    fields.Set(Key::kDefaultAccount, key.account);
  }
  for (const auto& [name, record] : state->users) {
    const auto user = users.find(name);
    if (user == users.end()) continue;
    Fields fields = std::move(user->second.fields);
    if (const Name* level = record.fields.Find(Key::kAdminLevel)) {
      fields.Set(Key::kAdminLevel, *level);
    }
    const auto accounts = coordinated.find(name);
    if (accounts != coordinated.end()) {
      ASSIGN_OR_RETURN(const Name list,
                       JoinNames(accounts->second, "an account"));
      fields.Set(Key::kCoordinator, list);
    }
    tree.users.emplace_hint(tree.users.end(), name, Record{std::move(fields)});
  }
  return absl::OkStatus();
}

absl::Status ReadOthers(const Reading& reading,
                        const std::vector<std::string>& clusters) {
  DatabaseState* const state = reading.state;
  for (const std::string& cluster : clusters) {
    const Name name(cluster);
    if (name == state->tree.cluster) continue;
    ASSIGN_OR_RETURN(auto rows, ReadRows(reading, cluster, /*managed=*/false));
    for (DatabaseRow& row : rows) {
      DatabaseState::OtherRow other;
      other.lineage = row.lineage;
      other.qos = row.association.limits.Get(Key::kQos);
      other.default_qos = row.association.limits.Get(Key::kDefaultQos);
      state->others.emplace_hint(state->others.end(),
                                 DatabaseState::OtherKey{name, row.key}, other);
    }
  }
  return absl::OkStatus();
}

absl::Status ReadMarkedAccounts(const Reading& reading) {
  if (!reading.schema.behaviour().assoc_has_lft) return absl::OkStatus();
  return reading.database.ForEachRow(
      absl::StrCat("SELECT acct FROM ",
                   SqlName(AssocTable(reading.state->tree.cluster.view())),
                   " WHERE deleted<>0 AND user=''"),
      [&](absl::Span<const Database::Value> row) {
        // A name that no tree could hold is none that a command adds.
        const absl::StatusOr<Name> name =
            NameForTree(row[0].value_or(""), /*fold=*/true);
        if (name.ok()) reading.state->marked_accounts.insert(*name);
        return absl::OkStatus();
      });
}

absl::Status ReadManaged(const Reading& reading) {
  DatabaseState* const state = reading.state;
  ASSIGN_OR_RETURN(auto rows, ReadRows(reading, state->tree.cluster.view(),
                                       /*managed=*/true));
  for (DatabaseRow& row : rows) {
    state->ids.emplace_hint(state->ids.end(), row.key, row.id);
    if (!row.lineage.empty()) {
      state->lineages.emplace_hint(state->lineages.end(), row.key, row.lineage);
    }
    if (row.is_default) {
      state->default_rows.insert(state->default_rows.end(), row.key);
    }
    state->tree.associations.emplace_hint(state->tree.associations.end(),
                                          row.key, std::move(row.association));
  }
  return absl::OkStatus();
}

constexpr int kJobComplete = 3;  // slurm.h: pending 0, running 1, suspended 2.

// Jobs on the rows of `state`, by row, then by id. slurmdbd takes a job for one
// that has not ended while its time_end is 0 and its state comes before
// JOB_COMPLETE (seen on 20.11 to 26.05). Found by an index: what it costs goes
// with these jobs, not with all that ever ran. None where the table is not
// there (a copy), or this login may not read it. Errors: those of Database.
absl::StatusOr<std::vector<Job>> ReadJobs(Database& database,
                                          const DatabaseNames& names,
                                          const DatabaseState& database_state) {
  const std::string table =
      absl::StrCat(database_state.tree.cluster.view(), "_job_table");
  // Only what this login may read is listed.
  ASSIGN_OR_RETURN(
      const auto columns,
      Scalar(
          database,
          absl::StrCat(
              "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE "
              "TABLE_SCHEMA "
              "= DATABASE() AND TABLE_NAME = ",
              SqlString(table),
              " AND COLUMN_NAME IN ('id_job', 'id_assoc', 'id_qos', 'state', "
              "'time_end', 'deleted')")));
  if (columns != "6") return std::vector<Job>();
  std::vector<std::pair<uint64_t, Job>> found;  // With the number of its row.
  RETURN_IF_ERROR(database.ForEachRow(
      absl::StrCat("SELECT id_job, id_assoc, id_qos, state FROM ",
                   SqlName(table), " WHERE time_end=0 AND deleted=0 AND state<",
                   kJobComplete),
      [&](absl::Span<const Database::Value> row) -> absl::Status {
        auto& [number, job] = found.emplace_back();
        if (!absl::SimpleAtoi(row[0].value_or(""), &job.id) ||
            !absl::SimpleAtoi(row[1].value_or(""), &number)) {
          return absl::DataLossError("a job's id is no number");
        }
        const auto qos = names.qos.find(row[2].value_or(""));
        if (qos != names.qos.end()) job.qos = Name(qos->second);
        job.state = row[3] == "0" ? Job::State::kPending : Job::State::kRunning;
        return absl::OkStatus();
      }));
  if (found.empty()) return std::vector<Job>();
  absl::flat_hash_map<uint64_t, const AssocKey*> rows;
  for (const auto& [key, id] : database_state.ids) rows[id] = &key;
  std::vector<Job> jobs;
  for (auto& [number, job] : found) {
    const auto row = rows.find(number);
    if (row == rows.end()) continue;  // Its row is gone already.
    job.row = *row->second;
    jobs.push_back(job);
  }
  absl::c_sort(jobs, [](const Job& a, const Job& b) {
    return std::tie(a.row, a.id) < std::tie(b.row, b.id);
  });
  return jobs;
}

// Whether the server follows another one; no right is needed to ask.
absl::Status TellReplica(Database& database, std::vector<Finding>* findings) {
  ASSIGN_OR_RETURN(const auto follows,
                   database.Query("SHOW GLOBAL STATUS LIKE 'Slave_running'"));
  ASSIGN_OR_RETURN(const auto read_only,
                   FirstColumn(database, "SELECT @@GLOBAL.read_only"));
  const bool replica =
      follows.size() == 1 && follows[0].size() == 2 && follows[0][1] == "ON";
  const bool closed = read_only.size() == 1 && read_only[0] != "0";
  if (!replica && !closed) return absl::OkStatus();
  findings->push_back(MakeFinding(
      kReplicaRead,
      absl::StrCat("the database server ",
                   replica ? "is a replica" : "takes no writes (read_only)",
                   ": what is read may be older than what slurmdbd holds")));
  return absl::OkStatus();
}

absl::StatusOr<ControllerAddress> ReadController(Database& database,
                                                 string_view cluster) {
  ASSIGN_OR_RETURN(
      const auto rows,
      database.Query(absl::StrCat("SELECT control_host, control_port FROM "
                                  "cluster_table WHERE deleted=0 AND name=",
                                  SqlString(cluster))));
  if (rows.size() != 1 || rows[0].size() != 2) return ControllerAddress();
  return ControllerAddress(rows[0][0].value_or(""), rows[0][1].value_or(""));
}

void TellFaults(RowFaults faults, std::vector<Finding>* findings) {
  absl::c_sort(faults.contradictions);
  absl::c_sort(faults.skipped);
  AddIfAny(
      MakeFinding(kContradictoryRows,
                  "rows of the database contradict each other; what a command "
                  "would hit cannot be known until they are mended",
                  std::move(faults.contradictions)),
      findings);
  AddIfAny(MakeFinding(kSkippedIds,
                       "rows hold ids or flags that do not exist, or QOS and "
                       "changes of QOS in one list; the plan reads them as "
                       "Slurm does",
                       std::move(faults.skipped)),
           findings);
}

// What read->schema says is there, into `read`.
absl::Status ReadAll(Database& database,
                     const std::vector<std::string>& clusters,
                     string_view cluster, const DatabaseReadOptions& options,
                     DatabaseRead* read) {
  DatabaseState& state = read->database;
  state.complete = true;
  state.knows_default_rows = true;
  state.knows_all_options = true;
  state.tree.lists_qos = true;
  state.tree.cluster = Name(cluster);
  RowFaults faults;
  if (options.names != nullptr) {
    read->names = options.names;
  } else {
    ASSIGN_OR_RETURN(DatabaseNames names, ReadNames(database, &state));
    read->names = std::make_shared<DatabaseNames>(std::move(names));
  }
  DatabaseValues values(read->names.get());
  const Reading reading{database,     read->schema, options.fold_users,
                        options.part, &values,      &state,
                        &faults};
  RETURN_IF_ERROR(ReadManaged(reading));
  if (options.part == nullptr) {
    RETURN_IF_ERROR(ReadOthers(reading, clusters));
    RETURN_IF_ERROR(ReadMarkedAccounts(reading));
  }
  RETURN_IF_ERROR(ReadRecords(reading));
  RETURN_IF_ERROR(FillTree(&state, &faults));
  if (reading.rights()) RETURN_IF_ERROR(ReadWckeys(reading));
  if (options.jobs) {
    ASSIGN_OR_RETURN(read->jobs, ReadJobs(database, *read->names, state));
    ASSIGN_OR_RETURN(read->controller, ReadController(database, cluster));
  }
  if (options.transactions_since > 0) {
    ASSIGN_OR_RETURN(
        read->transactions,
        TransactionsInDatabase(database, options.transactions_since,
                               read->schema.behaviour().txn_has_deleted));
  }
  TellFaults(std::move(faults), &read->findings);
  return absl::OkStatus();
}

absl::Status ReadSnapshot(Database& database, string_view cluster,
                          const DatabaseReadOptions& options,
                          DatabaseRead* read) {
  std::vector<std::string> clusters;
  std::string name(cluster);
  if (options.schema == nullptr || options.part == nullptr) {
    ASSIGN_OR_RETURN(clusters, ListClusters(database));
    ASSIGN_OR_RETURN(name, ChooseCluster(clusters, cluster));
    ASSIGN_OR_RETURN(read->schema, ProbeSchema(database, clusters));
    RETURN_IF_ERROR(TellReplica(database, &read->findings));
  } else {
    read->schema = *options.schema;
  }
  return ReadAll(database, clusters, name, options, read);
}

}  // namespace

absl::StatusOr<DatabaseRead> ReadDatabase(Database& database,
                                          string_view cluster,
                                          const DatabaseReadOptions& options) {
  DatabaseRead read;
  RETURN_IF_ERROR(InSnapshot(database, [&] {
    return ReadSnapshot(database, cluster, options, &read);
  }));
  SortFindings(&read.findings);
  return read;
}

absl::StatusOr<DatabaseRead> ReadTables(Database& tables,
                                        const TableColumns& columns,
                                        string_view cluster, bool fold_users) {
  if (!columns.contains("cluster_table")) {
    return absl::FailedPreconditionError(
        "there is no cluster_table: it is of no database of slurmdbd");
  }
  ASSIGN_OR_RETURN(
      std::vector<std::string> clusters,
      FirstColumn(tables, "SELECT name FROM cluster_table WHERE deleted=0"));
  absl::c_sort(clusters);
  ASSIGN_OR_RETURN(const std::string name, ChooseCluster(clusters, cluster));
  DatabaseRead read;
  ASSIGN_OR_RETURN(
      read.schema,
      SchemaOf(columns, clusters, " missing: ",
               "; a dump of all tables of the database is wanted"));
  RETURN_IF_ERROR(
      ReadAll(tables, clusters, name, {.fold_users = fold_users}, &read));
  SortFindings(&read.findings);
  return read;
}

absl::StatusOr<std::vector<Job>> ReadJobsAgain(Database& database,
                                               const DatabaseState& state) {
  DatabaseState ignored;
  ASSIGN_OR_RETURN(const DatabaseNames names, ReadNames(database, &ignored));
  return ReadJobs(database, names, state);
}

absl::StatusOr<DatabaseState> ReadDatabaseState(Database& database,
                                                string_view cluster,
                                                bool fold_users) {
  ASSIGN_OR_RETURN(DatabaseRead read,
                   ReadDatabase(database, cluster, {.fold_users = fold_users}));
  return std::move(read.database);
}

}  // namespace assocsync
