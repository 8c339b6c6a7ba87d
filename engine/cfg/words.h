// What the words of a file mean, remembered: a file of a million lines holds a
// few dozen different words. Of one that holds more, some are forgotten.
#ifndef ASSOCSYNC_ENGINE_CFG_WORDS_H_
#define ASSOCSYNC_ENGINE_CFG_WORDS_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "engine/model/key.h"

namespace assocsync::cfg {

// The word that begins a line.
enum class Object { kUnknown, kCluster, kParent, kAccount, kUser, kQos };

// Case-insensitive, never abbreviated.
Object FindObject(absl::string_view word);

// An option word.
struct Word {
  bool partition = false;    // `Partition=`, which is no Key.
  bool exact = false;        // Spelled out, not abbreviated.
  bool is_operator = false;  // `QOS+`, `GrpTRES-`.
  KeyMatch match = {KeyMatch::Result::kUnknown, Key::kClassification, "", ""};
  bool found() const { return match.result == KeyMatch::Result::kFound; }
  bool is(Kind kind) const { return found() && Info(match.key).kind == kind; }
};

class Words {
 public:
  // The reference stays good until Shrink.
  const Word& Find(absl::string_view word, bool qos_line);
  // Whether it forgot any.
  bool Shrink();

 private:
  static constexpr size_t kMaxRemembered = 1000;

  absl::flat_hash_map<std::string, std::unique_ptr<Word>> words_[2];
};

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_WORDS_H_
