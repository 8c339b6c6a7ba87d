// One release of the lab with the built assocsync pointed at it, and a sacctmgr
// that can be told to misbehave at a given command.
#ifndef ASSOCSYNC_TESTS_SUPPORT_SITE_H_
#define ASSOCSYNC_TESTS_SUPPORT_SITE_H_

#include <string>
#include <vector>

#include "engine/apply/journal.h"
#include "engine/io/dir.h"
#include "engine/io/process.h"
#include "tests/support/lab.h"

namespace assocsync {

class LabSite {
 public:
  explicit LabSite(const LabRelease& release);

  const LabRelease& release() const { return release_; }
  std::string File(const std::string& name) const {
    return dir_.path() + "/" + name;
  }
  // Writes a file of the site's own folder; returns its path.
  std::string Put(const std::string& name, const std::string& text,
                  int mode = 0600) const;

  // Runs sacctmgr -i for each line; a line's words are separated by " | ". The
  // test fails when one fails.
  void Must(const std::vector<std::string>& lines) const;

  // From now on sacctmgr is a script: before its `at`-th changing command it
  // runs `before`, after it `after` (lines of shell; $real is the real one,
  // $PPID assocsync), and with `replace` the command itself is that. at 0: it
  // counts only. It holds no session (step_session.h), so that each command is
  // a process; with `session` it is that where assocsync opens one.
  struct Trouble {
    int at = 0;
    std::string before, after, replace;
    std::string session;
  };
  void SetTrouble(const Trouble& trouble);
  void NoTrouble() { sacctmgr_ = release_.Path("bin/sacctmgr"); }
  // Changing commands since SetTrouble.
  int Commands() const;

  // assocsync WORDS with this release's sacctmgr; apply gets --yes, the
  // backup folder and slurmdbd.conf too. `path`: PATH, empty: as it is.
  RunResult Assocsync(std::vector<std::string> words) const;

  std::string backup_dir;
  std::string slurmdbd_conf;
  std::string path;
  bool yes = true;

  // Run folders, oldest first; the journal of the last.
  std::vector<std::string> Runs() const;
  JournalRun LastJournal() const;

 private:
  LabRelease release_;
  TempDir dir_;
  std::string sacctmgr_;
};

// A tree with something of everything, and another one that differs from it by
// adds, moves, changed and cleared limits, lists, defaults, rights and deletes.
// As lines for Must, for a database that was just reset and PrepareDatabase.
std::vector<std::string> PrepareDatabase();
std::vector<std::string> TreeA();
std::vector<std::string> TreeB();

// A dump as a set of lines, each with its Parent before it.
std::vector<std::string> SortedDump(const std::string& dump);

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_SITE_H_
