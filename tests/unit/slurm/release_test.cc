#include "engine/slurm/release.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace assocsync::release_test {

TEST(ReleaseTest, Parse) {
  const struct {
    const char* text;
    Release want;
  } kCases[] = {
      {"slurm-wlm 24.11.5", {2411, 5}}, {"slurm 22.05.8\n", {2205, 8}},
      {"24.11.5", {2411, 5}},           {"24.11", {2411, 0}},
      {"20.11.4-1", {2011, 4}},         {"26.05.0-0rc1", {2605, 0}}};
  for (const auto& c : kCases) {
    const auto release = ParseRelease(c.text);
    ASSERT_TRUE(release.ok()) << c.text;
    EXPECT_EQ(*release, c.want) << c.text;
  }
  for (const char* text : {"", "slurm", "24", "24.1", "24.13.1", "24.11.x",
                           "1.2.3", "2024.11.5"}) {
    EXPECT_FALSE(ParseRelease(text).ok()) << text;
  }
  EXPECT_EQ((Release{2205, 8}).ToString(), "22.05.8");
}

TEST(ReleaseTest, TableIsSortedAndFindsItsRows) {
  const auto table = BehaviourTable();
  for (size_t i = 1; i < table.size(); ++i) {
    EXPECT_LT(table[i - 1].since, table[i].since);
  }
  for (const Behaviour& row : table) {
    EXPECT_EQ(BehaviourOf(row.since)->since, row.since);
    EXPECT_GT(row.add_batch, 0);
    EXPECT_GT(row.delete_batch, 0);
  }
  EXPECT_EQ(BehaviourOf({2411, 5})->since, (Release{2411, 2}));
  EXPECT_EQ(BehaviourOf({9911, 0})->since, table.back().since);
  EXPECT_TRUE(IsNewerThanTable({9911, 0}));
  EXPECT_FALSE(IsNewerThanTable({2605, 9}));
  EXPECT_EQ(BehaviourOf({2002, 0}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

// slurm-facts 0.1, row by row.
TEST(ReleaseTest, HowDeletesMatch) {
  const Match exact = Match::kExact;
  const Match prefix = Match::kLikePrefix;
  const Match anywhere = Match::kLikeAnywhere;
  const struct {
    Release release;
    Match account, user, assoc, partition;
    bool subtree;
  } kCases[] = {
      {{2011, 4}, exact, exact, exact, exact, true},
      {{2302, 8}, exact, exact, exact, exact, true},
      {{2311, 11}, anywhere, anywhere, prefix, prefix, true},
      {{2405, 3}, anywhere, anywhere, prefix, prefix, true},
      {{2405, 4}, anywhere, anywhere, exact, exact, false},
      {{2511, 3}, anywhere, anywhere, exact, exact, false},
      {{2511, 4}, anywhere, anywhere, prefix, exact, true},
      {{2605, 5}, anywhere, anywhere, prefix, exact, true},
  };
  for (const auto& c : kCases) {
    const Behaviour b = *BehaviourOf(c.release);
    EXPECT_EQ(b.account_delete_by_name, c.account) << c.release.ToString();
    EXPECT_EQ(b.user_delete_by_name, c.user) << c.release.ToString();
    EXPECT_EQ(b.assoc_delete, c.assoc) << c.release.ToString();
    EXPECT_EQ(b.account_delete_takes_subtree, c.subtree);
    EXPECT_EQ(b.assoc_delete_partition, c.partition) << c.release.ToString();
  }
}

// slurm-facts 6.1: which series a database may be of, by its columns.
TEST(ReleaseTest, SeriesWithTheSameColumns) {
  const struct {
    int series, last;
  } kCases[] = {{2011, 2011}, {2108, 2205}, {2205, 2205}, {2302, 2302},
                {2311, 2311}, {2405, 2405}, {2411, 2411}, {2505, kNoNewest}};
  for (const auto& c : kCases) {
    EXPECT_EQ(LastWithColumnsOf(c.series), c.last) << c.series;
  }
}

TEST(ReleaseTest, WhatDumpWrites) {
  const struct {
    int series;
    bool comment, qos, by_lineage, hides_records;
  } kCases[] = {
      {1905, false, false, false, false},  // As the oldest.
      {2011, false, false, false, false}, {2205, false, false, false, false},
      {2302, true, false, false, false},  {2311, true, false, true, false},
      {2405, true, false, true, true},    {2411, true, false, true, true},
      {2505, true, true, true, true},     {2605, true, true, true, true}};
  for (const auto& c : kCases) {
    const Behaviour& b = BehaviourOfSeries(c.series);
    EXPECT_EQ(b.has_comment, c.comment) << c.series;
    EXPECT_EQ(b.dumps_gpumem_as_size, c.comment) << c.series;
    EXPECT_EQ(b.dumps_qos, c.qos) << c.series;
    EXPECT_EQ(b.has_lineage, c.by_lineage) << c.series;
    EXPECT_EQ(b.acct_has_flags, c.hides_records) << c.series;
  }
}

// slurm-facts 6.1: what a database says it is, and what it may become.
TEST(ReleaseTest, DatabasesThatItLeavesAndUpgrades) {
  const struct {
    int series, version, oldest;
    const char* came;  // Columns that those of the series before it lack.
    const char* went;
  } kCases[] = {
      {2011, 9, 9, "", ""},
      {2108, 10, 9, "qos_table.limit_factor", ""},
      {2205, 12, 9, "", ""},
      {2302, 13, 10, "_assoc_table.comment", ""},
      {2311, 15, 11, "_assoc_table.id_parent _assoc_table.lineage", ""},
      {2405, 15, 13, "acct_table.flags _assoc_table.flags", ""},
      {2411, 16, 13, "cluster_table.id txn_table.deleted", ""},
      {2505, 16, 14, "", "_assoc_table.lft _assoc_table.rgt"},
      {2511, 16, 15, "", ""},
      {2605, 16, 15, "", ""},
  };
  for (const auto& c : kCases) {
    const Behaviour& b = BehaviourOfSeries(c.series);
    EXPECT_EQ(b.schema_version, c.version) << c.series;
    EXPECT_EQ(b.oldest_schema, c.oldest) << c.series;
    std::vector<std::string> came, went;
    for (const SchemaColumn& column : SchemaColumns()) {
      const std::string name = absl::StrCat(column.table, ".", column.column);
      if (column.since == c.series) came.push_back(name);
      if (column.until == c.series) went.push_back(name);
    }
    EXPECT_EQ(absl::StrJoin(came, " "), c.came) << c.series;
    EXPECT_EQ(absl::StrJoin(went, " "), c.went) << c.series;
  }
}

// What other rooms ask for by its name.
TEST(ReleaseTest, WhatTablesDumpsAndSlurmctldDo) {
  const struct {
    Release release;
    int delete_batch;  // slurm-facts 0.2.
    std::string does;  // Of what stands below.
  } kCases[] = {
      {{2011, 4}, 100, "lft"},
      {{2205, 8}, 100, "lft"},
      {{2302, 8}, 100, "lft"},
      {{2311, 11}, 100, "lft last"},
      {{2405, 8}, 100, "lft flags last"},
      {{2411, 5}, 100, "lft flags deleted last reconfigure"},
      {{2505, 8}, 100, "flags deleted last marks reconfigure"},
      {{2511, 7}, 400, "flags deleted last marks reconfigure"},
      {{2605, 5}, 400, "flags deleted last marks reconfigure"},
  };
  for (const auto& c : kCases) {
    const Behaviour b = *BehaviourOf(c.release);
    const std::string name = c.release.ToString();
    EXPECT_EQ(b.add_batch, 400) << name;
    EXPECT_EQ(b.modify_batch, 400) << name;
    EXPECT_EQ(b.delete_batch, c.delete_batch) << name;
    std::vector<std::string> does;
    if (b.assoc_has_lft) does.push_back("lft");
    if (b.acct_has_flags) does.push_back("flags");
    if (b.txn_has_deleted) does.push_back("deleted");
    if (b.load_takes_last_default) does.push_back("last");
    if (b.load_marks_rows) does.push_back("marks");
    if (b.reconfigure_reads_tree) does.push_back("reconfigure");
    EXPECT_EQ(absl::StrJoin(does, " "), c.does) << name;
    EXPECT_TRUE(b.organization_is_parent) << name;
  }
}

// slurm-facts 4.4, 4.5, 4.8: from which release on.
TEST(ReleaseTest, WhatElseDiffers) {
  using enum Behaviour::DefaultGuard;
  using enum Behaviour::MoveIntoSelf;
  const struct {
    Release release;
    Behaviour::DefaultGuard guard;
    Behaviour::MoveIntoSelf move;
    std::string does;  // Of what stands below.
  } kCases[] = {
      {{2011, 4}, kClient, kDescendantFirst, "moves corrupts keeps where"},
      {{2108, 8}, kClient, kDescendantFirst, "moves corrupts keeps where"},
      {{2205, 8}, kInverted, kDescendantFirst, "moves corrupts where"},
      {{2302, 8}, kInverted, kDescendantFirst, "moves corrupts comment where"},
      {{2311, 0}, kInverted, kBreaksLineage, "corrupts comment where"},
      {{2311, 11}, kStrict, kBreaksLineage, "corrupts comment where"},
      {{2405, 2}, kStrict, kBreaksLineage, "corrupts comment where"},
      {{2405, 3}, kStrict, kBreaksLineage, "comment where"},
      {{2411, 1}, kStrict, kBreaksLineage, "comment"},
      {{2411, 2}, kStrict, kBreaksLineage, "comment where"},
      {{2505, 0}, kStrict, kBreaksLineage, "comment where"},
      {{2505, 1}, kStrict, kRefusedExit0, "moves comment where"},
      {{2511, 6}, kRemaining, kRefusedExit0, "moves comment where"},
      {{2605, 5}, kRemaining, kRefusedExit0, "moves comment where"},
  };
  for (const auto& c : kCases) {
    const Behaviour b = *BehaviourOf(c.release);
    const std::string name = c.release.ToString();
    EXPECT_EQ(b.default_guard, c.guard) << name;
    EXPECT_EQ(b.move_into_self, c.move) << name;
    std::vector<std::string> does;
    if (b.move_updates_descendants) does.push_back("moves");
    if (b.qos_delete_corrupts_lists) does.push_back("corrupts");
    if (b.keeps_empty_qos_list) does.push_back("keeps");
    if (b.has_comment) does.push_back("comment");
    if (b.account_where_works) does.push_back("where");
    EXPECT_EQ(absl::StrJoin(does, " "), c.does) << name;
  }
}

// A release that was run stands for itself; one that was only read must be
// right by its neighbours too, up to one that was run on either side.
TEST(ReleaseTest, RowsThatCouldHold) {
  const struct {
    Release release;
    const char* want;
  } kCases[] = {
      {{2205, 8}, "22.05.0"},
      {{2411, 5}, "24.11.2"},
      {{2405, 1}, "24.05.0 23.11.5 24.05.3 24.05.4"},
      {{2505, 0}, "25.05.0 24.11.2 25.05.1"},
      {{2511, 0}, "25.11.0 25.05.1 25.11.4 25.11.6"},
      // 23.02 has no lineages: other commands, and so no neighbour.
      {{2311, 0}, "23.11.0 23.11.1 23.11.5"},
      // Nor has 24.11.0 the commands of those beside it.
      {{2411, 0}, "24.11.0"},
  };
  for (const auto& c : kCases) {
    std::vector<std::string> rows;
    for (const Behaviour& row : RowsThatCouldHold(*BehaviourOf(c.release))) {
      rows.push_back(row.since.ToString());
      EXPECT_EQ(row.words, c.release);
    }
    EXPECT_EQ(absl::StrJoin(rows, " "), c.want);
  }
}

TEST(ReleaseTest, HowItIsKnown) {
  const auto evidence = [](Release release) {
    return BehaviourOf(release)->evidence.ToString();
  };
  EXPECT_EQ(evidence({2411, 5}), "run by the tests (24.11.5)");
  EXPECT_EQ(evidence({2505, 8}), "run once (25.05.8, 2026-11-26)");
  EXPECT_EQ(evidence({2405, 1}), "read");
}

// Of a series its newest point release that the tables tell apart, be it by a
// word of a value alone.
TEST(ReleaseTest, NewestOf) {
  EXPECT_EQ(NewestOf(2411), (Release{2411, 2}));
  EXPECT_EQ(NewestOf(2511), (Release{2511, 6}));
  EXPECT_EQ(NewestOf(2205), (Release{2205, 3}));
  EXPECT_EQ(NewestOf(2302), (Release{2302, 0}));
  EXPECT_EQ(NewestOf(2611), (Release{2611, 0}));
}

}  // namespace assocsync::release_test
