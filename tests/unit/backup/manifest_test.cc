#include "engine/backup/manifest.h"

#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::manifest_test {

using ::testing::HasSubstr;

Manifest Example() {
  Manifest manifest;
  manifest.created = absl::FromUnixSeconds(1795478399);
  manifest.cluster = "lab";
  manifest.database = "slurm_acct_db";
  manifest.server_version = "10.11.6-MariaDB";
  manifest.slurm_release = "24.11.5";
  manifest.tool = "mariadb-dump  Ver 10.19";
  manifest.version = "0.1.0";
  manifest.files = {{"before.cfg", 10, std::string(64, 'a')},
                    {"slurm_acct_db.sql.zst", 20, std::string(64, '0')}};
  manifest.tables = {{"acct_table", 3}};
  return manifest;
}

TEST(ManifestTest, LooksLikeThis) {
  EXPECT_EQ(WriteManifest(Example()), R"({
  "format_version": 1,
  "created": "2026-11-23T23:59:59Z",
  "cluster": "lab",
  "database": "slurm_acct_db",
  "server_version": "10.11.6-MariaDB",
  "slurm_release": "24.11.5",
  "tool": "mariadb-dump  Ver 10.19",
  "version": "0.1.0",
  "files": [
    {
      "name": "before.cfg",
      "bytes": 10,
      "sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    },
    {
      "name": "slurm_acct_db.sql.zst",
      "bytes": 20,
      "sha256": "0000000000000000000000000000000000000000000000000000000000000000"
    }
  ],
  "tables": [
    {
      "name": "acct_table",
      "rows": 3
    }
  ]
}
)");
}

TEST(ManifestTest, SurvivesTheRoundTrip) {
  const auto parsed = ParseManifest(WriteManifest(Example()));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, Example());
  const auto empty = ParseManifest(WriteManifest(Manifest()));
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_EQ(*empty, Manifest());
}

TEST(ManifestTest, OfABackupSaysMore) {
  Manifest manifest = Example();
  manifest.made_by = std::string(kMadeByBackup);
  manifest.finished = manifest.created + absl::Seconds(3);
  manifest.schema = "16";
  manifest.clusters = {"lab", "other"};
  manifest.trees = {{"lab", "tree.cfg"}, {"other", "tree-other.cfg"}};
  manifest.cautions = {"one"};
  const std::string text = WriteManifest(manifest);
  const auto parsed = ParseManifest(text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, manifest);
  const struct {
    const char *from, *to, *want;
  } kCases[] = {
      {"\"assocsync backup\"", "1", "'made_by' is missing or not a text"},
      {"00:00:02Z", "now", "'finished' is not a time"},
      {"\"one\"", "1", "'cautions' holds what is no text"},
      {"\"tree.cfg\"", "\"../x\"", "is not a file of this folder"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(ParseManifest(absl::StrReplaceAll(text, {{c.from, c.to}}))
                    .status()
                    .message(),
                HasSubstr(c.want));
  }
}

TEST(ManifestTest, TextThatIsNotUtf8IsReplacedNotFatal) {
  Manifest manifest = Example();
  manifest.cluster = "l\xff\x61";
  EXPECT_EQ(ParseManifest(WriteManifest(manifest))->cluster,
            "l\xef\xbf\xbd\x61");
}

TEST(ManifestTest, RefusesWhatIsNoManifest) {
  const struct {
    const char *from, *to, *want;
  } kCases[] = {
      {"{", "", "not JSON"},
      {"\"format_version\": 1", "\"format_version\": 2", "newer assocsync"},
      {"\"format_version\": 1", "\"format_version\": \"1\"",
       "'format_version' is missing or not a count"},
      {"\"cluster\": \"lab\",", "", "'cluster' is missing or not a text"},
      {"\"lab\"", "7", "'cluster' is missing or not a text"},
      {"23:59:59Z", "23:59:59", "'created' is not a time"},
      {"\"bytes\": 10", "\"bytes\": -1", "'bytes' is missing or not a count"},
      {"\"bytes\": 10", "\"bytes\": 1e99", "'bytes' is missing or not a count"},
      {"before.cfg", "../x", "'../x' is not a file of this folder"},
      {"before.cfg", "/etc/passwd", "is not a file of this folder"},
      {"before.cfg", "", "'' is not a file of this folder"},
      {"0000", "000", "'sha256' is not a digest"},
      {"\"tables\": [", "\"tables\": [1,", "'tables' holds what is no object"},
      {"\"files\"", "\"fils\"", "'files' is missing or not a list"},
  };
  const std::string good = WriteManifest(Example());
  for (const auto& c : kCases) {
    const std::string bad = absl::StrReplaceAll(good, {{c.from, c.to}});
    const auto parsed = ParseManifest(bad);
    EXPECT_FALSE(parsed.ok()) << c.from << " -> " << c.to;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(c.want));
  }
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("null"),
        std::string(100000, '['), std::string("\xff")}) {
    EXPECT_EQ(ParseManifest(text).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace assocsync::manifest_test
