#include "engine/cfg/words.h"

#include "absl/strings/match.h"

namespace assocsync::cfg {
namespace {

bool IsSpelledOut(absl::string_view word) {
  if (absl::EqualsIgnoreCase(word, "Partition")) return true;
  for (const KeyInfo& key : AllKeys()) {
    if (absl::EqualsIgnoreCase(word, key.name)) return true;
  }
  for (const KeyAlias& alias : AllAliases()) {
    if (absl::EqualsIgnoreCase(word, alias.name)) return true;
  }
  return false;
}

Word Look(absl::string_view word, bool qos_line) {
  Word out;
  out.is_operator = absl::EndsWith(word, "+") || absl::EndsWith(word, "-");
  if (out.is_operator) word.remove_suffix(1);
  out.exact = IsSpelledOut(word);
  out.partition = !qos_line && IsPartitionWord(word);
  if (!out.partition) out.match = FindKey(word, qos_line);
  return out;
}

}  // namespace

Object FindObject(absl::string_view word) {
  const auto is = [&](absl::string_view name) {
    return absl::EqualsIgnoreCase(word, name);
  };
  if (is("User")) return Object::kUser;
  if (is("Account") || is("Project")) return Object::kAccount;
  if (is("Parent")) return Object::kParent;
  if (is("Cluster") || is("Machine")) return Object::kCluster;
  if (is("QOS")) return Object::kQos;
  return Object::kUnknown;
}

const Word& Words::Find(absl::string_view word, bool qos_line) {
  auto& words = words_[qos_line ? 1 : 0];
  const auto known = words.find(word);
  if (known != words.end()) return *known->second;
  return *words.emplace(word, std::make_unique<Word>(Look(word, qos_line)))
              .first->second;
}

bool Words::Shrink() {
  bool forgot = false;
  for (auto& words : words_) {
    if (words.size() <= kMaxRemembered) continue;
    words.clear();
    forgot = true;
  }
  return forgot;
}

}  // namespace assocsync::cfg
