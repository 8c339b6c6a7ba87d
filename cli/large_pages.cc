#include "cli/large_pages.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <cstring>

namespace assocsync {
namespace {

constexpr char kTunables[] = "GLIBC_TUNABLES";
// A tree of less takes less than 50 ms.
constexpr off_t kLarge = off_t{1} << 20;

bool IsLargeFile(const char* path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= kLarge;
}

bool NamesLargeFile(const char* word) {
  const char* const value = strchr(word, '=');  // --live=FILE
  return IsLargeFile(word) || (value != nullptr && IsLargeFile(value + 1));
}

}  // namespace

void UseLargePages(char** argv) {
  if (getenv(kTunables) != nullptr || argv[0] == nullptr) return;
  bool large = false;
  for (char** word = argv + 1; *word != nullptr && !large; ++word) {
    large = NamesLargeFile(*word);
  }
  if (!large) return;
  // By its name: that of /proc/self/exe would be shown as "exe".
  char program[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", program, sizeof program);
  if (size <= 0 || size == sizeof program) return;
  program[size] = '\0';
  if (setenv(kTunables, "glibc.malloc.hugetlb=1", 1) != 0) return;
  execv(program, argv);
  unsetenv(kTunables);
}

}  // namespace assocsync
