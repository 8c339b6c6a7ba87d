// What squeue and scontrol print, and the jobs of two sources as one list.
#include "engine/live/controller.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::controller_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Phase = ControllerJob::Phase;
using State = Job::State;

AssocKey Row(absl::string_view account, absl::string_view user) {
  return {Name(account), Name(user), Name()};
}

std::string Words(const Job& job) {
  constexpr const char* kStates[] = {"pending", "running", "runaway"};
  return absl::StrCat(job.id, " ", job.row.ToString(), " ", job.qos.view(), " ",
                      kStates[static_cast<int>(job.state)]);
}

std::vector<std::string> Words(const std::vector<Job>& jobs) {
  std::vector<std::string> out;
  for (const Job& job : jobs) out.push_back(Words(job));
  return out;
}

TEST(ControllerTest, ReadsSqueue) {
  const auto jobs = ParseSqueue(
      "4711 7 RUNNING 2026-11-28T11:16:39 normal  \n"
      "4712 7 PENDING NONE a qos with blanks\n"
      "4713 0 COMPLETED 2026-11-28T11:16:39 (null)\n"
      "4714 8 COMPLETING 2026-11-28T11:16:39 N/A\n"
      "4715 8 COMPLETING NONE N/A\n");
  ASSERT_TRUE(jobs.ok()) << jobs.status();
  ASSERT_EQ(jobs->size(), 5u);
  EXPECT_EQ((*jobs)[0].id, 4711u);
  EXPECT_EQ((*jobs)[0].row, 7u);
  EXPECT_EQ((*jobs)[0].phase, Phase::kRunning);
  EXPECT_EQ((*jobs)[0].qos, "normal");
  EXPECT_EQ((*jobs)[1].phase, Phase::kPending);
  EXPECT_EQ((*jobs)[1].qos, "a qos with blanks");
  EXPECT_EQ((*jobs)[2].phase, Phase::kEnded);
  EXPECT_EQ((*jobs)[2].qos, "");
  // One has ended, and one will run again.
  EXPECT_EQ((*jobs)[3].phase, Phase::kEnded);
  EXPECT_EQ((*jobs)[4].phase, Phase::kPending);
  EXPECT_FALSE(ParseSqueue("4711 7 RUNNING NONE\n").ok());
  EXPECT_FALSE(ParseSqueue("CLUSTER: lab\n").ok());
  EXPECT_TRUE(ParseSqueue("").ok());
}

TEST(ControllerTest, TwoListsBecomeOne) {
  const DatabaseState::Ids ids = {{Row("hep", "ann"), 7},
                                  {Row("hep", "bob"), 8}};
  const std::vector<Job> database = {
      {1, Row("hep", "ann"), Name("normal"), State::kPending},
      {2, Row("hep", "ann"), Name("normal"), State::kRunning},
      {3, Row("hep", "ann"), Name("normal"), State::kRunning},
  };
  const std::vector<ControllerJob> seen = {
      {1, 7, Phase::kRunning, "long"},   // It began since.
      {2, 7, Phase::kEnded, "normal"},   // slurmdbd has not heard of it.
      {4, 8, Phase::kPending, "long"},   // Held: slurmdbd does not know it.
      {5, 99, Phase::kRunning, "long"},  // Of a row that is gone.
      {6, 8, Phase::kEnded, "long"},
  };
  EXPECT_THAT(
      Words(JoinJobs(database, seen, ids)),
      ElementsAre("1 hep/ann long running", "2 hep/ann normal running",
                  "3 hep/ann normal runaway", "4 hep/bob long pending"));
  // One whose account was changed stands for both rows.
  EXPECT_THAT(
      Words(JoinJobs({database[0]}, {{1, 8, Phase::kPending, "normal"}}, ids)),
      ElementsAre("1 hep/ann normal pending", "1 hep/bob normal pending"));
}

TEST(ControllerTest, ReadsNamesInPartitionsAndReservations) {
  std::vector<std::string> words;
  for (const Mention& mention : ParseMentions(
           "PartitionName=main AllowGroups=ALL AllowAccounts=hep,bio "
           "AllowQos=ALL QoS=part MaxNodes=1\n"
           "PartitionName=open AllowAccounts=ALL DenyAccounts=tmp QoS=N/A\n"
           "ReservationName=r1 PartitionName=(null) Users=ann "
           "Accounts=hep,-tmp Licenses=(null)\n")) {
    words.push_back(absl::StrCat(mention.name.view(), ": ", mention.where));
  }
  EXPECT_THAT(words, ElementsAre("bio: partition main (AllowAccounts)",
                                 "hep: partition main (AllowAccounts)",
                                 "hep: reservation r1 (Accounts)",
                                 "tmp: partition open (DenyAccounts)",
                                 "tmp: reservation r1 (Accounts)",
                                 "ann: reservation r1 (Users)",
                                 "part: partition main (QoS)"));
  EXPECT_THAT(ParseMentions("No reservations in the system\n"), IsEmpty());
}

}  // namespace assocsync::controller_test
