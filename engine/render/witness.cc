#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "engine/base/counted.h"
#include "engine/base/maps.h"
#include "engine/model/key.h"
#include "engine/render/escape.h"
#include "engine/render/shown.h"

namespace assocsync {
namespace {

using Deed = Witness::Deed;

std::string Ago(int64_t n, absl::string_view unit) {
  return absl::StrCat(Counted(n, unit), " ago");
}

}  // namespace

absl::string_view DeedWord(Deed deed) {
  static constexpr absl::string_view kWords[] = {"added", "changed", "deleted",
                                                 "unknown"};
  return kWords[static_cast<int>(deed)];
}

namespace {

// "just now", "5 minutes ago", "3 hours ago", "2 days ago"; "in the future".
std::string ShownAge(int64_t time, const Clock& clock) {
  const int64_t age = absl::ToUnixSeconds(clock.now) - time;
  if (age < 0) return "in the future";
  if (age < 60) return "just now";
  if (age < 3600) return Ago(age / 60, "minute");
  if (age < 2 * 86400) return Ago(age / 3600, "hour");
  return Ago(age / 86400, "day");
}

// "deleted by root, 2 days ago (2026-11-22 10:05)",
// "last changed by alice, ...", or the note of what cannot be known.
std::string ShownWitness(const Witness& witness, const Clock& clock) {
  if (witness.deed == Deed::kUnknown) return Escaped(witness.note);
  return absl::StrCat(
      witness.deed == Deed::kChanged ? "last " : "", DeedWord(witness.deed),
      " by ", ShownName(witness.actor),
      witness.note.empty() ? "" : absl::StrCat(" ", Escaped(witness.note)),
      ", ", ShownAge(witness.time, clock), " (",
      absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixSeconds(witness.time),
                       clock.zone),
      ")");
}

}  // namespace

std::vector<std::string> ShownEvidence(const Evidence& evidence,
                                       const std::vector<ChangeId>& changes,
                                       const Clock& clock) {
  std::vector<std::string> lines;
  const auto add = [&](std::string line) {
    if (!absl::c_linear_search(lines, line)) lines.push_back(std::move(line));
  };
  absl::btree_set<uint64_t> deeds;
  std::vector<std::pair<Witness, std::string>> fields;  // Witness, keys.
  for (const ChangeId& id : changes) {
    const ChangeEvidence* const about = FindIn(evidence, id);
    if (about == nullptr) continue;
    if (const std::optional<Witness>& row = about->row) {
      // One deed that took several of them is told once.
      const bool told =
          row->deed != Deed::kUnknown && !deeds.insert(row->transaction).second;
      if (!told) add(ShownWitness(*row, clock));
    }
    for (const auto& [key, witness] : about->fields) {
      const absl::string_view name = Info(key).name;
      const auto same = absl::c_find_if(
          fields,
          [&, &w = witness](const auto& entry) { return entry.first == w; });
      if (same == fields.end()) {
        fields.emplace_back(witness, name);
      } else {
        absl::StrAppend(&same->second, ", ", name);
      }
    }
  }
  for (const auto& [witness, names] : fields) {
    add(absl::StrCat(names, " ", ShownWitness(witness, clock)));
  }
  return lines;
}

}  // namespace assocsync
