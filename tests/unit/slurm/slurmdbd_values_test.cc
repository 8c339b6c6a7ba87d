// What a value of a command becomes in the tables, and how it is taken away
// (slurm-facts 1.6, 4.6).
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/unit/slurm/slurmdbd_cases.h"

namespace assocsync::slurmdbd_values_test {

using slurmdbd_cases::After;
using slurmdbd_cases::Case;
using slurmdbd_cases::Check;
using slurmdbd_cases::kA;
using slurmdbd_cases::kAll;
using slurmdbd_cases::Parsed;
using slurmdbd_cases::Said;
using slurmdbd_cases::Shown;

// Every limit of a row: a number, and -1 for none.
TEST(SlurmdbdValuesTest, EachLimitIsSetAndTakenAway) {
  const struct {
    const char* keys;
    const char* value;
    const char* none;
  } kCases[] = {
      {"GrpJobs GrpJobsAccrue GrpSubmitJobs MaxJobs MaxJobsAccrue "
       "MaxSubmitJobs MinPrioThresh Priority GrpWall MaxWallDurationPerJob",
       "4", "-1"},
      {"GrpTRES GrpTRESMins GrpTRESRunMins MaxTRESPerJob MaxTRESPerNode "
       "MaxTRESMinsPerJob MaxTRESRunMins",
       "cpu=4,gres/gpu=2", "cpu=-1,gres/gpu=-1"},
      {"Fairshare", "4", "-1"},
  };
  for (const auto& c : kCases) {
    for (const absl::string_view key : absl::StrSplit(c.keys, ' ')) {
      for (const absl::string_view release : absl::StrSplit(kAll, ' ')) {
        const auto set = [&](absl::string_view value) {
          return Parsed(absl::StrCat("modify account name=a cluster=c set ",
                                     key, "=", value));
        };
        Slurmdbd dbd = After(release, kA);
        EXPECT_EQ(Said(dbd.Run(set(c.value))), "~a") << release << key;
        EXPECT_EQ(Shown(dbd, "rows"),
                  absl::StrCat("a<root{", key, "=", c.value, "}"));
        EXPECT_EQ(Said(dbd.Run(set(c.none))), "~a") << release << key;
        EXPECT_EQ(Shown(dbd, "rows"), "a<root") << release << key;
      }
    }
  }
}

#define SET "modify account name=a cluster=c set "
constexpr Case kNumbers[] = {
    {"any negative number is none", kAll,
     "add account name=a cluster=c "
     "MaxJobs=4",
     SET "MaxJobs=-2", "~a", "a<root"},
    {"the largest", kAll, kA, SET "MaxJobs=2147483647", "~a",
     "a<root{MaxJobs=2147483647}"},
    {"from 2^31 on slurmdbd changes nothing", kAll, kA,
     SET "MaxJobs=2147483648",
     "unknown: '2147483648' is too large; the largest is 2147483647"},
    {"from 2^32 on it would wrap", kAll, kA, SET "MaxJobs=5000000000",
     "unknown: '5000000000' is too large; the largest is 2147483647"},
    {"what comes after a number: some releases do not care", kAll, kA,
     SET "MaxJobs=5x", "unknown: '5x' is not a whole number"},
    {"INFINITE is no number", kAll, kA, SET "GrpJobs=INFINITE", "unknown"},
    {"a share of 0 is stored", kAll, kA, SET "Fairshare=0", "~a",
     "a<root{Fairshare=0}"},
    {"the number that says parent", kAll, kA, SET "Fairshare=2147483647", "~a",
     "a<root{Fairshare=parent}"},
    {"keys in any case", kAll, kA, SET "MAXJOBS=4", "~a", "a<root{MaxJobs=4}"},
};

constexpr Case kTimes[] = {
    {"minutes", kAll, kA, SET "GrpWall=90", "~a", "a<root{GrpWall=90}"},
    {"minutes and seconds, rounded up", kAll, kA, SET "GrpWall=1:30", "~a",
     "a<root{GrpWall=2}"},
    {"hours, minutes and seconds", kAll, kA, SET "GrpWall=1:00:00", "~a",
     "a<root{GrpWall=60}"},
    {"days and hours", kAll, kA, SET "GrpWall=1-2", "~a",
     "a<root{GrpWall=1560}"},
    {"days, hours and minutes", kAll, kA, SET "GrpWall=1-2:30", "~a",
     "a<root{GrpWall=1590}"},
    {"UNLIMITED is none", kAll, "add account name=a cluster=c GrpWall=9",
     SET "GrpWall=UNLIMITED", "~a", "a<root"},
    {"INFINITE is none", kAll, "add account name=a cluster=c GrpWall=9",
     SET "GrpWall=INFINITE", "~a", "a<root"},
    {"what is no time", kAll, kA, SET "GrpWall=soon", "unknown"},
};

constexpr Case kTres[] = {
    {"memory in megabytes", kAll, kA, SET "GrpTRES=mem=2560", "~a",
     "a<root{GrpTRES=mem=2560}"},
    {"memory with a unit", kAll, kA, SET "GrpTRES=mem=4G", "~a",
     "a<root{GrpTRES=mem=4096}"},
    {"the last of an item twice", kAll, kA, SET "GrpTRES=cpu=1,cpu=2", "~a",
     "a<root{GrpTRES=cpu=2}"},
    {"names in any case", kAll, kA, SET "GrpTRES=CPU=1", "~a",
     "a<root{GrpTRES=cpu=1}"},
    {"an item that is not there is taken away", kAll,
     "add account name=a cluster=c GrpTRES=cpu=4", SET "GrpTRES=mem=-1", "~a",
     "a<root{GrpTRES=cpu=4}"},
    {"one comes as another goes", kAll,
     "add account name=a cluster=c GrpTRES=cpu=4,mem=8",
     SET "GrpTRES=mem=-1,node=1", "~a", "a<root{GrpTRES=cpu=4,node=1}"},
    {"a count without a name", kAll, kA, SET "GrpTRES==4", "unknown"},
    {"a name without a count", kAll, kA, SET "GrpTRES=cpu", "unknown"},
    {"two kinds of limits in one command", kAll,
     "add account name=a cluster=c GrpTRES=cpu=4 MaxTRESPerJob=cpu=2",
     SET "GrpTRES=cpu=-1 MaxTRESPerJob=cpu=1", "~a",
     "a<root{MaxTRESPerJob=cpu=1}"},
};

constexpr Case kQosLists[] = {
    {"names in any case", kAll, kA, SET "QOS=Q1", "~a", "a<root{QOS=q1}"},
    {"a list of nothing among names", kAll, kA, SET "QOS=q1,,q2",
     "unknown: an empty name in a QOS list"},
    {"two lists", kAll, kA, SET "QOS=q1 QOS=q2",
     "unknown: two QOS lists in one command"},
    {"a list and nothing", kAll, kA,
     SET "QOS=q1 QOS=", "unknown: an empty QOS list among others"},
    {"+= of nothing", kAll, kA,
     SET "QOS+=", "unknown: an empty QOS list among others"},
    {"a sign without a name", kAll, kA, SET "QOS=+",
     "unknown: an empty name in a QOS list"},
    {"a change and one that undoes it: the last holds", kAll, kA,
     SET "QOS+=q1 QOS-=q1", "~a", "a<root{QOS=-q1}"},
    {"what an added row has is what it was given", kAll, "",
     "add account name=a cluster=c QOS=+q1,-q2", "+a +acct:a",
     "a<root{QOS=+q1,-q2}"},
};

constexpr Case kQosValues[] = {
    {"words that are no flags", kAll, "", "modify qos name=q1 set Flags=zz",
     "unknown: 'zz' is no flag of a QOS"},
    {"no flags is -1", kAll, "modify qos name=q1 set Flags=NoDecay",
     "modify qos name=q1 set Flags=", "unknown: an empty value",
     "normal q1{Flags=NoDecay} q2"},
    {"a factor of -1 is none", kAll, "modify qos name=q1 set UsageFactor=2",
     "modify qos name=q1 set UsageFactor=-1", "~qos:q1", "normal q1 q2"},
    {"a wall of -1 is none", kAll,
     "modify qos name=q1 set MaxWallDurationPerJob=9 GraceTime=60",
     "modify qos name=q1 set MaxWallDurationPerJob=-1", "~qos:q1",
     "normal q1{GraceTime=60} q2"},
    {"usage is no part of a definition", kAll, "",
     "modify qos name=q1 set RawUsage=0", "unknown: 'RawUsage' of a QOS"},
    {"+= is for lists of rows", kAll, "", "modify qos name=q1 set Priority+=1",
     "unknown: 'Priority' of a QOS"},
    {"an exemption in days that are none", kAll, "",
     "modify qos name=q1 set PreemptExemptTime=x-1:00:00",
     "unknown: that time"},
    {"an exemption in hours that are none", kAll, "",
     "modify qos name=q1 set PreemptExemptTime=a:b:c", "unknown: that time"},
    {"a count of TRES that is none", kAll, "",
     "modify qos name=q1 set GrpTRES=cpu=x", "unknown"},
    {"what is said for several holds for each", kAll, "",
     "modify qos name=q1,q2 set MaxTRESPerUser=cpu=4 Flags=DenyOnLimit",
     "~qos:q1 ~qos:q2",
     "normal q1{Flags=DenyOnLimit:MaxTRESPerUser=cpu=4} "
     "q2{Flags=DenyOnLimit:MaxTRESPerUser=cpu=4}"},
};

TEST(SlurmdbdValuesTest, Numbers) { Check(kNumbers); }
TEST(SlurmdbdValuesTest, Times) { Check(kTimes); }
TEST(SlurmdbdValuesTest, Tres) { Check(kTres); }
TEST(SlurmdbdValuesTest, ListsOfQos) { Check(kQosLists); }
TEST(SlurmdbdValuesTest, OptionsOfQos) { Check(kQosValues, "qos"); }

}  // namespace assocsync::slurmdbd_values_test
