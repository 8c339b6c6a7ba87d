#include "engine/cfg/errors.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"

namespace assocsync::cfg {
namespace {

constexpr absl::string_view kCut = "...";
// Of a message: more than any has that quotes two values.
constexpr size_t kMaxMessage = 512;

// Of a long message the middle goes, which is the value that made it long.
std::string Shortened(std::string message) {
  if (message.size() <= kMaxMessage) return message;
  constexpr size_t kHalf = kMaxMessage / 2;
  return absl::StrCat(message.substr(0, kHalf), kCut,
                      message.substr(message.size() - kHalf));
}

}  // namespace

std::string Shown(absl::string_view text) {
  if (text.size() <= kMaxShownValue) return std::string(text);
  return absl::StrCat(text.substr(0, kMaxShownValue), kCut);
}

void Errors::Add(Place at, std::string message, ParseError::About about,
                 Kind kind) {
  Add(at, std::move(message), about, kind, &errors_);
}

void Errors::Note(Place at, std::string message, ParseError::About about,
                  Kind kind) {
  Add(at, std::move(message), about, kind, &notes_);
}

void Errors::Add(Place at, std::string message, ParseError::About about,
                 Kind kind, Kinds* kinds) {
  const absl::string_view file = kind.file_name();
  auto of = std::find_if(kinds->begin(), kinds->end(), [&](const OfAKind& k) {
    return k.kind.line() == kind.line() && file == k.kind.file_name();
  });
  if (of == kinds->end()) of = kinds->insert(of, OfAKind{kind, {}, 0, {}});
  if (of->told.size() < kMaxErrorsOfAKind) {
    of->told.push_back(
        {at.line, at.column, Shortened(std::move(message)), "", 0, about});
  } else if (of->untold++ == 0) {
    of->first_untold = at;
  }
}

std::vector<ParseError> Errors::Take(Kinds* kinds) const {
  std::vector<ParseError> all;
  for (OfAKind& of : *kinds) {
    const ParseError last = of.told.back();
    std::move(of.told.begin(), of.told.end(), std::back_inserter(all));
    if (of.untold == 0) continue;
    all.push_back({of.first_untold.line, of.first_untold.column,
                   absl::StrCat("and ", of.untold, " more like that of ",
                                files_ == nullptr
                                    ? absl::StrCat(last.line, ":", last.column)
                                    : Words(static_cast<uint32_t>(last.line))),
                   "", 0, last.about});
  }
  kinds->clear();
  std::stable_sort(
      all.begin(), all.end(), [](const ParseError& a, const ParseError& b) {
        return std::tie(a.line, a.column) < std::tie(b.line, b.column);
      });
  return all;
}

}  // namespace assocsync::cfg
