// The reader against a database that answers from a table of texts.
#include "engine/live/transactions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace assocsync::transactions_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FakeDatabase : public Database {
 public:
  absl::Status ForEachRow(absl::string_view sql, RowSink sink) override {
    statements.emplace_back(sql);
    for (const auto& [part, rows] : answers) {
      if (!absl::StrContains(sql, part)) continue;
      if (!rows.ok()) return rows.status();
      for (const Row& row : *rows) {
        std::vector<Value> values;
        for (const auto& value : row) {
          values.push_back(value.has_value() ? Value(absl::string_view(*value))
                                             : Value());
        }
        if (absl::Status status = sink(values); !status.ok()) return status;
      }
      return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  std::vector<std::pair<std::string, absl::StatusOr<std::vector<Row>>>> answers;
  std::vector<std::string> statements;
};

Database::Row Txn(const char* id, const char* action, const char* name,
                  std::optional<std::string> info) {
  return {{id}, {"100"}, {action}, {name}, {"ann"}, {"lab"}, std::move(info)};
}

TEST(TransactionReaderTest, NamesFromTheTableElseFromTheLog) {
  const Database::Row add =
      Txn("3", "1404", "id_assoc=6", "acct='gone', user='u'");
  const Database::Row remove =
      Txn("4", "1437", "id_assoc=5 || id_assoc=6 || id_assoc=7", "NULL");
  FakeDatabase database;
  database.answers = {
      {"MIN(timestamp)", {{{{"90"}, {"11"}}}}},
      {"DISTINCT actor", {{{{"bob"}}, {{"ann"}}}}},
      {"action IN (1429", {{remove}}},
      {"action IN (1404", {{add}}},
      // 7 belongs to somebody who came after the deed.
      {"FROM `lab_assoc_table`",
       {{{{"5"}, {"hep"}, {"al"}, {""}, {"50"}},
         {{"7"}, {"new"}, {""}, {""}, {"101"}}}}},
      {"FROM txn_table WHERE timestamp >= 95 AND actor = 'it''s'", {{remove}}},
  };
  TransactionReader reader(&database);
  TransactionQuery query;
  query.since = 95;
  query.actor = "it's";
  const auto extent = reader.Begin(query);
  ASSERT_TRUE(extent.ok()) << extent.status();
  EXPECT_EQ(extent->oldest, 90);
  EXPECT_THAT(extent->actors, ElementsAre("ann", "bob"));
  std::vector<std::string> seen;
  ASSERT_TRUE(reader
                  .ForEach([&](const Transaction& transaction) {
                    for (const auto& object : transaction.objects) {
                      seen.push_back(object.named ? object.account : "?");
                    }
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_THAT(seen, ElementsAre("hep", "gone", "?"));
  EXPECT_EQ(database.statements.front(),
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  EXPECT_EQ(database.statements.back(), "COMMIT");
  for (const std::string& sql : database.statements) {
    EXPECT_FALSE(absl::StrContains(sql, "FOR UPDATE")) << sql;
  }
}

TEST(TransactionReaderTest, ErrorsSayWhatToDo) {
  struct Case {
    absl::Status status;
    absl::StatusCode code;
    const char* text;
  };
  const Case cases[] = {
      {absl::PermissionDeniedError("MariaDB error 1142: SELECT denied"),
       absl::StatusCode::kPermissionDenied, "GRANT SELECT"},
      {absl::InternalError("MariaDB error 1146: no table"),
       absl::StatusCode::kNotFound, "StorageLoc"},
      {absl::UnavailableError("MariaDB error 2013: lost"),
       absl::StatusCode::kUnavailable, "reading the transaction log"},
  };
  for (const Case& c : cases) {
    FakeDatabase database;
    database.answers = {{"txn_table", c.status}};
    TransactionReader reader(&database);
    const auto extent = reader.Begin({});
    EXPECT_EQ(extent.status().code(), c.code);
    EXPECT_THAT(std::string(extent.status().message()), HasSubstr(c.text));
  }
}

}  // namespace assocsync::transactions_test
