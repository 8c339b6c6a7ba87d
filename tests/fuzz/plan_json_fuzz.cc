// A saved plan that was edited, cut or made up is an error; one that is taken
// is written again as what it was.
#include <string>

#include "engine/render/json.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const auto saved = PlanFromJson(fuzz::Text(data, size));
  if (!saved.ok()) {
    FUZZ_LAW(saved.status().code() == absl::StatusCode::kInvalidArgument ||
                 saved.status().code() == absl::StatusCode::kFailedPrecondition,
             saved.status().message());
    return 0;
  }
  const std::string text = PlanToJson(*saved);
  const auto again = PlanFromJson(text);
  FUZZ_LAW(again.ok(), again.status().message());
  FUZZ_LAW(*again == *saved, text);
  FUZZ_LAW(PlanToJson(*again) == text, text);
  return 0;
}
