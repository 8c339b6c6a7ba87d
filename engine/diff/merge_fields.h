// One object's options, of three trees.
#ifndef ASSOCSYNC_ENGINE_DIFF_MERGE_FIELDS_H_
#define ASSOCSYNC_ENGINE_DIFF_MERGE_FIELDS_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "engine/diff/merge.h"

namespace assocsync {

enum class Outcome3 : uint8_t {
  kSame,      // None changed it.
  kProposed,  // Only target did.
  kDrift,     // Only live did.
  kBoth,      // Both did, equally.
  kConflict,
};

template <typename T>
Outcome3 Compare3(const T& base, const T& live, const T& target) {
  if (live == target) {
    return live == base ? Outcome3::kSame : Outcome3::kBoth;
  }
  if (live == base) return Outcome3::kProposed;
  return target == base ? Outcome3::kDrift : Outcome3::kConflict;
}

// A field, or an element of one, that live or both changed.
struct FieldOutcome {
  Outcome3 outcome;
  Key key;
  std::string element;
  std::optional<std::string> base, live, target;
};
// Told of every outcome but kSame and kProposed; says which side wins, where it
// is a conflict.
using FieldJudge = absl::FunctionRef<Side(const FieldOutcome&)>;

Fields MergeFields(const Fields& base, const Fields& live, const Fields& target,
                   FieldJudge judge);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_DIFF_MERGE_FIELDS_H_
