// Whom a path is believed from: owners, modes, links, sticky folders.
#include "engine/io/trusted_path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/process.h"
#include "engine/io/slurmdbd_conf.h"
#include "engine/io/user_group.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::trusted_path_test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using End = PathTrust::End;

constexpr uid_t kNobody = 65534;

class TrustedPathTest : public testing::Test {
 protected:
  TrustedPathTest() : temp_(*TempDir::Create("/tmp")) {
    fs::create_directories(Path("a/b"));
    EXPECT_TRUE(WriteFileAtomic(Path("a/b/file"), "text").ok());
  }
  std::string Path(const std::string& name) const {
    return temp_.path() + "/" + name;
  }
  void Mode(const std::string& name, mode_t mode) const {
    ASSERT_EQ(chmod(Path(name).c_str(), mode), 0);
  }
  void Give(const std::string& name, uid_t uid, gid_t gid = -1) const {
    ASSERT_EQ(lchown(Path(name).c_str(), uid, gid), 0);
  }
  void Link(const std::string& target, const std::string& name) const {
    ASSERT_EQ(symlink(target.c_str(), Path(name).c_str()), 0);
  }
  // "" where it is believed, else the component that is not; "!" and the
  // message where there is another error.
  std::string Refused(const std::string& path, End end = End::kFile,
                      const std::vector<std::string>& lifted = {}) const {
    const absl::Status status = PathTrust(lifted).Check(path, end);
    if (status.ok()) return "";
    const std::string message(status.message());
    if (!IsUntrusted(status)) return "!" + message;
    EXPECT_THAT(message, HasSubstr("--trust-path "));
    return message.substr(0, message.find(':'));
  }

  TempDir temp_;
};

#define NEEDS_ROOT() \
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away"

TEST_F(TrustedPathTest, WhatIsOnesOwnOrRootsIsBelieved) {
  EXPECT_EQ(Refused(Path("a/b/file")), "");
  EXPECT_EQ(Refused(Path("a/../a/./b//file")), "");
  EXPECT_EQ(Refused(Path("a/b"), End::kFolder), "");
  EXPECT_EQ(Refused(Path("a/b/"), End::kBackup), "");
  EXPECT_EQ(Refused("/usr/bin/env"), "");
  EXPECT_EQ(*PathTrust().Read(Path("a/b/file"), 10), "text");
  EXPECT_THAT(Refused(Path("a/b")), HasSubstr("!"));
  EXPECT_THAT(Refused(Path("a/b/file"), End::kFolder), HasSubstr("!"));
  EXPECT_THAT(Refused(Path("a/b/file/x")), HasSubstr("Not a directory"));
  EXPECT_TRUE(absl::IsNotFound(PathTrust().Check(Path("no"), End::kFile)));
  EXPECT_THAT(Refused(""), HasSubstr("empty path"));
}

TEST_F(TrustedPathTest, NobodyElseMayWriteToAnyComponent) {
  for (const char* name : {"a/b/file", "a/b", "a"}) {
    for (const mode_t bit : {0002, 0022}) {
      struct stat before;
      ASSERT_EQ(stat(Path(name).c_str(), &before), 0);
      Mode(name, (before.st_mode & 0777) | bit);
      EXPECT_EQ(Refused(Path("a/b/file")), Path(name)) << bit;
      Mode(name, before.st_mode & 07777);
      EXPECT_EQ(Refused(Path("a/b/file")), "");
    }
  }
}

TEST_F(TrustedPathTest, TheMessageTellsHowItIsAndWhatToDo) {
  Mode("a", 0777);
  const std::string message(
      PathTrust().Check(Path("a/b/file"), End::kFile).message());
  EXPECT_THAT(message, StartsWith(Path("a") + ": others may write to it "
                                              "(mode 0777, owner "));
  EXPECT_THAT(message, HasSubstr("; chmod go-w " + Path("a") +
                                 ", or --trust-path " + Path("a")));
}

TEST_F(TrustedPathTest, NoComponentBelongsToSomebodyElse) {
  NEEDS_ROOT();
  for (const char* name : {"a/b/file", "a/b", "a"}) {
    Give(name, kNobody);
    EXPECT_EQ(Refused(Path("a/b/file")), Path(name));
    const std::string message(
        PathTrust().Check(Path("a/b/file"), End::kFile).message());
    EXPECT_THAT(message, HasSubstr("it belongs to nobody (uid 65534)"));
    // To him they are his own; what is root's is believed by all.
    EXPECT_TRUE(
        PathTrust({}, kNobody).Check(Path("a/b/file"), End::kFile).ok());
    Give(name, 0);
  }
  EXPECT_FALSE(PathTrust().Read(Path("a/b/file"), 10).status() ==
                   absl::OkStatus() &&
               geteuid() != 0);
}

TEST_F(TrustedPathTest, AStickyFolderIsGoodOnTheWayAndNotAtTheEnd) {
  Mode("a", 01777);
  EXPECT_EQ(Refused(Path("a/b/file")), "");
  EXPECT_EQ(Refused(Path("a"), End::kFolder), Path("a"));
  EXPECT_EQ(Refused(Path("a/b/.."), End::kFolder), Path("a"));
  EXPECT_EQ(Refused(Path("a"), End::kBackup), Path("a"));
  if (geteuid() != 0) return;
  Give("a/b", kNobody);
  EXPECT_EQ(Refused(Path("a/b/file")), Path("a/b"));
}

TEST_F(TrustedPathTest, AGroupOfTheOwnerAloneMayWrite) {
  NEEDS_ROOT();
  Mode("a", 0775);
  Give("a", 0, 0);
  EXPECT_EQ(Refused(Path("a/b/file")), "");
  Give("a", 0, 65534);
  EXPECT_EQ(Refused(Path("a/b/file")), Path("a"));
  // The bits are the mask of an ACL, which may let anybody in.
  Give("a", 0, 0);
  const std::string acl = "u::rwx,u:nobody:rwx,g::r-x,m::rwx,o::r-x";
  // version 2; (tag, perm, id) little-endian: user, nobody, group, mask, other
  const unsigned char bytes[] = {
      2,    0,    0,    0,    1,    0,    7,    0,    0xff, 0xff, 0xff,
      0xff, 2,    0,    7,    0,    0xfe, 0xff, 0,    0,    4,    0,
      5,    0,    0xff, 0xff, 0xff, 0xff, 0x10, 0,    7,    0,    0xff,
      0xff, 0xff, 0xff, 0x20, 0,    5,    0,    0xff, 0xff, 0xff, 0xff};
  if (setxattr(Path("a").c_str(), "system.posix_acl_access", bytes,
               sizeof bytes, 0) != 0) {
    GTEST_SKIP() << "no ACLs here";
  }
  EXPECT_EQ(Refused(Path("a/b/file")), Path("a")) << acl;
}

TEST_F(TrustedPathTest, PrivateGroups) {
  EXPECT_TRUE(IsPrivateGroup(0, geteuid()));
  const std::optional<uid_t> daemon = UserId("daemon");
  if (!daemon.has_value()) GTEST_SKIP() << "no user daemon";
  EXPECT_TRUE(IsPrivateGroup(*daemon, *daemon));
  EXPECT_FALSE(IsPrivateGroup(*daemon, kNobody));
  EXPECT_FALSE(IsPrivateGroup(54321, *daemon));
}

TEST_F(TrustedPathTest, LinksAreWalkedToTheirEnd) {
  Link("b/file", "a/link");
  Link("a/link", "again");
  Link(Path("again"), "absolute");
  EXPECT_EQ(Refused(Path("absolute")), "");
  EXPECT_EQ(*PathTrust().Read(Path("absolute"), 10), "text");
  Link("a/b", "folder");
  EXPECT_EQ(Refused(Path("folder/file")), "");
  EXPECT_EQ(Refused(Path("folder/../b/file")), "");  // That of a.
  // A link in a good folder into a bad one.
  Mode("a/b", 0777);
  EXPECT_EQ(Refused(Path("absolute")), Path("a/b"));
  Mode("a/b", 0755);
  // A link in a bad folder to a good one.
  fs::create_directory(Path("open"));
  Mode("open", 0777);
  Link("../a", "open/a");
  EXPECT_EQ(Refused(Path("open/a/b/file")), Path("open"));
  Mode("open", 01777);
  EXPECT_EQ(Refused(Path("open/a/b/file")), "");
  Link("round", "circle");
  Link("circle", "round");
  EXPECT_THAT(Refused(Path("round")), HasSubstr("lead in a circle"));
  Link("nowhere", "dangling");
  EXPECT_TRUE(
      absl::IsNotFound(PathTrust().Check(Path("dangling"), End::kFile)));
  if (geteuid() != 0) return;
  Give("open/a", kNobody);
  EXPECT_EQ(Refused(Path("open/a/b/file")), Path("open/a"));
}

TEST_F(TrustedPathTest, RelativePathsBeginInAFolderThatIsJudgedToo) {
  const fs::path before = fs::current_path();
  fs::current_path(Path("a"));
  EXPECT_EQ(Refused("b/file"), "");
  Mode("a", 0777);
  EXPECT_EQ(Refused("b/file"), Path("a"));
  fs::current_path(Path("a/b"));
  EXPECT_EQ(Refused("file"), Path("a"));
  fs::current_path(before);
}

TEST_F(TrustedPathTest, WhatIsLiftedIsThePathAndAllBelowIt) {
  Mode("a", 0777);
  Mode("a/b", 0777);
  Mode("a/b/file", 0666);
  EXPECT_EQ(Refused(Path("a/b/file"), End::kFile, {Path("a")}), "");
  EXPECT_EQ(Refused(Path("a/b"), End::kBackup, {Path("a")}), "");
  EXPECT_EQ(Refused(Path("a/b/file"), End::kFile, {Path("a/b")}), Path("a"));
  EXPECT_EQ(Refused(Path("a/b/file"), End::kFile, {Path("a/b/file")}),
            Path("a"));
  // A link is lifted itself, not where it happens to lead.
  Link("a", "link");
  EXPECT_EQ(Refused(Path("link/b/file"), End::kFile, {Path("link")}),
            Path("a"));
  Mode("a", 0755);
  EXPECT_EQ(Refused(Path("a/b/file"), End::kFile, {"/none", Path("a/b")}), "");
  // Not what a link below it leads to, nor what ".." leaves.
  fs::create_directory(Path("other"));
  Mode("other", 0777);
  Link("../../other", "a/b/out");
  EXPECT_EQ(Refused(Path("a/b/out"), End::kFolder, {Path("a/b")}),
            Path("other"));
  EXPECT_EQ(Refused(Path("a/b/../../other"), End::kFolder, {Path("a/b")}),
            Path("other"));
}

TEST_F(TrustedPathTest, AFolderThatIsToBeMade) {
  EXPECT_EQ(Refused(Path("a/new"), End::kFolderToMake), "");
  EXPECT_EQ(Refused(Path("a/new/deep/er"), End::kFolderToMake), "");
  EXPECT_EQ(Refused(Path("a/b"), End::kFolderToMake), "");
  Mode("a", 01777);
  EXPECT_EQ(Refused(Path("a/new"), End::kFolderToMake), "");
  EXPECT_EQ(Refused(Path("a/new/deeper"), End::kFolderToMake), Path("a"));
  EXPECT_EQ(Refused(Path("a/new")), Path("a"));
  Mode("a", 0777);
  EXPECT_EQ(Refused(Path("a/new"), End::kFolderToMake), Path("a"));
}

TEST_F(TrustedPathTest, FilesOfABackupAreJudgedToo) {
  Mode("a/b/file", 0666);
  EXPECT_EQ(Refused(Path("a/b"), End::kFolder), "");
  EXPECT_EQ(Refused(Path("a/b"), End::kBackup), Path("a/b/file"));
  Mode("a/b/file", 0644);
  EXPECT_EQ(Refused(Path("a/b"), End::kBackup), "");
  if (geteuid() != 0) return;
  Give("a/b/file", kNobody);
  EXPECT_EQ(Refused(Path("a/b"), End::kBackup), Path("a/b/file"));
}

TEST_F(TrustedPathTest, NothingButFilesIsOpened) {
  ASSERT_EQ(mkfifo(Path("fifo").c_str(), 0600), 0);
  EXPECT_THAT(Refused(Path("fifo")), HasSubstr("a FIFO"));
  EXPECT_THAT(std::string(PathTrust().Read(Path("fifo"), 9).status().message()),
              HasSubstr("a FIFO"));
  EXPECT_THAT(Refused("/dev/null"), HasSubstr("a device"));
  for (const Readable what :
       {Readable::kData, Readable::kFile, Readable::kPlain}) {
    EXPECT_THAT(std::string(ReadFile(Path("fifo"), 9, what).status().message()),
                HasSubstr("a FIFO"));
  }
  Link("a/b/file", "link");
  EXPECT_EQ(*ReadFile(Path("link"), 9, Readable::kFile), "text");
  EXPECT_THAT(
      std::string(
          ReadFile(Path("link"), 9, Readable::kPlain).status().message()),
      HasSubstr("a symlink"));
}

TEST_F(TrustedPathTest, APipeThatTheCallerHoldsIsRead) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const UniqueFd out(ends[0]);
  UniqueFd in(ends[1]);
  ASSERT_EQ(WriteAll(in.get(), "piped"), 0);
  in.Reset();
  EXPECT_EQ(*PathTrust().Read(absl::StrCat("/dev/fd/", out.get()), 10),
            "piped");
  const UniqueFd file(open(Path("a/b/file").c_str(), O_RDONLY));
  const std::string held = absl::StrCat("/proc/self/fd/", file.get());
  EXPECT_EQ(*PathTrust().Read(held, 10), "text");
  Mode("a/b/file", 0666);
  EXPECT_TRUE(IsUntrusted(PathTrust().Check(held, End::kFile)));
}

TEST_F(TrustedPathTest, SlurmdbdsOwnFileMayBeSlurmUsers) {
  NEEDS_ROOT();
  const std::string conf = Path("a/b/slurmdbd.conf");
  ASSERT_TRUE(WriteFileAtomic(conf, "SlurmUser=nobody\nInclude more\n").ok());
  ASSERT_TRUE(WriteFileAtomic(Path("a/b/more"), "StorageLoc=x\n").ok());
  const PathTrust trust;
  const auto read = [&] { return ReadSlurmdbdConf(conf, &trust); };
  EXPECT_EQ(read()->storage_loc, "x");
  Give("a/b/slurmdbd.conf", kNobody);
  EXPECT_EQ(read()->storage_loc, "x");
  Give("a/b/more", 1);
  EXPECT_TRUE(IsUntrusted(read().status())) << read().status();
  EXPECT_THAT(std::string(read().status().message()),
              HasSubstr("chown nobody"));
  Give("a/b/more", kNobody);
  EXPECT_TRUE(read().ok());
  // Where others can put files, one of theirs may say that it is SlurmUser's.
  Mode("a/b", 01777);
  EXPECT_TRUE(IsUntrusted(read().status()));
  Mode("a/b", 0755);
  Give("a/b", kNobody);
  EXPECT_TRUE(IsUntrusted(read().status()));
  Give("a/b", 0);
  Mode("a/b/slurmdbd.conf", 0666);
  EXPECT_TRUE(IsUntrusted(read().status()));
}

TEST_F(TrustedPathTest, NoProgramOfOthersIsStarted) {
  const std::string program = Path("a/b/program");
  ASSERT_TRUE(WriteFileAtomic(program, "#!/bin/sh\necho ran\n").ok());
  Mode("a/b/program", 0755);
  const PathTrust trust;
  ProcessRunner runner({"PATH=" + Path("a/b") + ":/usr/bin"}, {}, &trust);
  for (const std::string& name : {program, std::string("program")}) {
    Mode("a/b/program", 0755);
    EXPECT_EQ(runner.Run({name}, absl::Seconds(10))->out, "ran\n");
    Mode("a/b/program", 0777);
    const auto result = runner.Run({name}, absl::Seconds(10));
    EXPECT_TRUE(IsUntrusted(result.status())) << name;
    EXPECT_TRUE(absl::IsUnavailable(result.status())) << name;
  }
}

TEST_F(TrustedPathTest, NothingIsWrittenThroughALinkOfOthers) {
  Link("a/b", "link");
  EXPECT_TRUE(WriteFileAtomic(Path("link/new"), "x").ok());
  fs::create_directory(Path("open"));
  Link("../a/b", "open/link");
  Mode("open", 0777);
  const absl::Status status = WriteFileAtomic(Path("open/link/new2"), "x");
  EXPECT_TRUE(IsUntrusted(status)) << status;
  EXPECT_FALSE(fs::exists(Path("a/b/new2")));
  EXPECT_TRUE(WriteFileAtomic(Path("open/plain"), "x").ok());
  Mode("open", 01777);
  EXPECT_TRUE(WriteFileAtomic(Path("open/link/new3"), "x").ok());
  if (geteuid() != 0) return;
  Give("open/link", kNobody);
  EXPECT_TRUE(IsUntrusted(WriteFileAtomic(Path("open/link/new4"), "x")));
}

}  // namespace assocsync::trusted_path_test
