// Memory in pages of 2 MB, for trees of hundreds of thousands of rows.
#ifndef ASSOCSYNC_CLI_LARGE_PAGES_H_
#define ASSOCSYNC_CLI_LARGE_PAGES_H_

namespace assocsync {

// Where an argument names a large file, begins the program again with the C
// library set to ask for such pages (glibc.malloc.hugetlb, glibc 2.35 and
// later), which it can be told by its environment only. A plan of such files
// takes a quarter to a third less processor time (tests/bench/shapes), because
// most of its memory is looked at in no order. Where the kernel never gives
// such pages, nothing changes. GLIBC_TUNABLES that is set already wins.
//
// To be called first in main: nothing may be open, or begun. Returns where
// there is nothing to do, or it cannot be done.
void UseLargePages(char** argv);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_LARGE_PAGES_H_
