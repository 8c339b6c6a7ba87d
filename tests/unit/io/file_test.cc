#include "engine/io/file.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "engine/io/dir.h"
#include "engine/io/file_lock.h"
#include "engine/io/journal_file.h"
#include "engine/io/mapped_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::file_test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class FileTest : public testing::Test {
 protected:
  FileTest() : temp_(*TempDir::Create(testing::TempDir())) {}

  std::string Path(const std::string& name) const {
    return temp_.path() + "/" + name;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(temp_.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  static mode_t Mode(const std::string& path) {
    struct stat st;
    return lstat(path.c_str(), &st) == 0 ? st.st_mode & 07777 : 0;
  }

  TempDir temp_;
};

// A file system of a few kilobytes; only root can make one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& at) : at_(at) {
    mkdir(at.c_str(), 0700);
    ok_ = mount("tmpfs", at.c_str(), "tmpfs", 0, "size=64k") == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (ok_) umount2(at_.c_str(), MNT_DETACH);
  }
  bool ok() const { return ok_; }

 private:
  std::string at_;
  bool ok_ = false;
};

using AtomicFileTest = FileTest;

TEST_F(AtomicFileTest, WritesAPrivateFileWithAnyBytes) {
  const std::string bytes("a\0b\xff\n", 5);
  ASSERT_TRUE(WriteFileAtomic(Path("f"), bytes).ok());
  EXPECT_EQ(*ReadFile(Path("f"), 5), bytes);
  EXPECT_EQ(Mode(Path("f")), 0600u);
  ASSERT_TRUE(WriteFileAtomic(Path("f"), "new").ok());
  EXPECT_EQ(*ReadFile(Path("f"), 5), "new");
  EXPECT_THAT(Names(), ElementsAre("f"));
}

TEST_F(AtomicFileTest, NothingAppearsBeforeCommitAndNothingStaysWithoutIt) {
  {
    auto file = AtomicFile::Open(Path("f"));
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->Append("half").ok());
    EXPECT_FALSE(fs::exists(Path("f")));
    ASSERT_TRUE(file->Sync().ok());
    EXPECT_EQ(*ReadFile(file->temporary_path(), 10), "half");
    EXPECT_EQ(Mode(file->temporary_path()), 0600u);
    AtomicFile moved = *std::move(file);
    EXPECT_THAT(Names(), testing::SizeIs(1));
  }
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(AtomicFileTest, NeverReplacesWhatIsNoRegularFile) {
  ASSERT_TRUE(WriteFileAtomic(Path("precious"), "x").ok());
  ASSERT_EQ(symlink("precious", Path("link").c_str()), 0);
  ASSERT_EQ(mkfifo(Path("fifo").c_str(), 0600), 0);
  ASSERT_EQ(mkdir(Path("dir").c_str(), 0700), 0);
  const struct {
    std::string name, want;
  } kCases[] = {{"link", "a symlink, which is not followed"},
                {"fifo", "not a regular file"},
                {"dir", "a folder"}};
  for (const auto& c : kCases) {
    const absl::Status status = WriteFileAtomic(Path(c.name), "y");
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << c.name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.want));
  }
  EXPECT_EQ(WriteFileAtomic("/dev/null", "y").code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(*ReadFile(Path("precious"), 10), "x");
  EXPECT_THAT(Names(), UnorderedElementsAre("precious", "link", "fifo", "dir"));
}

TEST_F(AtomicFileTest, SomethingPutThereMeanwhileIsNotReplacedEither) {
  auto file = AtomicFile::Open(Path("f"));
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(symlink("/etc/passwd", Path("f").c_str()), 0);
  EXPECT_EQ(file->Commit().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(AtomicFileTest, ErrorsNameThePath) {
  const absl::Status missing = WriteFileAtomic(Path("no/f"), "x");
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("/no: cannot open"));
  for (const char* name : {"", ".", "..", "d/"}) {
    EXPECT_EQ(WriteFileAtomic(Path(name), "x").code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
}

TEST_F(AtomicFileTest, AFullDiskKeepsTheOldFileAndLeavesNoHalfOne) {
  SmallDisk disk(Path("disk"));
  if (!disk.ok()) GTEST_SKIP() << "cannot mount a tmpfs here";
  const std::string path = Path("disk/f");
  ASSERT_TRUE(WriteFileAtomic(path, "old").ok());
  const absl::Status status = WriteFileAtomic(path, std::string(1 << 20, 'x'));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  EXPECT_EQ(*ReadFile(path, 10), "old");
  EXPECT_LT(*FreeBytes(Path("disk")), 65536u);
  EXPECT_GT(*FreeBytes(Path("disk")), 0u);
  int entries = 0;
  for (const auto& entry : fs::directory_iterator(Path("disk"))) {
    EXPECT_EQ(entry.path().filename(), "f");
    ++entries;
  }
  EXPECT_EQ(entries, 1);
}

TEST_F(FileTest, WriteAllReportsAFullDevice) {
  UniqueFd fd(open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(fd.ok());
  EXPECT_EQ(WriteAll(fd.get(), "x"), ENOSPC);
  EXPECT_EQ(FileError("/p", "write", ENOSPC),
            absl::ResourceExhaustedError(
                "/p: cannot write: No space left on device"));
}

TEST_F(FileTest, ReadFileRefusesWhatIsTooLargeOrNoFile) {
  ASSERT_TRUE(WriteFileAtomic(Path("f"), "12345").ok());
  EXPECT_EQ(ReadFile(Path("f"), 4).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReadFile(Path("none"), 4).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadFile(temp_.path(), 4).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadFile("/dev/zero", 4).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(ReadFile("/proc/self/status", 1 << 20)->empty());
}

TEST_F(FileTest, MappedFileShowsFilesPipesAndProc) {
  ASSERT_TRUE(WriteFileAtomic(Path("f"), "mapped").ok());
  ASSERT_TRUE(WriteFileAtomic(Path("empty"), "").ok());
  auto file = MappedFile::Open(Path("f"));
  ASSERT_TRUE(file.ok());
  MappedFile moved = *std::move(file);
  EXPECT_EQ(moved.text(), "mapped");
  moved = *MappedFile::Open(Path("empty"));
  EXPECT_EQ(moved.text(), "");
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const UniqueFd out(ends[0]);
  UniqueFd in(ends[1]);
  ASSERT_EQ(WriteAll(in.get(), "through a pipe"), 0);
  in.Reset();
  moved = *MappedFile::Open("/dev/fd/" + std::to_string(out.get()));
  const MappedFile again = std::move(moved);
  EXPECT_EQ(again.text(), "through a pipe");
  EXPECT_FALSE(MappedFile::Open("/proc/self/status")->text().empty());
  EXPECT_EQ(MappedFile::Open("/dev/zero").status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MappedFile::Open(temp_.path()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MappedFile::Open(Path("none")).status().code(),
            absl::StatusCode::kNotFound);
}

using JournalFileTest = FileTest;

TEST_F(JournalFileTest, HoldsWholeLines) {
  auto journal = JournalFile::Create(Path("j"));
  ASSERT_TRUE(journal.ok()) << journal.status();
  ASSERT_TRUE(journal->Append("one").ok());
  ASSERT_TRUE(journal->Append("").ok());
  EXPECT_EQ(journal->Append("a\nb").code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(journal->Append("two").ok());
  EXPECT_EQ(*ReadFile(Path("j"), 100), "one\n\ntwo\n");
  // A line that the disk may not have yet is in the file all the same.
  EXPECT_EQ(journal->AppendSoon("a\nb").code(),
            absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(journal->AppendSoon("soon").ok());
  EXPECT_EQ(*ReadFile(Path("j"), 100), "one\n\ntwo\nsoon\n");
  ASSERT_TRUE(journal->Append("last").ok());
  EXPECT_EQ(*ReadFile(Path("j"), 100), "one\n\ntwo\nsoon\nlast\n");
  EXPECT_EQ(Mode(Path("j")), 0600u);
}

TEST_F(JournalFileTest, IsAlwaysANewFile) {
  ASSERT_TRUE(WriteFileAtomic(Path("old"), "x").ok());
  ASSERT_EQ(symlink("nowhere", Path("link").c_str()), 0);
  for (const char* name : {"old", "link"}) {
    EXPECT_EQ(JournalFile::Create(Path(name)).status().code(),
              absl::StatusCode::kAlreadyExists)
        << name;
  }
  EXPECT_FALSE(fs::exists(Path("nowhere")));
}

// What nobody would find is not written.
TEST_F(JournalFileTest, RemovedOrReplaced) {
  auto journal = JournalFile::Create(Path("j"));
  ASSERT_TRUE(journal.ok());
  ASSERT_TRUE(journal->Append("one").ok());
  fs::rename(Path("j"), Path("k"));
  EXPECT_EQ(journal->Append("two").code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(WriteFileAtomic(Path("j"), "x").ok());
  EXPECT_EQ(journal->Append("two").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(*ReadFile(Path("k"), 100), "one\n");
}

TEST_F(JournalFileTest, AFullDiskLeavesOnlyWholeLines) {
  SmallDisk disk(Path("disk"));
  if (!disk.ok()) GTEST_SKIP() << "cannot mount a tmpfs here";
  auto journal = JournalFile::Create(Path("disk/j"));
  ASSERT_TRUE(journal.ok());
  const std::string line(5000, 'x');
  size_t written = 0;
  absl::Status status;
  while ((status = journal->Append(line)).ok()) ++written;
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  const JournalLines lines = SplitJournal(*ReadFile(Path("disk/j"), 1 << 20));
  EXPECT_EQ(lines.lines.size(), written);
  EXPECT_EQ(lines.torn, "");
}

TEST_F(JournalFileTest, ATornLineIsKeptApart) {
  const JournalLines torn = SplitJournal("a\n\nb\n{\"ha");
  EXPECT_THAT(torn.lines, ElementsAre("a", "", "b"));
  EXPECT_EQ(torn.torn, "{\"ha");
  EXPECT_THAT(SplitJournal("").lines, IsEmpty());
}

using DirTest = FileTest;

TEST_F(DirTest, CreatePrivateDirMakesWhatIsMissing) {
  ASSERT_TRUE(CreatePrivateDir(Path("a/b/c/")).ok());
  EXPECT_EQ(Mode(Path("a")), 0700u);
  EXPECT_EQ(Mode(Path("a/b/c")), 0700u);
  EXPECT_TRUE(CreatePrivateDir(Path("a/b/c")).ok()) << "it is there already";
}

TEST_F(DirTest, CreatePrivateDirRefusesWhatOthersControl) {
  ASSERT_EQ(mkdir(Path("open").c_str(), 0700), 0);
  ASSERT_EQ(chmod(Path("open").c_str(), 0770), 0);
  ASSERT_EQ(mkdir(Path("mine").c_str(), 0700), 0);
  ASSERT_EQ(symlink("mine", Path("link").c_str()), 0);
  ASSERT_TRUE(WriteFileAtomic(Path("file"), "x").ok());
  for (const char* name : {"open", "link", "link/", "file"}) {
    EXPECT_EQ(CreatePrivateDir(Path(name)).code(),
              absl::StatusCode::kFailedPrecondition)
        << name;
  }
  if (geteuid() == 0) {
    ASSERT_EQ(chown(Path("mine").c_str(), 12345, 12345), 0);
    EXPECT_THAT(std::string(CreatePrivateDir(Path("mine")).message()),
                HasSubstr("belongs to user id 12345"));
  }
}

TEST_F(DirTest, TempDirRemovesItselfButNothingElse) {
  ASSERT_TRUE(WriteFileAtomic(Path("keep"), "x").ok());
  std::string path;
  {
    auto dir = TempDir::Create(temp_.path());
    ASSERT_TRUE(dir.ok());
    const TempDir moved = *std::move(dir);
    path = moved.path();
    EXPECT_EQ(Mode(path), 0700u);
    ASSERT_TRUE(WriteFileAtomic(path + "/secret", "x").ok());
    ASSERT_EQ(symlink("../keep", (path + "/link").c_str()), 0);
    ASSERT_EQ(symlink("..", (path + "/up").c_str()), 0);
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(*ReadFile(Path("keep"), 10), "x");
  EXPECT_EQ(TempDir::Create(Path("none")).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(DirTest, ParentFolder) {
  EXPECT_EQ(ParentFolder("/a/b"), "/a");
  EXPECT_EQ(ParentFolder("/a"), "/");
  EXPECT_EQ(ParentFolder("/"), "/");
  EXPECT_EQ(ParentFolder("a"), ".");
  EXPECT_EQ(ParentFolder("a//b//"), "a");
}

using FileLockTest = FileTest;

TEST_F(FileLockTest, OneHolderAtATime) {
  {
    const auto lock = FileLock::Acquire(Path("lock"));
    ASSERT_TRUE(lock.ok()) << lock.status();
    EXPECT_EQ(Mode(Path("lock")), 0600u);
    // flock belongs to the open file, so this process can contend with itself.
    const auto second = FileLock::Acquire(Path("lock"));
    EXPECT_EQ(second.status().code(), absl::StatusCode::kAborted);
    EXPECT_THAT(std::string(second.status().message()),
                HasSubstr("locked by process " + std::to_string(getpid())));
  }
  EXPECT_TRUE(FileLock::Acquire(Path("lock")).ok()) << "free again";
}

TEST_F(FileLockTest, RefusesSymlinksAndOtherThings) {
  ASSERT_EQ(symlink("x", Path("link").c_str()), 0);
  ASSERT_EQ(mkfifo(Path("fifo").c_str(), 0600), 0);
  for (const char* name : {"link", "fifo"}) {
    EXPECT_EQ(FileLock::Acquire(Path(name)).status().code(),
              absl::StatusCode::kFailedPrecondition)
        << name;
  }
  EXPECT_FALSE(fs::exists(Path("x")));
}

}  // namespace assocsync::file_test
