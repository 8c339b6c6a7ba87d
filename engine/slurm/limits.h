// What a command sets on association rows: read once, applied to every row.
#ifndef ASSOCSYNC_ENGINE_SLURM_LIMITS_H_
#define ASSOCSYNC_ENGINE_SLURM_LIMITS_H_

#include <optional>
#include <string>
#include <vector>

#include "engine/slurm/command.h"
#include "engine/slurm/slurmdbd.h"
#include "engine/slurm/slurmdbd_tables.h"

namespace assocsync::slurm {

// Why a command does not happen. Default: it does.
struct Verdict {
  Outcome::Result result = Outcome::Result::kDone;
  std::string reason;
  bool ok() const { return result == Outcome::Result::kDone; }
  operator Outcome() const { return {result, reason, {}}; }
};
Verdict Nothing(absl::string_view reason);
Verdict Refused(absl::string_view reason);
Verdict Unknown(absl::string_view reason);

class LimitChanges {
 public:
  // Is `key` a word of association rows (Scope::kAssoc, kUserAssoc)?
  static bool IsLimit(absl::string_view key);

  // Takes one setting. `users`: the command is about users' rows (Comment).
  Verdict Add(const SlurmdbdTables& db, const Setting& setting, bool users);

  bool empty() const { return changes_.empty(); }
  // slurmdbd checks the default QOS of the rows only then.
  bool touches_qos() const { return touches_qos_; }
  // After the change: does a row have access to the QOS that the release asks
  // about? That is the row's default; but up to 23.02, where the client checks,
  // it is a DefaultQOS that the command sets, for all rows that it looks at,
  // whatever their own default is (seen on 20.11).
  bool ReachesDefault(const SlurmdbdTables& db, const Fields& limits,
                      Name account) const;
  // By the release's rules for lists that run empty.
  void Apply(const Behaviour& behaviour, Fields* limits) const;

 private:
  struct Change {
    enum class What : uint8_t { kSet, kClear, kTres, kQosEdits } what;
    Key key;
    Name value;  // kSet. kTres: items to set.
    // kTres: items to remove. kQosEdits: "+a", "-b", in the order given.
    std::vector<std::string> elements;
  };
  Verdict AddQos(const SlurmdbdTables& db, const Setting& setting);
  Verdict AddTres(const SlurmdbdTables& db, Key key, const Setting& setting);

  std::vector<Change> changes_;
  bool touches_qos_ = false;
};

// The option of rows, or of QOS, that is the key of a setting (in any case).
std::optional<Key> OptionNamed(absl::string_view word, bool of_qos);

// An empty value is none at all.
void SetOrErase(Key key, Name value, Fields* fields);

// A list of TRES as sacctmgr reads it: what it sets, in canonical form, and
// what its `=-1` take away.
Verdict ReadTres(const SlurmdbdTables& db, Key key, absl::string_view raw,
                 Name* set, std::vector<std::string>* cleared);

// slurm-facts 4.6: what is set is merged into the list under `key`.
void MergeTres(Key key, Name set, const std::vector<std::string>& removed,
               Fields* fields);

// Whether a row has access to the QOS that it uses by default, its own or,
// where it has none, that of the nearest account above it; the same goes for
// the list. `limits`: of the row itself; `account`: from which account it
// inherits (account rows: their parent; empty for root).
bool ReachesDefaultQos(const SlurmdbdTables& db, const Fields& limits,
                       Name account);

}  // namespace assocsync::slurm

#endif  // ASSOCSYNC_ENGINE_SLURM_LIMITS_H_
