// What `scontrol show assoc_mgr` prints, against a state.
#include "engine/live/controller_view.h"

#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/live/state_from_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/plans.h"

namespace assocsync::controller_view_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Of 24.11.5, but for lines that are not read.
constexpr absl::string_view kShown = R"(Current Association Manager state

User Records

UserName=root(0) DefAccount=root DefWckey= AdminLevel=Administrator
UserName=ann(20000) DefAccount=kid DefWckey=(null) AdminLevel=Not Set
UserName=far(4294967294) DefAccount=(null) DefWckey=(null) AdminLevel=None

Association Records

ClusterName=other Account=x UserName= Partition= Priority=0 ID=9
    ParentAccount=root(1) Lineage=/x/ DefAssoc=No
ClusterName=c Account=root UserName= Partition= Priority=0 ID=1
    SharesRaw/Norm/Level/Factor=1/0.00/1/0.00
    ParentAccount= Lineage=/ DefAssoc=No
    GrpJobs=N(0) GrpJobsAccrue=N(0)
    GrpSubmitJobs=N(0) GrpWall=N(0.00)
    GrpTRES=cpu=N(1),mem=N(0),node=N(0)
    MaxJobs= MaxJobsAccrue= MaxSubmitJobs= MaxWallPJ=
    MaxTRESPJ=
    Comment=(null)
ClusterName=c Account=root UserName=root(0) Partition= Priority=0 ID=2
    SharesRaw/Norm/Level/Factor=1/0.09/11/1.00
ClusterName=c Account=hep x UserName= Partition= Priority=3 ID=3
    SharesRaw/Norm/Level/Factor=10/0.91/11/0.00
    ParentAccount=root(1) Lineage=/hep x/ DefAssoc=No
    GrpJobs=8(2) GrpJobsAccrue=N(0)
    GrpSubmitJobs=N(0) GrpWall=100(0.00)
    GrpTRES=cpu=100(1),mem=5120(0),node=N(1)
    MaxJobs=7(0) MaxJobsAccrue= MaxSubmitJobs= MaxWallPJ=33
    MaxTRESPJ=cpu=4,node=3
ClusterName=c Account=kid UserName= Partition= Priority=3 ID=4
    SharesRaw/Norm/Level/Factor=2147483647/0.91/11/0.00
    ParentAccount=hep x(3) Lineage=/hep x/kid/ DefAssoc=No
ClusterName=c Account=kid UserName=ann(20000) Partition= Priority=3 ID=5
    SharesRaw/Norm/Level/Factor=1/0.91/11/0.00
    MaxJobs=2(1) MaxJobsAccrue= MaxSubmitJobs= MaxWallPJ=33
    MaxTRESPJ=cpu=5,node=3
ClusterName=c Account=kid UserName=far(4294967294) Partition=p Priority=3 ID=6
    SharesRaw/Norm/Level/Factor=1/0.91/11/0.00
    MaxJobs=7(0) MaxJobsAccrue= MaxSubmitJobs= MaxWallPJ=33
    MaxTRESPJ=cpu=4,node=3

QOS Records

QOS=normal(1)
    GrpJobs=3(1) GrpJobsAccrue=N(0) GrpSubmitJobs=N(6) GrpWall=N(0.00)
    MaxWallPJ=120
    MinPrioThresh= 
    Priority=10
    User Limits
      20000(20000)
        MaxJobsPU=N(1) MaxJobsAccruePU=N(0) MaxSubmitJobsPU=N(6)
)";

constexpr absl::string_view kTree =
    "Account - 'hep x':Fairshare=10:GrpJobs=8:GrpWall=100:"
    "GrpTRES='cpu=100,mem=5120,gres/gpu=1':MaxJobs=7:MaxTRESPerJob='cpu=4,"
    "node=3':MaxWallDurationPerJob=33:Priority=3\n"
    "Parent - 'hep x'\nAccount - 'kid':Fairshare='parent'\n"
    "Parent - 'kid'\n"
    "User - 'ann':DefaultAccount='kid':MaxJobs=2:MaxTRESPerJob='cpu=5'\n"
    "User - 'far':DefaultAccount='kid':Partition='p'\n";

std::vector<std::string> Differs(absl::string_view shown,
                                 absl::string_view tree = kTree) {
  DatabaseState state = StateFromTree(SiteOf(tree));
  const char* const kRows[] = {"root", "root/root", "hep x",
                               "kid",  "kid/ann",   "kid/far@p"};
  for (const auto& [key, row] : state.tree.associations) {
    for (size_t i = 0; i < std::size(kRows); ++i) {
      if (key.ToString() == kRows[i]) state.ids[key] = i + 1;
    }
  }
  state.tree.lists_qos = true;
  state.tree.qos[Name("normal")].fields.Set(Key::kQosGrpJobs, Name("3"));
  state.tree.qos[Name("normal")].fields.Set(Key::kQosPriority, Name("10"));
  state.tree.qos[Name("normal")].fields.Set(Key::kQosMaxWallDurationPerJob,
                                            Name("120"));
  ControllerViewReader reader("c");
  for (const absl::string_view line : absl::StrSplit(shown, '\n')) {
    reader.Line(line);
  }
  return ControllerDiffers(state, reader.Take());
}

TEST(ControllerViewTest, TheSame) { EXPECT_THAT(Differs(kShown), IsEmpty()); }

TEST(ControllerViewTest, EachDifferenceIsToldOnce) {
  const auto with = [](absl::string_view from, absl::string_view to) {
    EXPECT_NE(kShown.find(from), absl::string_view::npos) << from;
    return Differs(absl::StrReplaceAll(kShown, {{from, to}}));
  };
  EXPECT_THAT(with("MaxJobs=2(1)", "MaxJobs=9(1)"),
              ElementsAre("kid/ann: MaxJobs is 9 there, not 2"));
  EXPECT_THAT(with("cpu=5,node=3", "cpu=5"),
              ElementsAre("kid/ann: MaxTRESPerJob is cpu=5 there, not "
                          "cpu=5,node=3"));
  EXPECT_THAT(with("GrpJobs=8(2)", "GrpJobs=N(2)"),
              ElementsAre("hep x: GrpJobs is nothing there, not 8"));
  // No job is held to what an account's own row has from above.
  EXPECT_THAT(
      with("    MaxJobs=7(0) MaxJobsAccrue= MaxSubmitJobs= MaxWallPJ=33\n"
           "    MaxTRESPJ=cpu=4,node=3\nClusterName=c Account=kid "
           "UserName= P",
           "ClusterName=c Account=kid UserName= P"),
      IsEmpty());
  EXPECT_THAT(with("hep x(3) Lineage", "root(1) Lineage"),
              ElementsAre("kid: it is not below hep x there"));
  EXPECT_THAT(with("Factor=10/", "Factor=11/"),
              ElementsAre("hep x: Fairshare is 11 there, not 10"));
  EXPECT_THAT(with("ID=6", "ID=7"),
              ElementsAre("kid/far@p: it has no such row",
                          "kid/far@p: it has this row still"));
  EXPECT_THAT(with("ann(20000) DefAccount=kid", "ann(20000) DefAccount=root"),
              ElementsAre("user ann: DefaultAccount is root there, not kid"));
  EXPECT_THAT(with("AdminLevel=None", "AdminLevel=Operator"),
              ElementsAre("user far: AdminLevel is Operator there, not "
                          "nothing"));
  EXPECT_THAT(with("Priority=10", "Priority=11"),
              ElementsAre("QOS normal: Priority is 11 there, not 10"));
  EXPECT_THAT(with("QOS=normal(1)", "QOS=old(1)"),
              ElementsAre("QOS normal: it has none of this name",
                          "QOS old: it has it still"));
}

}  // namespace assocsync::controller_view_test
