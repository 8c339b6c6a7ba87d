// A scripted morning: thirty commands by three people on each release, and then
// `assocsync log` and `assocsync plan` say who did what.
#include <pwd.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/site.h"

namespace assocsync::log_test {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kAnn[] = "aslogann";
constexpr char kBob[] = "aslogbob";

// Slurm names the actor by uid: it must be a user of this machine. The names
// are the test's own, so that those of a run that was killed go as well.
class Actors {
 public:
  Actors() {
    for (const char* name : {kAnn, kBob}) {
      if (getpwnam(name) != nullptr) continue;
      const RunResult made = RunProgram({"useradd", "--no-create-home",
                                         "--shell", "/usr/sbin/nologin", name});
      EXPECT_TRUE(made.clean()) << made.err;
    }
  }
  ~Actors() {
    for (const char* name : {kAnn, kBob}) RunProgram({"userdel", name});
  }
};

struct Deed {
  const char* actor;
  const char* words;  // Of sacctmgr -i, separated by " | ".
  const char* line;   // What the log must say; nullptr: Slurm logs nothing.
};

// Kept short of what differs by release.
constexpr Deed kMorning[] = {
    {kAnn, "add | account | name=new | cluster=lab | description=a new one",
     "add     account new  Description='a new one'"},
    {kAnn,
     "add | user | name=nina | account=new | cluster=lab | "
     "defaultaccount=new",
     "add     association new/nina on lab  DefaultAccount=new"},
    {kBob, "add | user | name=alice | account=bio | cluster=lab | fairshare=3",
     "add     association bio/alice on lab  Fairshare=3"},
    {kBob,
     "modify | user | where | name=alice | account=hep | cluster=lab | "
     "partition= | set | maxjobs=8 | grptres=cpu=10",
     "modify  association hep/alice on lab  MaxJobs=8, GrpTRES=cpu=10"},
    {kAnn,
     "modify | user | where | name=alice | account=hep | cluster=lab | "
     "partition= | set | maxwall=60",
     "modify  association hep/alice on lab  MaxWallDurationPerJob=60"},
    {kAnn,
     "modify | user | where | name=bob,carol | account=hep | "
     "cluster=lab | partition= | set | qos=+fast",
     "modify  associations hep/bob, hep/carol on lab  QOS+=fast"},
    {kBob,
     "modify | user | where | name=carol | account=hep | cluster=lab | "
     "partition= | set | defaultqos=fast",
     "modify  association hep/carol on lab  DefaultQOS=fast"},
    {kBob,
     "modify | account | where | name=hep | cluster=lab | set | "
     "maxjobs=-1",
     "modify  association hep on lab  MaxJobs cleared"},
    {kAnn, "modify | account | where | name=bio | set | description=changed",
     "modify  account bio  Description='changed'"},
    {kBob, "modify | account | where | name=bio | set | organization=other",
     "modify  account bio  Organization='other'"},
    {kAnn,
     "modify | account | where | name=kid | cluster=lab | set | "
     "parent=bio",
     nullptr},
    {kBob, "modify | user | where | name=bob | set | adminlevel=operator",
     "modify  user bob  AdminLevel=Operator"},
    {"root", "modify | user | where | name=eve | set | adminlevel=none",
     "modify  user eve  AdminLevel=None"},
    {kAnn,
     "modify | user | where | name=dora | cluster=lab | set | "
     "defaultaccount=bio",
     "modify  association bio/dora on lab  DefaultAccount=bio"},
    {kBob, "add | coordinator | account=bio | names=bob",
     "add     coordinator bob of bio"},
    {kAnn, "delete | coordinator | account=hep | names=alice",
     "delete  coordinator alice of hep"},
    {kAnn, "add | user | name=bob | wckey=w3 | cluster=lab",
     "add     wckey w3 of user bob on lab"},
    {kBob, "delete | user | where | name=alice | wckey=w1 | cluster=lab",
     "delete  wckey w1 of user alice on lab"},
    {kAnn,
     "modify | user | where | name=carol | cluster=lab | set | "
     "defaultwckey=w2",
     "modify  wckey w2 of user carol on lab  DefaultWCKey=w2"},
    {kBob,
     "delete | user | where | name=dora | account=hep | cluster=lab | "
     "partition=",
     "delete  association hep/dora on lab"},
    {kAnn,
     "delete | user | where | name=carol | account=bio | cluster=lab | "
     "partition=gpu",
     "delete  association bio/carol@gpu on lab"},
    {kAnn, "delete | user | name=frank", "delete  user frank"},
    {"root", "delete | user | name=al ice", "delete  user 'al ice'"},
    {kBob, "delete | account | where | name=dead | cluster=lab",
     "delete  association dead on lab"},
    {kAnn, "delete | account | name=gone", "delete  account gone"},
    {"root", "modify | qos | where | name=fast | set | priority=9",
     "modify  qos fast  Priority=9"},
    {kBob, "add | qos | name=night", "add     qos night"},
    {kAnn, "delete | qos | slow", "delete  qos "},
    {"root", "modify | cluster | where | name=lab | set | grpjobs=100",
     "modify  association root on lab  GrpJobs=100"},
    {"root",
     "modify | account | where | name=kid | cluster=lab | set | "
     "grpsubmitjobs=4",
     "modify  association kid on lab  GrpSubmitJobs=4"},
};
static_assert(std::size(kMorning) == 30);

std::vector<std::string> Evening() {
  return {
      "add | qos | name=fast",
      "add | qos | name=slow",
      "add | account | name=hep | cluster=lab | maxjobs=7",
      "add | account | name=bio | cluster=lab",
      "add | account | name=kid | parent=hep | cluster=lab",
      "add | account | name=dead,gone | cluster=lab",
      absl::StrCat("add | user | name=", kAnn, ",", kBob,
                   " | account=hep | cluster=lab | defaultaccount=hep | "
                   "adminlevel=administrator"),
      "add | user | name=alice,bob,carol,dora | account=hep | cluster=lab | "
      "defaultaccount=hep",
      "add | user | name=dora | account=bio | cluster=lab",
      "add | user | name=carol | account=bio | partition=gpu | cluster=lab",
      "add | user | name=eve | account=kid | cluster=lab | "
      "defaultaccount=kid | adminlevel=operator",
      "add | user | name=frank | account=kid | cluster=lab | "
      "defaultaccount=kid",
      "add | user | name=al ice | account=bio | cluster=lab | "
      "defaultaccount=bio",
      "add | coordinator | account=hep | names=alice",
      "add | user | name=alice,carol | wckey=w1,w2 | cluster=lab",
  };
}

RunResult As(const std::string& actor, const LabRelease& release,
             const std::string& words) {
  std::vector<std::string> argv;
  if (actor != "root") {
    argv = {"setpriv", "--reuid", actor,
            "--regid", "nogroup", "--clear-groups"};
  }
  argv.insert(argv.end(), {release.Path("bin/sacctmgr"), "-i"});
  const std::vector<std::string> rest = absl::StrSplit(words, " | ");
  argv.insert(argv.end(), rest.begin(), rest.end());
  return RunProgram(argv);
}

class LogTest : public testing::Test {
 protected:
  RunResult Log(const LabSite& site, std::vector<std::string> words) {
    words.insert(words.begin(), {ASSOCSYNC_BINARY, "log", "--slurmdbd-conf",
                                 site.slurmdbd_conf});
    return RunProgram(words, {"TZ=UTC"});
  }
};

// The rest of the log's line: without time, actor and padding.
std::multimap<std::string, std::string> ByActor(const std::string& text) {
  std::multimap<std::string, std::string> out;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    line.remove_prefix(std::string("2026-11-24 08:12:03 +00:00  ").size());
    const size_t blank = line.find(' ');
    const std::string actor(line.substr(0, blank));
    out.emplace(actor, absl::StripLeadingAsciiWhitespace(line.substr(blank)));
  }
  return out;
}

// Who must be named for a difference; "": nobody can be (a move).
std::map<std::string, std::string> WantedActors() {
  return {
      {"association new", kAnn},
      {"account new", kAnn},
      {"association new/nina", kAnn},
      {"user nina", kAnn},
      {"association bio/alice", kBob},
      {"association hep/alice MaxJobs", kBob},
      {"association hep/alice GrpTRES", kBob},
      {"association hep/alice MaxWallDurationPerJob", kAnn},
      {"association hep/bob QOS", kAnn},
      {"association hep/carol QOS", kAnn},
      {"association hep/carol DefaultQOS", kBob},
      {"association hep MaxJobs", kBob},
      {"account bio Description", kAnn},
      {"account bio Organization", kBob},
      {"association kid", ""},
      {"association kid GrpSubmitJobs", "root"},
      {"user bob AdminLevel", kBob},
      {"user eve AdminLevel", "root"},
      {"user dora DefaultAccount", kAnn},
      {"user bob Coordinator", kBob},
      {"user alice Coordinator", kAnn},
      {"user bob WCKeys", kAnn},
      {"user bob DefaultWCKey", kAnn},
      {"user alice WCKeys", kBob},
      {"user alice DefaultWCKey", kBob},
      {"user carol DefaultWCKey", kAnn},
      {"association hep/dora", kBob},
      {"association bio/carol@gpu", kAnn},
      {"association kid/frank", kAnn},
      {"user frank", kAnn},
      {"association bio/al ice", "root"},
      {"user al ice", "root"},
      {"association dead", kBob},
      {"account dead", kBob},
      {"association gone", kAnn},
      {"account gone", kAnn},
      {"qos fast Priority", "root"},
      {"qos night", kBob},
      {"qos slow", kAnn},
      {"association root GrpJobs", "root"},
  };
}

std::string NameOf(const json& change) {
  const std::string what = change.at("what");
  const std::string qos = change.at("qos"), account = change.at("account"),
                    user = change.at("user"),
                    partition = change.at("partition");
  return absl::StrCat(what, " ", qos, account,
                      account.empty() || user.empty() ? "" : "/", user,
                      partition.empty() ? "" : "@", partition);
}

TEST_F(LogTest, ExplainsEveryDifferenceOfAScriptedMorning) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  const Actors actors;
  for (const LabRelease& release : releases) {
    SCOPED_TRACE(release.name());
    release.Reset();
    const LabSite site(release);
    site.Must(Evening());
    const std::string before = site.Put("before.cfg", release.Dump("lab"));
    for (const Deed& deed : kMorning) {
      const RunResult result = As(deed.actor, release, deed.words);
      ASSERT_TRUE(result.clean()) << deed.words << result.out << result.err;
    }

    const RunResult log = Log(site, {});
    ASSERT_TRUE(log.clean()) << log.err;
    const auto lines = ByActor(log.out);
    for (const Deed& deed : kMorning) {
      if (deed.line == nullptr) continue;
      const auto [begin, end] = lines.equal_range(deed.actor);
      const bool found = std::any_of(begin, end, [&](const auto& line) {
        return absl::StartsWith(line.second, deed.line);
      });
      EXPECT_TRUE(found) << deed.words << "\nwants: " << deed.actor << "  "
                         << deed.line << "\n"
                         << log.out;
    }
    // Nothing that a table or the log itself can name stays a number, but for
    // QOS, whose adds do not tell their ids.
    for (const auto& [actor, line] : lines) {
      if (absl::StrContains(line, "row is gone")) {
        EXPECT_TRUE(absl::StartsWith(line, "delete  qos #")) << line;
      }
    }

    const RunResult planned = RunProgram(
        {ASSOCSYNC_BINARY, "plan", before, "--format", "json", "--allow",
         "AS101,AS102", "--sacctmgr", release.Path("bin/sacctmgr"),
         "--slurmdbd-conf", site.slurmdbd_conf});
    const json plan = json::parse(planned.out, nullptr, false);
    ASSERT_FALSE(plan.is_discarded()) << planned.err;
    std::map<std::string, std::string> named;
    for (const json& one : plan.at("evidence")) {
      const std::string key =
          one.at("key").is_null() ? "" : " " + one.at("key").get<std::string>();
      named[NameOf(one) + key] =
          one.at("actor").is_null() ? "" : one.at("actor").get<std::string>();
    }
    // Every difference, and of what stays every field.
    std::set<std::string> differences;
    for (const json& change : plan.at("changes")) {
      const std::string name = NameOf(change);
      if (change.at("how") != "modify") differences.insert(name);
      if (change.at("how") != "modify" && change.at("how") != "move") continue;
      for (const json& field : change.at("fields")) {
        differences.insert(
            absl::StrCat(name, " ", field.at("key").get<std::string>()));
      }
    }
    const auto wanted = WantedActors();
    EXPECT_GE(differences.size(), 34u);
    EXPECT_EQ(named.size(), differences.size());
    for (const std::string& difference : differences) {
      ASSERT_TRUE(wanted.count(difference) == 1) << difference;
      ASSERT_TRUE(named.count(difference) == 1)
          << "no evidence: " << difference << "\n"
          << log.out;
      EXPECT_EQ(named.at(difference), wanted.at(difference)) << difference;
    }
  }
}

TEST_F(LogTest, OptionsChooseAndErrorsSayWhatToDo) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  const LabRelease& release = releases.back();
  release.Reset();
  LabSite site(release);
  site.Must({"add | account | name=a,b | cluster=lab",
             "add | user | name=u | account=a | cluster=lab | "
             "defaultaccount=a",
             "delete | user | name=u"});
  const auto count = [&](std::vector<std::string> words) {
    const RunResult result = Log(site, std::move(words));
    EXPECT_TRUE(result.exit_code == 0) << result.err;
    return std::count(result.out.begin(), result.out.end(), '\n');
  };
  EXPECT_EQ(count({"--account", "b"}), 2);
  EXPECT_EQ(count({"--user", "u", "--action", "delete"}), 2);
  EXPECT_EQ(count({"--action", "delete user"}), 1);
  EXPECT_EQ(count({"--limit", "3"}), 3);
  EXPECT_EQ(count({"--until", "2001-01-01"}), 0);
  EXPECT_EQ(count({"--actor", "nobody-did-it"}), 0);
  EXPECT_THAT(Log(site, {"--since", "2001-01-01"}).err,
              HasSubstr("the log goes back to 20"));
  const RunResult whole = Log(site, {"--format", "json"});
  EXPECT_FALSE(json::parse(whole.out, nullptr, false).is_discarded());

  // Rights: nothing but what the log needs is needed, and less is told.
  release.Sql(
      "CREATE OR REPLACE USER 'logger'@'127.0.0.1' IDENTIFIED BY 'x'; "
      "GRANT SELECT ON qos_table TO 'logger'@'127.0.0.1'");
  std::string conf;
  {
    const RunResult cat = RunProgram({"cat", site.slurmdbd_conf});
    for (absl::string_view line : absl::StrSplit(cat.out, '\n')) {
      if (absl::StartsWith(line, "StorageUser=")) line = "StorageUser=logger";
      if (absl::StartsWith(line, "StoragePass=")) line = "StoragePass=x";
      absl::StrAppend(&conf, line, "\n");
    }
  }
  site.slurmdbd_conf = site.Put("slurmdbd.conf", conf);
  RunResult denied = Log(site, {});
  EXPECT_EQ(denied.exit_code, 1);
  EXPECT_THAT(denied.err, HasSubstr("GRANT SELECT"));
  // The plan is whole without; it says why with --verbose only.
  const std::string same = site.Put("empty.cfg",
                                    "Cluster - 'lab':Fairshare=1:QOS='normal'\n"
                                    "Parent - 'root'\n"
                                    "User - 'root':DefaultAccount='root':"
                                    "AdminLevel='Administrator':Fairshare=1\n");
  for (const bool verbose : {false, true}) {
    std::vector<std::string> words = {ASSOCSYNC_BINARY,
                                      "plan",
                                      same,
                                      "--sacctmgr",
                                      release.Path("bin/sacctmgr"),
                                      "--slurmdbd-conf",
                                      site.slurmdbd_conf};
    if (verbose) words.push_back("--verbose");
    const RunResult plan = RunProgram(words);
    EXPECT_THAT(plan.out, HasSubstr("to delete"));
    EXPECT_EQ(absl::StrContains(plan.err, "who changed what is not known"),
              verbose)
        << plan.err;
  }
  release.Sql("GRANT SELECT ON * TO 'logger'@'127.0.0.1'");
  EXPECT_EQ(Log(site, {}).exit_code, 0);
  release.Sql("DROP USER 'logger'@'127.0.0.1'");
  denied = Log(site, {});
  EXPECT_EQ(denied.exit_code, 1);
  EXPECT_THAT(denied.err, HasSubstr("check user and password"));
  EXPECT_THAT(denied.err, testing::Not(HasSubstr("StoragePass")));

  const RunResult none = RunProgram(
      {ASSOCSYNC_BINARY, "log", "--slurmdbd-conf", site.File("none")});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("--defaults-file"));
}

}  // namespace assocsync::log_test
