#include "engine/log/transaction_names.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
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

bool NeedsName(const TransactionObject& object) {
  return object.id.has_value() && !object.named;
}

}  // namespace

std::string GoneRow(uint64_t id) {
  return absl::StrCat("#", id, " (row is gone)");
}

TransactionNames::Table& TransactionNames::Of(TransactionNames* names,
                                              ObjectKind kind) {
  return kind == ObjectKind::kAssociation ? names->associations_
         : kind == ObjectKind::kWckey     ? names->wckeys_
                                          : names->qos_;
}

const TransactionNames::Table& TransactionNames::Of(ObjectKind kind) const {
  return Of(const_cast<TransactionNames*>(this), kind);
}

void TransactionNames::AddQos(uint64_t id, std::string name, int64_t created) {
  TransactionObject object;
  object.named = true;
  object.name = std::move(name);
  qos_.rows[{"", id}] = {std::move(object), created};
}

void TransactionNames::AddTres(uint64_t id, std::string name) {
  tres_[id] = std::move(name);
}

void TransactionNames::AddAssociation(string_view cluster, uint64_t id,
                                      TransactionObject names,
                                      int64_t created) {
  associations_.rows[{std::string(cluster), id}] = {std::move(names), created};
}

void TransactionNames::AddWckey(string_view cluster, uint64_t id,
                                TransactionObject names, int64_t created) {
  wckeys_.rows[{std::string(cluster), id}] = {std::move(names), created};
}

void TransactionNames::AddLogged(const Transaction& transaction) {
  if (transaction.verb != TransactionVerb::kAdd ||
      (transaction.object != ObjectKind::kAssociation &&
       transaction.object != ObjectKind::kWckey)) {
    return;
  }
  for (const TransactionObject& object : transaction.objects) {
    if (!object.id.has_value() || !object.named) continue;
    Of(this, transaction.object)
        .logged[{transaction.row.cluster, *object.id}][transaction.row.id] =
        object;
  }
}

void TransactionNames::AddRemoval(const Transaction& transaction) {
  if (transaction.verb != TransactionVerb::kDelete ||
      (transaction.object != ObjectKind::kAssociation &&
       transaction.object != ObjectKind::kWckey &&
       transaction.object != ObjectKind::kQos)) {
    return;
  }
  for (const TransactionObject& object : transaction.objects) {
    if (!object.id.has_value()) continue;
    Of(this, transaction.object)
        .removed.insert(
            {{transaction.row.cluster, *object.id}, transaction.row.time});
  }
}

bool TransactionNames::Knows(ObjectKind kind, string_view cluster, uint64_t id,
                             int64_t time) const {
  const Table& known = Of(kind);
  const Id key{std::string(cluster), id};
  const auto it = known.rows.find(key);
  return it != known.rows.end() &&
         (it->second.created < time ||
          (it->second.created == time && !known.removed.contains({key, time})));
}

const TransactionObject* TransactionNames::Find(
    ObjectKind kind, const Id& id, const TransactionRow& at) const {
  const Table& known = Of(kind);
  // The log's own word first: the last add of that id up to then.
  if (const auto it = known.logged.find(id); it != known.logged.end()) {
    auto after = it->second.upper_bound(at.id);
    if (after != it->second.begin()) return &std::prev(after)->second;
  }
  return Knows(kind, id.first, id.second, at.time)
             ? &known.rows.find(id)->second.names
             : nullptr;
}

std::string TransactionNames::QosName(uint64_t id,
                                      const TransactionRow& at) const {
  const TransactionObject* found = Find(ObjectKind::kQos, {"", id}, at);
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
  std::sort(words.begin(), words.end());
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
    const auto it = tres_.find(*id);
    words.push_back(absl::StrCat(
        it != tres_.end() ? it->second : absl::StrCat("tres#", *id),
        item.substr(equals)));
  }
  std::sort(words.begin(), words.end());
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
      return edit && number.has_value() ? QosName(*number, at)
                                        : QosNames(value, at);
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
  const bool has_ids = kind == ObjectKind::kAssociation ||
                       kind == ObjectKind::kWckey || kind == ObjectKind::kQos;
  for (TransactionObject& object : transaction->objects) {
    if (!has_ids || !NeedsName(object)) continue;
    const std::string cluster =
        kind == ObjectKind::kQos ? "" : transaction->row.cluster;
    const auto* found = Find(kind, {cluster, *object.id}, transaction->row);
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
