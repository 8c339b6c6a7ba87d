// Columns of associations and QOS as a database holds them, whoever wrote them:
// an error, or a canonical value.
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/live/database_value.h"
#include "engine/model/value.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const absl::string_view text = fuzz::Text(data, size);
  DatabaseNames names;
  names.qos = {{"1", "normal"}, {"5", "fast"}};
  names.tres = {{"1", "cpu"}, {"2", "mem"}, {"1001", "gres/gpu:a100"}};
  DatabaseValues values(&names);
  for (const KeyInfo& info : AllKeys()) {
    if (info.column.empty() || info.scope < Scope::kUserAssoc) continue;
    const auto value = values.Read(info, text);
    if (!value.ok() || !(*value)->set || !(*value)->skipped.empty()) continue;
    const std::string canonical = (*value)->text.str();
    const auto again = Canonical(info.key, canonical);
    FUZZ_LAW(again.ok(), again.status().message());
    FUZZ_LAW(again->set && again->text == canonical,
             absl::StrCat(info.name, ": ", canonical, "\n", again->text));
  }
  const auto lists = fuzz::Parts(text, 2);
  const auto qos = values.ReadQos(lists[0], lists[1]);
  FUZZ_LAW(
      qos.ok() || qos.status().code() == absl::StatusCode::kInvalidArgument,
      qos.status().message());
  return 0;
}
