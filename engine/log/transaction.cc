// Action codes, and what `name` says for each of them.
#include "engine/log/transaction.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/log/transaction_settings.h"
#include "engine/slurm/sql_text.h"

namespace assocsync {
namespace {

using absl::string_view;
using slurm::Alternatives;

struct Action {
  int code;
  TransactionVerb verb;
  ObjectKind object;
};
// slurm-facts 6.4; 1480 and 1483 were both seen for resources.
constexpr Action kActions[] = {
    {1402, TransactionVerb::kAdd, ObjectKind::kAccount},
    {1403, TransactionVerb::kAdd, ObjectKind::kCoordinator},
    {1404, TransactionVerb::kAdd, ObjectKind::kAssociation},
    {1405, TransactionVerb::kAdd, ObjectKind::kCluster},
    {1406, TransactionVerb::kAdd, ObjectKind::kUser},
    {1428, TransactionVerb::kModify, ObjectKind::kAccount},
    {1429, TransactionVerb::kModify, ObjectKind::kAssociation},
    {1430, TransactionVerb::kModify, ObjectKind::kCluster},
    {1431, TransactionVerb::kModify, ObjectKind::kUser},
    {1435, TransactionVerb::kDelete, ObjectKind::kAccount},
    {1436, TransactionVerb::kDelete, ObjectKind::kCoordinator},
    {1437, TransactionVerb::kDelete, ObjectKind::kAssociation},
    {1438, TransactionVerb::kDelete, ObjectKind::kCluster},
    {1439, TransactionVerb::kDelete, ObjectKind::kUser},
    {1447, TransactionVerb::kAdd, ObjectKind::kQos},
    {1450, TransactionVerb::kDelete, ObjectKind::kQos},
    {1451, TransactionVerb::kModify, ObjectKind::kQos},
    {1452, TransactionVerb::kAdd, ObjectKind::kWckey},
    {1455, TransactionVerb::kDelete, ObjectKind::kWckey},
    {1456, TransactionVerb::kModify, ObjectKind::kWckey},
    {1477, TransactionVerb::kAdd, ObjectKind::kResource},
    {1480, TransactionVerb::kDelete, ObjectKind::kResource},
    {1481, TransactionVerb::kModify, ObjectKind::kResource},
    {1483, TransactionVerb::kDelete, ObjectKind::kResource},
    {1485, TransactionVerb::kAdd, ObjectKind::kTres},
    {1493, TransactionVerb::kAdd, ObjectKind::kFederation},
    {1496, TransactionVerb::kModify, ObjectKind::kFederation},
    {1497, TransactionVerb::kDelete, ObjectKind::kFederation},
};

using Objects = std::optional<std::vector<TransactionObject>>;

// `id_assoc=5`, `id='3' || id='4'`, `name in('a','b')`.
Objects OneGroup(string_view condition,
                 std::initializer_list<string_view> id_columns) {
  const auto groups = slurm::ReadCondition(condition);
  if (!groups.has_value() || groups->size() != 1) return std::nullopt;
  const Alternatives& group = groups->front();
  std::vector<TransactionObject> out;
  for (const std::string& value : group.values) {
    if (group.column == "name") {
      out.push_back({.named = true, .name = value});
      continue;
    }
    const auto id = slurm::ReadNumber(value);
    if (!absl::c_linear_search(id_columns, group.column) || !id.has_value()) {
      return std::nullopt;
    }
    out.push_back({.id = id});
  }
  return out;
}

// `(user='a' || user='b') && (acct='x')`: each pair; a side that is not there
// is everything.
Objects Coordinators(string_view condition) {
  const auto groups = slurm::ReadCondition(condition);
  if (!groups.has_value()) return std::nullopt;
  std::vector<std::string> users, accounts;
  for (const Alternatives& group : *groups) {
    std::vector<std::string>* side = group.column == "user"   ? &users
                                     : group.column == "acct" ? &accounts
                                                              : nullptr;
    if (side == nullptr || !side->empty()) return std::nullopt;
    *side = group.values;
  }
  if (users.empty()) users.emplace_back();
  if (accounts.empty()) accounts.emplace_back();
  std::vector<TransactionObject> out;
  for (const std::string& account : accounts) {
    for (const std::string& user : users) {
      out.push_back({.named = true, .account = account, .user = user});
    }
  }
  return out;
}

// A text literal of an added row's set list; nullopt: not there, or no text.
std::optional<std::string> TextOf(
    const std::vector<slurm::Assignment>& assignments, string_view column) {
  for (const slurm::Assignment& one : assignments) {
    if (one.column == column) return slurm::ReadLiteral(one.expression);
  }
  return std::nullopt;
}

// The row that was added says its own names.
Objects AddedRow(const TransactionRow& row, bool wckey) {
  Objects objects =
      OneGroup(row.name, {string_view(wckey ? "id_wckey" : "id_assoc")});
  if (!objects.has_value() || objects->size() != 1) return std::nullopt;
  TransactionObject& object = objects->front();
  const auto assignments = slurm::ReadAssignments(row.info.value_or(""));
  if (!assignments.has_value()) return objects;
  const auto user = TextOf(*assignments, "user");
  const auto of = TextOf(*assignments, wckey ? "wckey_name" : "acct");
  object.named = user.has_value() && of.has_value();
  if (!object.named) return objects;
  object.user = *user;
  (wckey ? object.name : object.account) = *of;
  if (!wckey) {
    object.partition = TextOf(*assignments, "partition").value_or("");
  }
  return objects;
}

Objects ObjectsOf(const TransactionRow& row, TransactionVerb verb,
                  ObjectKind kind) {
  if (kind == ObjectKind::kCoordinator) {
    if (verb == TransactionVerb::kDelete) return Coordinators(row.name);
    if (!row.info.has_value()) return std::nullopt;
    return {{{.named = true, .account = *row.info, .user = row.name}}};
  }
  if (verb == TransactionVerb::kAdd) {
    if (kind == ObjectKind::kAssociation) return AddedRow(row, false);
    if (kind == ObjectKind::kWckey) return AddedRow(row, true);
    if (row.name.empty()) return std::nullopt;
    return {{{.named = true, .name = row.name}}};
  }
  switch (kind) {
    case ObjectKind::kAssociation:
      return OneGroup(row.name, {"id_assoc"});
    case ObjectKind::kWckey:
      return OneGroup(row.name, {"id_wckey"});
    default:
      return OneGroup(row.name, {"id", "res_id"});
  }
}

}  // namespace

string_view VerbWord(TransactionVerb verb) {
  static constexpr string_view kWords[] = {"add", "modify", "delete", "action"};
  return kWords[static_cast<int>(verb)];
}

string_view ObjectWord(ObjectKind object) {
  static constexpr string_view kWords[] = {
      "account",  "association", "cluster", "coordinator", "federation", "qos",
      "resource", "tres",        "user",    "wckey",       "other"};
  return kWords[static_cast<int>(object)];
}

std::vector<int> ActionCodes(string_view word) {
  if (const auto code = slurm::ReadNumber(word);
      code.has_value() && *code <= 32767) {
    return {static_cast<int>(*code)};
  }
  std::string said = absl::AsciiStrToLower(
      absl::StrReplaceAll(absl::StripAsciiWhitespace(word), {{"-", " "}}));
  if (said == "remove" || absl::StartsWith(said, "remove ")) {
    said.replace(0, 6, "delete");
  }
  std::vector<int> codes;
  for (const Action& action : kActions) {
    const string_view verb = VerbWord(action.verb);
    const string_view object = ObjectWord(action.object);
    const std::string whole = absl::StrCat(verb, " ", object);
    if (said == verb || said == object || said == whole) {
      codes.push_back(action.code);
    }
  }
  return codes;
}

Transaction ReadTransaction(TransactionRow row) {
  Transaction out;
  for (const Action& action : kActions) {
    if (action.code != row.action) continue;
    out.verb = action.verb;
    out.object = action.object;
    Objects objects = ObjectsOf(row, action.verb, action.object);
    out.objects_known = objects.has_value();
    if (out.objects_known) out.objects = *std::move(objects);
    auto settings = SettingsOf(row, action.verb, action.object);
    out.settings_known = settings.has_value();
    if (out.settings_known) out.settings = *std::move(settings);
  }
  out.row = std::move(row);
  return out;
}

}  // namespace assocsync
