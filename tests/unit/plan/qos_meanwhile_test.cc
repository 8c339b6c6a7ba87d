// Which QOS would be missing in the middle of a plan, and who sees to it that
// they are not.
#include "engine/plan/qos_meanwhile.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/support/plans.h"

namespace assocsync::qos_meanwhile_test {

// "hep: a,b; hep/ann: a"
std::string Pins(absl::string_view live, absl::string_view expected,
                 bool by_way_of_root = false) {
  const Tree a = SiteOf(live), b = SiteOf(expected);
  std::vector<std::string> pins;
  for (const auto& [key, names] :
       QosPins({a, TopDown(a)}, {b, TopDown(b)}, by_way_of_root, {})) {
    pins.push_back(
        absl::StrCat(key.ToString(), ": ", absl::StrJoin(names, ",")));
  }
  return absl::StrJoin(pins, "; ");
}

// An account with a list, and ann in it with hers.
std::string Hep(absl::string_view list, absl::string_view ann) {
  const auto qos = [](absl::string_view names) {
    return names.empty() ? "" : absl::StrCat(":QOS='", names, "'");
  };
  return absl::StrCat("Account - 'hep'", qos(list),
                      "\nParent - 'hep'\nUser - 'ann':DefaultAccount='hep'",
                      qos(ann), "\n");
}

TEST(QosMeanwhileTest, OneRowThatChangesNeedsNothing) {
  EXPECT_EQ(Pins(Hep("a,b", ""), Hep("a,b", "")), "");
  EXPECT_EQ(Pins(Hep("a,b", ""), Hep("b,c", "")), "");
  EXPECT_EQ(Pins(Hep("a,b", "a"), Hep("a,b", "b")), "");
  EXPECT_EQ(Pins(Hep("a,b", "a"), Hep("a,b", "")), "");
  EXPECT_EQ(Pins(Hep("a,b", ""), Hep("a,b", "+c")), "");
  // What both have is always there.
  EXPECT_EQ(Pins(Hep("a,b", "a"), Hep("a,c", "")), "");
}

TEST(QosMeanwhileTest, ListsThatChangeAboveEachOther) {
  // She would have nothing but c, if hep's list came before hers.
  EXPECT_EQ(Pins(Hep("a,b", ""), Hep("c", "a")), "hep/ann: a,b");
  // Nothing but c, if hers went before hep's came.
  EXPECT_EQ(Pins(Hep("c", "a"), Hep("a,b", "")), "hep/ann: a,b");
}

// For one command it inherits: no pin helps.
TEST(QosMeanwhileTest, AListThatBecomesAChange) {
  EXPECT_EQ(Pins(Hep("a,b", "a,c"), Hep("a,b", "+c")), "");
  EXPECT_EQ(Pins(Hep("a,b", "+c"), Hep("a,b", "+c,+d")), "");
}

TEST(QosMeanwhileTest, AnAccountThatMoves) {
  const auto site = [](absl::string_view parent, absl::string_view lists) {
    return absl::StrCat(
        lists, "Parent - '", parent, "'\nAccount - 'lab'\n",
        "Parent - 'lab'\nAccount - 'team'\n",
        "Parent - 'team'\nUser - 'ann':DefaultAccount='team'\n");
  };
  const std::string same = "Account - 'x':QOS='a'\nAccount - 'y':QOS='a,b'\n";
  EXPECT_EQ(Pins(site("x", same), site("y", same)), "");
  // y gets its a when lab is there already.
  EXPECT_EQ(Pins(site("x", "Account - 'x':QOS='a'\nAccount - 'y':QOS='b'\n"),
                 site("y", "Account - 'x':QOS='a'\nAccount - 'y':QOS='a'\n")),
            "lab: a");
  // Some releases move what is below it to root and back.
  EXPECT_EQ(Pins(site("x", same), site("y", same), true),
            "lab: a,b; team: a,b");
}

TEST(QosMeanwhileTest, ADefaultQosNearAChangeLeavesItAlone) {
  const auto site = [](absl::string_view top, absl::string_view lab) {
    return absl::StrCat("Account - 'top':QOS='", top,
                        "'\nParent - 'top'\nAccount - 'lab'", lab, "\n");
  };
  EXPECT_EQ(Pins(site("a", ":QOS='+b'"), site("b", ":QOS='+b'")), "");
  EXPECT_EQ(Pins(site("a,b", ""), site("a", ":QOS='+b'")), "lab: a,b");
  EXPECT_EQ(Pins(site("a,b", ""), site("a", ":DefaultQOS='a':QOS='+b'")), "");
}

}  // namespace assocsync::qos_meanwhile_test
