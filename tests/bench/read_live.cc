// Times reading a cluster from a database: read_live DEFAULTS_FILE DATABASE
// CLUSTER. Prints rows, seconds (connecting included) and the memory that it
// took.
#include <sys/resource.h>

#include <cstdio>

#include "absl/time/clock.h"
#include "engine/io/database.h"
#include "engine/live/read_state.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: read_live DEFAULTS_FILE DATABASE CLUSTER\n");
    return 64;
  }
  assocsync::DatabaseOptions options;
  options.defaults_file = argv[1];
  options.database = argv[2];
  const absl::Time start = absl::Now();
  const auto database = assocsync::Connect(options);
  if (!database.ok()) {
    std::fprintf(stderr, "%s\n", database.status().ToString().c_str());
    return 1;
  }
  const auto read = assocsync::ReadDatabase(**database, argv[3]);
  if (!read.ok()) {
    std::fprintf(stderr, "%s\n", read.status().ToString().c_str());
    return 1;
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%zu rows %.3f s %ld kB\n",
              read->database.tree.associations.size(),
              absl::ToDoubleSeconds(absl::Now() - start), usage.ru_maxrss);
  return 0;
}
