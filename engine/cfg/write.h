// Tree -> .cfg text, byte-stable.
#ifndef ASSOCSYNC_ENGINE_CFG_WRITE_H_
#define ASSOCSYNC_ENGINE_CFG_WRITE_H_

#include <string>
#include <vector>

namespace assocsync {

struct Tree;

struct WriteOptions {
  // 0: assocsync's canonical text, which Parse reads back exactly: what is set
  // and nothing else, sizes in plain megabytes, every text quoted. Its first
  // and last lines are marks by which Parse sees that nothing was cut off.
  // `sacctmgr load` can read it too (but see slurm-facts 3).
  // Otherwise the release whose `sacctmgr dump` is to be imitated line for
  // line (without dump's leading comment), as 2411 for 24.11. Such a text says
  // less than the tree: no QOS definitions and no MinPrioThresh before 25.05,
  // no Comment before 23.02, rounded sizes.
  int dump_of = 0;
  bool part = false;  // Of a tree in several files (parts.h): the mark says so.
};

// Accounts in dump's order: a block for each account that has anything under
// it, users before accounts, each by name, then the blocks of the accounts.
// What hangs on no account is left out (Illegalities says what).
std::string Write(const Tree& tree, const WriteOptions& options = {});

// Texts that no .cfg file can hold, one sentence each: the format has no way to
// write a line break, which only Slurm's REST interface puts into a text.
std::vector<std::string> NotWritable(const Tree& tree);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CFG_WRITE_H_
