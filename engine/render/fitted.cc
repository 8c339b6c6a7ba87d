#include "engine/render/fitted.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace assocsync {
namespace {

// "1 row" may be longer than "2 rows" is, in other words.
constexpr size_t kRestSlack = 16;

struct Choice {
  size_t shown = 0, bytes = 0;
};

// The most lines of the part that fit.
Choice ChooseLines(const FittedPart& part, size_t room) {
  Choice best = {0, LeastOf(part)};
  if (part.total == 0) return best;
  const size_t rest = best.bytes + kRestSlack;
  size_t bytes = part.head.size() + part.tail.size();
  for (size_t shown = 1; shown <= part.lines.size(); ++shown) {
    bytes += part.lines[shown - 1].size();
    const size_t all = bytes + (shown < part.total ? rest : 0);
    if (bytes > room) break;
    if (all <= room) best = {shown, all};
  }
  return best;
}

}  // namespace

FittedPart AlwaysThere(std::string text) {
  FittedPart part;
  part.total = 1;
  part.rest = [text = std::move(text)](size_t) { return text; };
  return part;
}

size_t LeastOf(const FittedPart& part) {
  if (part.total == 0) return 0;
  const size_t rest = part.rest(0).size();
  if (part.total > part.lines.size()) return rest;
  size_t whole = part.head.size() + part.tail.size();
  for (const std::string& line : part.lines) whole += line.size();
  return std::min(rest, whole);
}

absl::StatusOr<std::string> Fitted(const std::vector<FittedPart>& parts,
                                   size_t budget,
                                   std::vector<size_t>* all_shown) {
  size_t least = 0;
  for (const FittedPart& part : parts) least += LeastOf(part);
  if (least > budget) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "what must be said does not fit ", budget, " bytes; it takes ", least));
  }
  std::vector<size_t> order(parts.size()), shown(parts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return parts[a].rank < parts[b].rank;
  });
  size_t left = budget - least;
  for (const size_t i : order) {
    const size_t own = LeastOf(parts[i]);
    const Choice choice = ChooseLines(parts[i], left + own);
    shown[i] = choice.shown;
    left -= std::min(left, choice.bytes - own);
  }
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    const FittedPart& part = parts[i];
    if (shown[i] > 0) absl::StrAppend(&out, part.head);
    for (size_t line = 0; line < shown[i]; ++line) {
      absl::StrAppend(&out, part.lines[line]);
    }
    if (shown[i] < part.total) absl::StrAppend(&out, part.rest(shown[i]));
    if (shown[i] > 0) absl::StrAppend(&out, part.tail);
  }
  if (all_shown != nullptr) *all_shown = std::move(shown);
  return out;
}

}  // namespace assocsync
