// The swap: the present tables go aside and the restored ones take their place,
// in one RENAME TABLE statement. Pure.
//
// What a server does with it (run on MariaDB 10.11; documented by both):
// * The statement is all or nothing: an error at any table takes back the
//   renames before it. No other session can read a table meanwhile; the list of
//   tables alone (SHOW TABLES, information_schema) shows it in progress. It
//   runs to its end once the server has it, whether or not the client lives on.
//   34 tables out and 34 in: a quarter of a second to a second.
// * Should the server itself die in the middle, MariaDB 10.6.1 and later (a log
//   of its DDL, replayed at the next start) and MySQL 8.0 and later have, once
//   they are up again, renamed all tables or none. Older ones may have renamed
//   some: nothing is lost, but tables lie in two databases.
// * Between databases it refuses a table with triggers (error 1435) and a view
//   (error 1450). Views stay in the database and find the restored tables by
//   name. Foreign keys follow the tables that they name, which slurmdbd has
//   none of: tables that have them are refused before it comes to that.
// * Routines and events belong to the database, not to the tables, and stay.
#ifndef ASSOCSYNC_ENGINE_RESTORE_SWAP_H_
#define ASSOCSYNC_ENGINE_RESTORE_SWAP_H_

#include <string>
#include <vector>

namespace assocsync {

struct Swap {
  std::string database, shadow, kept;
  std::vector<std::string> present;   // Tables of `database`, to `kept`.
  std::vector<std::string> restored;  // Tables of `shadow`, to `database`.
  // Tables of `database` that are no part of it.
  std::vector<std::string> staying = {};
};

std::string SwapStatement(const Swap& swap);

// For after an answer that never came: which tables are where?
enum class SwapState {
  kBefore,   // Nothing was renamed.
  kAfter,    // All was.
  kBetween,  // Neither: an old server died in the middle.
};
// `database`, `shadow`, `kept`: the tables that are there now, sorted, without
// those that stay.
SwapState JudgeSwap(const Swap& swap, const std::vector<std::string>& database,
                    const std::vector<std::string>& shadow,
                    const std::vector<std::string>& kept);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RESTORE_SWAP_H_
