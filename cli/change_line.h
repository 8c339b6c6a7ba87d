// One change in one line, for lists of them.
#ifndef ASSOCSYNC_CLI_CHANGE_LINE_H_
#define ASSOCSYNC_CLI_CHANGE_LINE_H_

#include <string>

#include "engine/diff/diff.h"

namespace assocsync {

// "+ association bio/ann  MaxJobs 4, QOS long", "~ association bio/ann  MaxJobs
// 4 -> 8", "- user bob". Safe to show.
std::string ChangeLine(const Change& change);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_CHANGE_LINE_H_
