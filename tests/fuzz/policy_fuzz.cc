// A policy is an error with a place, or it can be asked.
#include "absl/strings/match.h"
#include "engine/check/policy.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const absl::StatusOr<Policy> policy =
      ParsePolicy("p.toml", fuzz::Text(data, size));
  if (!policy.ok()) {
    FUZZ_LAW(absl::StartsWith(policy.status().message(), "p.toml:"),
             policy.status().message());
    return 0;
  }
  for (const absl::string_view name : {"hep", "a_b", "", "[x]", "\xff*"}) {
    policy->protected_accounts.Match(name);
    policy->protected_users.Match(name);
    for (const auto* pattern :
         {&policy->account_names, &policy->user_names, &policy->qos_names}) {
      if (pattern->has_value()) (*pattern)->Match(name);
    }
  }
  return 0;
}
