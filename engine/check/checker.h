// What the rules share while one file is checked.
#ifndef ASSOCSYNC_ENGINE_CHECK_CHECKER_H_
#define ASSOCSYNC_ENGINE_CHECK_CHECKER_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "engine/base/maps.h"
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
  bool placed = false;     // Its place is known: nothing is looked up.

  void PlaceAt(TextPlace at) {
    finding.at = at;
    placed = true;
  }
};

class Checker {
 public:
  Checker(const CheckInput& input, const Tree& tree)
      : input(input), policy(input.policy), tree(tree) {}

  const CheckInput& input;
  const Policy& policy;
  const Tree& tree;
  std::deque<Draft> drafts;

  // The policy may have turned the rule off: what is said of it then is lost.
  Draft& Add(FindingCode code, uint32_t line, absl::string_view row,
             std::string message, absl::string_view fix = "");

  // Where the tree says something of it: the row, else the record.
  uint32_t LineOf(const AssocKey& row) const;
  uint32_t LineOfUser(Name user) const { return LineIn(tree.users, user); }
  uint32_t LineOfQos(Name qos) const { return LineIn(tree.qos, qos); }
  uint32_t LineOfAccount(Name account) const {
    return LineOf({account, Name(), Name()});
  }

 private:
  static uint32_t LineIn(const absl::btree_map<Name, Record>& records,
                         Name name) {
    const Record* const record = FindIn(records, name);
    return record == nullptr ? 0 : record->line;
  }

  Draft off_;  // Of a rule that is turned off.
};

// What an account has from itself or else from the nearest one above it, each
// looked up once: trees may be as deep as they are large.
template <typename Value>
class Inherited {
 public:
  // `own`(account): its own value; false in conditions: it has none.
  template <typename Own>
  Value Of(const Tree& tree, Name account, Own own) {
    std::vector<Name> way;
    Value value{};
    // A legal tree has no cycle; this ends in any case.
    while (!account.empty() && way.size() <= tree.accounts.size()) {
      const auto known = known_.find(account);
      if (known != known_.end()) {
        value = known->second;
        break;
      }
      way.push_back(account);
      value = own(account);
      if (value) break;
      account = ParentOf(tree, account);
    }
    for (const Name below : way) known_[below] = value;
    return value;
  }

 private:
  absl::flat_hash_map<Name, Value> known_;
};

// Of the rules that `say` something, the one whose `under` fits nearest to an
// account; of equally near ones the last. nullptr: none fits.
template <typename R>
class NearestRule {
 public:
  NearestRule(const Tree& tree, const std::vector<R>& rules,
              bool (*says)(const R&))
      : tree_(tree), rules_(rules), says_(says) {}

  const R* Of(Name account) {
    return nearest_.Of(tree_, account, [&](Name name) -> const R* {
      for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
        if (says_(*rule) && rule->under.Match(name.view())) return &*rule;
      }
      return nullptr;
    });
  }

 private:
  const Tree& tree_;
  const std::vector<R>& rules_;
  bool (*const says_)(const R&);
  Inherited<const R*> nearest_;
};

void CheckQos(Checker* c);       // AS204, AS205
void CheckKnown(Checker* c);     // AS206, AS207
void CheckLimits(Checker* c);    // AS208, AS209
void CheckNames(Checker* c);     // AS210, AS211, AS212
void CheckLoad(Checker* c);      // AS213
void CheckAccounts(Checker* c);  // AS214, AS215, AS216
void CheckPolicy(Checker* c);    // AS232 to AS235, AS237
void CheckShared(Checker* c);    // AS228
// AS221 to AS227, AS231, AS236
void CheckChanges(const Tree& base, Checker* c, CheckReport::Changes* counts);

}  // namespace assocsync::check

#endif  // ASSOCSYNC_ENGINE_CHECK_CHECKER_H_
