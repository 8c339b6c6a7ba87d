// Random .cfg files as people and their generators write them.
#ifndef ASSOCSYNC_TESTS_SUPPORT_HAND_WRITTEN_H_
#define ASSOCSYNC_TESTS_SUPPORT_HAND_WRITTEN_H_

#include <cstdint>
#include <string>

namespace assocsync {

// A small tree of cluster lab in random style: words in any case and
// abbreviated, aliases, quotes of both kinds and none, `:` at ends, `+=`,
// units, options in any order and twice, repeated lines, users in several
// accounts with and without a default, words on lines where they mean nothing,
// comments, blank lines, CRLF, a byte order mark, no last newline. Of the QOS
// normal, long and high, which must exist. Equal seeds give equal texts.
// `series`: of the release that reads it, for the words that it knows.
std::string HandWritten(uint64_t seed, int series);

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_HAND_WRITTEN_H_
