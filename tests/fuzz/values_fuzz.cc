// Words as people and programs write them: values of every option, names,
// releases, points in time. What is taken has one canonical form, and that
// form is its own.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/options.h"
#include "engine/model/key.h"
#include "engine/model/value.h"
#include "engine/slurm/release.h"
#include "tests/fuzz/fuzz.h"

namespace assocsync {
namespace {

void CheckValue(Key key, absl::string_view raw, Origin origin) {
  const auto value = Canonical(key, raw, origin);
  if (!value.ok()) {
    FUZZ_LAW(value.status().code() == absl::StatusCode::kInvalidArgument,
             value.status().message());
    return;
  }
  if (!value->set) return;
  const auto again = Canonical(key, value->text);
  FUZZ_LAW(again.ok(), again.status().message());
  FUZZ_LAW(again->set && again->text == value->text,
           absl::StrCat(Info(key).name, ": ", value->text, "\n", again->text));
}

void CheckName(absl::string_view raw) {
  for (const bool fold : {false, true}) {
    const auto name = CanonicalName(raw, fold);
    if (!name.ok()) continue;
    FUZZ_LAW(!name->empty(), raw);
    FUZZ_LAW(*CanonicalName(*name, fold) == *name, *name);
  }
  FUZZ_LAW(CanonicalText(CanonicalText(raw)) == CanonicalText(raw), raw);
}

}  // namespace
}  // namespace assocsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const absl::string_view text = fuzz::Text(data, size);
  for (const KeyInfo& info : AllKeys()) {
    CheckValue(info.key, text, Origin::kFile);
    CheckValue(info.key, text, Origin::kDump);
  }
  CheckName(text);
  for (const bool qos_line : {false, true}) {
    const KeyMatch match = FindKey(text, qos_line);
    FUZZ_LAW(match.result != KeyMatch::Result::kFound ||
                 FindKey(Info(match.key).name, qos_line).key == match.key,
             text);
  }
  if (const auto release = ParseRelease(text); release.ok()) {
    FUZZ_LAW(*ParseRelease(release->ToString()) == *release,
             release->ToString());
  }
  const absl::Time now = absl::FromUnixSeconds(1795545222);
  const auto when = ParseWhen(text, now, absl::UTCTimeZone());
  FUZZ_LAW(
      when.ok() || when.status().code() == absl::StatusCode::kInvalidArgument,
      when.status().message());
  return 0;
}
