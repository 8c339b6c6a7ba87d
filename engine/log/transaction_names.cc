#include "engine/log/transaction_names.h"

#include <iterator>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/maps.h"
#include "engine/slurm/sql_text.h"

namespace assocsync {
namespace {

using absl::string_view;
using slurm::ReadNumber;
using SettingHow = TransactionSetting::How;

constexpr uint64_t kSharesOfParent = 2147483647;

constexpr uint64_t kUsersAreCoords = 1u << 16;  // Of a record's flags.

// The words of all bits; a rest without a word makes the whole a number.
std::string BitWords(Key key, uint64_t bits) {
  uint64_t rest = bits;
  std::vector<string_view> words = TakeWords(key, &rest);
  if (key == Key::kQosPreemptMode && (rest & kExplicitOff) != 0) {
    words.push_back("off");
    rest &= ~kExplicitOff;
  }
  return rest != 0 || words.empty() ? absl::StrCat(bits)
                                    : absl::StrJoin(words, ",");
}

uint64_t AllBits(Key key) {
  uint64_t rest = UINT64_MAX;
  TakeWords(key, &rest);
  return ~rest;
}

// `value` where it is no number that has a word.
std::string NumberWord(Key key, uint64_t number, const std::string& value) {
  if (key == Key::kAdminLevel && number <= 1) return "None";
  if (key == Key::kClassification) number &= kClassified - 1;
  const string_view word = WordOfNumber(key, number);
  return word.empty() ? value : std::string(word);
}

}  // namespace

std::string GoneRow(uint64_t id) {
  return absl::StrCat("#", id, " (row is gone)");
}

void TransactionNames::AddRow(NumberedRow row, TransactionObject names,
                              int64_t created) {
  rows_[std::move(row)] = {std::move(names), created};
}

void TransactionNames::AddTres(uint64_t id, std::string name) {
  tres_[id] = std::move(name);
}

void TransactionNames::AddLogged(const Transaction& transaction) {
  if (transaction.verb != TransactionVerb::kAdd) return;
  const TransactionRow& row = transaction.row;
  for (const TransactionObject& object : transaction.objects) {
    if (!object.id.has_value() || !object.named) continue;
    logged_[{transaction.object, row.cluster, *object.id}][row.id] = object;
  }
}

void TransactionNames::AddRemoval(const Transaction& transaction) {
  if (transaction.verb != TransactionVerb::kDelete) return;
  const TransactionRow& row = transaction.row;
  for (const TransactionObject& object : transaction.objects) {
    if (!object.id.has_value()) continue;
    removed_.insert({{transaction.object, row.cluster, *object.id}, row.time});
  }
}

bool TransactionNames::Knows(const NumberedRow& row, int64_t time) const {
  const Holder* holder = FindIn(rows_, row);
  return holder != nullptr &&
         (holder->created < time ||
          (holder->created == time && !removed_.contains({row, time})));
}

const TransactionObject* TransactionNames::Find(
    const NumberedRow& row, const TransactionRow& at) const {
  // The log's own word first: the last add of that id up to then.
  if (const auto* adds = FindIn(logged_, row)) {
    const auto after = adds->upper_bound(at.id);
    if (after != adds->begin()) return &std::prev(after)->second;
  }
  return Knows(row, at.time) ? &FindIn(rows_, row)->names : nullptr;
}

std::string TransactionNames::QosName(uint64_t id,
                                      const TransactionRow& at) const {
  const TransactionObject* found = Find({ObjectKind::kQos, "", id}, at);
  return found != nullptr ? found->name : GoneRow(id);
}

// ",1,3," or ",+1,-3,"; what has another form stays as it is.
std::string TransactionNames::QosNames(string_view list,
                                       const TransactionRow& at) const {
  string_view inner = list;
  if (list == ",") return "";
  if (!absl::ConsumePrefix(&inner, ",") || !absl::ConsumeSuffix(&inner, ",")) {
    return std::string(list);
  }
  std::vector<std::string> words;
  for (string_view element : absl::StrSplit(inner, ',')) {
    const string_view sign =
        absl::StartsWith(element, "+") || absl::StartsWith(element, "-")
            ? element.substr(0, 1)
            : "";
    const auto id = ReadNumber(element.substr(sign.size()));
    if (!id.has_value()) return std::string(list);
    words.push_back(absl::StrCat(sign, QosName(*id, at)));
  }
  absl::c_sort(words);
  return absl::StrJoin(words, ",");
}

std::string TransactionNames::Tres(string_view list) const {
  std::vector<std::string> words;
  for (string_view item : absl::StrSplit(list, ',', absl::SkipEmpty())) {
    const size_t equals = item.find('=');
    const auto id = ReadNumber(item.substr(0, equals));
    if (equals == string_view::npos || !id.has_value()) {
      return std::string(list);
    }
    const std::string* name = FindIn(tres_, *id);
    words.push_back(
        absl::StrCat(name != nullptr ? *name : absl::StrCat("tres#", *id),
                     item.substr(equals)));
  }
  absl::c_sort(words);
  return absl::StrJoin(words, ",");
}

std::string TransactionNames::Words(const Transaction& transaction,
                                    const TransactionSetting& setting) const {
  const TransactionRow& at = transaction.row;
  const std::string& value = setting.value;
  const auto number = ReadNumber(value);
  if (!setting.key.has_value()) {
    return setting.name == "Flags" && number == kUsersAreCoords
               ? "UsersAreCoords"
               : value;
  }
  const bool edit = setting.how == SettingHow::kAddTo ||
                    setting.how == SettingHow::kRemoveFrom;
  switch (Info(*setting.key).kind) {
    case Kind::kTres:
      return Tres(value);
    case Kind::kQosList:
    case Kind::kNames:  // Preempt.
      return edit && number.has_value() ? QosName(*number, at)
                                        : QosNames(value, at);
    case Kind::kName:
      if (*setting.key == Key::kDefaultQos && number.has_value()) {
        return QosName(*number, at);
      }
      // is_def: the rows say which account or WCKey it is.
      if (value != "1" || transaction.objects.empty() ||
          !transaction.objects[0].named) {
        return value == "1" ? "" : value;
      }
      return *setting.key == Key::kDefaultWckey
                 ? transaction.objects[0].name
                 : transaction.objects[0].account;
    case Kind::kFairshare:
      return number == kSharesOfParent ? "parent" : value;
    case Kind::kFlags:
    case Kind::kPreemptMode:
      if (!number.has_value()) return value;
      return number == 0u && *setting.key == Key::kQosPreemptMode
                 ? "cluster"
                 : BitWords(*setting.key, *number);
    case Kind::kAdminLevel:
    case Kind::kClassification:
      return number.has_value() ? NumberWord(*setting.key, *number, value)
                                : value;
    default:
      return value;
  }
}

void TransactionNames::Resolve(Transaction* transaction) const {
  const ObjectKind kind = transaction->object;
  for (TransactionObject& object : transaction->objects) {
    if (!object.id.has_value() || object.named) continue;
    const std::string cluster =
        kind == ObjectKind::kQos ? "" : transaction->row.cluster;
    const auto* found = Find({kind, cluster, *object.id}, transaction->row);
    if (found == nullptr) continue;
    const auto id = object.id;
    object = *found;
    object.id = id;
  }
  for (TransactionSetting& setting : transaction->settings) {
    setting.words = setting.how == SettingHow::kRaw
                        ? setting.value
                        : Words(*transaction, setting);
    // `Flags=-1` takes away every bit that there is.
    if (setting.key == Key::kQosFlags &&
        setting.how == SettingHow::kRemoveFrom) {
      const uint64_t bits = ReadNumber(setting.value).value_or(0);
      if ((bits & AllBits(Key::kQosFlags)) == AllBits(Key::kQosFlags)) {
        setting.how = SettingHow::kClear;
        setting.words.clear();
      }
    }
  }
}

}  // namespace assocsync
