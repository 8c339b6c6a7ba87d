// `write_pairs COUNT FOLDER`: random pairs of trees as files, for
// tests/same/run: FOLDER/N.live.cfg, N.target.cfg and N.base.cfg, of each
// release in turn.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/cfg/write.h"
#include "tests/support/random_tree.h"

int main(int argc, char** argv) {
  using namespace assocsync;  // NOLINT
  int count = 0;
  if (argc != 3 || !absl::SimpleAtoi(argv[1], &count)) {
    std::fprintf(stderr, "usage: write_pairs COUNT FOLDER\n");
    return 64;
  }
  const auto put = [&](int number, const char* name, const Tree& tree) {
    std::ofstream(absl::StrCat(argv[2], "/", number, ".", name, ".cfg"))
        << Write(tree);
  };
  for (int number = 0; number < count; ++number) {
    std::mt19937_64 random(number + 1);
    RandomTreeOptions options;
    constexpr int kReleases[] = {2011, 2205, 2411, 2605};
    options.release = kReleases[number % 4];
    options.qos_definitions = number % 3 == 0;
    const TreePair pair = RandomPair(random, options);
    put(number, "live", pair.live);
    put(number, "target", pair.target);
    put(number, "base", MutateTree(random, pair.live, 3, options));
  }
  return 0;
}
