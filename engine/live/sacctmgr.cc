#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/live/ask_slurmdbd.h"
#include "engine/live/choose_cluster.h"
#include "engine/live/listing.h"
#include "engine/live/live.h"
#include "engine/live/sacctmgr_client.h"
#include "engine/live/state_builder.h"

namespace assocsync {
namespace {

class SacctmgrSource : public LiveSource {
 public:
  SacctmgrSource(CommandRunner* runner, SacctmgrOptions options)
      : options_(std::move(options)), client_(runner, options_) {}

  absl::StatusOr<LiveState> Read(absl::string_view cluster) override;
  absl::StatusOr<std::vector<std::string>> Clusters() override;
  std::string Origin() const override {
    return about_.release == Release{}
               ? options_.program
               : absl::StrCat("sacctmgr ", about_.release.ToString());
  }

 private:
  absl::StatusOr<ControllerAddress> FindController(const std::string& cluster);
  absl::StatusOr<Tree> DumpTree(absl::string_view cluster);
  absl::StatusOr<DatabaseState> ReadOnce(absl::string_view cluster);
  absl::Status ReadAssociations(StateBuilder* builder);
  absl::Status ReadUsers(StateBuilder* builder);
  absl::Status ReadAccounts(StateBuilder* builder);
  absl::Status ReadQosAndTres(StateBuilder* builder);

  const SacctmgrOptions options_;
  SacctmgrClient client_;
  AboutSlurmdbd about_;
};

absl::StatusOr<std::vector<std::string>> SacctmgrSource::Clusters() {
  ASSIGN_OR_RETURN(const std::string text,
                   client_.Show({"cluster", "format=cluster"}));
  ASSIGN_OR_RETURN(const auto names, NameLines(text, "clusters"));
  return std::vector<std::string>(names.begin(), names.end());
}

absl::StatusOr<ControllerAddress> SacctmgrSource::FindController(
    const std::string& cluster) {
  ASSIGN_OR_RETURN(const std::string text,
                   client_.Show({"cluster", absl::StrCat("name=", cluster),
                                 "format=controlport,controlhost"}));
  const std::pair<absl::string_view, absl::string_view> words =
      absl::StrSplit(absl::StripTrailingAsciiWhitespace(text), '|');
  return ControllerAddress(words.second, words.first);
}

absl::StatusOr<Tree> SacctmgrSource::DumpTree(absl::string_view cluster) {
  ASSIGN_OR_RETURN(const MappedFile dump, client_.Dump(cluster));
  absl::StatusOr<Tree> tree = ParseTree(
      absl::StrCat("dump of cluster '", cluster, "'"), dump.text(),
      {.fold_users = !about_.preserve_user_case, .origin = Origin::kDump});
  if (absl::IsInvalidArgument(tree.status())) {
    return absl::InvalidArgumentError(absl::StrCat(
        absl::StripTrailingAsciiWhitespace(tree.status().message()),
        "\nsacctmgr cannot dump every name, text and list (a line break, "
        "say): --live mysql reads the database itself"));
  }
  RETURN_IF_ERROR(tree.status());
  if (tree->cluster.view() != cluster) {
    return absl::DataLossError(
        absl::StrCat("sacctmgr was asked to dump cluster '", cluster,
                     "' and dumped '", tree->cluster.view(), "'"));
  }
  return tree;
}

absl::Status SacctmgrSource::ReadAssociations(StateBuilder* builder) {
  const bool lineage = BehaviourOfSeries(about_.release.series).has_lineage;
  ASSIGN_OR_RETURN(
      const std::string text,
      client_.Show({"associations", "wopl",
                    absl::StrCat("format=", AssocFormat(lineage))}));
  ASSIGN_OR_RETURN(const auto lines,
                   AssocLines(text, lineage, builder->tree()));
  return builder->AddAssociations(lines);
}

absl::Status SacctmgrSource::ReadUsers(StateBuilder* builder) {
  ASSIGN_OR_RETURN(const std::string text,
                   client_.Show({"user", "withcoordinator",
                                 absl::StrCat("format=", kUserFormat)}));
  ASSIGN_OR_RETURN(const auto lines, UserLines(text, builder->UserNames()));
  RETURN_IF_ERROR(builder->AddUsers(lines));
  // sacctmgr lists the coordinators of an account with those of the accounts
  // above it; only a dump tells them apart, for the users that it holds.
  for (const std::string& cluster : builder->ClustersToDump()) {
    ASSIGN_OR_RETURN(
        const Tree other,
        Annotate(DumpTree(cluster), "to learn its users' coordinator rights"));
    builder->AddCoordinatorsOf(other);
  }
  builder->FinishCoordinators();
  return absl::OkStatus();
}

absl::Status SacctmgrSource::ReadAccounts(StateBuilder* builder) {
  ASSIGN_OR_RETURN(
      const std::string text,
      client_.Show({"account", "format=account,description,organization"}));
  ASSIGN_OR_RETURN(auto lines, AccountLines(text, 3, builder->AccountNames()));
  std::string organizations;  // `lines` may point into it.
  std::vector<AccountLine> second;
  for (const AccountLine& line : lines) {
    if (absl::StrContains(line.rest.substr(line.rest.find('|') + 1), '|')) {
      ASSIGN_OR_RETURN(
          organizations,
          client_.Show({"account", "format=account,organization"}));
      ASSIGN_OR_RETURN(second,
                       AccountLines(organizations, 2, builder->AccountNames()));
      break;
    }
  }
  return builder->AddAccounts(lines, second);
}

absl::Status SacctmgrSource::ReadQosAndTres(StateBuilder* builder) {
  ASSIGN_OR_RETURN(const std::string qos, client_.Show({"qos", "format=name"}));
  ASSIGN_OR_RETURN(const auto names, NameLines(qos, "QOS"));
  ASSIGN_OR_RETURN(const std::string tres,
                   client_.Show({"tres", "format=type,name"}));
  ASSIGN_OR_RETURN(const auto types, TresLines(tres));
  return builder->AddQosAndTres(names, types);
}

absl::StatusOr<DatabaseState> SacctmgrSource::ReadOnce(
    absl::string_view cluster) {
  ASSIGN_OR_RETURN(Tree tree, DumpTree(cluster));
  StateBuilder builder(std::move(tree), !about_.preserve_user_case);
  RETURN_IF_ERROR(ReadAssociations(&builder));
  RETURN_IF_ERROR(ReadUsers(&builder));
  RETURN_IF_ERROR(ReadAccounts(&builder));
  RETURN_IF_ERROR(ReadQosAndTres(&builder));
  return std::move(builder).Build();
}

absl::StatusOr<LiveState> SacctmgrSource::Read(absl::string_view cluster) {
  if (about_.release == Release{}) {
    ASSIGN_OR_RETURN(about_, AskSlurmdbd(client_));
  }
  ASSIGN_OR_RETURN(const auto names, Clusters());
  ASSIGN_OR_RETURN(const std::string name, ChooseCluster(names, cluster));
  absl::Status last;
  bool changes = false;
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    absl::StatusOr<DatabaseState> database_state = ReadOnce(name);
    if (database_state.ok()) {
      LiveState state;
      state.database = *std::move(database_state);
      state.database.allows_no_default_account = about_.allow_no_def_acct;
      state.release = about_.release;
      state.preserve_user_case = about_.preserve_user_case;
      ASSIGN_OR_RETURN(state.controller, FindController(name));
      return state;
    }
    if (!absl::IsAborted(database_state.status()))
      return database_state.status();
    changes |= attempt > 0 && database_state.status() != last;
    last = database_state.status();
  }
  // On 23.11 to 25.05.0 a move leaves lineages wrong, and dump loses such rows.
  if (!changes) {
    return absl::AbortedError(
        absl::StrCat("sacctmgr contradicts itself (", kReadAttempts,
                     " attempts): ", last.message(),
                     "; that an account above was moved can do this to a dump, "
                     "which is then "
                     "no backup: --live mysql reads the database itself"));
  }
  return absl::AbortedError(absl::StrCat(
      "the live tree is changing while it is read (", kReadAttempts,
      " attempts): ", last.message(), "; try again when it is quiet"));
}

}  // namespace

std::unique_ptr<LiveSource> LiveFromSacctmgr(CommandRunner* runner,
                                             SacctmgrOptions options) {
  return std::make_unique<SacctmgrSource>(runner, std::move(options));
}

}  // namespace assocsync
