// What a column of an association or a QOS says, in canonical form: internal to
// engine/live.
#ifndef ASSOCSYNC_ENGINE_LIVE_DATABASE_VALUE_H_
#define ASSOCSYNC_ENGINE_LIVE_DATABASE_VALUE_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/name.h"
#include "engine/io/database.h"
#include "engine/model/key.h"

namespace assocsync {

// Names by id, of the rows that are not deleted.
struct DatabaseNames {
  absl::flat_hash_map<std::string, std::string> qos;
  absl::flat_hash_map<std::string, std::string> tres;  // "gres/gpu:a100"
};

class DatabaseValues {
 public:
  struct Value {
    bool set = false;
    Name text;
    // Not empty: what the column holds beyond that, which Slurm skips: ids that
    // no QOS or TRES has, bits without a meaning, QOS among changes of QOS.
    // "QOS 17"
    std::string skipped;
  };

  explicit DatabaseValues(const DatabaseNames* names) : names_(names) {}

  // `raw` as the column of `key` holds it (NULL: not set). The same text is
  // worked out once; the value lives until the next call. kInvalidArgument: no
  // release writes such a text.
  absl::StatusOr<const Value*> Read(const KeyInfo& key, Database::Value raw);
  // The list of an association: its own where that is not empty, else the
  // changes to what it inherits.
  absl::StatusOr<const Value*> ReadQos(Database::Value own,
                                       Database::Value delta);

 private:
  absl::StatusOr<Value> Work(const KeyInfo& key, absl::string_view raw) const;
  Value QosList(absl::string_view raw, bool own) const;
  absl::StatusOr<Value> Tres(absl::string_view raw) const;

  const DatabaseNames* const names_;
  absl::flat_hash_map<std::string, Value> known_[kKeyCount];
  absl::flat_hash_map<std::string, Value> deltas_;
  const Value unset_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_DATABASE_VALUE_H_
