// Rows as real daemons wrote them (20.11.4, 22.05.8, 24.11.5, 26.05.5), through
// reading, naming and showing.
#include "engine/render/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/log/transaction_names.h"

namespace assocsync::log_test {

using ::testing::HasSubstr;

constexpr int64_t kTime = 1795545386;

TransactionObject Row(std::string account, std::string user,
                      std::string partition = "") {
  TransactionObject object;
  object.named = true;
  object.account = std::move(account);
  object.user = std::move(user);
  object.partition = std::move(partition);
  return object;
}

TransactionNames Names() {
  TransactionNames names;
  names.AddTres(1, "cpu");
  names.AddTres(2, "mem");
  names.AddTres(1002, "gres/gpu:a100");
  names.AddRow({ObjectKind::kQos, "", 1}, {.named = true, .name = "normal"},
               kTime - 100);
  names.AddRow({ObjectKind::kQos, "", 3}, {.named = true, .name = "fast"},
               kTime - 100);
  names.AddRow({ObjectKind::kQos, "", 7}, {.named = true, .name = "young"},
               kTime + 1);
  names.AddRow({ObjectKind::kAssociation, "lab", 1}, Row("root", ""),
               kTime - 100);
  names.AddRow({ObjectKind::kAssociation, "lab", 8}, Row("sub", ""),
               kTime - 100);
  names.AddRow({ObjectKind::kAssociation, "lab", 9}, Row("hep", "alice"),
               kTime - 100);
  names.AddRow({ObjectKind::kAssociation, "lab", 10}, Row("hep", "carol"),
               kTime - 100);
  names.AddRow({ObjectKind::kAssociation, "lab", 11},
               Row("bio", "alice", "gpu"), kTime - 100);
  names.AddRow({ObjectKind::kAssociation, "lab", 12}, Row("bio", "young"),
               kTime + 1);
  TransactionObject wckey;
  wckey.named = true;
  wckey.name = "w2";
  wckey.user = "alice";
  names.AddRow({ObjectKind::kWckey, "lab", 2}, wckey, kTime - 100);
  return names;
}

Transaction Read(int action, std::string name, std::optional<std::string> info,
                 std::string cluster) {
  TransactionRow row;
  row.id = 30;
  row.time = kTime;
  row.action = action;
  row.name = std::move(name);
  row.actor = "ann";
  row.cluster = std::move(cluster);
  row.info = std::move(info);
  Transaction transaction = ReadTransaction(std::move(row));
  Names().Resolve(&transaction);
  return transaction;
}

std::string Shown(const Transaction& transaction) {
  LogTextOptions options;
  options.zone = absl::UTCTimeZone();
  const std::string line = LogLine(transaction, options);
  absl::string_view rest = line;
  EXPECT_TRUE(absl::ConsumePrefix(&rest, "2026-11-24 18:36:26 +00:00  ann  "));
  EXPECT_TRUE(absl::ConsumeSuffix(&rest, "\n"));
  return std::string(rest);
}

struct Case {
  int action;
  const char* name;
  const char* info;  // nullptr: NULL
  const char* cluster;
  const char* want;
};

constexpr Case kRecorded[] = {
    {1402, "hep", R"(description='it`s \\ a `q` 100%', organization='phys')",
     "",
     R"(add     account hep  Description='it`s \\ a `q` 100%', )"
     "Organization='phys'"},
    {1402, "sub", "description='sub', organization='hep', flags='0'", "",
     "add     account sub  Description='sub', Organization='hep'"},
    {1403, "alice", "hep", "", "add     coordinator alice of hep"},
    {1404, "id_assoc=7",
     "mod_time=1795545384, acct='bio', parent_acct='root', user='', shares=1, "
     "grp_jobs=NULL, grp_jobs_accrue=NULL, grp_submit_jobs=NULL, "
     "grp_wall=NULL, max_jobs=4, max_jobs_accrue=NULL, min_prio_thresh=NULL, "
     "max_submit_jobs=NULL, max_wall_pj=NULL, priority=NULL, def_qos_id=NULL, "
     "grp_tres='1=4,2=2560', qos='', delta_qos=''",
     "lab",
     "add     association bio on lab  Parent=root, MaxJobs=4, "
     "GrpTRES=cpu=4,mem=2560"},
    {1404, "id_assoc=3",
     "mod_time=1, acct='p', is_def=65534, parent_acct='root', user='', "
     "id_parent='1', lineage='/p/', shares=1, def_qos_id=3, "
     "delta_qos=',+3,-1,'",
     "lab",
     "add     association p on lab  Parent=root, DefaultQOS=fast, "
     "QOS=+fast,-normal"},
    {1404, "id_assoc=11",
     "mod_time=1, acct='bio', is_def=0, user='alice', `partition`='gpu', "
     "id_parent='7', lineage='/bio/0-alice/gpu/', shares=7, flags=131072, "
     "qos='', delta_qos=''",
     "lab", "add     association bio/alice@gpu on lab  Fairshare=7"},
    {1405, "lab",
     "mod_time=1, shares=1, grp_jobs=NULL, qos=',1,', federation='', fed_id=0, "
     "fed_state=0, features=''",
     "", "add     cluster lab  QOS=normal"},
    {1406, "al ice", "", "", "add     user 'al ice'"},
    {1406, "alice", "admin_level=1", "", "add     user alice"},
    {1406, "ann", "admin_level=3", "",
     "add     user ann  AdminLevel=Administrator"},
    {1428, "(name='bio')", "description='newdesc', organization='neworg'", "",
     "modify  account bio  Description='newdesc', Organization='neworg'"},
    {1428, "(name='root')", "flags=flags|65536", "",
     "modify  account root  Flags+=UsersAreCoords"},
    {1429, "(id_assoc=9)",
     "max_jobs=8, max_wall_pj=1440, grp_tres = if (id_assoc=9, '1=10,1002=2', "
     "grp_tres)",
     "lab",
     "modify  association hep/alice on lab  MaxJobs=8, "
     "MaxWallDurationPerJob=1440, GrpTRES=cpu=10,gres/gpu:a100=2"},
    {1429, "(id_assoc=9 || id_assoc=10)",
     "grp_tres = if (id_assoc=9, '1=5', grp_tres), max_tres_pj = if "
     "(id_assoc=9, '2=4096', max_tres_pj), grp_tres = if (id_assoc=10, '1=6', "
     "grp_tres), max_tres_pj = if (id_assoc=10, '2=4096', max_tres_pj)",
     "lab",
     "modify  associations hep/alice, hep/carol on lab  GrpTRES=cpu=5 "
     "(hep/alice), MaxTRESPerJob=mem=4096, GrpTRES=cpu=6 (hep/carol)"},
    {1429, "(id_assoc=9 || id_assoc=10)",
     "qos=if (qos='', '', replace(concat(replace(qos, ',3,', ','), ',3,'), "
     "',,', ',')), delta_qos=if (qos='', "
     "replace(concat(replace(replace(delta_qos, ',+3,', ','), ',-3,', ','), "
     "',+3,'), ',,', ','), '')",
     "lab", "modify  associations hep/alice, hep/carol on lab  QOS+=fast"},
    {1429, "(id_assoc=9)",
     "qos=if (qos='', '', replace(replace(qos, ',3,', ','), ',,', ',')), "
     "qos=if (qos=',', '', qos), delta_qos=if (qos='', "
     "replace(concat(replace(replace(delta_qos, ',+3,', ','), ',-3,', ','), "
     "',-3,'), ',,', ','), '')",
     "lab", "modify  association hep/alice on lab  QOS-=fast"},
    {1429, "(id_assoc=9)", "qos=',3,4,1,', delta_qos=''", "lab",
     "modify  association hep/alice on lab  "
     "QOS='#4 (row is gone),fast,normal'"},
    {1429, "(id_assoc=9)", "qos='', delta_qos=''", "lab",
     "modify  association hep/alice on lab  QOS cleared"},
    {1429, "(id_assoc=9)", "def_qos_id=NULL", "lab",
     "modify  association hep/alice on lab  DefaultQOS cleared"},
    {1429, "(id_assoc=8)", "shares=2147483647, grp_jobs=3", "lab",
     "modify  association sub on lab  Fairshare=parent, GrpJobs=3"},
    {1429, "(id_assoc=11)", "is_def=1", "lab",
     "modify  association bio/alice@gpu on lab  DefaultAccount=bio"},
    {1429, "(id_assoc=9)", R"(comment='it`s a \\ || qos=if(1,2), x')", "lab",
     R"J(modify  association hep/alice on lab  Comment='it`s a \\ || )J"
     "qos=if(1,2), x'"},
    {1430, "name='other'", "classification=2", "",
     "modify  cluster other  Classification=capacity"},
    {1431, "(name='alice')", "admin_level=2", "",
     "modify  user alice  AdminLevel=Operator"},
    {1431, "(name='ann')", "name='annx'", "", "modify  user ann  NewName=annx"},
    {1435, "name in('k1','k2')", nullptr, "", "delete  accounts k1, k2"},
    {1435, "name='k1' || name='k2'", nullptr, "", "delete  accounts k1, k2"},
    {1436, "(user='u1' || user='u2') && (acct='a1' || acct='a2')", nullptr, "",
     "delete  coordinators u1 of a1, u2 of a1, u1 of a2, u2 of a2"},
    {1436, "(user='carol')", nullptr, "",
     "delete  coordinator carol of all accounts"},
    {1436, "(acct='hep')", nullptr, "", "delete  coordinator everybody of hep"},
    {1437, "id_assoc=10 || id_assoc=5", nullptr, "lab",
     "delete  associations hep/carol, #5 (row is gone) on lab"},
    {1438, "name='other'", nullptr, "", "delete  cluster other"},
    {1439, "name in('al ice')", nullptr, "", "delete  user 'al ice'"},
    {1450, "id='3' || id='4'", nullptr, "",
     "delete  qos fast, #4 (row is gone)"},
    {1451, "(name='fast')",
     "flags=64, priority=9, max_tres_pu = if (id=3, '1=3', max_tres_pu)", "",
     "modify  qos fast  Flags=DenyOnLimit, Priority=9, MaxTRESPerUser=cpu=3"},
    {1451, "(name='fast')", "preempt=',3,', preempt_mode=2", "",
     "modify  qos fast  Preempt=fast, PreemptMode=requeue"},
    {1451, "(name='fast')",
     "preempt=if(replace(concat(replace(preempt, ',3,', ''), ',3,'), ',,', "
     "',')=',', '', replace(concat(replace(preempt, ',3,', ''), ',3,'), ',,', "
     "','))",
     "", "modify  qos fast  Preempt+=fast"},
    {1451, "(name='fast')",
     "preempt=if(replace(preempt, ',3,', ',')=',', '', replace(preempt, "
     "',3,', ','))",
     "", "modify  qos fast  Preempt-=fast"},
    {1451, "(name='fast')", "preempt=''", "",
     "modify  qos fast  Preempt cleared"},
    {1451, "(name='fast')", "flags=(flags | 256)", "",
     "modify  qos fast  Flags+=NoDecay"},
    {1451, "(name='fast')", "flags=(flags & ~2415919103), grace_time=NULL", "",
     "modify  qos fast  Flags cleared, GraceTime cleared"},
    {1452, "id_wckey=1", "mod_time=1, user='alice', wckey_name='w1', is_def=1",
     "lab", "add     wckey w1 of user alice on lab  DefaultWCKey=w1"},
    {1455, "id_wckey='2' || id_wckey='9'", nullptr, "lab",
     "delete  wckeys w2 of user alice, #9 (row is gone) on lab"},
    {1456, "id_wckey='2'", "is_def=1", "lab",
     "modify  wckey w2 of user alice on lab  DefaultWCKey=w2"},
    {1483, "res_id='1'", nullptr, "", "delete  resource #1"},
    {1493, "fed", "mod_time=1", "", "add     federation fed"},
    {1497, "name='fed'", nullptr, "", "delete  federation fed"},
};

TEST(LogLineTest, RecordedRows) {
  for (const Case& c : kRecorded) {
    std::optional<std::string> info;
    if (c.info != nullptr) info = c.info;
    EXPECT_EQ(Shown(Read(c.action, c.name, info, c.cluster)), c.want);
  }
}

// What is not understood is shown as it stands; what could mean two things is
// not named.
TEST(LogLineTest, NothingIsGuessed) {
  constexpr Case kOdd[] = {
      {1499, "x='1'", "y=2", "", "action 1499  x='1'  y=2"},
      {1429, "(id_assoc=9", "max_jobs=1", "lab",
       "modify  association (id_assoc=9 on lab  MaxJobs=1"},
      {1429, "(id_assoc=9)", "max_jobs='never closed", "lab",
       "modify  association hep/alice on lab  max_jobs='never closed"},
      // The id belongs to a row that was added later.
      {1429, "(id_assoc=12)", "def_qos_id=7", "lab",
       "modify  association #12 (row is gone) on lab  "
       "DefaultQOS='#7 (row is gone)'"},
      // Another cluster's ids are others.
      {1429, "(id_assoc=9)", "max_jobs=1", "old",
       "modify  association #9 (row is gone) on old  MaxJobs=1"},
      // Nearly, but not quite, what slurmdbd writes to add a QOS.
      {1429, "(id_assoc=9)",
       "qos=if (qos='', '', replace(concat(replace(qos, ',3,', ','), ',4,'), "
       "',,', ','))",
       "lab",
       "modify  association hep/alice on lab  QOS: if (qos='', '', "
       "replace(concat(replace(qos, ',3,', ','), ',4,'), ',,', ','))"},
      {1429, "(id_assoc=9)", "qos='2,'", "lab",
       "modify  association hep/alice on lab  QOS=2,"},
      {1429, "(id_assoc=9)", "grp_tres='9=1,x'", "lab",
       "modify  association hep/alice on lab  GrpTRES=9=1,x"},
      {1429, "(id_assoc=9)", "grp_tres='9=1'", "lab",
       "modify  association hep/alice on lab  GrpTRES=tres#9=1"},
      {1429, "(id_assoc=9)", "new_column=sqrt(2)", "lab",
       "modify  association hep/alice on lab  new_column: sqrt(2)"},
      {1451, "(name='fast')", "flags=5000", "", "modify  qos fast  Flags=5000"},
      {1439, R"((name='o\'b\\n || \x1b[31m'))", nullptr, "",
       R"(delete  user 'o'b\\n || x1b[31m')"},
      {1402, "a\x1b[2J\xff\n", "description='\xe2\x80\xae'", "",
       "add     account a\\x1b[2J\\xff\\n  Description='\\u{202e}'"},
      {1403, "alice", nullptr, "", "add     coordinator alice"},
  };
  for (const Case& c : kOdd) {
    std::optional<std::string> info;
    if (c.info != nullptr) info = c.info;
    EXPECT_EQ(Shown(Read(c.action, c.name, info, c.cluster)), c.want);
  }
}

TEST(LogLineTest, ManyObjects) {
  std::string name = "id_assoc=100";
  for (int i = 101; i < 120; ++i) absl::StrAppend(&name, " || id_assoc=", i);
  EXPECT_THAT(Shown(Read(1437, name, std::nullopt, "lab")),
              HasSubstr("#109 (row is gone) and 10 more on lab"));
}

TEST(TransactionNamesTest, TheLogNamesWhatTheTableLost) {
  TransactionNames names;
  const auto add = [&](uint64_t txn, const char* account) {
    TransactionRow row;
    row.id = txn;
    row.time = kTime;
    row.action = 1404;
    row.cluster = "lab";
    row.name = "id_assoc=5";
    row.info = absl::StrCat("acct='", account, "', user=''");
    names.AddLogged(ReadTransaction(std::move(row)));
  };
  add(10, "first");
  add(20, "second");
  const auto named = [&](uint64_t txn) {
    TransactionRow row;
    row.id = txn;
    row.time = kTime;
    row.action = 1437;
    row.cluster = "lab";
    row.name = "id_assoc=5";
    Transaction transaction = ReadTransaction(std::move(row));
    names.Resolve(&transaction);
    return transaction.objects[0].named ? transaction.objects[0].account : "?";
  };
  EXPECT_EQ(named(9), "?");
  EXPECT_EQ(named(15), "first");
  EXPECT_EQ(named(25), "second");
}

// A row of the very second in which its id was freed may be the next holder.
TEST(TransactionNamesTest, AReusedIdIsNotNamed) {
  TransactionNames names;
  names.AddRow({ObjectKind::kQos, "", 4}, {.named = true, .name = "next"},
               kTime);
  Transaction gone = Read(1450, "id='4'", std::nullopt, "");
  EXPECT_TRUE(names.Knows({ObjectKind::kQos, "", 4}, kTime));
  names.AddRemoval(gone);
  EXPECT_FALSE(names.Knows({ObjectKind::kQos, "", 4}, kTime));
  EXPECT_TRUE(names.Knows({ObjectKind::kQos, "", 4}, kTime + 1));
}

TEST(ActionCodesTest, Words) {
  EXPECT_THAT(ActionCodes("delete user"), testing::ElementsAre(1439));
  EXPECT_THAT(ActionCodes("Remove-User"), testing::ElementsAre(1439));
  EXPECT_THAT(ActionCodes("wckey"), testing::ElementsAre(1452, 1455, 1456));
  EXPECT_THAT(ActionCodes("1499"), testing::ElementsAre(1499));
  EXPECT_THAT(ActionCodes("modify"), testing::Contains(1429));
  for (const char* word : {"", "deleted", "99999", "user delete", "removed"}) {
    EXPECT_THAT(ActionCodes(word), testing::IsEmpty()) << word;
  }
}

TEST(LogJsonTest, IsOneDocument) {
  const std::string text =
      LogJsonBegin(kTime) +
      LogJsonEntry(Read(1429, "(id_assoc=9 || id_assoc=5)",
                        "max_jobs=NULL, grp_tres = if (id_assoc=9, '1=5', "
                        "grp_tres), x=y()",
                        "lab"),
                   true) +
      LogJsonEntry(Read(1499, "\xff", std::nullopt, ""), false) + LogJsonEnd();
  const auto document = nlohmann::json::parse(text);
  EXPECT_EQ(document.at("oldest"), "2026-11-24T18:36:26Z");
  const auto& first = document.at("transactions").at(0);
  EXPECT_EQ(first.at("objects").dump(),
            R"([{"account":"hep","id":9,"partition":"","user":"alice"},)"
            R"({"id":5}])");
  EXPECT_EQ(first.at("settings").dump(),
            R"([{"how":"clear","key":"MaxJobs","value":null},)"
            R"({"how":"set","key":"GrpTRES","only_id":9,"value":"cpu=5"},)"
            R"J({"how":"sql","key":"x","value":"y()"}])J");
  const auto& second = document.at("transactions").at(1);
  EXPECT_EQ(second.at("action"), "action");
  EXPECT_TRUE(second.at("objects").is_null());
  EXPECT_EQ(second.at("name").at("base64"), "/w==");
}

TEST(LogJsonTest, NoTerminalTakesItForMore) {
  EXPECT_THAT(
      LogJsonEntry(Read(1499, "a\u009b31m\u202e", std::nullopt, ""), true),
      HasSubstr("a\\u009b31m\\u202e"));
}

}  // namespace assocsync::log_test
