// The words of the plan's JSON for what are enumerators here: read and written
// by one table each.
#ifndef ASSOCSYNC_ENGINE_RENDER_JSON_WORDS_H_
#define ASSOCSYNC_ENGINE_RENDER_JSON_WORDS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/plan/plan.h"

namespace assocsync {

template <typename E>
struct JsonWord {
  E value;
  absl::string_view word;
};

inline constexpr JsonWord<Change::What> kWhats[] = {
    {Change::What::kCluster, "cluster"},
    {Change::What::kQos, "qos"},
    {Change::What::kAccount, "account"},
    {Change::What::kUser, "user"},
    {Change::What::kAssociation, "association"}};

// The words of --changes and of the counts; a change that moves() has a word of
// its own.
inline constexpr JsonWord<Change::How> kHows[] = {
    {Change::How::kAdd, "add"},
    {Change::How::kModify, "modify"},
    {Change::How::kRemove, "delete"}};
inline constexpr absl::string_view kMoveWord = "move";

inline constexpr JsonWord<Phase> kPhases[] = {
    {Phase::kQos, "qos"},
    {Phase::kPinQos, "pin_qos"},
    {Phase::kAccounts, "accounts"},
    {Phase::kUsers, "users"},
    {Phase::kLimits, "limits"},
    {Phase::kFinalQos, "final_qos"},
    {Phase::kDefaults, "defaults"},
    {Phase::kCoordinators, "coordinators"},
    {Phase::kDeleteUsers, "delete_users"},
    {Phase::kDeleteAccounts, "delete_accounts"},
    {Phase::kDeleteQos, "delete_qos"}};

inline constexpr JsonWord<Severity> kSeverities[] = {
    {Severity::kError, "refuse"},
    {Severity::kCannotRestore, "cannot_restore"},
    {Severity::kWarning, "warning"},
    {Severity::kNote, "note"}};

inline constexpr JsonWord<Side> kSides[] = {{Side::kTarget, "target"},
                                            {Side::kLive, "live"}};

inline constexpr JsonWord<LiveKind> kLiveKinds[] = {
    {LiveKind::kFile, "file"},
    {LiveKind::kSacctmgr, "sacctmgr"},
    {LiveKind::kMysql, "mysql"}};

template <typename E, size_t N>
std::string WordOf(const JsonWord<E> (&words)[N], E value) {
  for (const JsonWord<E>& word : words) {
    if (word.value == value) return std::string(word.word);
  }
  return "";
}

template <typename E, size_t N>
std::optional<E> ValueOf(const JsonWord<E> (&words)[N],
                         absl::string_view text) {
  for (const JsonWord<E>& word : words) {
    if (word.word == text) return word.value;
  }
  return std::nullopt;
}

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_JSON_WORDS_H_
