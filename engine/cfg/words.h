// What the words of a file mean, remembered: a file of a million lines holds a
// few dozen different words.
#ifndef ASSOCSYNC_ENGINE_CFG_WORDS_H_
#define ASSOCSYNC_ENGINE_CFG_WORDS_H_

#include <memory>

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
  // `word` must outlive this. The reference stays good.
  const Word& Find(absl::string_view word, bool qos_line);

 private:
  absl::flat_hash_map<absl::string_view, std::unique_ptr<Word>> words_[2];
};

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_WORDS_H_
