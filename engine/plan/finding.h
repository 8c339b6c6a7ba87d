// The codes of findings: stable, documented, each in one place.
#ifndef ASSOCSYNC_ENGINE_PLAN_FINDING_H_
#define ASSOCSYNC_ENGINE_PLAN_FINDING_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace assocsync {

struct FindingCode {
  absl::string_view code;
  absl::string_view title;  // A few words.
  absl::string_view help;   // What it means and what to do.
};

// AS1xx, sorted by code.
absl::Span<const FindingCode> AllFindingCodes();

inline constexpr absl::string_view kDeleteShare = "AS101";
inline constexpr absl::string_view kWholeKindVanishes = "AS102";
inline constexpr absl::string_view kProtectedRow = "AS103";
inline constexpr absl::string_view kLastAdministrator = "AS104";
inline constexpr absl::string_view kEmptyTarget = "AS105";
inline constexpr absl::string_view kClusterMismatch = "AS106";
inline constexpr absl::string_view kMissingQos = "AS107";
inline constexpr absl::string_view kMissingTres = "AS108";
inline constexpr absl::string_view kCollateral = "AS109";
inline constexpr absl::string_view kNotAddressable = "AS110";
inline constexpr absl::string_view kCannotRestore = "AS111";
inline constexpr absl::string_view kIllegalTree = "AS112";
inline constexpr absl::string_view kRunningJobs = "AS113";
inline constexpr absl::string_view kNewRelease = "AS114";
inline constexpr absl::string_view kUntestedRelease = "AS115";
inline constexpr absl::string_view kOffline = "AS116";
inline constexpr absl::string_view kRecordStays = "AS117";
inline constexpr absl::string_view kUnknownUsers = "AS118";
inline constexpr absl::string_view kQosNotCompared = "AS119";
inline constexpr absl::string_view kContradictoryRows = "AS120";
inline constexpr absl::string_view kSkippedIds = "AS121";
inline constexpr absl::string_view kReplicaRead = "AS122";
inline constexpr absl::string_view kUnprovenDatabase = "AS123";
inline constexpr absl::string_view kConflict = "AS124";
inline constexpr absl::string_view kDrift = "AS125";
inline constexpr absl::string_view kBothChanged = "AS126";
inline constexpr absl::string_view kUnusedPreference = "AS127";
inline constexpr absl::string_view kRightsWithoutRows = "AS128";
inline constexpr absl::string_view kSharedRecords = "AS129";
inline constexpr absl::string_view kKept = "AS130";
inline constexpr absl::string_view kAsRead = "AS131";
inline constexpr absl::string_view kLosesEveryQos = "AS132";
inline constexpr absl::string_view kSkipped = "AS140";
inline constexpr absl::string_view kAddedAgain = "AS141";
inline constexpr absl::string_view kUnusedSkip = "AS142";
inline constexpr absl::string_view kScope = "AS143";
inline constexpr absl::string_view kNoController = "AS144";
inline constexpr absl::string_view kMentioned = "AS145";
inline constexpr absl::string_view kUsageLost = "AS146";
inline constexpr absl::string_view kUnsaidKept = "AS150";

// What slurmctld has at the moment, and no part of what was planned: a saved
// plan stays what it is where these findings change.
bool IsOfTheMoment(absl::string_view code);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_FINDING_H_
