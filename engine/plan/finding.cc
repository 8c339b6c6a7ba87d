#include "engine/plan/finding.h"

namespace assocsync {
namespace {

constexpr FindingCode kCodes[] = {
    {kDeleteShare, "deletes too much",
     "The plan deletes a larger share of one kind of object than --max-delete "
     "allows. Check that the file is the right one and whole; then raise "
     "--max-delete."},
    {kWholeKindVanishes, "a whole kind vanishes",
     "After the plan there would be no account, user, coordinator (...) left "
     "at all. A file that was cut short looks like this. If it is meant, "
     "--allow AS102."},
    {kProtectedRow, "protected row",
     "The plan takes rows or rights from root or from the user who runs it. "
     "If it is meant, --allow AS103."},
    {kLastAdministrator, "last Administrator",
     "After the plan nobody but root would be Administrator. If it is meant, "
     "--allow AS104."},
    {kEmptyTarget, "empty target",
     "The target holds nothing but root, while live holds more. A failed dump "
     "looks like this. If it is meant, --allow AS105."},
    {kClusterMismatch, "other cluster",
     "The target was made from a cluster of another name. To restore it under "
     "this name, say --as-cluster."},
    {kMissingQos, "missing QOS",
     "The target names QOS that do not exist here; dumps before 25.05 do not "
     "define them. Create them first (sacctmgr add qos), then plan again."},
    {kMissingTres, "missing TRES",
     "The target names TRES that slurmdbd does not know. They are registered "
     "by slurmctld (AccountingStorageTRES) or with the hardware; then plan "
     "again."},
    {kCollateral, "collateral",
     "No form of the command is exact: it would also touch the rows named. "
     "Where all of them can be, --allow AS109 deletes them too and adds them "
     "again in the same run, with equal definitions; they get new ids, and "
     "slurmctld forgets their fair-share usage. Or rename or delete those by "
     "hand, or keep the object in the target. From 23.11 on nothing deletes "
     "rows of names with a backslash: MaxSubmitJobs=0 closes them; --skip "
     "AS109 goes on without them."},
    {kNotAddressable, "name cannot be addressed",
     "sacctmgr cannot name this object, so nothing can be done to it. It is "
     "left as it is; --skip AS110 or --allow AS110 goes on without it."},
    {kCannotRestore, "value cannot be restored",
     "Slurm has no command that brings this value back, or this release does "
     "not know the option or word. The rest of the plan is complete; --allow "
     "AS111 accepts the difference, --skip AS111 leaves the rows as they are."},
    {kIllegalTree, "illegal tree",
     "The tree holds what no release of Slurm could hold (a missing parent, a "
     "cycle, a default account that is none of the user's). Mend the file, or "
     "the database, first."},
    {kRunningJobs, "running jobs",
     "slurmdbd refuses to delete associations that have running or pending "
     "jobs, jobs whose QOS is deleted lose it, and pending jobs whose QOS is "
     "taken from their row wait for good (InvalidQOS; --allow AS113 takes it "
     "all the same). Let them end or cancel "
     "them, then plan again; --skip AS113 leaves what they use as it is, and "
     "goes on with the rest. Of a job that ended without a word to slurmdbd "
     "the database believes that it runs: sacctmgr show runawayjobs finds and "
     "ends those."},
    {kNewRelease, "release newer than the behaviour table",
     "It is handled as the newest known release. The plan is still verified "
     "after it was applied."},
    {kUntestedRelease, "release that was never run",
     "What this release does was read in Slurm's sources, and no daemon of it "
     "was run. Only commands are used that are exact also as the nearest "
     "releases do them that were run, on either side. How each is known:"},
    {kOffline, "planned without a server",
     "Other clusters, missing QOS and TRES, and records without associations "
     "are not known. Apply plans again on the live database."},
    {kRecordStays, "record stays",
     "The record (without any association) cannot be deleted exactly and "
     "stays. It grants nothing."},
    {kUnknownUsers, "users unknown to this machine",
     "No uid is known here for these users. slurmctld ignores such "
     "associations until the name resolves."},
    {kQosNotCompared, "QOS definitions not compared",
     "Only one side lists QOS definitions, so they are left as they are."},
    {kContradictoryRows, "contradictory rows",
     "Columns of the database deny each other (the parent by name and by id, "
     "lft and rgt, two default accounts). What slurmdbd would do to such rows "
     "cannot be known. Mend them first: set the parent or the default account "
     "again with sacctmgr."},
    {kSkippedIds, "ids that nothing has",
     "Rows hold ids of QOS or TRES that do not exist, or unknown flags: Slurm "
     "skips them, and so does the plan. Or one list holds QOS and changes of "
     "QOS (qos= and qos+= in one command of sacctmgr): in a list of the row's "
     "own each counts as it comes, among changes a QOS without a sign does "
     "not. "
     "Set the row's QOS anew to be rid of it."},
    {kReplicaRead, "read from a replica",
     "The database server follows another one, or takes no writes. If it lags "
     "behind slurmdbd, reading fails; read the main server, or with --live "
     "sacctmgr, to be sure."},
    {kUnprovenDatabase, "database not proven to be slurmdbd's",
     "Nothing shows that slurmdbd uses the database that was read: it holds no "
     "transaction to compare. Look at slurmdbd.conf, or use --live sacctmgr."},
    {kConflict, "conflict",
     "Since the base, the proposal and live changed the same thing in "
     "different ways. Say who is right: --prefer target or --prefer live for "
     "all of them, --prefer ROW=target (hep/alice=live, 'user bob'=target) "
     "for one; or make the proposal again from live as it is."},
    {kDrift, "drift",
     "Live was changed since the base, where the proposal changed nothing. It "
     "stays as it is on live; take it into the file for the next proposal."},
    {kBothChanged, "changed on both sides",
     "Since the base, the proposal and live changed the same in the same way."},
    {kUnusedPreference, "preference without a conflict",
     "--prefer names a row about which there is no conflict. Look for a slip "
     "of the pen: rows are named as in the conflicts."},
    {kRightsWithoutRows, "rights of users without associations",
     "These users are Operator or Administrator and have no association on any "
     "cluster, as a delete by hand may leave them. No dump tells of them, so "
     "no restore takes their rights away. If they should have none: sacctmgr "
     "modify user where name=NAME set AdminLevel=None."},
    {kSharedRecords, "records that clusters share",
     "AdminLevel and coordinator rights belong to a user, Description and "
     "Organization to an account, and each is there once for all clusters of a "
     "database; so are QOS. A file of one cluster that says otherwise changes "
     "them for all, and the files of two clusters may undo each other for "
     "ever: let them say the same, or plan one of them with --keep-shared, "
     "which leaves what other clusters share as it is."},
    {kKept, "kept, though the file does not say it",
     "The file was written by hand: what it cannot have meant to take away "
     "stays as live has it. Say it in the file to change it (AdminLevel=None, "
     "another DefaultAccount), or --complete to take the file for all there "
     "is. "
     "Slurm's own QOS normal is never deleted: slurmdbd makes it again."},
    {kAsRead, "how the file was read",
     "sacctmgr ignores this, or the file does not say it: here is what was "
     "taken. Mend the file to be rid of the doubt."},
    {kLosesEveryQos, "users lose every QOS",
     "No QOS list is left on the rows of these users, nor above them: where "
     "QOS are enforced, slurmctld refuses their jobs. A dump of a cluster "
     "whose list was emptied has no QOS= on its Cluster line, and then that is "
     "what it says. Give the Cluster line the list that is meant, or --by-hand "
     "to leave the one that live has."},
    {kSkipped, "skipped",
     "--skip leaves these rows, and what cannot be without them, as live has "
     "them. The rest of the plan is whole and proven; live will differ from "
     "the target in just these. For all rows of findings of one kind: --skip "
     "CODE (AS107 to AS111, AS113); for one: --skip ROW (hep/alice, 'user "
     "bob', 'account bio', 'QOS long')."},
    {kAddedAgain, "deleted and added again",
     "--allow AS109: these rows cannot be told from what is deleted, so they "
     "go along and are added again in the same run, with the definitions that "
     "they should have. They get new ids; their usage stays in the database "
     "under the old ones, and slurmctld starts their fair-share at nought. "
     "Until the run is through, their users cannot submit jobs."},
    {kUnusedSkip, "nothing to skip",
     "--skip names a row that the plan would not change. Look for a slip of "
     "the pen: rows are named as in the findings."},
    {kScope, "a part of the target",
     "--only and --except name what is planned: account=bio (with its users "
     "and all below it), account=bio/ (it alone), user=ann, user=ann@bio, "
     "qos=long, coordinators; names may be patterns. What that needs comes "
     "along: accounts above, QOS, records and default accounts of users. All "
     "else stays as live has it."},
    {kNoController, "slurmctld was not asked",
     "slurmctld is registered with slurmdbd and could not be asked: jobs are "
     "those that slurmdbd's database has, which knows of no held job and may "
     "know of others late, and partitions and reservations were not looked at. "
     "squeue and scontrol are expected beside sacctmgr, and slurmctld where "
     "`sacctmgr show cluster` says."},
    {kMentioned, "partitions or reservations name what goes",
     "slurmctld drops a reservation that names an account or user it does not "
     "know when it starts the next time, and a partition goes without the "
     "name. Change them first: scontrol update reservation, slurm.conf."},
    {kUsageLost, "usage is lost",
     "Rows that are deleted and added again (AS141) keep their usage in "
     "slurmdbd's database, under their old ids, and lose it in slurmctld "
     "(RawUsage of sshare): for a while their users look as if they had used "
     "nothing. Do it when that matters least."},
    {kUnsaidKept, "what dumps do not print stays",
     "Dumps of this release do not print these options, so a target that is "
     "such a dump says nothing of them, and live keeps what it has. A backup "
     "by assocsync has them, and the definitions of QOS, by which it is known: "
     "against one of these they are compared."},
};

}  // namespace

bool IsOfTheMoment(absl::string_view code) {
  return code == kRunningJobs || code == kNoController || code == kMentioned ||
         code == kUsageLost;
}

absl::Span<const FindingCode> AllFindingCodes() { return kCodes; }

}  // namespace assocsync
