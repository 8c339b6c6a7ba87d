// The folder of a backup of several clusters, where a tree is wanted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/backup/manifest.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "tests/support/shell.h"

namespace assocsync::folders_test {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string TreeOf(const std::string& cluster, const std::string& more = "") {
  return absl::StrCat(
      "Cluster - '", cluster,
      "':Fairshare=1:QOS='normal'\nParent - 'root'\n"
      "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
      "Fairshare=1\n"
      "Account - 'of_",
      cluster, "':Description='d':Organization='o'", more, "\n");
}

class FoldersTest : public testing::Test {
 protected:
  FoldersTest() : temp_(*TempDir::Create("/tmp")) {
    for (const char* cluster : {"lab", "beta"}) {
      Put(absl::StrCat(cluster, ".cfg"), TreeOf(cluster));
    }
    PutBackup("both", {"lab", "beta"});
    PutBackup("one", {"beta"});
  }
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(absl::StrCat(temp_.path(), "/", name)) << text;
  }
  // As `backup` makes it: tree.cfg is the first cluster's.
  void PutBackup(const std::string& name,
                 const std::vector<std::string>& clusters) const {
    fs::create_directory(absl::StrCat(temp_.path(), "/", name));
    Manifest manifest;
    manifest.cluster = clusters[0];
    manifest.made_by = std::string(kMadeByBackup);
    for (const std::string& cluster : clusters) {
      const std::string file = cluster == clusters[0]
                                   ? "tree.cfg"
                                   : absl::StrCat("tree-", cluster, ".cfg");
      const std::string text = TreeOf(cluster, ":MaxJobs=1");
      Put(absl::StrCat(name, "/", file), text);
      manifest.files.push_back({file, text.size(), Sha256Hex(text)});
      manifest.trees.push_back({cluster, file});
    }
    Put(absl::StrCat(name, "/", kManifestName), WriteManifest(manifest));
  }
  RunResult Run(const std::string& line) const {
    return RunLine(temp_.path(), absl::StrCat("$A ", line));
  }
  void ExpectOf(const std::string& cluster, const std::string& line) const {
    const RunResult run = Run(line);
    EXPECT_EQ(run.exit_code, 0) << line << "\n" << run.out << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr(absl::StrCat("of_", cluster)),
                               HasSubstr("MaxJobs")))
        << line << run.err;
  }
  // And says which there are.
  void ExpectRefused(const std::string& line) const {
    const RunResult run = Run(line);
    EXPECT_EQ(run.exit_code, 1) << line << "\n" << run.out << run.err;
    EXPECT_THAT(run.err, AllOf(HasSubstr("tree.cfg (lab)"),
                               HasSubstr("tree-beta.cfg (beta)")))
        << line;
  }

  TempDir temp_;
};

TEST_F(FoldersTest, PlanTakesTheClusterThatLiveHas) {
  ExpectOf("lab", "plan both --live lab.cfg");
  ExpectOf("beta", "plan both --live beta.cfg");
  ExpectOf("beta", "plan both --live beta.cfg --cluster beta");
  ExpectOf("beta", "plan one --live beta.cfg");
  Put("gamma.cfg", TreeOf("gamma"));
  const RunResult other = Run("plan both --live gamma.cfg");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("cluster 'gamma', only of lab, beta"));
  // Then --cluster is the live one's, and the folder's has another name.
  ExpectRefused("plan both --live gamma.cfg --cluster gamma --as-cluster");
}

TEST_F(FoldersTest, ABaseIsOfTheTargetsCluster) {
  for (const std::string cluster : {"lab", "beta"}) {
    Put("proposal.cfg", TreeOf(cluster, ":MaxJobs=200"));
    Put("live.cfg", TreeOf(cluster, ":MaxJobs=1"));
    ExpectOf(cluster, "plan proposal.cfg --live live.cfg --base both");
    const RunResult check = Run("check proposal.cfg --base both");
    EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
    EXPECT_THAT(check.out, HasSubstr("AS223")) << check.err;
  }
}

TEST_F(FoldersTest, DiffTakesTheClusterOfTheOtherSide) {
  ExpectOf("beta", "diff both beta.cfg");
  ExpectOf("lab", "diff lab.cfg both");
  EXPECT_EQ(Run("diff one both").out, "");
  ExpectRefused("diff both both");
}

TEST_F(FoldersTest, CheckTakesTheClusterThatLiveHas) {
  ExpectRefused("check both");
  const RunResult beta = Run("check both --live beta.cfg --format json");
  EXPECT_EQ(beta.exit_code, 0) << beta.err;
  EXPECT_THAT(beta.out, HasSubstr("\"cluster\": \"beta\""));
  EXPECT_EQ(Run("check one").exit_code, 0);
}

}  // namespace assocsync::folders_test
