// Which releases know which keys and words: the key table against real
// daemons. Each is set, and the database is read; sacctmgr's exit code is no
// proof of anything.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/io/database.h"
#include "engine/live/read_state.h"
#include "engine/model/key.h"
#include "engine/model/value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/database_site.h"
#include "tests/support/site.h"

namespace assocsync::words_test {

using ::testing::HasSubstr;
using ::testing::Not;

// A value that no fresh row has.
std::string Sample(Key key) {
  switch (key) {
    case Key::kDefaultAccount:
      return "b";
    case Key::kDefaultWckey:
      return "w";
    case Key::kDefaultQos:
    case Key::kQosPreempt:
      return "normal";
    case Key::kQos:
      return "normal,other";
    case Key::kCoordinator:
      return "a";
    case Key::kWckeys:
      return "v,w";
    default:
      break;
  }
  switch (Info(key).kind) {
    case Kind::kText:
      return "some words";
    case Kind::kTres:
      return "cpu=4";
    case Kind::kFactor:
      return "2.5";
    case Kind::kFlags:
    case Kind::kPreemptMode:
    case Kind::kAdminLevel:
    case Kind::kClassification:
      for (const WordInfo& word : AllWords()) {
        if (word.key == key) return std::string(word.word);
      }
      return "";
    default:
      return "7";
  }
}

class Words {
 public:
  explicit Words(const LabRelease& release) : release_(release) {
    release.Reset();
    const LabSite site(release);
    site.Must({"add | qos | name=other", "add | account | name=a,b",
               "add | user | name=u | account=a,b | defaultaccount=a",
               "add | user | name=u | wckey=v | cluster=lab"});
    database_ = LeastRights(release);
  }

  // Sets it as a plan does; true: the database has it then.
  bool Takes(Key key, const std::string& value) const {
    const std::string set = absl::StrCat(Info(key).word(), "=",
                                         key == Key::kQosPreemptExemptTime
                                             ? absl::StrCat("00:00:", value)
                                             : value);
    std::vector<std::string> words;
    switch (Info(key).scope) {
      case Scope::kCluster:
        words = {"modify", "cluster", "where", "name=lab", "set", set};
        break;
      case Scope::kAccount:
        words = {"modify", "account", "where", "name=a", "set", set};
        break;
      case Scope::kUser:
        words = {"modify",      "user", "where", "name=u",
                 "cluster=lab", "set",  set};
        if (key == Key::kAdminLevel) {
          words = {"modify", "user", "where", "name=u", "set", set};
        } else if (key == Key::kWckeys) {
          words = {"add", "user", "name=u", "wckey=w", "cluster=lab"};
        } else if (key == Key::kCoordinator) {
          words = {"add", "coordinator", "account=a", "name=u"};
        } else if (key == Key::kDefaultWckey) {
          release_.Sacctmgr(
              {"add", "user", "name=u", "wckey=w", "cluster=lab"});
        }
        break;
      case Scope::kUserAssoc:
        words = {"modify",    "user",        "where", "name=u",
                 "account=a", "cluster=lab", "set",   set};
        break;
      case Scope::kAssoc:
        words = {"modify",      "account", "where", "name=a",
                 "cluster=lab", "set",     set};
        break;
      case Scope::kQos:
        words = {"modify", "qos", "where", "name=other", "set", set};
        break;
    }
    release_.Sacctmgr(words);
    return Has(key).value_or("") == Canonical(key, value)->text;
  }

  void Clear(Key key) const {
    release_.Sacctmgr(
        {"modify", "qos", "where", "name=other", "set",
         key == Key::kQosFlags ? "Flags=-1" : "PreemptMode=cluster"});
    EXPECT_FALSE(Has(key).has_value());
  }

 private:
  std::optional<std::string> Has(Key key) const {
    const auto state = ReadDatabaseState(*database_, "lab");
    EXPECT_TRUE(state.ok()) << state.status();
    if (!state.ok()) return std::nullopt;
    const Tree& tree = state->tree;
    const Fields* fields = nullptr;
    switch (Info(key).scope) {
      case Scope::kCluster:
        fields = &tree.cluster_fields;
        break;
      case Scope::kAccount:
        fields = &tree.accounts.at(Name("a")).fields;
        break;
      case Scope::kUser:
        fields = &tree.users.at(Name("u")).fields;
        break;
      case Scope::kUserAssoc:
        fields = &tree.associations.at({Name("a"), Name("u"), {}}).limits;
        break;
      case Scope::kAssoc:
        fields = &tree.associations.at({Name("a"), {}, {}}).limits;
        break;
      case Scope::kQos:
        fields = &tree.qos.at(Name("other")).fields;
        break;
    }
    const Name* const value = fields->Find(key);
    if (value == nullptr) return std::nullopt;
    return value->str();
  }

  const LabRelease& release_;
  std::unique_ptr<Database> database_;
};

TEST(WordsTest, ReleasesKnowWhatTheKeyTableSays) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  for (const LabRelease& release : releases) {
    SCOPED_TRACE(release.version());
    const Words words(release);
    for (const KeyInfo& info : AllKeys()) {
      EXPECT_EQ(words.Takes(info.key, Sample(info.key)),
                info.since <= release.series())
          << info.name << "=" << Sample(info.key);
    }
    for (const Key key : {Key::kQosFlags, Key::kQosPreemptMode}) {
      words.Clear(key);
    }
    for (const WordInfo& word : AllWords()) {
      EXPECT_EQ(words.Takes(word.key, std::string(word.word)),
                word.since <= release.series())
          << Info(word.key).name << "=" << word.word;
      if (Info(word.key).scope == Scope::kQos) words.Clear(word.key);
    }
  }
}

// A file of a newer release: what this one has no word for is named before
// anything runs, and may be skipped or left out.
TEST(WordsTest, WhatTheReleaseDoesNotKnowIsNamedBeforeAnythingRuns) {
  for (const LabRelease& release : LabRelease::All()) {
    SCOPED_TRACE(release.version());
    release.Reset();
    LabSite site(release);
    site.Must({"add | account | name=bio | Description=bio | Organization=bio",
               "add | user | name=j | account=bio"});
    const auto file = [](const char* flags, const char* mode,
                         const char* factor, const char* comment) {
      return absl::StrCat(
          "# To edit this file start with a cluster line for the new cluster\n"
          "QOS - 'normal':Description='Normal QOS default'\n"
          "QOS - 'gpu':Description='gpu':Flags='",
          flags, "':GrpTRES=cpu=8:MaxJobsPU=4:Preempt='normal':PreemptMode='",
          mode, "':Priority=100:UsageFactor=2.000000", factor,
          "\nCluster - 'lab':Fairshare=1:QOS='normal'\nParent - 'root'\n"
          "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
          "Fairshare=1\n"
          "Account - 'bio':Description='bio':Organization='bio':Fairshare=1\n"
          "Parent - 'bio'\nUser - 'j':DefaultAccount='bio':Fairshare=1:"
          "MaxJobs=3",
          comment, "\n");
    };
    const std::string target = site.Put(
        "target.cfg", file("DenyOnLimit,NoDecay,Relative", "within,requeue",
                           ":LimitFactor=1.500000", ":Comment='x'"));
    std::vector<std::string> unknown;
    if (release.series() < 2311) unknown.push_back("Flags=Relative");
    if (release.series() < 2205) unknown.push_back("PreemptMode=within");
    if (release.series() < 2108) unknown.push_back("LimitFactor");
    if (release.series() < 2302) unknown.push_back("Comment");
    site.SetTrouble({});
    const std::vector<std::string> apply = {"apply", target, "--live", "mysql"};
    const auto with = [&](const char* option) {
      std::vector<std::string> words = apply;
      words.insert(words.end(), {option, "AS111"});
      return words;
    };
    const RunResult plain = site.Assocsync(apply);
    if (unknown.empty()) {
      EXPECT_EQ(plain.exit_code, 0) << plain.out << plain.err;
      continue;
    }
    EXPECT_EQ(plain.exit_code, 3) << plain.out << plain.err;
    EXPECT_EQ(site.Commands(), 0);
    EXPECT_TRUE(site.Runs().empty());
    const std::string series =
        absl::StrCat("which Slurm ", release.version(), " does not know");
    for (const std::string& word : unknown) {
      EXPECT_THAT(plain.out, HasSubstr(absl::StrCat(word, ", ", series)));
    }
    // The rows of the findings stay as they are; the rest is done.
    const RunResult skipped = site.Assocsync(with("--skip"));
    EXPECT_EQ(skipped.exit_code, 0) << skipped.out << skipped.err;
    EXPECT_THAT(skipped.out, HasSubstr("AS140"));
    EXPECT_EQ(release.Sql("select name from qos_table where deleted=0"),
              "normal\n");
    // The values that it knows.
    const RunResult allowed = site.Assocsync(with("--allow"));
    EXPECT_EQ(allowed.exit_code, 0) << allowed.out << allowed.err;
    EXPECT_EQ(
        release.Sql("select flags, priority, grp_tres from qos_table where "
                    "deleted=0 and name='gpu'"),
        "320\t100\t1=8\n");
    EXPECT_EQ(release.Sql("select max_jobs from lab_assoc_table where "
                          "deleted=0 and user='j'"),
              "3\n");
    const RunResult again = site.Assocsync(
        {"plan", target, "--live", "mysql", "--allow", "AS111",
         "--slurmdbd-conf", site.slurmdbd_conf, "--detailed-exitcode"});
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
  }
}

}  // namespace assocsync::words_test
