#include "engine/check/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace assocsync::policy_test {

using ::testing::ElementsAre;

std::string ErrorOf(absl::string_view text) {
  const absl::StatusOr<Policy> policy = ParsePolicy("p.toml", text);
  return policy.ok() ? "" : std::string(policy.status().message());
}

TEST(PolicyTest, EveryKey) {
  const absl::StatusOr<Policy> read = ParsePolicy("p.toml", R"(
fail-on = "warning"
admins = ["root", "slurm-*"]
[severity]
AS209 = "off"
as214 = "error"
[thresholds]
delete-share = 5
raise-factor = 1.5
[protected]
accounts = ["root", "core*"]
users = "root"
[required]
account = ["Description", "fairshare"]
user = ["MaxJobs", "Comment"]
[names]
account = "[a-z]+"
user = "[a-z][a-z0-9]{1,7}"
qos = "x|y"
[known]
qos = ["Normal"]
partitions = []
tres = ["cpu", "gres/gpu:a100"]
[[allow-qos]]
under = "physics"
qos = ["normal"]
[[owners]]
under = ["physics", "chem"]
coordinators = "prof-*"
authors = []
[[fairshare]]
account = "root"
sum = 100
[[suppress]]
code = "AS215"
rows = ["old-*"]
reason = "as they were"
)");
  ASSERT_TRUE(read.ok()) << read.status();
  const Policy& p = *read;
  EXPECT_EQ(p.fail_on, Severity::kWarning);
  EXPECT_EQ(p.SeverityOf(*FindRule("AS209")), Severity::kOff);
  EXPECT_EQ(p.SeverityOf(*FindRule("AS214")), Severity::kError);
  EXPECT_EQ(p.SeverityOf(*FindRule("AS204")), Severity::kError);
  EXPECT_EQ(p.delete_share, 5);
  EXPECT_EQ(p.raise_factor, 1.5);
  EXPECT_TRUE(p.protected_accounts.Match("core7"));
  EXPECT_FALSE(p.protected_accounts.Match("score"));
  EXPECT_TRUE(p.admins->Match("slurm-1"));
  EXPECT_THAT(p.required_account,
              ElementsAre(Key::kDescription, Key::kFairshare));
  EXPECT_THAT(p.required_user, ElementsAre(Key::kMaxJobs, Key::kComment));
  EXPECT_TRUE(p.user_names->Match("ab"));
  EXPECT_FALSE(p.user_names->Match("a"));
  EXPECT_FALSE(p.user_names->Match("ab\ncd"));
  // All of the name, whichever alternative.
  EXPECT_TRUE(p.qos_names->Match("y"));
  EXPECT_FALSE(p.qos_names->Match("xy"));
  EXPECT_THAT(*p.known_qos, ElementsAre("normal"));
  EXPECT_TRUE(p.known_partitions->empty());
  EXPECT_EQ(p.known_tres->size(), 2u);
  EXPECT_TRUE(p.owners[0].authors.has_value());
  EXPECT_FALSE(p.owners[0].authors->Match("anybody"));
  EXPECT_EQ(p.fairshare[0].sum, 100u);
  EXPECT_EQ(p.suppress[0].reason, "as they were");
}

TEST(PolicyTest, AnEmptyPolicyAsksNothing) {
  const absl::StatusOr<Policy> read = ParsePolicy("p.toml", "");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->fail_on, Severity::kError);
  EXPECT_FALSE(read->known_qos.has_value());
  EXPECT_FALSE(read->admins.has_value());
}

TEST(PolicyTest, FaultsHaveAPlaceAndAWayOut) {
  struct {
    absl::string_view text, error;
  } const cases[] = {
      {"a = ", "p.toml:1:"},
      {"fail_on = \"error\"",
       "p.toml:1:1: 'fail_on' is not a key of a policy; those are fail-on, "
       "severity, "},
      {"fail-on = 3", "p.toml:1:11: this must be a text"},
      {"fail-on = \"off\"", "p.toml:1:11: fail-on is error, warning or note"},
      {"fail-on = \"bad\"",
       "p.toml:1:11: 'bad' is not error, warning, note or off"},
      {"[severity]\nAS999 = \"off\"",
       "p.toml:2:1: 'AS999' is no code of check"},
      {"[severity]\nAS201 = \"off\"",
       "p.toml:2:1: AS201 cannot be lifted: the file cannot be read"},
      {"severity = 1", "p.toml:1:12: this must be a table"},
      {"[thresholds]\ndelete-share = 101",
       "p.toml:2:16: this must be a whole number of percent, 0 to 100"},
      {"[thresholds]\nraise-factor = nan",
       "p.toml:2:16: this must be a number from 1 on"},
      {"[protected]\nusers = [\"a\", 2]", "p.toml:2:15: this must be a text"},
      {"[protected]\nusers = 2", "p.toml:2:9: this must be a list"},
      {"[protected]\nusers = \"\"", "p.toml:2:9: this text is empty"},
      {"[required]\nuser = [\"Description\"]",
       "p.toml:2:9: 'Description' is no option of a user"},
      {"[names]\nuser = \"a[\"", "p.toml:2:8: "},
      {"[names]\nuser = '\\d+'",
       "p.toml:2:8: '\\d' is not known to POSIX regular expressions; write "
       "[0-9]"},
      {"[[owners]]\nauthors = \"x\"", "p.toml:1:1: 'under' is missing here"},
      {"[[fairshare]]\naccount = \"x\"", "p.toml:1:1: 'sum' is missing here"},
      {"[[suppress]]\ncode = \"AS209\"\nrows = \"x\"",
       "p.toml:1:1: 'reason' is missing here"},
      {"[[suppress]]\ncode = \"AS203\"\n",
       "p.toml:2:8: AS203 cannot be lifted"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ErrorOf(c.text), testing::StartsWith(std::string(c.error)))
        << c.text;
  }
}

}  // namespace assocsync::policy_test
