#include "engine/cfg/values.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/cfg/errors.h"

namespace assocsync::cfg {
// One look per byte.
bool IsPlain(absl::string_view text) {
  for (const char c : text) {
    if (absl::ascii_isupper(c) || absl::ascii_iscntrl(c) || c == '\'' ||
        c == '"' || c == '#' || c == '(') {
      return false;
    }
  }
  return !text.empty();
}

std::string Unescape(absl::string_view raw, Origin origin) {
  std::string out;
  if (origin == Origin::kDump || !absl::StrContains(raw, "\\#")) {
    out = std::string(raw);
    return out;
  }
  out.reserve(raw.size());
  for (const char c : raw) {
    if (c == '#' && absl::EndsWith(out, "\\")) out.pop_back();
    out += c;
  }
  return out;
}

std::string Escape(absl::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    if (c == '#') out += '\\';
    out += c;
  }
  return out;
}

absl::StatusOr<Meaning> Values::Get(Key key, absl::string_view raw,
                                    std::string* note) {
  Last& last = last_[static_cast<int>(key)];
  if (last.raw == raw && !raw.empty()) return last.meaning;
  const Kind kind = Info(key).kind;
  const bool remember = kind != Kind::kText && kind != Kind::kName;
  Meaning meaning;
  const auto found = remember ? known_.find({key, raw}) : known_.end();
  if (found != known_.end()) {
    meaning = found->second;
  } else if (!remember && IsPlain(raw) && raw != "-1" &&
             (kind == Kind::kText || !absl::StrContains(raw, ','))) {
    meaning = Name(raw);
  } else {
    ASSIGN_OR_RETURN(CanonicalValue value,
                     Canonical(key, Unescape(raw, origin_), origin_));
    if (value.set) meaning = Name(value.text);
    *note = std::move(value.note);
    if (remember) known_.emplace(std::make_pair(key, raw), meaning);
  }
  last = {raw, meaning};
  return meaning;
}

absl::StatusOr<Name> Values::ReadName(absl::string_view raw, bool fold,
                                      Name* spelling) const {
  if (raw.size() > kMaxName && Unescape(raw, origin_).size() > kMaxName) {
    return absl::InvalidArgumentError(
        absl::StrCat("the name '", Shown(raw), "' is longer than ", kMaxName,
                     " bytes, which is what Slurm's tables hold"));
  }
  if (IsPlain(raw)) {
    const Name name(raw);
    if (spelling != nullptr) *spelling = name;
    return name;
  }
  const std::string text = Unescape(raw, origin_);
  ASSIGN_OR_RETURN(const std::string name, CanonicalName(text, fold));
  if (spelling != nullptr) {
    ASSIGN_OR_RETURN(const std::string as_written, CanonicalName(text, false));
    *spelling = Name(as_written);
  }
  return Name(name);
}

}  // namespace assocsync::cfg
