#include "engine/io/slurmdbd_conf.h"

#include <string>

#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::slurmdbd_conf_test {

using ::testing::HasSubstr;
using ::testing::Not;

// Of a file "c" with this text.
absl::StatusOr<SlurmdbdConf> Read(absl::string_view text) {
  const auto dir = TempDir::Create(testing::TempDir());
  EXPECT_TRUE(dir.ok());
  const std::string path = dir->path() + "/c";
  EXPECT_TRUE(WriteFileAtomic(path, text).ok());
  return ReadSlurmdbdConf(path);
}

TEST(SlurmdbdConfTest, DefaultsAreThoseOfSlurmdbd) {
  const auto conf = Read("");
  ASSERT_TRUE(conf.ok());
  EXPECT_EQ(conf->storage_host, "localhost");
  EXPECT_EQ(conf->storage_port, 3306);
  EXPECT_EQ(conf->storage_user, "");
  EXPECT_EQ(conf->storage_pass, "");
  EXPECT_EQ(conf->storage_loc, "slurm_acct_db");
  EXPECT_FALSE(conf->preserve_case_user);
  EXPECT_FALSE(conf->allow_no_def_acct);
}

TEST(SlurmdbdConfTest, WhereSlurmdbdAnswers) {
  auto conf = Read("DbdHost=dbd1\n");
  ASSERT_TRUE(conf.ok());
  EXPECT_THAT(conf->DbdHosts(), ::testing::ElementsAre("dbd1"));
  EXPECT_EQ(conf->dbd_port, 6819);
  conf = Read(
      "DbdHost=dbd1\nDbdAddr=10.0.0.1\ndbdbackuphost=dbd2\nDbdPort=7000\n");
  ASSERT_TRUE(conf.ok());
  EXPECT_THAT(conf->DbdHosts(), ::testing::ElementsAre("10.0.0.1", "dbd2"));
  EXPECT_EQ(conf->dbd_port, 7000);
  EXPECT_THAT(Read("")->DbdHosts(), ::testing::IsEmpty());
  EXPECT_THAT(std::string(Read("DbdPort=0").status().message()),
              HasSubstr("c:1: DbdPort=0 is not a port"));
}

TEST(SlurmdbdConfTest, ReadsEveryKeyInAnyCase) {
  const auto conf = Read(R"(# slurmdbd
AuthType=auth/munge
dbdhost=dbd1
  STORAGEHOST = db1
StorageBackupHost=db2
StoragePort=3307
StorageUser=slurm   # who
StoragePass=first
StoragePass="pa ss"
StorageLoc=acct
StorageParameters=SSL_CERT=/c,ssl_key=/k,SSL_CA=/a,SSL_CAPATH=/p,SSL_CIPHER=X:Y
Parameters=Other,preservecaseuser
AllowNoDefAcct=Yes
NewKeyOfTomorrow=1
)");
  ASSERT_TRUE(conf.ok()) << conf.status();
  SlurmdbdConf want;
  want.path = conf->path;
  want.dbd_host = "dbd1";
  want.storage_host = "db1";
  want.storage_port = 3307;
  want.storage_user = "slurm";
  want.storage_pass = "pa ss";
  want.storage_loc = "acct";
  want.tls = {"/c", "/k", "/a", "/p", "X:Y"};
  want.preserve_case_user = true;
  want.allow_no_def_acct = true;
  EXPECT_EQ(*conf, want);
  const DatabaseOptions options = conf->Database();
  EXPECT_EQ(options.origin, conf->path);
  EXPECT_EQ(options.password, "pa ss");
  EXPECT_EQ(options.Describe(), "database acct at db1:3307 as slurm");
}

// What slurmdbd itself takes as the password.
TEST(SlurmdbdConfTest, Passwords) {
  const struct {
    const char *line, *want;
  } kCases[] = {
      {"StoragePass=plain", "plain"},
      {"StoragePass=plain\r", "plain"},
      {"StoragePass=a#b", "a"},
      {"StoragePass=a\\#b", "a#b"},
      {"StoragePass=\"a \\#b\"", "a #b"},
      {"StoragePass=a\\\\#b", "a\\"},
      {"StoragePass=a\\\\b", "a\\b"},
      {"StoragePass=\"\"", ""},
      {"StoragePass='x'", "'x'"},
      {"StoragePass=a=b", "a=b"},
      {"StoragePass=a\"b", "a\"b"},
      {"StoragePass=\"lone", "\"lone"},
      {"StoragePass=\"a\"b\"", "\"a\"b\""},
      {"Storage\\\nPass=split", "split"},
      {"StoragePass=\\  \n  next", "next"},
      {"StoragePass=end\\", "end"},
  };
  for (const auto& c : kCases) {
    const auto conf = Read(c.line);
    ASSERT_TRUE(conf.ok()) << c.line << ": " << conf.status();
    EXPECT_EQ(conf->storage_pass, c.want) << c.line;
  }
}

TEST(SlurmdbdConfTest, ErrorsNameTheLineAndNeverThePassword) {
  const struct {
    const char *text, *want;
  } kCases[] = {
      {"\n\nStoragePass=hid den", "c:3: not a key=value line"},
      {"StoragePass=", "c:1: not a key=value line"},
      {"StoragePass=\"hid\" den", "c:1: not a key=value line"},
      {"# x\\\nhidden", "c:2: not a key=value line"},
      {"a\\\nb\n", "c:1: not a key=value line"},
      {"StoragePort=many", "c:1: StoragePort=many is not a port"},
      {"StoragePort=0", "c:1: StoragePort=0 is not a port"},
  };
  for (const auto& c : kCases) {
    const auto conf = Read(c.text);
    EXPECT_EQ(conf.status().code(), absl::StatusCode::kInvalidArgument)
        << c.text;
    EXPECT_THAT(std::string(conf.status().message()), HasSubstr(c.want));
    EXPECT_THAT(std::string(conf.status().message()), Not(HasSubstr("hid")));
  }
}

TEST(SlurmdbdConfTest, FollowsIncludesRelativeToTheFile) {
  const auto dir = TempDir::Create(testing::TempDir());
  ASSERT_TRUE(dir.ok());
  const std::string path = dir->path() + "/slurmdbd.conf";
  ASSERT_TRUE(
      WriteFileAtomic(path, "StorageUser=u\ninclude secret.conf\n").ok());
  EXPECT_EQ(ReadSlurmdbdConf(path).status().code(),
            absl::StatusCode::kNotFound);
  ASSERT_TRUE(
      WriteFileAtomic(dir->path() + "/secret.conf", "StoragePass=p\n").ok());
  const auto conf = ReadSlurmdbdConf(path);
  ASSERT_TRUE(conf.ok()) << conf.status();
  EXPECT_EQ(conf->storage_user, "u");
  EXPECT_EQ(conf->storage_pass, "p");
  ASSERT_TRUE(
      WriteFileAtomic(dir->path() + "/secret.conf", "Include slurmdbd.conf\n")
          .ok());
  EXPECT_THAT(std::string(ReadSlurmdbdConf(path).status().message()),
              HasSubstr("nest too deep"));
}

TEST(SlurmdbdConfTest, AnUnreadableFileIsSaidWithItsPath) {
  const auto conf = ReadSlurmdbdConf("/no/slurmdbd.conf");
  EXPECT_EQ(conf.status(),
            absl::NotFoundError(
                "/no/slurmdbd.conf: cannot open: No such file or directory"));
}

}  // namespace assocsync::slurmdbd_conf_test
