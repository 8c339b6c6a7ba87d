// What the rules share while one file is checked.
#ifndef ASSOCSYNC_ENGINE_CHECK_CHECKER_H_
#define ASSOCSYNC_ENGINE_CHECK_CHECKER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/check/check.h"
#include "engine/model/tree.h"

namespace assocsync::check {

// A finding whose line is known and whose column is looked up in the end, for
// all of them in one pass over the file.
struct Draft {
  CheckFinding finding;
  uint32_t line = 0;       // 0: the Cluster line.
  std::optional<Key> key;  // The option that it is about,
  bool partition = false;  // or Partition=; neither: the name.
};

class Checker {
 public:
  Checker(const CheckInput& input, const Tree& tree)
      : input(input), policy(input.policy), tree(tree) {}

  const CheckInput& input;
  const Policy& policy;
  const Tree& tree;
  std::vector<Draft> drafts;

  // nullptr: the policy has turned the rule off.
  Draft* Add(absl::string_view code, uint32_t line, std::string row,
             std::string message, std::string fix = "");

  // Where the tree says something of it: the row, else the record.
  uint32_t LineOf(const AssocKey& row) const;
  uint32_t LineOfUser(Atom user) const;
  uint32_t LineOfAccount(Atom account) const {
    return LineOf({account, Atom(), Atom()});
  }
};

// From the account up to root, each once.
std::vector<Atom> PathUp(const Tree& tree, Atom account);
// Whether `globs` match the account or one above it; how many levels up that
// is. nullopt: they do not.
std::optional<size_t> Under(const Globs& globs, const std::vector<Atom>& path);

// Of the rules that `say` something, the one whose `under` fits nearest to the
// account at the beginning of `path`; of equally near ones the last.
template <typename R, typename Says>
const R* Nearest(const std::vector<R>& rules, const std::vector<Atom>& path,
                 Says says) {
  const R* best = nullptr;
  size_t distance = path.size();
  for (const R& rule : rules) {
    if (!says(rule)) continue;
    const std::optional<size_t> up = Under(rule.under, path);
    if (!up.has_value() || *up > distance) continue;
    best = &rule;
    distance = *up;
  }
  return best;
}

void CheckQos(Checker* c);       // AS204, AS205
void CheckKnown(Checker* c);     // AS206, AS207
void CheckLimits(Checker* c);    // AS208, AS209
void CheckNames(Checker* c);     // AS210, AS211, AS212
void CheckLoad(Checker* c);      // AS213
void CheckAccounts(Checker* c);  // AS214, AS215, AS216
void CheckPolicy(Checker* c);    // AS232 to AS235, AS237
// AS221 to AS227, AS231, AS236
void CheckChanges(const Tree& base, Checker* c, CheckReport::Changes* counts);

}  // namespace assocsync::check

#endif  // ASSOCSYNC_ENGINE_CHECK_CHECKER_H_
