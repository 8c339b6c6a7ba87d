#include "engine/log/transaction_settings.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "engine/slurm/sql_text.h"

namespace assocsync {
namespace {

using absl::string_view;
using SettingHow = TransactionSetting::How;

// Columns that say what the row is or belong to slurmdbd alone.
constexpr string_view kOwnColumns[] = {
    "mod_time",  "creation_time", "acct",    "user", "partition",
    "id_parent", "lineage",       "lft",     "rgt",  "wckey_name",
    "fed_id",    "fed_state",     "deleted",
};
// What an added row has of itself.
constexpr std::pair<string_view, string_view> kDefaults[] = {
    {"shares", "1"},       {"is_def", "0"},
    {"is_def", "65534"},   {"flags", "0"},
    {"priority", "0"},     {"grace_time", "0"},
    {"preempt_mode", "0"}, {"usage_factor", "1.000000"},
    {"qos", ""},           {"delta_qos", ""},
    {"federation", ""},    {"features", ""},
    {"admin_level", "1"},  {"admin_level", "0"},
};

bool Belongs(Scope scope, ObjectKind object, TransactionVerb verb) {
  switch (object) {
    case ObjectKind::kAccount:
      return scope == Scope::kAccount;
    case ObjectKind::kUser:
      return scope == Scope::kUser;
    case ObjectKind::kQos:
      return scope == Scope::kQos;
    case ObjectKind::kAssociation:
      return scope == Scope::kAssoc || scope == Scope::kUserAssoc;
    case ObjectKind::kCluster:  // An added one comes with its root row.
      return scope == Scope::kCluster ||
             (verb == TransactionVerb::kAdd && scope == Scope::kAssoc);
    default:
      return false;
  }
}

std::optional<Key> KeyOf(string_view column, ObjectKind object,
                         TransactionVerb verb) {
  if (column == "is_def") {
    if (object == ObjectKind::kAssociation) return Key::kDefaultAccount;
    if (object == ObjectKind::kWckey) return Key::kDefaultWckey;
  }
  if (column == "delta_qos") column = "qos";
  for (const KeyInfo& info : AllKeys()) {
    if (!info.column.empty() && info.column == column &&
        Belongs(info.scope, object, verb)) {
      return info.key;
    }
  }
  return std::nullopt;
}

// Takes the digits off the front of `sql`.
std::optional<uint64_t> TakeNumber(string_view* sql) {
  const size_t n = std::min(sql->find_first_not_of("0123456789"), sql->size());
  const auto number = slurm::ReadNumber(sql->substr(0, n));
  sql->remove_prefix(n);
  return number;
}

// The number that follows the first `before` of `sql`.
std::optional<uint64_t> NumberAfter(string_view sql, string_view before) {
  const size_t at = sql.find(before);
  if (at == string_view::npos) return std::nullopt;
  sql.remove_prefix(at + before.size());
  return TakeNumber(&sql);
}

struct Template {
  string_view column;
  string_view before;  // What stands before the first id.
  SettingHow how;
  string_view sql;  // N stands for the id.
};
// How slurmdbd adds one id to a list in place, or takes it away.
constexpr Template kTemplates[] = {
    {"qos", "replace(qos, ',", SettingHow::kAddTo,
     "if (qos='', '', replace(concat(replace(qos, ',N,', ','), ',N,'), ',,', "
     "','))"},
    {"qos", "replace(qos, ',", SettingHow::kRemoveFrom,
     "if (qos='', '', replace(replace(qos, ',N,', ','), ',,', ','))"},
    {"delta_qos", "replace(delta_qos, ',+", SettingHow::kAddTo,
     "if (qos='', replace(concat(replace(replace(delta_qos, ',+N,', ','), "
     "',-N,', ','), ',+N,'), ',,', ','), '')"},
    {"delta_qos", "replace(delta_qos, ',+", SettingHow::kRemoveFrom,
     "if (qos='', replace(concat(replace(replace(delta_qos, ',+N,', ','), "
     "',-N,', ','), ',-N,'), ',,', ','), '')"},
    {"preempt", "replace(preempt, ',", SettingHow::kAddTo,
     "if(replace(concat(replace(preempt, ',N,', ''), ',N,'), ',,', ',')=',', "
     "'', replace(concat(replace(preempt, ',N,', ''), ',N,'), ',,', ','))"},
    {"preempt", "replace(preempt, ',", SettingHow::kRemoveFrom,
     "if(replace(preempt, ',N,', ',')=',', '', replace(preempt, ',N,', "
     "','))"},
};
// Tidies up after the former.
constexpr string_view kTidyQos = "if (qos=',', '', qos)";

bool ReadListEdit(const slurm::Assignment& one, TransactionSetting* out) {
  for (const Template& known : kTemplates) {
    if (known.column != one.column) continue;
    const auto id = NumberAfter(one.expression, known.before);
    if (!id.has_value()) continue;
    const std::string number = absl::StrCat(*id);
    if (absl::StrReplaceAll(known.sql, {{"N", number}}) != one.expression) {
      continue;
    }
    out->how = known.how;
    out->value = number;
    return true;
  }
  return false;
}

// `if (id_assoc=9, '1=10', grp_tres)`: the value of one of several rows.
bool ReadOnly(const slurm::Assignment& one, TransactionSetting* out) {
  string_view sql = one.expression;
  if (!absl::ConsumePrefix(&sql, "if (")) return false;
  if (!absl::ConsumePrefix(&sql, "id_assoc=") &&
      !absl::ConsumePrefix(&sql, "id=")) {
    return false;
  }
  const auto id = TakeNumber(&sql);
  if (!id.has_value()) return false;
  const std::string end = absl::StrCat(", ", one.column, ")");
  if (!absl::ConsumePrefix(&sql, ", ") || !absl::ConsumeSuffix(&sql, end)) {
    return false;
  }
  const auto text = slurm::ReadLiteral(sql);
  if (!text.has_value()) return false;
  out->only = id;
  out->value = *text;
  out->how = text->empty() ? SettingHow::kClear : SettingHow::kSet;
  return true;
}

// `(flags | 256)`, `(flags & ~256)`, `flags|65536`, `flags&~65536`.
bool ReadBits(const slurm::Assignment& one, TransactionSetting* out) {
  std::string sql = absl::StrReplaceAll(one.expression, {{" ", ""}});
  string_view rest = sql;
  const bool inside = absl::ConsumePrefix(&rest, "(");
  if (inside && !absl::ConsumeSuffix(&rest, ")")) return false;
  if (!absl::ConsumePrefix(&rest, one.column)) return false;
  if (absl::ConsumePrefix(&rest, "|")) {
    out->how = SettingHow::kAddTo;
  } else if (absl::ConsumePrefix(&rest, "&~")) {
    out->how = SettingHow::kRemoveFrom;
  } else {
    return false;
  }
  const auto bits = slurm::ReadNumber(rest);
  if (!bits.has_value()) return false;
  out->value = absl::StrCat(*bits);
  return true;
}

bool IsPlainNumber(string_view text) {
  absl::ConsumePrefix(&text, "-");
  return !text.empty() && absl::ascii_isdigit(text[0]) &&
         text.find_first_not_of("0123456789.") == string_view::npos;
}

TransactionSetting Read(const slurm::Assignment& one) {
  TransactionSetting out;
  if (one.expression == "NULL") {
    out.how = SettingHow::kClear;
  } else if (const auto text = slurm::ReadLiteral(one.expression)) {
    out.value = *text;
  } else if (IsPlainNumber(one.expression)) {
    out.value = one.expression;
  } else if (!ReadListEdit(one, &out) && !ReadOnly(one, &out) &&
             !ReadBits(one, &out)) {
    out.how = SettingHow::kRaw;
    out.value = one.expression;
  }
  return out;
}

std::string NameOf(const slurm::Assignment& one, const std::optional<Key>& key,
                   ObjectKind object) {
  if (key.has_value()) return std::string(Info(*key).name);
  if (one.column == "parent_acct") return "Parent";
  if (one.column == "flags") return "Flags";
  if (one.column == "name" && object != ObjectKind::kOther) return "NewName";
  return one.column;
}

bool IsDefault(const slurm::Assignment& one,
               const TransactionSetting& setting) {
  if (setting.how == SettingHow::kClear) return true;
  return absl::c_any_of(kDefaults, [&](const auto& entry) {
    return entry.first == one.column && entry.second == setting.value;
  });
}

// The two halves of a row's QOS list as the one list that they are.
void MergeQos(std::vector<TransactionSetting>* settings) {
  std::vector<TransactionSetting> out;
  for (TransactionSetting& setting : *settings) {
    if (setting.key == Key::kQos && absl::c_linear_search(out, setting)) {
      continue;
    }
    if ((setting.key == Key::kQos || setting.key == Key::kQosPreempt) &&
        setting.how == SettingHow::kSet && setting.value.empty()) {
      setting.how = SettingHow::kClear;
    }
    out.push_back(std::move(setting));
  }
  // `qos='', delta_qos=',+3,'`: the empty half says nothing of its own.
  bool said = absl::c_any_of(out, [](const TransactionSetting& s) {
    return s.key == Key::kQos && s.how != SettingHow::kClear;
  });
  std::erase_if(out, [&](const TransactionSetting& s) {
    return s.key == Key::kQos && s.how == SettingHow::kClear &&
           std::exchange(said, true);
  });
  *settings = std::move(out);
}

}  // namespace

std::optional<std::vector<TransactionSetting>> SettingsOf(
    const TransactionRow& row, TransactionVerb verb, ObjectKind object) {
  std::vector<TransactionSetting> out;
  // Coordinators have a name where others have their settings.
  if (object == ObjectKind::kCoordinator) return out;
  if (!row.info.has_value() || row.info->empty() ||
      (verb == TransactionVerb::kDelete && *row.info == "NULL")) {
    return out;
  }
  const auto assignments = slurm::ReadAssignments(*row.info);
  if (!assignments.has_value()) return std::nullopt;
  for (const slurm::Assignment& one : *assignments) {
    if (absl::c_linear_search(kOwnColumns, one.column) ||
        (one.column == "qos" && one.expression == kTidyQos)) {
      continue;
    }
    // Bits of an association's flags that Slurm keeps for itself.
    if (verb == TransactionVerb::kAdd && object == ObjectKind::kAssociation &&
        one.column == "flags") {
      continue;
    }
    TransactionSetting setting = Read(one);
    if (verb == TransactionVerb::kAdd && IsDefault(one, setting)) continue;
    setting.key = KeyOf(one.column, object, verb);
    setting.name = NameOf(one, setting.key, object);
    out.push_back(std::move(setting));
  }
  MergeQos(&out);
  return out;
}

}  // namespace assocsync
