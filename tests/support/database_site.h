// A database of the lab as its readers see it, and small changes by SQL with
// slurmdbd stopped: what no sacctmgr would do, but databases hold.
#ifndef ASSOCSYNC_TESTS_SUPPORT_DATABASE_SITE_H_
#define ASSOCSYNC_TESTS_SUPPORT_DATABASE_SITE_H_

#include <memory>
#include <string>
#include <vector>

#include "engine/io/database.h"
#include "engine/io/slurmdbd_conf.h"
#include "tests/support/lab.h"

namespace assocsync {

// How slurmdbd of the release connects.
SlurmdbdConf LabConf(const LabRelease& release);

// A connection as a user that may do nothing but SELECT on that database, made
// as assocsync(1) says.
std::unique_ptr<Database> LeastRights(const LabRelease& release);
// The login of that user, as a file for --defaults-file.
std::string LeastRightsFile(const LabRelease& release, const std::string& path);

// Copies of the database's tables, without slurmdbd: may be bent at will.
class LabDatabase {
 public:
  explicit LabDatabase(const LabRelease& release);
  ~LabDatabase();
  LabDatabase(const LabDatabase&) = delete;
  LabDatabase& operator=(const LabDatabase&) = delete;

  const std::string& name() const { return name_; }
  // Before it, all tables that the statements of the last call name become what
  // they were.
  void Sql(const std::string& statements);
  // A connection to it, with the rights of the release's own user.
  std::unique_ptr<Database> Open() const;

 private:
  std::string Copy(const std::string& table) const;

  const LabRelease& release_;
  std::string name_;
  std::vector<std::string> tables_;
  std::string restore_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_DATABASE_SITE_H_
