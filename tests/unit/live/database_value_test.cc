// Columns -> canonical values, and the words of slurmdbd against the database.
#include "engine/live/database_value.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/live/row_places.h"
#include "engine/live/same_database.h"
#include "engine/model/value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::database_value_test {

using ::testing::HasSubstr;

struct Case {
  Key key;
  const char* raw;   // nullptr: NULL
  const char* want;  // nullptr: not set
  const char* skipped = "";
};

constexpr Case kCases[] = {
    {Key::kMaxJobs, nullptr, nullptr},
    {Key::kMaxJobs, "0", "0"},
    {Key::kMaxJobs, "-1", nullptr},
    {Key::kMaxJobs, "-2", nullptr},
    {Key::kPriority, "4294967295", nullptr},
    {Key::kPriority, "4294967294", nullptr},
    {Key::kPriority, "7", "7"},
    {Key::kFairshare, "1", nullptr},
    {Key::kFairshare, "0", "0"},
    {Key::kFairshare, "2147483647", "parent"},
    {Key::kGrpTres, "", nullptr},
    {Key::kGrpTres, "2=2560,1=4", "cpu=4,mem=2560"},
    {Key::kGrpTres, "1002=3,1001=9", "gres/gpu:a100=3,gres/gpu=9"},
    {Key::kGrpTres, "1=0", "cpu=0"},
    {Key::kGrpTres, "1=18446744073709551615,2=5", "mem=5"},
    {Key::kGrpTres, "1=18446744073709551614", nullptr},
    {Key::kGrpTres, "1=18446744073709551612", "cpu=18446744073709551612"},
    {Key::kGrpTres, "1=4,9=1", "cpu=4", "TRES 9"},
    {Key::kGrpTres, "9=1", nullptr, "TRES 9"},
    {Key::kQos, ",1,2,", "low,normal"},
    {Key::kQos, ",2,1,", "low,normal"},
    {Key::kQos, ",", ""},   // 20.11: explicitly none.
    {Key::kQos, "2,", ""},  // The first character goes, whatever it is.
    {Key::kQos, "12,2,", "low", ""},
    {Key::kQos, ",7,1,", "normal", "QOS 7"},
    {Key::kDefaultQos, "0", nullptr},
    {Key::kDefaultQos, "2", "low"},
    {Key::kDefaultQos, "7", nullptr, "QOS 7"},
    {Key::kComment, "", ""},
    {Key::kComment, "It's \"x\"", "It`s `x`"},
    {Key::kDescription, "", ""},
    {Key::kQosDescription, "", nullptr},
    {Key::kQosDescription, nullptr, nullptr},
    {Key::kAdminLevel, "0", nullptr},
    {Key::kAdminLevel, "1", nullptr},
    {Key::kAdminLevel, "2", "Operator"},
    {Key::kAdminLevel, "3", "Administrator"},
    {Key::kClassification, "0", nullptr},
    {Key::kClassification, "2", "capacity"},
    {Key::kClassification, "259", "*capapacity"},
    {Key::kQosFlags, "0", nullptr},
    {Key::kQosFlags, "320", "DenyOnLimit,NoDecay"},
    {Key::kQosFlags, "1024", "Relative"},
    {Key::kQosFlags, "2112", "DenyOnLimit", "flags 0x800"},
    {Key::kQosPreempt, "", nullptr},
    {Key::kQosPreempt, ",2,1,", "low,normal"},
    {Key::kQosPreempt, ",7,", nullptr, "QOS 7"},
    {Key::kQosPreemptMode, "0", nullptr},
    {Key::kQosPreemptMode, "8", "cancel"},
    {Key::kQosPreemptMode, "16", "unknown"},
    {Key::kQosPreemptMode, "16386", "within,requeue"},
    {Key::kQosPreemptMode, "32769", "gang,suspend"},
    {Key::kQosPreemptMode, "66", "requeue", "preemption modes 0x40"},
    {Key::kQosGraceTime, "0", nullptr},
    {Key::kQosGraceTime, "90", "90"},
    {Key::kQosPreemptExemptTime, "0", "0"},
    {Key::kQosPreemptExemptTime, "4294967295", nullptr},
    {Key::kQosUsageFactor, "1", nullptr},
    {Key::kQosUsageFactor, "0.5", "0.5"},
    {Key::kQosUsageFactor, "0", "0"},
    {Key::kQosUsageThreshold, "1e-1", "0.1"},
    {Key::kQosLimitFactor, "-1", nullptr},
    {Key::kQosPriority, "0", nullptr},
};

class DatabaseValueTest : public testing::Test {
 protected:
  DatabaseNames names_{{{"1", "normal"}, {"2", "Low"}},
                       {{"1", "cpu"},
                        {"2", "mem"},
                        {"1001", "gres/gpu"},
                        {"1002", "gres/gpu:A100"}}};
  DatabaseValues values_{&names_};
};

TEST_F(DatabaseValueTest, Cases) {
  for (int round = 0; round < 2; ++round) {  // Worked out, then remembered.
    for (const Case& c : kCases) {
      SCOPED_TRACE(absl::StrCat(Info(c.key).name, "=",
                                c.raw == nullptr ? "NULL" : c.raw));
      const auto value = values_.Read(
          Info(c.key), c.raw == nullptr ? Database::Value() : c.raw);
      ASSERT_TRUE(value.ok()) << value.status();
      EXPECT_EQ((*value)->set, c.want != nullptr);
      EXPECT_EQ((*value)->text.view(), c.want == nullptr ? "" : c.want);
      EXPECT_EQ((*value)->skipped, c.skipped);
    }
  }
}

TEST_F(DatabaseValueTest, ListsOfChanges) {
  const auto read = [&](const char* own, const char* delta) {
    const auto value = values_.ReadQos(own, delta);
    return !value.ok()      ? value.status().ToString()
           : !(*value)->set ? "not set"
                            : (*value)->text.str();
  };
  EXPECT_EQ(read("", ""), "not set");
  EXPECT_EQ(read("", ",+2,-1,"), "+low,-normal");
  EXPECT_EQ(read("", ",-7,"), "not set");
  EXPECT_EQ(read(",1,", ",+2,"), "normal");
  EXPECT_EQ(read(",", ""), "");
}

TEST_F(DatabaseValueTest, WhatNoReleaseWrites) {
  const Case kBad[] = {
      {Key::kMaxJobs, "many", "MaxJobs: 'many' is not a number"},
      {Key::kMaxJobs, "2147483648", "too large"},
      {Key::kGrpTres, "cpu", "is not a list of id=count"},
      {Key::kGrpTres, "1=x", "is not a list of id=count"},
      {Key::kGrpTres, "1=1,1=2", "limits cpu twice"},
      {Key::kAdminLevel, "4", "is no AdminLevel"},
      {Key::kClassification, "4", "is no classification"},
      {Key::kQosUsageFactor, "x", "is not a number"},
  };
  for (const Case& c : kBad) {
    const auto value = values_.Read(Info(c.key), c.raw);
    EXPECT_THAT(value.status().ToString(), HasSubstr(c.want)) << c.raw;
  }
}

// `add user ... qos=low qos+=normal` on 22.05 and 26.05.
TEST_F(DatabaseValueTest, QosAndChangesInOneList) {
  const struct {
    std::string own, delta, want, skipped;
  } kMixed[] = {
      {",2,+1,", "", "low,normal", "'low,+normal'"},
      {",2,1,-2,", "", "normal", "'low,normal,-low'"},
      {"", ",+2,1,", "+low", "'+low,normal'"},
      {"", ",+2,2,", "+low", "'+low,low'"},
      {"", ",+2,-2,", "-low", "'+low,-low'"},
  };
  for (const auto& c : kMixed) {
    const auto value = values_.ReadQos(c.own, c.delta);
    ASSERT_TRUE(value.ok()) << value.status();
    EXPECT_EQ((*value)->text.view(), c.want);
    EXPECT_THAT((*value)->skipped, HasSubstr(c.skipped));
    EXPECT_TRUE(Canonical(Key::kQos, (*value)->text.view()).ok());
  }
}

TEST(WitnessTest, WhatTheTwoListsTell) {
  using Lines = std::vector<std::string>;
  const Lines old = {"", "1|root|a"}, more = {"", "1|root|a", "2|root|b"};
  const Lines other = {"", "1|root|z"}, none = {""};
  EXPECT_TRUE(CompareTransactions(more, more).ok());
  EXPECT_TRUE(absl::IsAborted(CompareTransactions(old, more)));
  EXPECT_TRUE(absl::IsAborted(CompareTransactions(more, old)));
  EXPECT_TRUE(absl::IsFailedPrecondition(CompareTransactions(old, other)));
  EXPECT_TRUE(absl::IsFailedPrecondition(CompareTransactions(old, none)));
}

TEST(WitnessTest, WhatSlurmdbdSaysOfItsStorage) {
  DatabaseOptions read;
  read.database = "slurm";
  read.host = "db1";
  read.port = 3306;
  read.origin = "slurmdbd.conf";
  AboutSlurmdbd about;
  EXPECT_TRUE(CompareStorage(about, read).ok());  // 26.05 tells nothing.
  about.storage_loc = "slurm";
  about.storage_host = "db1";
  about.storage_port = "3306";
  EXPECT_TRUE(CompareStorage(about, read).ok());
  about.storage_host = "db2";
  EXPECT_THAT(CompareStorage(about, read).ToString(),
              HasSubstr("its StorageHost is db2, not db1"));
  // With a login of its own the server may have another name.
  read.defaults_file = "my.cnf";
  EXPECT_TRUE(CompareStorage(about, read).ok());
  about.storage_loc = "slurm2";
  EXPECT_THAT(CompareStorage(about, read).ToString(),
              HasSubstr("its StorageLoc is slurm2, not slurm"));
}

TEST(NestedSetsTest, Innermost) {
  NestedSets sets;
  const Name root("root"), a("a"), b("b"), c("c");
  sets.Add(b, 4, 7);
  sets.Add(root, 1, 100);
  sets.Add(a, 2, 9);
  sets.Add(c, 10, 20);
  sets.Finish();
  EXPECT_EQ(sets.Around(1, 100), Name());
  EXPECT_EQ(sets.Around(2, 9), root);
  EXPECT_EQ(sets.Around(4, 7), a);
  EXPECT_EQ(sets.Around(5, 6), b);
  EXPECT_EQ(sets.Around(8, 8), a);
  EXPECT_EQ(sets.Around(11, 12), c);
  EXPECT_EQ(sets.Around(30, 31), root);
  EXPECT_EQ(sets.Around(200, 201), Name());
}

}  // namespace assocsync::database_value_test
