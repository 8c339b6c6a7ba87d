#include "engine/check/rule.h"

#include <algorithm>

namespace assocsync {
namespace {

constexpr Rule kRules[] = {
    {kRuleUnreadable, "unreadable", "the file cannot be read", Severity::kError,
     "The line is not what `sacctmgr dump` writes, or contradicts another "
     "line. Nothing else is checked until the file can be read. The message "
     "says what is wrong and what to write instead.",
     false},
    {kRuleTwoReadings, "two-readings", "a value with two readings",
     Severity::kWarning,
     "`sacctmgr dump` prints this text for two different values, and the "
     "likelier one was taken. Write the value in whole units (mem=1536M)."},
    {kRuleDefaultAccount, "default-account-without-association",
     "default account without an association", Severity::kError,
     "A user's default account must be one in which the user has a line; "
     "Slurm refuses, or invents, the association otherwise. Add the line, or "
     "name another default account.",
     false},
    {kRuleDefaultQos, "default-qos-out-of-reach",
     "DefaultQOS outside the QOS list that holds there", Severity::kError,
     "The default QOS of a row must be in the row's own QOS list or, where it "
     "has none, in the one that it inherits; slurmdbd refuses it otherwise "
     "(\"would not have access to their default qos\"). Add the QOS to the "
     "list, or choose another default."},
    {kRuleUnknownQos, "unknown-qos", "unknown QOS", Severity::kError,
     "The QOS is neither defined in the file nor on the list of those that "
     "exist (policy: known.qos; or --live). sacctmgr refuses the row. Create "
     "the QOS first, or mend the name."},
    {kRuleUnknownPartition, "unknown-partition", "unknown partition",
     Severity::kError,
     "The partition is not on the policy's list (known.partitions). Slurm "
     "stores any name, and the row would never hold for a job. Mend the name, "
     "or add the partition to the list."},
    {kRuleUnknownTres, "unknown-tres", "unknown TRES", Severity::kError,
     "The TRES is not on the list of those that exist (policy: known.tres; or "
     "--live). sacctmgr refuses it (\"no TRES known by type\"); release 20.11 "
     "drops it silently. TRES are registered with AccountingStorageTRES and "
     "the hardware."},
    {kRuleGroupLimit, "group-limit-above-parent",
     "a group limit above the one of an account above", Severity::kWarning,
     "Grp limits hold for all that is below a row, so the smaller limit of an "
     "account further up is reached first and this one never holds. Lower it, "
     "or raise the one above."},
    {kRuleJobLimit, "job-limit-above-parent",
     "a job limit above the one that would be inherited", Severity::kNote,
     "A row's own Max limit replaces the inherited one, also by a larger "
     "value: who gets this line may do more than the account says. That may "
     "be meant; if not, lower it or remove it."},
    {kRuleLookAlike, "look-alike-names",
     "names that Slurm takes for each other", Severity::kWarning,
     "From 23.11 on slurmdbd finds rows to delete by a pattern in which `_` "
     "stands for any character: `sacctmgr delete user j_doe` also deletes "
     "j-doe. assocsync takes exact detours; people and scripts do not. Choose "
     "names without `_`, or that differ elsewhere too."},
    {kRuleSamePrefix, "same-first-42-characters",
     "names that are equal in their first 42 characters", Severity::kError,
     "Slurm's tables tell names apart by their first 42 characters. Of two "
     "equal ones the second is refused (20.11, 22.05) or takes over the row "
     "of the first (24.11, 26.05). Shorten one."},
    {kRuleNotAddressable, "not-addressable",
     "a name that sacctmgr cannot address", Severity::kError,
     "sacctmgr splits or expands the name (commas, brackets), so that no "
     "command can name this object, and no plan can create it. Choose another "
     "name."},
    {kRuleLoadCorrupts, "load-corrupts", "what `sacctmgr load` would corrupt",
     Severity::kNote,
     "assocsync reads this exactly. `sacctmgr load` does not: it would drop, "
     "cut or change the value, or load nothing at all, mostly with exit code "
     "0. It matters if this file is ever given to sacctmgr itself."},
    {kRuleNoUsers, "account-without-users", "account without users",
     Severity::kNote,
     "Neither the account nor anything below it has a user, so nobody can run "
     "a job in it. Add users, or remove the account."},
    {kRuleNoDescription, "account-without-description",
     "account without a description", Severity::kNote,
     "In a year nobody will know what the account is for. Say so with "
     "Description='...'. (Dumps of 24.05 and later lose the description of "
     "accounts with UsersAreCoords.)"},
    {kRuleFairshare, "fairshare-sum", "fair-share sum", Severity::kWarning,
     "The shares of what is directly below an account are all 0, so that they "
     "divide nothing; or their sum is not the one that the policy asks for "
     "([[fairshare]])."},
    {kRuleIgnored, "ignored", "something that sacctmgr ignores",
     Severity::kWarning,
     "sacctmgr load reads the word and does nothing with it, or lets the last "
     "of two values win; assocsync does the same. What was meant is likely not "
     "what happens: move the option to its line, or remove it."},
    {kRuleAssumed, "assumed", "something that the file does not say",
     Severity::kWarning,
     "A file that people write leaves things out, and something was taken for "
     "them, as sacctmgr load does. The message says what; write it down to be "
     "sure."},
    {kRuleDeleteShare, "delete-share", "deletes too much", Severity::kError,
     "The proposal deletes a larger share of one kind of object than the "
     "policy allows (thresholds.delete-share, 30 unless it says otherwise). A "
     "file that was cut short looks like this. Check that it is whole; if the "
     "deletes are meant, raise the threshold for this proposal."},
    {kRuleUserLeaves, "user-without-account", "a user loses every account",
     Severity::kWarning,
     "The proposal removes the last line of the user: no job of theirs will "
     "start, and the user's record goes. Check that the user left, and was "
     "not lost while lines were moved."},
    {kRuleRaisedLimit, "raised-limit", "a limit is raised by much",
     Severity::kWarning,
     "The limit becomes larger than thresholds.raise-factor times what it was "
     "(2 unless the policy says otherwise), or is removed."},
    {kRuleAdminLevel, "admin-level", "an AdminLevel changes",
     Severity::kWarning,
     "Operators and Administrators may change accounts and limits of the "
     "whole database, on every cluster. Look twice."},
    {kRuleMoved, "moved-account", "an account moves", Severity::kNote,
     "The account goes below another one with all that is below it: limits, "
     "QOS and shares that its users inherit change with it."},
    {kRuleNewDefault, "default-account-changes",
     "a user's default account changes", Severity::kNote,
     "Jobs without --account will be charged to another account from then "
     "on."},
    {kRuleOtherCluster, "other-cluster", "the base is of another cluster",
     Severity::kError,
     "Base and proposal name different clusters; nothing that differs between "
     "them means anything. Give the base that the proposal was made from."},
    {kRuleShared, "shared-record", "a record that clusters share changes",
     Severity::kWarning,
     "AdminLevel, coordinator rights, Description, Organization and QOS are "
     "there once for all clusters of a database, so this proposal changes them "
     "for the clusters named, too (AS129 in plan; known with --live). Let the "
     "files of these clusters say the same, or apply this one with "
     "--keep-shared."},
    {kRuleProtected, "protected", "something protected changes",
     Severity::kError,
     "The policy protects this account or user ([protected]): its lines may "
     "neither change nor go. Leave them as they are, or have the policy "
     "changed."},
    {kRuleRequired, "required-field", "a required option is missing",
     Severity::kError,
     "The policy asks for this option on every line of the kind "
     "([required])."},
    {kRuleNamePattern, "name-pattern",
     "a name that is not as the policy wants it", Severity::kError,
     "The policy has a pattern for names of this kind ([names], a POSIX "
     "extended regular expression)."},
    {kRuleQosNotAllowed, "qos-not-allowed", "a QOS that is not allowed there",
     Severity::kError,
     "The policy says which QOS the rows of this part of the tree may have "
     "([[allow-qos]])."},
    {kRuleCoordinator, "coordinator-not-allowed",
     "a coordinator whom the policy does not allow", Severity::kError,
     "The policy says who may coordinate accounts of this part of the tree "
     "([[owners]])."},
    {kRuleAuthor, "author-not-allowed", "a change by somebody else",
     Severity::kError,
     "The policy says who may change this part of the tree ([[owners]]), and "
     "the author of the proposal (--author) is none of them. Ask one of them "
     "to propose it."},
    {kRuleAdmin, "admin-not-allowed",
     "an AdminLevel that the policy does not allow", Severity::kError,
     "The policy says who may be Operator or Administrator (admins)."},
    {kRuleUnusedAllow, "unused-allow", "a comment that allows nothing",
     Severity::kNote,
     "The comment `assocsync: allow CODE` stands at a line about which there "
     "is no such finding. Remove it, so that it does not hide one to come."},
};

}  // namespace

absl::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kOff:
      return "off";
    case Severity::kNote:
      return "note";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "";
}

std::optional<Severity> ParseSeverity(absl::string_view word) {
  for (const Severity severity : {Severity::kOff, Severity::kNote,
                                  Severity::kWarning, Severity::kError}) {
    if (word == SeverityName(severity)) return severity;
  }
  return std::nullopt;
}

absl::Span<const Rule> AllRules() { return kRules; }

const Rule* FindRule(absl::string_view code) {
  const auto rule = std::find_if(std::begin(kRules), std::end(kRules),
                                 [&](const Rule& r) { return r.code == code; });
  return rule == std::end(kRules) ? nullptr : rule;
}

}  // namespace assocsync
