// The oracle for files that people write: on an empty cluster, apply leaves the
// very dump that `sacctmgr load` leaves, and the next plan is empty.
#include "tests/support/hand_written.h"

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/site.h"

namespace assocsync::hand_written_test {

// An account that only some default accounts of root name (HandWritten).
constexpr char kElsewhere[] = "ops";

// The line of the cluster, from its second letter on.
std::string ClusterLine(const std::string& text) {
  const size_t begin = text.find("luster");
  return text.substr(begin, text.find('\n', begin) - begin);
}

class HandWrittenTest : public testing::Test {
 protected:
  // An empty cluster lab. `afresh`: an empty database as well, which takes
  // seconds, as slurmdbd is started anew.
  void Prepare(const LabSite& site, bool afresh) {
    if (afresh) {
      site.release().Reset();
      site.Must({"add | qos | long,high"});
      return;
    }
    for (const std::string what : {"user", "account"}) {
      std::vector<std::string> names =
          absl::StrSplit(site.release()
                             .Sacctmgr({"-n", "-P", "show", what,
                                        absl::StrCat("format=", what)})
                             .out,
                         '\n', absl::SkipEmpty());
      std::erase(names, "root");
      if (names.empty()) continue;
      site.release().Sacctmgr(
          {"delete", what, absl::StrCat("name=", absl::StrJoin(names, ","))});
    }
    site.release().Sacctmgr({"delete", "cluster", "lab"});
    site.Must({"add | cluster | lab"});
  }

  // What `sacctmgr load` leaves; empty: it does not take the file.
  std::string Loaded(const LabSite& site, const std::string& file,
                     const std::string& text) {
    // To a cluster that is there it makes modifications, which it loses where
    // a later add fails (slurm-facts 3.6). But what the Cluster line adds to a
    // list is added to one that is there; and there a default account of root
    // in which root has no row, which changes nothing else, fails.
    if (!absl::StrContains(ClusterLine(text), "+=")) {
      site.Must({"delete | cluster | lab"});
    } else if (absl::StrContains(text, kElsewhere)) {
      site.Put("by-hand.cfg",
               absl::StrReplaceAll(text, {{kElsewhere, "root"}}));
    }
    const RunResult result =
        site.release().Sacctmgr({"load", absl::StrCat("file=", file)});
    if (!result.clean()) return "";
    // Of lines that end in CR LF load takes the CR behind a word without quotes
    // for a part of it (AS213).
    return absl::StrReplaceAll(site.release().Dump("lab"), {{"\r", ""}});
  }

  struct Trial {
    std::string loaded, applied, plan;  // Dumps; what a plan still finds.
    std::string told;                   // By apply.
    bool taken() const { return !loaded.empty(); }
    bool equal() const {
      return SortedDump(loaded) == SortedDump(applied) && plan.empty();
    }
  };
  Trial Try(const LabSite& site, const std::string& text, bool afresh) {
    const std::string file = site.Put("by-hand.cfg", text);
    Trial trial;
    Prepare(site, afresh);
    trial.loaded = Loaded(site, file, text);
    if (!trial.taken()) return trial;
    site.Put("by-hand.cfg", text);
    Prepare(site, afresh);
    const RunResult applied =
        site.Assocsync({"apply", file, "--no-sql-dump", "--live", "mysql"});
    trial.told = applied.out + applied.err;
    trial.applied = site.release().Dump("lab");
    const RunResult again =
        site.Assocsync({"plan", file, "--detailed-exitcode", "--live", "mysql",
                        "--slurmdbd-conf", site.slurmdbd_conf});
    if (again.exit_code != 0) trial.plan = again.out + again.err;
    return trial;
  }

  // False: load does not take it.
  bool ApplyEqualsLoad(const LabSite& site, const std::string& text,
                       bool afresh) {
    Trial trial = Try(site, text, afresh);
    // What earlier files left in the database is no difference. And load's own
    // answer differs where the clock's second turns between the rows of a user
    // without a default account: then the later row's is it (seen on 24.11).
    for (int more = 2; more > 0 && trial.taken() && !trial.equal(); --more) {
      trial = Try(site, text, true);
    }
    if (!trial.taken()) return false;
    EXPECT_EQ(absl::StrJoin(SortedDump(trial.applied), "\n"),
              absl::StrJoin(SortedDump(trial.loaded), "\n"))
        << text << trial.told;
    EXPECT_EQ(trial.plan, "") << text;
    return true;
  }
};

class HandWrittenOnTest : public HandWrittenTest,
                          public testing::WithParamInterface<LabRelease> {};

TEST_P(HandWrittenOnTest, ApplyEqualsLoad) {
  const int files = FromEnvironment("ASSOCSYNC_HAND_WRITTEN", 30);
  const int seed = FromEnvironment("ASSOCSYNC_SEED", 1);
  const LabSite site(GetParam());
  int equal = 0;
  for (int i = 0; i < files && !HasFailure(); ++i) {
    SCOPED_TRACE(absl::StrCat("ASSOCSYNC_SEED=", seed + i));
    const std::string text = HandWritten(seed + i, GetParam().series());
    equal += ApplyEqualsLoad(site, text, i == 0) ? 1 : 0;
  }
  std::printf("release %s: %d of %d files are taken by load, apply equals it\n",
              GetParam().name().c_str(), equal, files);
  EXPECT_GE(equal, files * 8 / 10) << "the generator writes what load refuses";
}

INSTANTIATE_TEST_SUITE_P(Lab, HandWrittenOnTest,
                         testing::ValuesIn(LabRelease::All()), SeriesOf);

// testdata/by_hand: files as they were met.
TEST_F(HandWrittenTest, FilesThatWereMet) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  for (const LabRelease& release : releases) {
    const LabSite site(release);
    bool first = true;
    for (const auto& entry : std::filesystem::directory_iterator(
             ASSOCSYNC_SOURCE_DIR "/testdata/by_hand")) {
      SCOPED_TRACE(absl::StrCat(release.name(), " ", entry.path().string()));
      const auto text = ReadFile(entry.path().string(), 1 << 20);
      ASSERT_TRUE(text.ok()) << text.status();
      // QOS lines are read by load from 25.05 on.
      const bool qos = absl::StrContains(*text, "QOS - ");
      if (qos && release.series() < 2505) continue;
      EXPECT_TRUE(ApplyEqualsLoad(site, *text, first || qos));
      first = qos;
    }
  }
}

}  // namespace assocsync::hand_written_test
