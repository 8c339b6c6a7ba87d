#include "engine/slurm/slurmdbd.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "engine/base/hash.h"
#include "engine/slurm/commands.h"
#include "engine/slurm/slurmdbd_tables.h"

namespace assocsync::slurm {
namespace {

void Sort(Outcome* outcome) {
  auto& touched = outcome->touched;
  absl::c_sort(touched);
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
}

Outcome Dispatch(SlurmdbdTables* db, const Command& command) {
  using Entity = Command::Entity;
  switch (command.verb) {
    case Command::Verb::kAdd:
      switch (command.entity) {
        case Entity::kAccount:
          return AddAccount(db, command);
        case Entity::kUser:
          return AddUser(db, command);
        case Entity::kCoordinator:
          return AddCoordinator(db, command);
        case Entity::kQos:
          return AddQos(db, command);
        case Entity::kCluster:
          break;
      }
      break;
    case Command::Verb::kModify:
      switch (command.entity) {
        case Entity::kAccount:
          return ModifyAccount(db, command);
        case Entity::kUser:
          return ModifyUser(db, command);
        case Entity::kQos:
          return ModifyQos(db, command);
        case Entity::kCluster:
          return ModifyCluster(db, command);
        case Entity::kCoordinator:
          break;
      }
      break;
    case Command::Verb::kDelete: {
      const Removal removal = PlanDelete(*db, command);
      if (removal.verdict.ok()) CarryOut(db, removal);
      return ToOutcome(removal);
    }
  }
  return Unknown("there is no such command");
}

}  // namespace
}  // namespace assocsync::slurm

namespace assocsync {

Slurmdbd::Slurmdbd(const Behaviour& behaviour, const DatabaseState& state)
    : db_(new slurm::SlurmdbdTables(behaviour, state)) {}
Slurmdbd::Slurmdbd(const Slurmdbd& other)
    : db_(new slurm::SlurmdbdTables(*other.db_)), history_(other.history_) {}
Slurmdbd& Slurmdbd::operator=(const Slurmdbd& other) {
  if (this != &other) {
    db_ = std::make_unique<slurm::SlurmdbdTables>(*other.db_);
    history_ = other.history_;
  }
  return *this;
}
Slurmdbd::Slurmdbd(Slurmdbd&&) noexcept = default;
Slurmdbd& Slurmdbd::operator=(Slurmdbd&&) noexcept = default;
Slurmdbd::~Slurmdbd() = default;

const Behaviour& Slurmdbd::behaviour() const { return db_->behaviour(); }

Outcome Slurmdbd::Run(const Command& command) {
  Outcome outcome = slurm::Dispatch(db_.get(), command);
  slurm::Sort(&outcome);
  if (outcome.result == Outcome::Result::kDone) {
    history_ = History(history_, Argv(command));
  }
  return outcome;
}

uint64_t Slurmdbd::History(uint64_t before, const WordList& words) {
  Hash hash;
  hash.Add(before);
  for (const absl::string_view word : words) hash.Add(word);
  return hash.Digest();
}

Outcome Slurmdbd::Predict(const Command& command) const {
  if (command.verb != Command::Verb::kDelete) {
    return slurm::Unknown("only deletes are predicted");
  }
  Outcome outcome = slurm::ToOutcome(slurm::PlanDelete(*db_, command));
  slurm::Sort(&outcome);
  return outcome;
}

std::vector<Outcome::Touched> Slurmdbd::Finds(const Command& command) const {
  if (command.verb != Command::Verb::kDelete ||
      command.entity == Command::Entity::kCluster ||
      command.entity == Command::Entity::kQos) {
    return {};
  }
  slurm::Removal removal = slurm::PlanDelete(*db_, command);
  removal.verdict = {};
  Outcome outcome = slurm::ToOutcome(removal);
  slurm::Sort(&outcome);
  return std::move(outcome.touched);
}

bool Slurmdbd::CanDelete(const AssocKey& row) const {
  return !behaviour().has_lineage || !db_->HasBackslash({Name(), row});
}

bool Slurmdbd::IsDefaultRow(const AssocKey& row) const {
  return db_->DefaultFlag(row) == slurm::SlurmdbdTables::Flag::kYes;
}

const Tree& Slurmdbd::tree() const { return db_->tree(); }
std::vector<AssocKey> Slurmdbd::RowsOf(Name user, size_t at_most) const {
  std::vector<AssocKey> rows;
  db_->RowsOfUser(user).Any([&](const slurm::UserRow& row) {
    if (rows.size() == at_most) return true;
    if (row.cluster.empty()) {
      rows.push_back({row.account, user, row.partition});
    }
    return false;
  });
  return rows;
}

std::vector<Name> Slurmdbd::AccountsBelow(Name account) const {
  std::vector<slurm::RowRef> rows;
  db_->Subtree({Name(), {account, {}, {}}}, &rows);
  std::vector<Name> accounts;
  for (const slurm::RowRef& row : rows) {
    if (row.key.is_account() && row.key.account != account) {
      accounts.push_back(row.key.account);
    }
  }
  return accounts;
}

DatabaseState::OtherRow Slurmdbd::Elsewhere(const AssocKey& row) const {
  const Fields& limits = tree().associations.at(row).limits;
  return {Name(db_->Lineage({Name(), row})), limits.Get(Key::kQos),
          limits.Get(Key::kDefaultQos)};
}

const DatabaseState& Slurmdbd::state() const { return db_->state(); }

}  // namespace assocsync
