#include "engine/slurm/names.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace assocsync::slurm {

std::string FoldName(absl::string_view name) {
  return absl::AsciiStrToLower(name);
}

bool IsOdd(absl::string_view name) {
  return absl::c_any_of(name,
                        [](char c) { return static_cast<signed char>(c) < 0; });
}

bool IsPlainName(absl::string_view name) {
  return !IsOdd(name) && absl::c_none_of(name, absl::ascii_isupper) &&
         (name.empty() || (name.back() != ' ' && name.front() != ' '));
}

bool HoldsBackslash(absl::string_view name) {
  return absl::StrContains(name, '\\');
}

// The usual two-pointer match: only the last `%` ever needs to be tried again.
bool Like(absl::string_view pattern, absl::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = absl::string_view::npos;
  size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() &&
               (pattern[p] == '_' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != absl::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

bool MayCollate(absl::string_view name, absl::string_view other) {
  if (name == other) return false;
  const std::string a = FoldName(absl::StripTrailingAsciiWhitespace(name));
  const std::string b = FoldName(absl::StripTrailingAsciiWhitespace(other));
  if (!IsOdd(a) && !IsOdd(b)) return a == b;
  // A run of bytes beyond ASCII may be any letters; literal `_` and `%` become
  // wildcards too, which only errs towards true.
  const auto pattern = [](absl::string_view text) {
    std::string out;
    for (const char c : text) {
      if (static_cast<signed char>(c) >= 0) {
        out += c;
      } else if (out.empty() || out.back() != '%') {
        out += '%';
      }
    }
    return out;
  };
  return Like(pattern(a), b) || Like(pattern(b), a);
}

void NameIndex::Insert(Name name) {
  auto& names = names_[FoldName(name.view())];
  if (!absl::c_linear_search(names, name)) {
    names.push_back(name);
  }
}

void NameIndex::Erase(Name name) {
  const auto found = names_.find(FoldName(name.view()));
  if (found == names_.end()) return;
  auto& names = found->second;
  names.erase(std::remove(names.begin(), names.end(), name), names.end());
  if (names.empty()) names_.erase(found);
}

void NameIndex::FindEqual(absl::string_view name,
                          std::vector<Name>* found) const {
  const auto at = names_.find(FoldName(name));
  if (at == names_.end()) return;
  found->insert(found->end(), at->second.begin(), at->second.end());
}

void NameIndex::FindLike(absl::string_view pattern, std::vector<Name>* found,
                         std::string prefix) const {
  const size_t wild = pattern.find_first_of("_%");
  prefix += std::string(pattern.substr(0, wild));
  if (wild == absl::string_view::npos) {
    FindEqual(prefix, found);
    return;
  }
  pattern.remove_prefix(wild);
  if (pattern[0] == '%') {
    for (auto at = names_.lower_bound(prefix);
         at != names_.end() && absl::StartsWith(at->first, prefix); ++at) {
      if (Like(pattern, absl::string_view(at->first).substr(prefix.size()))) {
        found->insert(found->end(), at->second.begin(), at->second.end());
      }
    }
    return;
  }
  auto at = names_.lower_bound(prefix);
  while (at != names_.end() && absl::StartsWith(at->first, prefix)) {
    if (at->first.size() == prefix.size()) {
      ++at;
      continue;
    }
    std::string next = prefix + at->first[prefix.size()];
    FindLike(pattern.substr(1), found, next);
    // On to the first name with a later character at this place.
    const auto last = static_cast<unsigned char>(next.back());
    if (last == 0xff) break;
    next.back() = static_cast<char>(last + 1);
    at = names_.lower_bound(next);
  }
}

}  // namespace assocsync::slurm
