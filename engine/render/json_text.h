// Names and values in JSON, which is UTF-8; they are what somebody once typed.
#ifndef ASSOCSYNC_ENGINE_RENDER_JSON_TEXT_H_
#define ASSOCSYNC_ENGINE_RENDER_JSON_TEXT_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "engine/render/escape.h"

namespace assocsync {

// A string; of other bytes {"base64": "..."}.
inline nlohmann::ordered_json JsonText(absl::string_view text) {
  if (IsUtf8(text)) return std::string(text);
  return {{"base64", absl::Base64Escape(text)}};
}

template <typename List>
nlohmann::ordered_json JsonTexts(const List& texts) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const absl::string_view text : texts) out.push_back(JsonText(text));
  return out;
}

// A whole document as it is shown: nothing in it that a terminal would obey,
// and a newline at its end.
inline std::string JsonDocument(const nlohmann::ordered_json& json,
                                int indent = 1) {
  std::string text =
      json.dump(indent, ' ', /*ensure_ascii=*/false,
                nlohmann::ordered_json::error_handler_t::replace);
  EscapeJson(&text);
  text.push_back('\n');
  return text;
}

// What JsonText made. False: it is none.
inline bool FromJsonText(const nlohmann::ordered_json& json,
                         std::string* text) {
  if (json.is_string()) {
    *text = json.get_ref<const std::string&>();
    return true;
  }
  if (!json.is_object() || json.size() != 1) return false;
  const auto bytes = json.find("base64");
  return bytes != json.end() && bytes->is_string() &&
         absl::Base64Unescape(bytes->get_ref<const std::string&>(), text) &&
         !IsUtf8(*text);
}

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_JSON_TEXT_H_
