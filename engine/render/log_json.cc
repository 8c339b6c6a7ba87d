// The JSON half of log.h.
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "engine/render/json_text.h"
#include "engine/render/log.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;
using How = TransactionSetting::How;

// `id` is null where there is none, names where they are not known.
Json ToJson(ObjectKind kind, const TransactionObject& object) {
  Json out = {{"id", object.id.has_value() ? Json(*object.id) : Json(nullptr)}};
  if (!object.named) return out;
  if (kind == ObjectKind::kAssociation || kind == ObjectKind::kCoordinator) {
    out["account"] = JsonText(object.account);
    out["user"] = JsonText(object.user);
    if (kind == ObjectKind::kAssociation) {
      out["partition"] = JsonText(object.partition);
    }
    return out;
  }
  out["name"] = JsonText(object.name);
  if (kind == ObjectKind::kWckey) out["user"] = JsonText(object.user);
  return out;
}

Json ToJson(const TransactionSetting& setting) {
  static constexpr absl::string_view kHows[] = {"set", "add", "remove", "clear",
                                                "sql"};
  Json out = {{"key", JsonText(setting.name)},
              {"how", std::string(kHows[static_cast<int>(setting.how)])},
              {"value", setting.how == How::kClear ? Json(nullptr)
                                                   : JsonText(setting.words)}};
  if (setting.only.has_value()) out["only_id"] = *setting.only;
  return out;
}

}  // namespace

std::string UtcTime(int64_t unix_seconds) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(unix_seconds),
                          absl::UTCTimeZone());
}

std::string LogJsonBegin(std::optional<int64_t> oldest) {
  return absl::StrCat(
      "{\n \"format_version\": ", kLogFormatVersion, ",\n \"oldest\": ",
      oldest.has_value() ? absl::StrCat("\"", UtcTime(*oldest), "\"") : "null",
      ",\n \"transactions\": [");
}

std::string LogJsonEntry(const Transaction& transaction, bool first) {
  const TransactionRow& row = transaction.row;
  Json objects = nullptr;
  if (transaction.objects_known) {
    objects = Json::array();
    for (const TransactionObject& object : transaction.objects) {
      objects.push_back(ToJson(transaction.object, object));
    }
  }
  Json settings = nullptr;
  if (transaction.settings_known) {
    settings = Json::array();
    for (const TransactionSetting& setting : transaction.settings) {
      settings.push_back(ToJson(setting));
    }
  }
  const Json entry = {
      {"id", row.id},
      {"time", UtcTime(row.time)},
      {"actor", JsonText(row.actor)},
      {"code", row.action},
      {"action", std::string(VerbWord(transaction.verb))},
      {"object", std::string(ObjectWord(transaction.object))},
      {"cluster", JsonText(row.cluster)},
      {"objects", std::move(objects)},
      {"settings", std::move(settings)},
      {"name", JsonText(row.name)},
      {"info", row.info.has_value() ? JsonText(*row.info) : Json(nullptr)}};
  std::string text = absl::StrCat(first ? "" : ",", "\n  ", entry.dump());
  EscapeJson(&text);
  return text;
}

std::string LogJsonEnd() { return "\n ]\n}\n"; }

}  // namespace assocsync
