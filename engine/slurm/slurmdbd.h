// A model of slurmdbd and of sacctmgr's client side: runs commands against a
// DatabaseState by the behaviour table of one release. Plans are proven on it;
// a differential test holds it against real daemons, command by command.
#ifndef ASSOCSYNC_ENGINE_SLURM_SLURMDBD_H_
#define ASSOCSYNC_ENGINE_SLURM_SLURMDBD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/word_list.h"
#include "engine/slurm/command.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/release.h"

namespace assocsync::slurm {
class SlurmdbdTables;
}  // namespace assocsync::slurm

namespace assocsync {

// What one command did. A refused command changed nothing.
struct Outcome {
  enum class Result : uint8_t {
    kDone,     // Something was added, modified (also to the same value) or
               // deleted.
    kNothing,  // Nothing matched, or it was there already.
    kRefused,  // An error; everything of the command was rolled back.
    kUnknown,  // The model cannot tell (and so no plan may hold the command).
  } result = Result::kDone;
  std::string reason;  // For kNothing, kRefused, kUnknown.

  // Everything that the command touched, sorted, each once. The managed
  // cluster has an empty `cluster`.
  struct Touched {
    enum class What : uint8_t {
      kRow,
      kUser,
      kAccount,
      kQos,
      kCoordinator,
      kWckey
    };
    What what;
    Name cluster;
    AssocKey row;  // kRow: the row. kUser, kWckey: .user (and .account = the
                   // WCKey). kAccount, kQos: .account. kCoordinator: both.
    enum class How : uint8_t { kAdded, kModified, kRemoved } how;
    bool operator==(const Touched&) const = default;
    auto operator<=>(const Touched&) const = default;
  };
  std::vector<Touched> touched;
};

class Slurmdbd {
 public:
  Slurmdbd(const Behaviour& behaviour, const DatabaseState& state);
  Slurmdbd(const Slurmdbd&);
  Slurmdbd& operator=(const Slurmdbd&);
  Slurmdbd(Slurmdbd&&) noexcept;
  Slurmdbd& operator=(Slurmdbd&&) noexcept;
  ~Slurmdbd();

  const Behaviour& behaviour() const;

  // Runs one command. O((rows touched + names in the command) log n), whatever
  // the size of the tree; deletes by pattern narrow a sorted index.
  Outcome Run(const Command& command);
  // The words of all commands that Run has done (Result::kDone) since the
  // database was the state that this began with, in order, as one number: it is
  // that of a list of commands if, and only if, these were run, no more and no
  // less.
  uint64_t history() const { return history_; }
  static uint64_t History(uint64_t before, const WordList& words);

  // What Run would do, without doing it. Deletes only (kUnknown for others).
  Outcome Predict(const Command& command) const;
  // What a delete of associations or of their records finds, as far as it is
  // known, also where slurmdbd then refuses it.
  std::vector<Outcome::Touched> Finds(const Command& command) const;
  // False: whatever is said, a delete does not find that row
  // (Behaviour::has_lineage).
  bool CanDelete(const AssocKey& row) const;

  // Whether it is known that the row carries the mark of its user's default
  // account. Where several rows are in it, some may carry the mark, or all.
  bool IsDefaultRow(const AssocKey& row) const;

  // The managed cluster as `sacctmgr dump` would show it now.
  const Tree& tree() const;
  // The rows of the managed cluster that are that user's, or some of them.
  std::vector<AssocKey> RowsOf(Name user, size_t at_most) const;
  // The accounts below `account`, parents before their children.
  std::vector<Name> AccountsBelow(Name account) const;
  // A row of the managed cluster as the state of another cluster of the same
  // database has it.
  DatabaseState::OtherRow Elsewhere(const AssocKey& row) const;
  // All the rest (its .tree is tree()).
  const DatabaseState& state() const;

 private:
  std::unique_ptr<slurm::SlurmdbdTables> db_;
  uint64_t history_ = 0;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_SLURM_SLURMDBD_H_
