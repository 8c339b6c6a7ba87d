// Tree -> .cfg text, byte-stable.
#ifndef ASSOCSYNC_ENGINE_CFG_WRITE_H_
#define ASSOCSYNC_ENGINE_CFG_WRITE_H_

#include <string>

#include "engine/model/tree.h"

namespace assocsync {

struct WriteOptions {
  // 0: assocsync's canonical text (plain megabytes; Parse(Write(t)) == t).
  // Otherwise the release whose `sacctmgr dump` is to be imitated line for
  // line, as 2411 for 24.11.
  int dump_of = 0;
};

std::string Write(const Tree& tree, const WriteOptions& options = {});

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CFG_WRITE_H_
