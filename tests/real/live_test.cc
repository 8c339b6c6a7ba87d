// Reading the live database_state, against what the database itself holds.
#include "engine/live/live.h"

#include <map>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/cfg/parse.h"
#include "engine/io/file.h"
#include "engine/io/program.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/site.h"

namespace assocsync::live_test {

using ::testing::HasSubstr;

constexpr char kEnvironment[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

// Everything that may go wrong in names and texts. `|` in a name, look-alikes,
// blanks, signs; another cluster; coordinators of every kind; a user without
// associations.
std::vector<std::string> NastyTree() {
  return {
      "add | cluster | name=other",
      "add | qos | name=q1",
      "add | qos | name=q2",
      "add | account | name=p | cluster=lab | qos=q1,normal | description=x # "
      "y:z\\w 'q' \"r\" =1",
      "add | account | name=c1 | parent=p | cluster=lab | maxjobs=4 | "
      "grptres=mem=2560,gres/gpu:a100=4",
      "add | account | name=c2 | parent=c1 | cluster=lab | fairshare=parent",
      "add | user | name=al ice | account=c1 | cluster=lab | "
      "defaultaccount=c1",
      "add | user | name=al ice | account=c1 | partition=gpu | cluster=lab",
      "add | user | name=we=ird% | account=p | cluster=lab | qos=q1 | "
      "defaultqos=q1 | adminlevel=operator | defaultaccount=p",
      "add | user | name=al ice | wckey=w1 | cluster=lab",
      "add | coordinator | account=p | names=we=ird%",
      "add | coordinator | account=c1 | names=we=ird%",
      "add | account | name=po | cluster=other",
      "add | account | name=po1 | parent=po | cluster=other | qos=q2",
      "add | user | name=m2 | account=po1 | cluster=other | "
      "defaultaccount=po1",
      "add | coordinator | account=po,po1,p | names=m2",
      "modify | user | where | name=al ice | account=c1 | cluster=lab | "
      "partition= | set | qos=+q2,-normal",
  };
}

class LiveTest : public testing::Test {
 protected:
  void Begin(const LabRelease& release) {
    release.Reset();
    site_.emplace(release);
    site_->Must(NastyTree());
    // A `|` in everything (no " | ", at which Must splits).
    site_->Must(
        {"add | account | name=a|b | cluster=lab | description=d|e|f | "
         "organization=|",
         "add | user | name=u|x | account=a|b | partition=p|q | "
         "cluster=lab | defaultaccount=a|b"});
    if (release.series() >= 2405) {
      site_->Must(
          {"modify | account | where | name=c2 | set | "
           "flags=UsersAreCoords"});
    }
  }
  absl::StatusOr<LiveState> Read(const std::string& cluster) {
    SacctmgrOptions options;
    options.program = site_->release().Path("bin/sacctmgr");
    options.temp_dir = testing::TempDir();
    source_ = LiveFromSacctmgr(&runner_, options);
    return source_->Read(cluster);
  }
  std::set<std::string> Sql(const std::string& statement) const {
    std::set<std::string> rows;
    const std::string text = site_->release().Sql(statement);
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      if (!line.empty()) rows.emplace(line);
    }
    return rows;
  }

  ProcessRunner runner_{CleanEnvironment({kEnvironment})};
  std::unique_ptr<LiveSource> source_;
  std::optional<LabSite> site_;
};

#define FOR_EACH_RELEASE(release)                                 \
  const std::vector<LabRelease> all_releases = LabRelease::All(); \
  ASSERT_FALSE(all_releases.empty()) << "no lab: tests/lab up";   \
  for (const LabRelease& release : all_releases)

TEST_F(LiveTest, StateIsWhatTheDatabaseHolds) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const auto state = Read("lab");
    ASSERT_TRUE(state.ok()) << state.status();
    const DatabaseState& database_state = state->database;
    EXPECT_TRUE(database_state.complete);
    EXPECT_FALSE(state->preserve_user_case);
    EXPECT_EQ(state->release.ToString(), release.version());
    EXPECT_EQ(source_->Origin(), "sacctmgr " + release.version());
    EXPECT_THAT(Illegalities(database_state.tree), testing::IsEmpty());

    std::set<std::string> rows;
    for (const auto& [key, id] : database_state.ids) {
      rows.insert(absl::StrJoin(
          {key.account.view(), key.user.view(), key.partition.view(),
           absl::string_view(absl::StrCat(id))},
          "\t"));
    }
    EXPECT_EQ(rows, Sql("SELECT acct, user, `partition`, id_assoc FROM "
                        "lab_assoc_table WHERE deleted=0"));
    rows.clear();
    for (const auto& [key, lineage] : database_state.lineages) {
      rows.insert(
          absl::StrCat(database_state.ids.at(key), "\t", lineage.view()));
    }
    if (release.series() >= 2311) {
      EXPECT_EQ(rows, Sql("SELECT id_assoc, lineage FROM lab_assoc_table "
                          "WHERE deleted=0"));
    } else {
      EXPECT_THAT(rows, testing::IsEmpty());
    }
    rows.clear();
    for (const auto& [key, row] : database_state.others) {
      EXPECT_EQ(key.cluster.view(), "other");
      rows.insert(absl::StrJoin({key.row.account.view(), key.row.user.view(),
                                 key.row.partition.view()},
                                "\t"));
      EXPECT_EQ(row.lineage.empty(), release.series() < 2311);
      if (key.row.ToString() == "po1") {
        EXPECT_EQ(row.qos.view(), "q2");
      }
    }
    EXPECT_EQ(rows, Sql("SELECT acct, user, `partition` FROM "
                        "other_assoc_table WHERE deleted=0"));
    rows.clear();
    for (const DatabaseState::Coordinator& pair : database_state.coordinators) {
      rows.insert(absl::StrCat(pair.account.view(), "\t", pair.user.view()));
    }
    EXPECT_EQ(rows, Sql("SELECT acct, user FROM acct_coord_table WHERE "
                        "deleted=0"));
    rows.clear();
    for (const auto& [name, user] : database_state.users) {
      const Name level = user.fields.Get(Key::kAdminLevel);
      rows.insert(absl::StrCat(name.view(), "\t",
                               level.view() == "Administrator" ? 3
                               : level.view() == "Operator"    ? 2
                                                               : 1));
    }
    EXPECT_EQ(rows, Sql("SELECT name, admin_level FROM user_table WHERE "
                        "deleted=0"));
    rows.clear();
    for (const auto& [name, account] : database_state.accounts) {
      rows.insert(absl::StrCat(
          name.view(), "\t", account.fields.Get(Key::kDescription).view(), "\t",
          account.fields.Get(Key::kOrganization).view()));
    }
    std::set<std::string> want;
    for (std::string row : Sql("SELECT name, REPLACE(description, '\\\\', "
                               "'BS'), organization FROM acct_table WHERE "
                               "deleted=0")) {
      want.insert(absl::StrReplaceAll(row, {{"BS", "\\"}}));
    }
    EXPECT_EQ(rows, want);
    rows.clear();
    for (Name name : database_state.qos) rows.insert(name.str());
    EXPECT_EQ(rows, Sql("SELECT name FROM qos_table WHERE deleted=0"));
    rows.clear();
    for (Name name : database_state.tres) rows.insert(name.str());
    EXPECT_EQ(rows, Sql("SELECT IF(name='', type, CONCAT(type,'/',name)) FROM "
                        "tres_table WHERE deleted=0 AND id<>0"));
    // Texts that the dump of an account with UsersAreCoords lacks.
    EXPECT_EQ(database_state.tree.accounts.at(Name("c2"))
                  .fields.Get(Key::kDescription)
                  .view(),
              "c2");
    const auto again = Read("lab");
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(again->database == database_state);
  }
}

TEST_F(LiveTest, AUserWithoutAssociations) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    // slurmdbd keeps the record of a user whose name it cannot guess from its
    // own message (a blank in it).
    site_->Must(
        {"add | user | name=zed o | account=c1 | cluster=lab | "
         "defaultaccount=c1",
         "add | coordinator | account=p | names=zed o",
         "delete | user | where | name=zed o | account=c1 | "
         "cluster=lab | partition="});
    const auto state = Read("lab");
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_FALSE(state->database.tree.users.contains(Name("zed o")));
    if (Sql("SELECT name FROM user_table WHERE deleted=0").contains("zed o")) {
      EXPECT_TRUE(state->database.users.contains(Name("zed o")));
      EXPECT_TRUE(
          state->database.coordinators.contains({Name("p"), Name("zed o")}));
    }
  }
}

TEST_F(LiveTest, ClusterNames) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    EXPECT_THAT(std::string(Read("").status().message()),
                HasSubstr("lab, other; say which one"));
    EXPECT_EQ(Read("nosuch").status().code(), absl::StatusCode::kNotFound);
    release.Reset();
    const auto only = Read("");
    ASSERT_TRUE(only.ok()) << only.status();
    EXPECT_EQ(only->database.tree.cluster.view(), "lab");
  }
}

TEST_F(LiveTest, PreserveCaseUser) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    release.Reset();
    site_.emplace(release);
    const std::string conf = release.Path("slurmdbd.conf");
    const std::string plain = *ReadFile(conf, 1 << 20);
    release.Lab("stop");
    ASSERT_TRUE(
        WriteFileAtomic(conf, plain + "\nParameters=PreserveCaseUser\n").ok());
    release.Lab("start");
    site_->Must({"add | account | name=Acct | cluster=lab",
                 "add | user | name=McDuck | account=acct | cluster=lab | "
                 "defaultaccount=acct"});
    const auto state = Read("lab");
    release.Lab("stop");
    ASSERT_TRUE(WriteFileAtomic(conf, plain).ok());
    release.Lab("start");
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_TRUE(state->preserve_user_case);
    EXPECT_TRUE(
        state->database.ids.contains({Name("acct"), Name("McDuck"), Name()}));
  }
}

TEST_F(LiveTest, SlurmdbdIsDown) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    release.Reset();
    site_.emplace(release);
    release.Lab("stop");
    const auto state = Read("lab");
    release.Lab("start");
    EXPECT_EQ(state.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(state.status().message()),
                HasSubstr("slurmdbd does not answer"));
    EXPECT_THAT(std::string(state.status().message()),
                HasSubstr("Start slurmdbd"));
  }
}

// What sacctmgr cannot list without doubt is an error that says so.
TEST_F(LiveTest, WhatCannotBeRead) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    release.Reset();
    site_.emplace(release);
    site_->Must({"add | cluster | name=other",
                 "add | account | name=a|b | cluster=other"});
    EXPECT_EQ(Read("lab").status().code(), absl::StatusCode::kUnimplemented);
    release.Reset();
    site_->Must({"add | account | name=nl\nx | cluster=lab"});
    EXPECT_FALSE(Read("lab").ok());
    release.Reset();
    site_->Must(
        {"add | account | name=nl | description=two\nlines | "
         "cluster=lab"});
    EXPECT_FALSE(Read("lab").ok());
  }
}

}  // namespace assocsync::live_test
