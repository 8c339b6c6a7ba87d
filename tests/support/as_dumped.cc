#include "tests/support/as_dumped.h"

#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "engine/slurm/release.h"

namespace assocsync {

absl::StatusOr<Tree> AsDumped(const Tree& tree, int series,
                              const absl::btree_set<Name>& users_are_coords) {
  Tree dumped = tree;
  if (BehaviourOfSeries(series).acct_has_flags) {
    for (const Name account : users_are_coords) {
      const auto record = dumped.accounts.find(account);
      if (record != dumped.accounts.end()) record->second.fields = {};
    }
  }
  // The rest is what the writer leaves out when it imitates a dump.
  WriteOptions write;
  write.dump_of = series;
  ParseOptions parse;
  parse.fold_users = false;
  parse.origin = Origin::kDump;
  return ParseTree("dump", Write(dumped, write), parse);
}

}  // namespace assocsync
