#include "tests/support/database_site.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/io/file.h"

namespace assocsync {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

std::string ReaderName(const LabRelease& release) {
  return absl::StrCat(LabConf(release).storage_loc, "_reader");
}
constexpr char kReaderPassword[] = "reader's own";

void MakeReader(const LabRelease& release) {
  const std::string who =
      absl::StrCat("'", ReaderName(release), "'@'127.0.0.1', '",
                   ReaderName(release), "'@'localhost'");
  for (absl::string_view user : absl::StrSplit(who, ", ")) {
    release.Sql(absl::StrCat("CREATE OR REPLACE USER ", user,
                             " IDENTIFIED BY 'reader''s own'; GRANT SELECT ON ",
                             LabConf(release).storage_loc, ".* TO ", user));
  }
}

}  // namespace

SlurmdbdConf LabConf(const LabRelease& release) {
  return OrDie(ReadSlurmdbdConf(release.Path("slurmdbd.conf")));
}

std::unique_ptr<Database> LeastRights(const LabRelease& release) {
  MakeReader(release);
  DatabaseOptions options = LabConf(release).Database();
  options.user = ReaderName(release);
  options.password = kReaderPassword;
  return OrDie(Connect(options));
}

std::string LeastRightsFile(const LabRelease& release,
                            const std::string& path) {
  MakeReader(release);
  const SlurmdbdConf conf = LabConf(release);
  const absl::Status written = WriteFileAtomic(
      path,
      absl::StrCat("[client]\nprotocol=tcp\nhost=", conf.storage_host,
                   "\nport=", conf.storage_port, "\nuser=", ReaderName(release),
                   "\npassword=\"", kReaderPassword, "\"\n"));
  if (!written.ok()) std::abort();
  return path;
}

LabDatabase::LabDatabase(const LabRelease& release)
    : release_(release),
      name_(absl::StrCat(LabConf(release).storage_loc, "_scratch")) {
  const std::string from = LabConf(release).storage_loc;
  std::string make =
      absl::StrCat("DROP DATABASE IF EXISTS ", name_, "; CREATE DATABASE ",
                   name_, "; GRANT ALL ON ", name_, ".* TO '", from,
                   "'@'127.0.0.1', '", from, "'@'localhost'; ");
  const std::string tables = release.Sql(
      "SELECT table_name FROM information_schema.tables WHERE "
      "table_schema=DATABASE() AND (table_name NOT LIKE '%\\_%\\_%' OR "
      "table_name LIKE '%\\_assoc\\_table' OR table_name LIKE "
      "'%\\_wckey\\_table' OR table_name='acct_coord_table')");
  for (absl::string_view table :
       absl::StrSplit(tables, '\n', absl::SkipEmpty())) {
    tables_.emplace_back(table);
    absl::StrAppend(&make, Copy(tables_.back()));
  }
  release.Sql(make);
}

std::string LabDatabase::Copy(const std::string& table) const {
  const std::string to = absl::StrCat(name_, ".`", table, "`");
  const std::string from =
      absl::StrCat(LabConf(release_).storage_loc, ".`", table, "`");
  return absl::StrCat("DROP TABLE IF EXISTS ", to, "; CREATE TABLE ", to,
                      " LIKE ", from, "; INSERT INTO ", to, " SELECT * FROM ",
                      from, "; ");
}

LabDatabase::~LabDatabase() {
  release_.Sql(absl::StrCat("DROP DATABASE ", name_));
}

void LabDatabase::Sql(const std::string& statements) {
  release_.Sql(absl::StrCat(restore_, "USE ", name_, "; ", statements));
  restore_.clear();
  for (const std::string& table : tables_) {
    if (absl::StrContains(statements, table)) {
      absl::StrAppend(&restore_, Copy(table));
    }
  }
}

std::unique_ptr<Database> LabDatabase::Open() const {
  DatabaseOptions options = LabConf(release_).Database();
  options.database = name_;
  return OrDie(Connect(options));
}

}  // namespace assocsync
