// The rules for proposed files: their codes, what each means, and how bad it
// is. The one table that check, its formats and `check --explain` loop over.
#ifndef ASSOCSYNC_ENGINE_CHECK_RULE_H_
#define ASSOCSYNC_ENGINE_CHECK_RULE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace assocsync {

// From harmless to bad; kOff: the rule is not applied.
enum class Severity : uint8_t { kOff, kNote, kWarning, kError };
absl::string_view SeverityName(Severity severity);  // "warning"
std::optional<Severity> ParseSeverity(absl::string_view word);

struct Rule {
  absl::string_view code;   // "AS204": stable, sorted.
  absl::string_view name;   // "default-qos-out-of-reach": stable too.
  absl::string_view title;  // A few words.
  Severity severity;        // Where the policy says nothing.
  absl::string_view help;   // What it means, why it matters, what to do.
  // False: neither a comment nor a policy can lift it, for without a readable
  // file nothing can be checked.
  bool can_be_lifted = true;
};

absl::Span<const Rule> AllRules();
const Rule* FindRule(absl::string_view code);  // nullptr: there is none.

// The file itself.
inline constexpr absl::string_view kRuleUnreadable = "AS201";
inline constexpr absl::string_view kRuleTwoReadings = "AS202";
inline constexpr absl::string_view kRuleDefaultAccount = "AS203";
// The tree.
inline constexpr absl::string_view kRuleDefaultQos = "AS204";
inline constexpr absl::string_view kRuleUnknownQos = "AS205";
inline constexpr absl::string_view kRuleUnknownPartition = "AS206";
inline constexpr absl::string_view kRuleUnknownTres = "AS207";
inline constexpr absl::string_view kRuleGroupLimit = "AS208";
inline constexpr absl::string_view kRuleJobLimit = "AS209";
inline constexpr absl::string_view kRuleLookAlike = "AS210";
inline constexpr absl::string_view kRuleSamePrefix = "AS211";
inline constexpr absl::string_view kRuleNotAddressable = "AS212";
inline constexpr absl::string_view kRuleLoadCorrupts = "AS213";
inline constexpr absl::string_view kRuleNoUsers = "AS214";
inline constexpr absl::string_view kRuleNoDescription = "AS215";
inline constexpr absl::string_view kRuleFairshare = "AS216";
inline constexpr absl::string_view kRuleIgnored = "AS217";
inline constexpr absl::string_view kRuleAssumed = "AS218";
// What changes since the base.
inline constexpr absl::string_view kRuleDeleteShare = "AS221";
inline constexpr absl::string_view kRuleUserLeaves = "AS222";
inline constexpr absl::string_view kRuleRaisedLimit = "AS223";
inline constexpr absl::string_view kRuleAdminLevel = "AS224";
inline constexpr absl::string_view kRuleMoved = "AS225";
inline constexpr absl::string_view kRuleNewDefault = "AS226";
inline constexpr absl::string_view kRuleOtherCluster = "AS227";
// What changes on live.
inline constexpr absl::string_view kRuleShared = "AS228";
// What the policy asks for.
inline constexpr absl::string_view kRuleProtected = "AS231";
inline constexpr absl::string_view kRuleRequired = "AS232";
inline constexpr absl::string_view kRuleNamePattern = "AS233";
inline constexpr absl::string_view kRuleQosNotAllowed = "AS234";
inline constexpr absl::string_view kRuleCoordinator = "AS235";
inline constexpr absl::string_view kRuleAuthor = "AS236";
inline constexpr absl::string_view kRuleAdmin = "AS237";
// The check itself.
inline constexpr absl::string_view kRuleUnusedAllow = "AS241";

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CHECK_RULE_H_
