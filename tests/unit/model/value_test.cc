#include "engine/model/value.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace assocsync::value_test {

// "-": not set. "!part": an error whose message holds `part`. Else the text.
struct Case {
  Key key;
  const char* raw;
  const char* want;
  Origin origin = Origin::kFile;
};

void PrintTo(const Case& c, std::ostream* os) {
  *os << Info(c.key).name << "='" << c.raw << "'";
}

std::string Got(const Case& c) {
  const auto value = Canonical(c.key, c.raw, c.origin);
  if (!value.ok()) return absl::StrCat("!", value.status().message());
  return value->set ? value->text : "-";
}

class CanonicalTest : public testing::TestWithParam<Case> {};

TEST_P(CanonicalTest, Gives) {
  const Case& c = GetParam();
  const std::string got = Got(c);
  if (c.want[0] == '!') {
    EXPECT_TRUE(absl::StartsWith(got, "!") &&
                absl::StrContains(got, c.want + 1))
        << got;
    return;
  }
  EXPECT_EQ(got, c.want);
  if (got == "-") return;
  // Canonical text is its own canonical form.
  EXPECT_EQ(Got({c.key, got.c_str(), "", Origin::kFile}), got);
  EXPECT_EQ(Got({c.key, got.c_str(), "", Origin::kDump}), got);
}

constexpr Case kCounts[] = {
    {Key::kMaxJobs, "0", "0"},
    {Key::kMaxJobs, "10", "10"},
    {Key::kMaxJobs, " 10 ", "10"},
    {Key::kMaxJobs, "007", "7"},
    {Key::kMaxJobs, "2147483647", "2147483647"},
    {Key::kMaxJobs, "-1", "-"},
    {Key::kMaxJobs, "-20", "-"},
    {Key::kMaxJobs, "-0", "!not a whole number"},
    {Key::kMaxJobs, "2147483648", "!too large"},
    {Key::kMaxJobs, "99999999999999999999999", "!too large"},
    {Key::kMaxJobs, "10abc", "!'10abc' is not a whole number"},
    {Key::kMaxJobs, "1.5", "!not a whole number"},
    {Key::kMaxJobs, "+5", "!not a whole number"},
    {Key::kMaxJobs, "0x10", "!not a whole number"},
    {Key::kMaxJobs, "", "!empty"},
    {Key::kMaxJobs, "INFINITE", "!write -1"},
    {Key::kFairshare, "parent", "parent"},
    {Key::kFairshare, "Parent", "parent"},
    {Key::kFairshare, "2147483647", "parent"},
    {Key::kFairshare, "1", "-"},
    {Key::kFairshare, "-1", "-"},
    {Key::kFairshare, "0", "0"},
    {Key::kFairshare, "parents", "!not a whole number"},
};
INSTANTIATE_TEST_SUITE_P(Counts, CanonicalTest, testing::ValuesIn(kCounts));

constexpr Case kTimes[] = {
    {Key::kGrpWall, "90", "90"},
    {Key::kGrpWall, "90:00", "90"},
    {Key::kGrpWall, "90:01", "91"},
    {Key::kGrpWall, "1:30:00", "90"},
    {Key::kGrpWall, "1-0", "1440"},
    {Key::kGrpWall, "1-00:10", "1450"},
    {Key::kGrpWall, "1-00:00:30", "1441"},
    {Key::kGrpWall, "UNLIMITED", "-"},
    {Key::kGrpWall, "infinite", "-"},
    {Key::kGrpWall, "-1", "-"},
    {Key::kGrpWall, "-2", "!not a time"},
    {Key::kGrpWall, "1-", "!not a time"},
    {Key::kGrpWall, "1:2:3:4", "!not a time"},
    {Key::kGrpWall, "1-1:2:3:4", "!not a time"},
    {Key::kGrpWall, ":30", "!not a time"},
    {Key::kGrpWall, "2h", "!not a time"},
    {Key::kGrpWall, "9999999-00:00:00", "!too long"},
    {Key::kGrpWall, "9999999999-00:00:00", "!too long"},
    {Key::kGrpWall, "", "!empty"},
    {Key::kQosPreemptExemptTime, "600", "600"},
    {Key::kQosPreemptExemptTime, "0:10:00", "600"},
    {Key::kQosPreemptExemptTime, "1-00:00:01", "86401"},
    {Key::kQosPreemptExemptTime, "10:00", "!could be minutes or hours"},
    {Key::kQosPreemptExemptTime, "1-0", "!could be minutes or hours"},
    {Key::kQosPreemptExemptTime, "-1", "-"},
    {Key::kQosGraceTime, "0", "-"},
    {Key::kQosGraceTime, "60", "60"},
    {Key::kQosGraceTime, "-1", "-"},
    {Key::kQosGraceTime, "00:01:00", "!seconds alone; write 60"},
    {Key::kQosGraceTime, "1-00:00:00", "!seconds alone; write 86400"},
    {Key::kQosGraceTime, "5x", "!not a time"},
};
INSTANTIATE_TEST_SUITE_P(Times, CanonicalTest, testing::ValuesIn(kTimes));

constexpr Case kTres[] = {
    {Key::kGrpTres, "cpu=4", "cpu=4"},
    {Key::kGrpTres, "node=2,CPU=4", "cpu=4,node=2"},
    {Key::kGrpTres, "1=4,2=100,6=5,8=6", "cpu=4,fs/disk=5,mem=100,pages=6"},
    {Key::kGrpTres, "gres/gpu=4,gres/gpu:a100=2", "gres/gpu:a100=2,gres/gpu=4"},
    {Key::kGrpTres, "gres/\xc3\xa9=1,gres/=2", "gres/=2,gres/\xc3\xa9=1"},
    {Key::kGrpTres, "gres/=2,gres/\xc3\xa9=1", "gres/=2,gres/\xc3\xa9=1"},
    {Key::kGrpTres, "mem=1000M", "mem=1000"},
    {Key::kGrpTres, "mem=2G", "mem=2048"},
    {Key::kGrpTres, "mem=2g", "mem=2048"},
    {Key::kGrpTres, "mem=2.50G", "mem=2560"},
    {Key::kGrpTres, "mem=2.5G", "mem=2560"},
    {Key::kGrpTres, "mem=2.25G", "mem=2304"},
    {Key::kGrpTres, "mem=2048K", "mem=2048"},
    {Key::kGrpTres, "mem=1025K", "mem=1025"},
    {Key::kGrpTres, "mem=1.001G", "!not a whole number of megabytes"},
    {Key::kGrpTres, "bb/cray=2.50G", "bb/cray=2560"},
    {Key::kGrpTres, "cpu=2K", "cpu=2048"},
    {Key::kGrpTres, "cpu=1.5", "!not a whole number"},
    {Key::kGrpTres, "mem=1.5T", "mem=1572864"},
    {Key::kGrpTres, "mem=1.50T", "mem=1572864"},
    {Key::kGrpTres, "mem=1.25T", "mem=1310720"},
    {Key::kGrpTres, "mem=1T", "mem=1048576"},
    {Key::kGrpTres, "mem=1.00T", "!such as 1049088"},
    {Key::kGrpTres, "mem=1.00T", "mem=1049088", Origin::kDump},
    {Key::kGrpTres, "gres/gpumem=1000", "gres/gpumem=1000"},
    {Key::kGrpTres, "gres/gpumem=2.50G", "!take differently"},
    {Key::kGrpTres, "gres/gpumem=2.50G", "gres/gpumem=2560", Origin::kDump},
    {Key::kGrpTres, "cpu=-1", "-"},
    {Key::kGrpTres, "cpu=-1,node=3", "node=3"},
    {Key::kGrpTres, "cpu=NONE", "-"},
    {Key::kGrpTres, "(null)", "-"},
    {Key::kGrpTres, "cpu=18446744073709551612", "cpu=18446744073709551612"},
    {Key::kGrpTres, "cpu=18446744073709551613", "!too large"},
    {Key::kGrpTres, "mem=99999999999999999999P", "!too large"},
    {Key::kGrpTres, "cpu=-2", "!not a number"},
    {Key::kGrpTres, "cpu=4x", "!not a number"},
    {Key::kGrpTres, "mem=4GB", "mem=4096"},
    {Key::kGrpTres, "cpu=", "!not a number"},
    {Key::kGrpTres, "cpu", "!not of the form"},
    {Key::kGrpTres, "=4", "!names no TRES"},
    {Key::kGrpTres, "cpu=4,", "!not of the form"},
    {Key::kGrpTres, "cpu=4,,node=1", "!not of the form"},
    {Key::kGrpTres, "cpu=4,cpu=4", "cpu=4"},
    {Key::kGrpTres, "cpu=4,1=5", "cpu=5"},
    {Key::kGrpTres, "cpu=4,cpu=-1", "-"},
    {Key::kGrpTres, "1001=4", "!in one database"},
    {Key::kGrpTres, "cpu+=4", "!not the name of a TRES"},
    {Key::kGrpTres, "", "!empty"},
};
INSTANTIATE_TEST_SUITE_P(Tres, CanonicalTest, testing::ValuesIn(kTres));

constexpr Case kWords[] = {
    {Key::kDescription, "Größe ÄB'c\"d", "Größe ÄB`c`d"},
    {Key::kDescription, " two  blanks ", " two  blanks "},
    {Key::kDescription, "", ""},
    {Key::kDescription, "(null)", "-"},
    {Key::kQosDescription, "(null)", "-"},
    {Key::kQosDescription, "", "-"},
    {Key::kComment, "(null)", "(null)"},
    {Key::kDefaultAccount, "(null)", "-"},
    {Key::kDefaultAccount, "HEP", "hep"},
    {Key::kDefaultAccount, "", "!empty"},
    {Key::kDefaultAccount, "a\nb", "!control character"},
    {Key::kDefaultQos, "-1", "-"},
    {Key::kDefaultQos, "High", "high"},
    {Key::kDefaultQos, "a,b", "!comma"},
    {Key::kDefaultWckey, "a,b", "!comma"},
    {Key::kWckeys, "b,A,b", "a,b"},
    {Key::kWckeys, "a,,b", "!empty name"},
    {Key::kWckeys, "", "-"},
    {Key::kQos, "", ""},
    {Key::kQos, "b,a,b", "a,b"},
    {Key::kQos, "-b,+C", "+c,-b"},
    {Key::kQos, "a,+b", "!mixes"},
    {Key::kQos, "+a,-a", "!both adds and removes 'a'"},
    {Key::kQos, "+", "!empty name"},
    {Key::kQos, "a,", "!empty name"},
    {Key::kAdminLevel, "None", "-"},
    {Key::kAdminLevel, "op", "Operator"},
    {Key::kAdminLevel, "SUPERUSER", "Administrator"},
    {Key::kAdminLevel, "admin", "Administrator"},
    {Key::kAdminLevel, "apprentice", "!no admin level"},
    {Key::kAdminLevel, "", "!no admin level"},
    {Key::kClassification, "*Capability", "*capability"},
    {Key::kClassification, "capac", "capacity"},
    {Key::kClassification, "Capapacity", "capapacity"},
    {Key::kClassification, "cap", "!no classification"},
    {Key::kQosFlags, "NoDecay,DenyOnLimit", "DenyOnLimit,NoDecay"},
    {Key::kQosFlags, "nodec,deny", "DenyOnLimit,NoDecay"},
    {Key::kQosFlags, "NoX", "!'NoX' is no flag"},
    {Key::kQosFlags, "Partition", "!could be"},
    {Key::kQosFlags, "-1", "-"},
    {Key::kQosPreemptMode, "cluster", "-"},
    {Key::kQosPreemptMode, "Off", "-"},
    {Key::kQosPreemptMode, "unknown", "unknown"},
    {Key::kQosPreemptMode, "off,gang", "!combines cluster or off"},
    {Key::kQosPreemptMode, "Suspend,GANG", "gang,suspend"},
    {Key::kQosPreemptMode, "within,requeue", "within,requeue"},
    {Key::kQosPreemptMode, "cancel,requeue", "!more than one"},
    {Key::kQosPreemptMode, "kill", "!no preemption mode"},
    {Key::kQosUsageFactor, "1.000000", "-"},
    {Key::kQosUsageFactor, "0.500000", "0.5"},
    {Key::kQosUsageFactor, "00.25", "0.25"},
    {Key::kQosUsageThreshold, "1.0", "1"},
    {Key::kQosUsageFactor, "1e3", "!not a number"},
    {Key::kQosUsageFactor, "0.1234567", "!six"},
    {Key::kQosUsageFactor, ".5", "!not a number"},
    {Key::kQosPriority, "0", "-"},
    {Key::kPriority, "0", "0"},
};
INSTANTIATE_TEST_SUITE_P(Words, CanonicalTest, testing::ValuesIn(kWords));

TEST(ValueTest, NoteSaysWhatDumpRoundedAway) {
  const auto value = Canonical(Key::kGrpTres, "cpu=1,mem=1.50T");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->note,
            "mem: dump prints 1572864 and 1573376 alike, as 1.50T; read as "
            "1572864");
  EXPECT_EQ(Canonical(Key::kGrpTres, "mem=2.50G")->note, "");
}

TEST(ValueTest, Names) {
  EXPECT_EQ(*CanonicalName("Bob", true), "bob");
  EXPECT_EQ(*CanonicalName("Bob", false), "Bob");
  EXPECT_EQ(*CanonicalName("o'neil", true), "o`neil");
  EXPECT_FALSE(CanonicalName("", true).ok());
  EXPECT_FALSE(CanonicalName("a\tb", true).ok());
}

TEST(ValueTest, UnknownTo) {
  const struct {
    int series;
    Key key;
    const char* text;
    std::vector<absl::string_view> want;
    int point = 0;
  } kCases[] = {
      {2205, Key::kQosFlags, "NoDecay,Relative", {"Relative"}},
      {2311, Key::kQosFlags, "NoDecay,Relative", {}},
      {2108, Key::kQosPreemptMode, "gang,suspend", {"gang"}, 8},
      {2205, Key::kQosPreemptMode, "gang,suspend", {"gang"}, 2},
      {2205, Key::kQosPreemptMode, "gang,suspend", {}, 3},
      {2302, Key::kQosPreemptMode, "gang,suspend", {}},
      {2205, Key::kQosPreemptMode, "within,requeue", {}},
      {2411, Key::kQosPreemptMode, "priority,cancel", {"priority"}},
      {2505, Key::kQosPreemptMode, "priority,cancel", {}},
      {2011, Key::kQosLimitFactor, "1.5", {"LimitFactor"}},
      {2108, Key::kQosLimitFactor, "1.5", {}},
      {2205, Key::kComment, "Relative", {"Comment"}},
      {2302, Key::kComment, "Relative", {}},
      {2011, Key::kAdminLevel, "Operator", {}},
      {2011, Key::kQosFlags, "", {}},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(UnknownTo(c.series, c.point, c.key, c.text), c.want)
        << c.series << " " << c.text;
  }
}

TEST(ValueTest, WhyNoAccount) {
  EXPECT_EQ(WhyNoAccount("a_b%c$"), "");
  EXPECT_NE(WhyNoAccount("a,b"), "");
  EXPECT_NE(WhyNoAccount("a\\b"), "");
  EXPECT_EQ(WhyNotAddressable("a\\b"), "");
}

TEST(ValueTest, WhyNotAddressable) {
  for (const char* name : {"a_b", "a b", "a%", "a#b", "a:b", "a=b", "a`b"}) {
    EXPECT_EQ(WhyNotAddressable(name), "") << name;
  }
  for (const char* name : {"", "a,b", "a[1]", "a]", " a", "a ", "a'b"}) {
    EXPECT_NE(WhyNotAddressable(name), "") << name;
  }
}

TEST(ValueTest, ListsSplitAndJoin) {
  EXPECT_TRUE(Elements("").empty());
  EXPECT_EQ(JoinElements(Elements("b,a,b")), "a,b");
  EXPECT_TRUE(TresItems("").empty());
  const auto items = TresItems("cpu=4,gres/gpu:a100=2");
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[1].first, "gres/gpu:a100");
  EXPECT_EQ(items[1].second, 2u);
  EXPECT_EQ(JoinTres({{"node", 2}, {"cpu", 4}}), "cpu=4,node=2");
}

// Of two lists: what one has and the other has not.
TEST(ValueTest, ElementsBut) {
  const struct {
    const char* list;
    const char* other;
    std::vector<absl::string_view> want;
  } kCases[] = {
      {"a,b,c", "b", {"a", "c"}}, {"a,b", "a,b", {}},
      {"a", "", {"a"}},           {"", "a", {}},
      {"a", "A", {"a"}},          {"ab,a", "a", {"ab"}},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ElementsBut(c.list, c.other), c.want) << c.list << " " << c.other;
  }
  EXPECT_TRUE(HasElement("a,b", "b"));
  EXPECT_FALSE(HasElement("ab,bc", "b"));  // Not a part of one.
  EXPECT_FALSE(HasElement("", ""));
}

// A list of its own, or a change to the one above.
TEST(ValueTest, KindsOfQosLists) {
  const struct {
    const char* text;
    bool delta, list;
  } kCases[] = {
      {"", false, false},      // Says nothing.
      {"a", false, true},      //
      {"a,b", false, true},    //
      {"+a", true, false},     //
      {"-a", true, false},     //
      {"+a,-b", true, false},  //
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(IsQosDelta(c.text), c.delta) << c.text;
    EXPECT_EQ(IsQosList(c.text), c.list) << c.text;
  }
  for (const char* element : {"long", "+long", "-long"}) {
    EXPECT_EQ(QosNamed(element), "long");
  }
  // A name may have these inside.
  EXPECT_EQ(QosNamed("a-b"), "a-b");
  EXPECT_EQ(QosNamed("-a+b"), "a+b");
}

TEST(ValueTest, NumbersOfLimits) {
  using Items = std::vector<TresItem>;
  const struct {
    Key key;
    const char* text;
    Items want;
  } kCases[] = {
      {Key::kMaxJobs, "4", {{"", 4}}},
      {Key::kMaxJobs, "0", {{"", 0}}},
      {Key::kMaxWallDurationPerJob, "1440", {{"", 1440}}},
      {Key::kGrpTres, "cpu=4,gres/gpu=2", {{"cpu", 4}, {"gres/gpu", 2}}},
      {Key::kGrpTres, "", {}},
      // What is no number is none.
      {Key::kDefaultQos, "long", {}},
      {Key::kFairshare, "parent", {}},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(LimitNumbers(c.key, c.text), c.want)
        << Info(c.key).name << " " << c.text;
  }
}

// Those with names are gres, license, bb, fs and ic.
TEST(ValueTest, NamesOfTres) {
  for (const char* name :
       {"cpu", "mem", "node", "energy", "billing", "vmem", "pages", "gres/gpu",
        "gres/gpu:a100", "license/ansys", "bb/datawarp", "fs/disk",
        "ic/ofed"}) {
    EXPECT_TRUE(IsTresName(name)) << name;
  }
  for (const char* name :
       {"", "cpus", "memory", "gpu", "/", "cpu/x", "disk", "pu/x"}) {
    EXPECT_FALSE(IsTresName(name)) << name;
  }
}

// ASCII in lower case, quotes as backticks; the rest as it is.
TEST(ValueTest, TextAsSacctmgrStoresIt) {
  const struct {
    const char* raw;
    const char* want;
  } kCases[] = {
      {"Physics, ALL", "physics, all"},
      {"  two  blanks ", "  two  blanks "},
      {"O'Neil's \"lab\"", "o`neil`s `lab`"},
      {"\xc3\x84pfel", "\xc3\x84pfel"},  // No letter beyond ASCII is folded.
      {"a=b:c,d", "a=b:c,d"},
      {"", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(CanonicalText(c.raw), c.want);
}

}  // namespace assocsync::value_test
