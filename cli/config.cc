#include <sstream>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "cli/args.h"
#include "engine/base/input_shape.h"
#include "engine/base/toml.h"

namespace assocsync {
namespace {

absl::Status ErrorAt(absl::string_view path, const toml::source_region& region,
                     absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(
      path, ":", region.begin.line, ":", region.begin.column, ": ", message));
}

}  // namespace

absl::StatusOr<std::vector<ConfigEntry>> ParseConfig(absl::string_view path,
                                                     absl::string_view text) {
  if (const absl::Status status = CheckTomlShape(text); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", status.message()));
  }
  const toml::parse_result parsed =
      toml::parse(std::string_view(text.data(), text.size()));
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    const std::string_view what = error.description();
    return ErrorAt(path, error.source(),
                   absl::string_view(what.data(), what.size()));
  }
  std::vector<ConfigEntry> entries;
  for (const auto& [key, node] : parsed.table()) {
    ConfigEntry entry;
    entry.key = std::string(key.str());
    entry.line = static_cast<int>(key.source().begin.line);
    entry.column = static_cast<int>(key.source().begin.column);
    if (const auto* value = node.as_string()) {
      entry.value = value->get();
    } else if (const auto* number = node.as_integer()) {
      entry.value = absl::StrCat(number->get());
    } else if (const auto* flag = node.as_boolean()) {
      entry.value = flag->get() ? "true" : "false";
      entry.is_flag = true;
    } else {
      return ErrorAt(path, node.source(),
                     absl::StrCat("'", entry.key,
                                  "' must be a text, a whole number, true or "
                                  "false"));
    }
    entries.push_back(std::move(entry));
  }
  absl::c_sort(entries, [](const ConfigEntry& a, const ConfigEntry& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return entries;
}

}  // namespace assocsync
