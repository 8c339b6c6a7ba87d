#include "engine/live/database_value.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using absl::string_view;
using Value = DatabaseValues::Value;

absl::Status Bad(string_view raw, string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("'", raw, "' ", what));
}

absl::StatusOr<Value> Canonically(const KeyInfo& key, string_view raw) {
  ASSIGN_OR_RETURN(const CanonicalValue value,
                   Canonical(key.key, raw, Origin::kDump));
  return Value{value.set, Name(value.text), ""};
}

absl::StatusOr<uint64_t> Bits(string_view raw) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(raw, &number)) return Bad(raw, "is not a number");
  return static_cast<uint64_t>(number);
}

void Skip(string_view what, Value* value) {
  absl::StrAppend(&value->skipped, value->skipped.empty() ? "" : ", ", what);
}

bool IsChange(string_view item) { return item[0] == '+' || item[0] == '-'; }

// What one command with both qos= and qos+= leaves in a row: QOS and changes of
// QOS in one list, or a change and its contrary.
bool IsMixed(const std::vector<std::string>& list) {
  absl::flat_hash_map<string_view, char> signs;
  for (const string_view item : list) {
    if (IsChange(item) != IsChange(list[0])) return true;
    if (!IsChange(item)) continue;
    const auto first = signs.emplace(item.substr(1), item[0]).first;
    if (first->second != item[0]) return true;
  }
  return false;
}

// Such a list as slurmdbd reads it: a list of the row's own (`own`) takes each
// as it comes; among changes a QOS without a sign is nothing.
std::vector<std::string> Unmixed(const std::vector<std::string>& list,
                                 bool own) {
  absl::btree_map<string_view, char> last;  // A QOS -> its last sign.
  for (const string_view item : list) {
    if (IsChange(item)) {
      last[item.substr(1)] = item[0];
    } else if (own) {
      last[item] = '+';
    }
  }
  std::vector<std::string> out;
  for (const auto& [name, sign] : last) {
    if (own && sign == '-') continue;
    out.push_back(own ? std::string(name)
                      : absl::StrCat(string_view(&sign, 1), name));
  }
  return out;
}

}  // namespace

// Slurm drops the first character, whatever it is, and splits at commas: so a
// list that once was damaged reads as another one, here as there.
Value DatabaseValues::QosList(string_view raw, bool own) const {
  Value value;
  value.set = true;
  std::vector<std::string> found;
  for (string_view id : absl::StrSplit(raw.substr(1), ',', absl::SkipEmpty())) {
    string_view sign;
    if (id[0] == '+' || id[0] == '-') {
      sign = id.substr(0, 1);
      id.remove_prefix(1);
    }
    const auto name = names_->qos.find(id);
    if (name == names_->qos.end()) {
      Skip(absl::StrCat("QOS ", id), &value);
    } else {
      found.push_back(absl::StrCat(sign, absl::AsciiStrToLower(name->second)));
    }
  }
  if (IsMixed(found)) {
    Skip(absl::StrCat("QOS and changes in one list, '",
                      absl::StrJoin(found, ","), "'"),
         &value);
    found = Unmixed(found, own);
  }
  value.text = Name(JoinElements({found.begin(), found.end()}));
  return value;
}

absl::StatusOr<Value> DatabaseValues::Tres(string_view raw) const {
  // The two largest numbers are Slurm's marks for "no limit".
  constexpr uint64_t kMarks = UINT64_MAX - 1;
  Value value;
  std::vector<std::pair<std::string, uint64_t>> found;
  for (string_view item : absl::StrSplit(raw, ',', absl::SkipEmpty())) {
    const std::pair<string_view, string_view> pair =
        absl::StrSplit(item, absl::MaxSplits('=', 1));
    uint64_t count = 0;
    if (!absl::SimpleAtoi(pair.second, &count)) {
      return Bad(raw, "is not a list of id=count");
    }
    const auto name = names_->tres.find(pair.first);
    if (name == names_->tres.end()) {
      Skip(absl::StrCat("TRES ", pair.first), &value);
    } else if (count < kMarks) {
      found.emplace_back(absl::AsciiStrToLower(name->second), count);
    }
  }
  std::sort(found.begin(), found.end());
  for (size_t i = 1; i < found.size(); ++i) {
    if (found[i].first == found[i - 1].first) {
      return Bad(raw, absl::StrCat("limits ", found[i].first, " twice"));
    }
  }
  value.set = !found.empty();
  value.text =
      Name(JoinTres(std::vector<TresItem>(found.begin(), found.end())));
  return value;
}

absl::StatusOr<Value> DatabaseValues::Work(const KeyInfo& key,
                                           string_view raw) const {
  switch (key.kind) {
    case Kind::kText:
      return Canonically(key, raw);
    case Kind::kTres:
      return Tres(raw);
    case Kind::kQosList:
      return QosList(raw, true);
    case Kind::kName: {  // DefaultQOS: an id, 0 for none.
      Value value;
      const auto name = names_->qos.find(raw);
      if (name != names_->qos.end()) {
        value.set = true;
        value.text = Name(absl::AsciiStrToLower(name->second));
      } else if (raw != "0") {
        value.skipped = absl::StrCat("QOS ", raw);
      }
      return value;
    }
    case Kind::kNames: {  // Preempt: ids.
      if (raw.empty()) return Value();
      Value value = QosList(raw, true);
      value.set = !value.text.empty();
      return value;
    }
    case Kind::kFactor: {
      double number = 0;
      if (!absl::SimpleAtod(raw, &number)) return Bad(raw, "is not a number");
      return Canonically(key, absl::StrFormat("%f", number));
    }
    default:
      break;
  }
  ASSIGN_OR_RETURN(uint64_t bits, Bits(raw));
  switch (key.kind) {
    case Kind::kFlags: {
      std::vector<string_view> names = TakeWords(key.key, &bits);
      Value value{!names.empty(), Name(JoinElements(std::move(names))), ""};
      if (bits != 0) value.skipped = absl::StrFormat("flags %#x", bits);
      return value;
    }
    case Kind::kPreemptMode: {
      std::vector<string_view> names = TakeWords(key.key, &bits);
      if ((bits & kExplicitOff) != 0) names.push_back("unknown");
      bits &= ~kExplicitOff;
      Value value;
      if (!names.empty()) {
        ASSIGN_OR_RETURN(value, Canonically(key, absl::StrJoin(names, ",")));
      }
      if (bits != 0) {
        value.skipped = absl::StrFormat("preemption modes %#x", bits);
      }
      return value;
    }
    case Kind::kAdminLevel: {  // 0: not set, 1: None.
      if (bits <= 1) return Value();
      const string_view word = WordOfNumber(key.key, bits);
      if (word.empty()) return Bad(raw, "is no AdminLevel");
      return Canonically(key, word);
    }
    case Kind::kClassification: {
      if (bits == 0) return Value();
      const string_view word = WordOfNumber(key.key, bits & ~kClassified);
      if (word.empty()) return Bad(raw, "is no classification");
      const bool classified = (bits & kClassified) != 0;
      return Canonically(key, absl::StrCat(classified ? "*" : "", word));
    }
    default:
      // Slurm's 32-bit marks for "no limit" and "no value", in a column with a
      // sign and in one without.
      const auto low = static_cast<uint32_t>(bits);
      if (low >= UINT32_MAX - 1) return Value();
      return Canonically(key, raw);
  }
}

absl::StatusOr<const Value*> DatabaseValues::Read(const KeyInfo& key,
                                                  Database::Value raw) {
  if (!raw.has_value()) return &unset_;
  // Most lists and most texts of most rows.
  if (raw->empty() && (key.kind == Kind::kTres || key.kind == Kind::kQosList)) {
    return &unset_;
  }
  auto& known = known_[static_cast<int>(key.key)];
  const auto found = known.find(*raw);
  if (found != known.end()) return &found->second;
  ASSIGN_OR_RETURN(Value value, Annotate(Work(key, *raw), key.name));
  return &known.emplace(std::string(*raw), std::move(value)).first->second;
}

absl::StatusOr<const Value*> DatabaseValues::ReadQos(Database::Value own,
                                                     Database::Value delta) {
  if (own.has_value() && !own->empty()) return Read(Info(Key::kQos), own);
  if (!delta.has_value() || delta->empty()) return &unset_;
  auto found = deltas_.find(*delta);
  if (found == deltas_.end()) {
    Value value = QosList(*delta, false);
    value.set = !value.text.empty();  // No change at all: what is inherited.
    found = deltas_.emplace(std::string(*delta), std::move(value)).first;
  }
  return &found->second;
}

}  // namespace assocsync
