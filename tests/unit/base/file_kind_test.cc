// Files that people give a command, and are no trees.
#include "engine/base/file_kind.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::file_kind_test {

using ::testing::StartsWith;

struct Case {
  absl::string_view name;
  absl::string_view bytes;
  absl::string_view is;
};

constexpr Case kCases[] = {
    {"a tree", "# To edit this file\nCluster - 'lab':Fairshare=1\n",
     "is a text;"},
    {"what dump printed on a terminal", "sacctmgr: Cluster - 'lab'\n",
     "is a text;"},
    {"a tree behind a mark",
     "\xef\xbb\xbf"
     "Cluster - 'lab'\n",
     "is a text;"},
    {"a description with SQL in it",
     "Cluster - 'lab'\nAccount - 'a':Description='INSERT INTO x'\n",
     "is a text;"},
    {"a tree that begins with its accounts",
     "Account - physics:FairShare=4\nCluster - lab\n", "is a text;"},
    {"nothing", "", "is empty;"},
    {"blanks", " \n\t\n", "is empty;"},
    {"gzip", "\x1f\x8b\x08", "is compressed by gzip;"},
    {"xz",
     {"\xfd"
      "7zXZ\0\0",
      7},
     "is compressed by xz;"},
    {"zstd", "\x28\xb5\x2f\xfd$", "is compressed by zstd;"},
    {"bzip2", "BZh91AY", "is compressed by bzip2;"},
    {"zip", "PK\x03\x04 more", "is a zip archive;"},
    {"UTF-16, marked",
     {"\xff\xfe"
      "C\0l\0",
      6},
     "is UTF-16 text;"},
    {"UTF-16, big",
     {"\xfe\xff"
      "\0C\0l",
      6},
     "is UTF-16 text;"},
    {"UTF-16 without a mark", {"C\0l\0u\0s\0", 8}, "is UTF-16 text;"},
    {"an image", "\x89PNG\r\n\x1a\n", "is an image or a film;"},
    {"a program",
     "\x7f"
     "ELF\x02",
     "is a program;"},
    {"bytes", {"ab\0\0\0cd", 7}, "is no text (it holds NUL bytes);"},
    {"mariadb-dump",
     "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\n",
     "is an SQL dump;"},
    {"mysqldump", "-- MySQL dump 10.13\n--\n", "is an SQL dump;"},
    {"SQL by hand", "\nDROP TABLE IF EXISTS `acct_table`;\n",
     "is an SQL dump;"},
    {"a manifest",
     "{\n  \"format_version\": 1,\n  \"created\": \"2026\",\n  \"tool\": "
     "\"x\",\n"
     "  \"files\": []\n}\n",
     "is the manifest of a backup;"},
    {"a saved plan",
     "{\n \"format_version\": 1,\n \"cluster\": \"lab\",\n \"live\": {}}\n",
     "is a saved plan;"},
    {"a journal", "{\"record\":\"start\",\"time\":\"2026\"}\n{\"record\":1}\n",
     "is the journal of a run;"},
    {"slurmrestd", "{\"associations\": [{\"account\": \"a\"}], \"meta\": {}}",
     "is JSON of slurmrestd"},
    {"sacctmgr --json", "{\n  \"meta\": {\"plugin\": {}},\n  \"users\": []}",
     "is JSON of slurmrestd"},
    {"names inside are not at the top", "{\"a\": {\"meta\": {\"users\": 1}}}",
     "is JSON, and no saved plan;"},
    {"a list", "[{\"uri\": \"x\"}]", "is JSON, and no saved plan;"},
    {"HTML", "<!doctype html><title>x</title>", "is XML or HTML;"},
    {"plan --format sh", "#!/bin/sh\n# Made by assocsync\n", "is a script;"},
    {"a patch", "--- base.cfg\n+++ new.cfg\n@@ -1 +1 @@\n",
     "is a difference of two files;"},
    {"slurmdbd.conf", "# ours\nAuthType=auth/munge\nDbdHost=db\n",
     "is a configuration of Slurm;"},
    {"sacctmgr show assoc",
     "   Cluster    Account       User  Partition     Share\n",
     "is what `sacctmgr show` prints;"},
    {"sacctmgr -P show user", "User|Def Acct|Admin\nann|hep|None\n",
     "is what `sacctmgr show` prints;"},
    {"a key", "-----BEGIN PRIVATE KEY-----\n", "is a key or a certificate;"},
};

TEST(FileKindTest, Cases) {
  for (const Case& c : kCases) {
    EXPECT_THAT(KindWords(KindOf(c.bytes)), StartsWith(std::string(c.is)))
        << c.name;
  }
}

// Each has words of its own.
TEST(FileKindTest, EveryKindIsNamed) {
  for (int i = 0; i <= static_cast<int>(FileKind::kListing); ++i) {
    EXPECT_NE(KindWords(static_cast<FileKind>(i)), "") << i;
  }
}

}  // namespace assocsync::file_kind_test
