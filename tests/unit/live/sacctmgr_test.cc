// Reading through a sacctmgr that fails, lies, or reads a tree that changes.
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/live/live.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_runner.h"

namespace assocsync::sacctmgr_test {

using ::testing::HasSubstr;

constexpr char kDump[] =
    "# a comment\n"
    "Cluster - 'lab':Fairshare=1:QOS='normal'\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
    "Fairshare=1\n"
    "Account - 'a':Description='a':Organization='a':Fairshare=1\n";

class SacctmgrTest : public testing::Test {
 protected:
  SacctmgrTest()
      : runner_([this](const std::vector<std::string>& argv) {
          return Answer(argv);
        }) {
    out_["-V"] = "slurm-wlm 24.11.5\n";
    out_["configuration"] = "SLURMDBD_VERSION       = 24.11.5\n";
    out_["cluster"] = "lab\n";
    out_["associations"] =
        "1|lab|root||||||/\n2|lab|root|root|||||/0-root/\n"
        "3|lab|a|||root|||/a/\n";
    out_["user"] = "Administrator|root|\n";
    out_["account"] = "root|default root account|root\na|a|a\n";
    out_["qos"] = "normal\n";
    out_["tres"] = "cpu|\nmem|\n";
    options_.temp_dir = testing::TempDir();
  }

  absl::StatusOr<RunResult> Answer(const std::vector<std::string>& argv) {
    const std::string what = argv[1] == "-V"     ? "-V"
                             : argv[4] == "show" ? argv[5]
                                                 : argv[4];
    if (before_) before_(what);
    if (error_.first == what) return error_.second;
    if (what == "dump") {
      const std::string file(absl::StripPrefix(argv[6], "file="));
      if (write_dump_) std::ofstream(file) << dump_;
      return Ended(dump_exit_, "", dump_err_);
    }
    return Ended(0, out_[what]);
  }
  absl::StatusOr<LiveState> Read() {
    source_ = LiveFromSacctmgr(&runner_, options_);
    return source_->Read("lab");
  }
  void ExpectError(absl::StatusCode code, const std::string& words) {
    const auto state = Read();
    EXPECT_EQ(state.status().code(), code) << state.status();
    EXPECT_THAT(std::string(state.status().message()), HasSubstr(words));
  }
  int Dumps() const {
    int n = 0;
    for (const std::string& call : runner_.calls) {
      n += absl::StrContains(call, " dump ") ? 1 : 0;
    }
    return n;
  }

  std::map<std::string, std::string> out_;
  std::string dump_ = kDump, dump_err_;
  bool write_dump_ = true;
  int dump_exit_ = 0;
  std::pair<std::string, absl::Status> error_;
  std::function<void(const std::string&)> before_;
  SacctmgrOptions options_;
  FakeRunner runner_;
  std::unique_ptr<LiveSource> source_;
};

TEST_F(SacctmgrTest, Whole) {
  const auto state = Read();
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->database.ids.size(), 3u);
  for (const std::string& call : runner_.calls) {
    EXPECT_TRUE(absl::StartsWith(call, "sacctmgr -r ") || call == "sacctmgr -V")
        << call;
  }
  const size_t first = runner_.calls.size();
  ASSERT_TRUE(source_->Read("lab").ok());
  // Release and configuration are not asked for twice.
  EXPECT_EQ(runner_.calls.size(), 2 * first - 2);
}

TEST_F(SacctmgrTest, ABadDumpIsNeverASmallTree) {
  write_dump_ = false;
  dump_err_ = "Can't open file /x, No space left on device\n";
  ExpectError(absl::StatusCode::kDataLoss, "No space left on device");
  write_dump_ = true;
  dump_ = "";
  ExpectError(absl::StatusCode::kDataLoss, "its file is empty");
  dump_ = absl::StrCat(kDump, "Account - 'b':Descr");
  ExpectError(absl::StatusCode::kDataLoss, "cut off");
  dump_ = kDump;
  dump_exit_ = 1;
  dump_err_ = " Your user may not dump.\n";
  ExpectError(absl::StatusCode::kFailedPrecondition, "may not dump");
  dump_exit_ = 0;
  dump_ =
      "Cluster - 'other':Fairshare=1\nParent - 'root'\n"
      "User - 'root':DefaultAccount='root':Fairshare=1\n";
  ExpectError(absl::StatusCode::kDataLoss, "and dumped 'other'");
  dump_ = "Cluster - 'lab':Fairshare=1\nParent - 'root'\nnonsense\n";
  ExpectError(absl::StatusCode::kInvalidArgument, "dump of cluster 'lab':3:1");
  EXPECT_EQ(Dumps(), 6);  // None of these is tried again.
}

// The disk was full and sacctmgr did not notice, or it dumps what lineages that
// a move left wrong do not hide: whole lines are missing, each time the same.
TEST_F(SacctmgrTest, ADumpThatLostLines) {
  dump_ =
      "Cluster - 'lab':Fairshare=1\nParent - 'root'\n"
      "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
      "Fairshare=1\n";
  ExpectError(
      absl::StatusCode::kAborted,
      "sacctmgr contradicts itself (3 attempts): a is listed, and not in "
      "the dump; ");
  ExpectError(absl::StatusCode::kAborted, "--live mysql reads the database");
  EXPECT_EQ(Dumps(), 6);
}

TEST_F(SacctmgrTest, ATreeThatChangesOnceIsReadAgain) {
  before_ = [&](const std::string& what) {
    if (what != "associations" || Dumps() > 1) return;
    out_["associations"] += "4|lab|b|||root|||/b/\n";
    out_["account"] += "b|b|b\n";
    dump_ += "Account - 'b':Description='b':Organization='b':Fairshare=1\n";
  };
  const auto state = Read();
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->database.ids.size(), 4u);
  EXPECT_EQ(Dumps(), 2);
}

TEST_F(SacctmgrTest, ATreeThatDoesNotStopChanging) {
  const std::string rows = out_["associations"];
  before_ = [&](const std::string&) {
    out_["associations"] =
        absl::StrCat(rows, "4|lab|b", Dumps(), "|||root|||/b/\n");
  };
  ExpectError(absl::StatusCode::kAborted, "try again when it is quiet");
}

TEST_F(SacctmgrTest, ListingsThatContradictTheDump) {
  const std::map<std::string, std::string> good = out_;
  const struct {
    const char* what;
    const char* text;
    const char* want;
  } kCases[] = {
      {"associations", "1|lab|root||||||/\n2|lab|root|root|||||/0-root/\n",
       "a is in the dump, and not listed"},
      {"associations",
       "1|lab|root||||||/\n2|lab|root|root|||||/0-root/\n3|lab|a|||root|||/a/\n"
       "4|lab|a|||root|||/a/\n",
       "a is listed twice"},
      {"user", "", "user root is in the dump, not listed"},
      {"user", "None|root|\n", "the AdminLevel of root changes"},
      {"account", "root|x|x\n", "account a is in the dump, not listed"},
  };
  for (const auto& c : kCases) {
    out_ = good;
    out_[c.what] = c.text;
    ExpectError(absl::StatusCode::kAborted, c.want);
  }
  out_ = good;
  out_["tres"] = "";
  ExpectError(absl::StatusCode::kDataLoss, "no TRES at all");
  out_ = good;
  out_["qos"] = "normal\nfas";
  ExpectError(absl::StatusCode::kDataLoss, "in the middle of a line");
}

TEST_F(SacctmgrTest, Releases) {
  out_["configuration"] = "SLURMDBD_VERSION       = 24.11.2\n";
  EXPECT_EQ(Read()->release.ToString(), "24.11.2");
  out_["configuration"] = "";
  EXPECT_EQ(Read()->release.ToString(), "24.11.5");
  out_["configuration"] = "SLURMDBD_VERSION       = 25.05.1\n";
  ExpectError(absl::StatusCode::kFailedPrecondition,
              "sacctmgr is 24.11.5 but slurmdbd is 25.05.1");
  out_["-V"] = "what\n";
  EXPECT_FALSE(Read().ok());
}

TEST_F(SacctmgrTest, ErrorsOfTheRunner) {
  for (const char* what : {"-V", "configuration", "cluster", "dump",
                           "associations", "user", "account", "qos", "tres"}) {
    error_ = {what, absl::DeadlineExceededError("ran longer")};
    ExpectError(absl::StatusCode::kDeadlineExceeded, "ran longer");
  }
  error_ = {"-V", absl::UnavailableError("sacctmgr: not found")};
  ExpectError(absl::StatusCode::kUnavailable, "--sacctmgr PATH");
}

}  // namespace assocsync::sacctmgr_test
