#include "engine/io/database.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/io/bounded.h"
#include "engine/io/unique_fd.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::database_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

// Answers what it was told to, and records what it was asked.
class FakeDatabase : public Database {
 public:
  absl::Status ForEachRow(absl::string_view sql, RowSink sink) override {
    asked.emplace_back(sql);
    const auto it = answers.find(std::string(sql));
    if (it == answers.end()) return absl::OkStatus();
    if (!it->second.ok()) return it->second.status();
    for (const Row& row : *it->second) {
      std::vector<Value> values;
      for (const auto& value : row) {
        values.push_back(value.has_value() ? Value(*value) : Value());
      }
      const absl::Status status = sink(values);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  std::map<std::string, absl::StatusOr<std::vector<Row>>> answers;
  std::vector<std::string> asked;
};

TEST(SqlTextTest, QuotesEverythingThatCouldEndTheQuotes) {
  EXPECT_EQ(SqlString("a"), "'a'");
  EXPECT_EQ(SqlString("o'b\\r\""), "'o''b\\\\r\"'");
  EXPECT_EQ(SqlString(absl::string_view("\0", 1)), "'\\0'");
  EXPECT_EQ(SqlName("lab_assoc_table"), "`lab_assoc_table`");
  EXPECT_EQ(SqlName("a`b"), "`a``b`");
}

TEST(LockTest, TakenHeldAndBroken) {
  FakeDatabase database;
  const std::string get = "SELECT GET_LOCK('l', 0)";
  database.answers[get] = std::vector<Database::Row>{{"1"}};
  EXPECT_TRUE(TryLock(database, "l").ok());
  database.answers[get] = std::vector<Database::Row>{{"0"}};
  database.answers["SELECT IS_USED_LOCK('l')"] =
      std::vector<Database::Row>{{"42"}};
  const absl::Status held = TryLock(database, "l");
  EXPECT_EQ(held.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(held.message()), HasSubstr("(connection 42)"));
  database.answers[get] = std::vector<Database::Row>{{std::nullopt}};
  EXPECT_EQ(TryLock(database, "l").code(), absl::StatusCode::kInternal);
  database.answers[get] = absl::UnavailableError("gone");
  EXPECT_EQ(TryLock(database, "l"), absl::UnavailableError("gone"));
  EXPECT_EQ(TryLock(database, std::string(65, 'x')).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(CountRowsTest, CountsInOneSnapshotAndAlwaysEndsIt) {
  FakeDatabase database;
  database.answers["SELECT COUNT(*) FROM `a`"] =
      std::vector<Database::Row>{{"3"}};
  database.answers["SELECT COUNT(*) FROM `b`"] =
      std::vector<Database::Row>{{"0"}};
  EXPECT_THAT(*CountRows(database, {"a", "b"}),
              ElementsAre(Pair("a", 3), Pair("b", 0)));
  EXPECT_THAT(
      database.asked,
      ElementsAre("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
                  "SELECT COUNT(*) FROM `a`", "SELECT COUNT(*) FROM `b`",
                  "COMMIT"));
  database.answers["SELECT COUNT(*) FROM `a`"] = absl::InternalError("no a");
  EXPECT_EQ(CountRows(database, {"a", "b"}).status(),
            absl::InternalError("counting a: no a"));
  EXPECT_EQ(database.asked.back(), "COMMIT");
}

TEST(TableSizesTest, SortedByName) {
  FakeDatabase database;
  database.answers
      ["SELECT TABLE_NAME, COALESCE(ENGINE, ''), COALESCE(TABLE_ROWS, 0),"
       " COALESCE(DATA_LENGTH, 0), COALESCE(INDEX_LENGTH, 0)"
       " FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'db'"
       " AND TABLE_TYPE = 'BASE TABLE'"] = std::vector<Database::Row>{
      {"b", "InnoDB", "7", "16384", "32768"}, {"a", "Aria", "0", "0", "0"}};
  const auto tables = TableSizes(database, "db");
  ASSERT_TRUE(tables.ok()) << tables.status();
  ASSERT_EQ(tables->size(), 2u);
  EXPECT_EQ((*tables)[0].name, "a");
  EXPECT_EQ((*tables)[0].engine, "Aria");
  EXPECT_EQ((*tables)[1].rows, 7u);
  EXPECT_EQ((*tables)[1].data_bytes, 16384u);
  EXPECT_EQ((*tables)[1].index_bytes, 32768u);
}

TEST(DescribeTest, NeverShowsThePassword) {
  DatabaseOptions options;
  options.database = "acct";
  options.password = "hidden";
  EXPECT_EQ(options.Describe(),
            "database acct at localhost:3306 as the current user");
  options.socket = "/run/db.sock";
  options.user = "slurm";
  EXPECT_EQ(options.Describe(), "database acct at /run/db.sock as slurm");
  options.defaults_file = "/root/.my.cnf";
  EXPECT_EQ(options.Describe(), "database acct as /root/.my.cnf says");
}

TEST(ConnectTest, SaysWhereAndWhatNextWhenNobodyAnswers) {
  DatabaseOptions options;
  options.host = "127.0.0.1";
  options.port = 1;
  options.user = "slurm";
  options.password = "hidden";
  options.database = "acct";
  options.origin = "/etc/slurm/slurmdbd.conf";
  const absl::Status status = Connect(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("database acct at 127.0.0.1:1 as slurm"));
  EXPECT_THAT(message, HasSubstr("is the server running"));
  EXPECT_THAT(message, HasSubstr("/etc/slurm/slurmdbd.conf"));
  EXPECT_THAT(message, Not(HasSubstr("hidden")));
  options.defaults_file = "/no/my.cnf";
  EXPECT_EQ(Connect(options).status(),
            absl::NotFoundError(
                "/no/my.cnf: cannot open: No such file or directory"));
}

// Takes connections (the kernel does) and never says a word.
class SilentServer {
 public:
  SilentServer() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(fd_.get(), any, size), 0);
    EXPECT_EQ(listen(fd_.get(), 5), 0);
    EXPECT_EQ(getsockname(fd_.get(), any, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  int port() const { return port_; }

 private:
  const UniqueFd fd_;
  int port_ = 0;
};

TEST(ConnectTest, SilentServerIsWaitedForAsLongAsWasSaid) {
  const SilentServer server;
  DatabaseOptions options;
  options.host = "127.0.0.1";
  options.port = server.port();
  options.SetTimeout(absl::Seconds(1));
  const absl::Status status = Connect(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no answer within 1s"));
}

TEST(ConnectTest, StopsOnRequest) {
  const SilentServer server;
  std::atomic<bool> stop = false;
  DatabaseOptions options;
  options.host = "127.0.0.1";
  options.port = server.port();
  options.connect_timeout = absl::Hours(1);
  options.stop = &stop;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop = true;
  });
  EXPECT_EQ(Connect(options).status().code(), absl::StatusCode::kCancelled);
  later.join();
}

TEST(RunBoundedTest, LeavesBehindWhatDoesNotEnd) {
  const auto release = std::make_shared<std::atomic<bool>>(false);
  const auto stuck = [release] {
    while (!*release) std::this_thread::yield();
  };
  EXPECT_EQ(RunBounded(stuck, absl::Milliseconds(1), nullptr).code(),
            absl::StatusCode::kDeadlineExceeded);
  const std::atomic<bool> stop = true;
  EXPECT_EQ(RunBounded(stuck, absl::Hours(1), &stop).code(),
            absl::StatusCode::kCancelled);
  *release = true;
  // What ends by itself has ended, stop or not.
  bool ran = false;
  EXPECT_TRUE(RunBounded([&] { ran = true; }, absl::Hours(1), &stop).ok());
  EXPECT_TRUE(ran);
}

}  // namespace assocsync::database_test
