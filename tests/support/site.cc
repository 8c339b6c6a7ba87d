#include "tests/support/site.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/io/file.h"
#include "gtest/gtest.h"

namespace assocsync {
namespace {

namespace fs = std::filesystem;

TempDir MakeDir() {
  absl::StatusOr<TempDir> dir = TempDir::Create(testing::TempDir());
  EXPECT_TRUE(dir.ok()) << dir.status();
  return *std::move(dir);
}

}  // namespace

LabSite::LabSite(const LabRelease& release)
    : release_(release), dir_(MakeDir()) {
  backup_dir = File("backups");
  slurmdbd_conf = release_.Path("slurmdbd.conf");
  NoTrouble();
}

std::string LabSite::Put(const std::string& name, const std::string& text,
                         int mode) const {
  const std::string file = File(name);
  std::ofstream(file) << text;
  chmod(file.c_str(), mode);
  return file;
}

void LabSite::Must(const std::vector<std::string>& lines) const {
  for (const std::string& line : lines) {
    const std::vector<std::string> words = absl::StrSplit(line, " | ");
    const RunResult result = release_.Sacctmgr(words);
    ASSERT_TRUE(result.clean()) << line << "\n" << result.out << result.err;
  }
}

void LabSite::SetTrouble(const Trouble& trouble) {
  const std::string count = Put("count", "0\n");
  const std::string real = release_.Path("bin/sacctmgr");
  sacctmgr_ =
      Put("sacctmgr",
          absl::StrCat(
              "#!/bin/sh\nreal='", real,
              "'\n[ \"$1\" = -i ] || exec \"$real\" "
              "\"$@\"\n",
              trouble.session.empty()
                  ? "[ $# -gt 1 ] || exit 1"
                  : absl::StrCat("[ $# -gt 1 ] || {\n", trouble.session, "\n}"),
              "\nn=$(($(cat '", count, "') + 1)); echo $n >'", count,
              "'\n[ $n = ", trouble.at, " ] || exec \"$real\" \"$@\"\n",
              trouble.before, "\n",
              trouble.replace.empty() ? "\"$real\" \"$@\"" : trouble.replace,
              "\ncode=$?\n", trouble.after, "\nexit $code\n"),
          0700);
}

int LabSite::Commands() const {
  std::ifstream in(File("count"));
  int n = -1;
  in >> n;
  return n;
}

RunResult LabSite::Assocsync(std::vector<std::string> words) const {
  std::vector<std::string> argv;
  if (!path.empty()) argv = {"/usr/bin/env", "PATH=" + path};
  argv.push_back(ASSOCSYNC_BINARY);
  const bool apply = words[0] == "apply";
  argv.insert(argv.end(), words.begin(), words.end());
  argv.insert(argv.end(), {"--sacctmgr", sacctmgr_, "--allow", "AS101,AS102"});
  if (apply) {
    argv.insert(argv.end(),
                {"--backup-dir", backup_dir, "--slurmdbd-conf", slurmdbd_conf});
    if (yes) argv.push_back("--yes");
  }
  return RunProgram(argv);
}

std::vector<std::string> LabSite::Runs() const {
  std::vector<std::string> runs;
  if (!fs::exists(backup_dir)) return runs;
  for (const auto& entry : fs::directory_iterator(backup_dir)) {
    if (entry.is_directory()) runs.push_back(entry.path());
  }
  // NAME, NAME-2, NAME-3 within one second: by when they were made.
  std::sort(runs.begin(), runs.end(),
            [](const std::string& a, const std::string& b) {
              return fs::last_write_time(a + "/before.cfg") <
                     fs::last_write_time(b + "/before.cfg");
            });
  return runs;
}

JournalRun LabSite::LastJournal() const {
  const std::vector<std::string> runs = Runs();
  if (runs.empty()) {
    ADD_FAILURE() << "no run left a journal";
    return {};
  }
  const auto text =
      ReadFile(absl::StrCat(runs.back(), "/", kJournalName), 1 << 24);
  EXPECT_TRUE(text.ok()) << text.status();
  if (!text.ok()) return {};
  const auto run = ParseJournal(*text);
  EXPECT_TRUE(run.ok()) << run.status();
  return run.ok() ? *run : JournalRun();
}

std::vector<std::string> PrepareDatabase() {
  return {
      "add | qos | name=fast",
      "add | qos | name=slow",
      "add | cluster | name=other",
      "add | account | name=shared | cluster=other",
      "add | account | name=a_b | cluster=other",
      "add | user | name=both | account=shared | cluster=other | "
      "defaultaccount=shared",
      "add | coordinator | account=shared | names=both",
  };
}

std::vector<std::string> TreeA() {
  return {
      "add | account | name=top | cluster=lab | qos=normal,fast | maxjobs=9",
      "add | account | name=kid | parent=top | cluster=lab | grptres=cpu=4",
      "add | account | name=a_b | cluster=lab",
      "add | account | name=axb | cluster=lab",
      "add | account | name=going | parent=kid | cluster=lab",
      "add | user | name=al ice | account=kid | cluster=lab | "
      "defaultaccount=kid | maxjobs=3",
      "add | user | name=al ice | account=kid | partition=gpu | cluster=lab | "
      "defaultaccount=kid",
      "add | user | name=both | account=top | cluster=lab | "
      "defaultaccount=top",
      "add | user | name=j_doe | account=a_b | cluster=lab | "
      "defaultaccount=a_b",
      "add | user | name=j-doe | account=axb | cluster=lab | "
      "defaultaccount=axb",
      "add | user | name=leaver | account=going | cluster=lab | "
      "defaultaccount=going",
      "add | coordinator | account=top | names=al ice",
  };
}

std::vector<std::string> TreeB() {
  return {
      "add | account | name=top | cluster=lab | qos=normal,slow",
      "add | account | name=axb | cluster=lab",
      "add | account | name=kid | parent=axb | cluster=lab | "
      "grptres=mem=2560",
      "add | account | name=new one | parent=kid | cluster=lab | fairshare=5",
      "add | user | name=al ice | account=kid | cluster=lab | "
      "defaultaccount=kid | maxjobs=5 | maxsubmitjobs=6",
      "add | user | name=al ice | account=new one | cluster=lab",
      "modify | user | where | name=al ice | cluster=lab | set | "
      "defaultaccount=new one",
      "add | user | name=both | account=top | cluster=lab | "
      "defaultaccount=top | qos=slow | defaultqos=slow",
      "add | user | name=j-doe | account=axb | cluster=lab | "
      "defaultaccount=axb",
      "modify | user | where | name=j-doe | set | adminlevel=operator",
      "add | coordinator | account=kid | names=j-doe",
  };
}

std::vector<std::string> SortedDump(const std::string& dump) {
  std::vector<std::string> lines;
  std::string parent;
  for (absl::string_view line : absl::StrSplit(dump, '\n', absl::SkipEmpty())) {
    if (absl::StartsWith(line, "#")) continue;
    if (absl::StartsWith(line, "Parent")) parent = std::string(line);
    lines.push_back(absl::StrCat(parent, " | ", line));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace assocsync
