// Limits of a row against those of the accounts above it.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/check/checker.h"
#include "engine/diff/merge.h"
#include "engine/model/value.h"

namespace assocsync::check {
namespace {

// A limit of one row: the whole option, or one TRES of it.
struct Limit {
  Key key;
  absl::string_view tres;  // Empty: not by TRES.
  uint64_t value;

  std::string Words() const {
    return absl::StrCat(Info(key).name, tres.empty() ? "" : " ", tres, " ",
                        value);
  }
};

bool IsGroup(Key key) {
  switch (key) {
    case Key::kGrpTresMins:
    case Key::kGrpTresRunMins:
    case Key::kGrpTres:
    case Key::kGrpJobs:
    case Key::kGrpJobsAccrue:
    case Key::kGrpSubmitJobs:
    case Key::kGrpWall:
      return true;
    default:
      return false;
  }
}

bool IsJob(Key key) {
  switch (key) {
    case Key::kMaxTresMinsPerJob:
    case Key::kMaxTresRunMins:
    case Key::kMaxTresPerJob:
    case Key::kMaxTresPerNode:
    case Key::kMaxJobs:
    case Key::kMaxJobsAccrue:
    case Key::kMaxSubmitJobs:
    case Key::kMaxWallDurationPerJob:
      return true;
    default:
      return false;
  }
}

std::vector<Limit> LimitsOf(const Fields& fields) {
  std::vector<Limit> out;
  for (const Field& field : fields) {
    if (!IsGroup(field.key) && !IsJob(field.key)) continue;
    if (Info(field.key).kind == Kind::kTres) {
      for (const auto& [tres, value] : TresItems(field.value.view())) {
        out.push_back({field.key, tres, value});
      }
      continue;
    }
    uint64_t value = 0;
    if (absl::SimpleAtoi(field.value.view(), &value)) {
      out.push_back({field.key, "", value});
    }
  }
  return out;
}

// The same limit of one account, where it has it.
std::optional<uint64_t> Own(const Tree& tree, Atom account,
                            const Limit& limit) {
  const auto row = tree.associations.find({account, Atom(), Atom()});
  if (row == tree.associations.end()) return std::nullopt;
  const Atom* const value = row->second.limits.Find(limit.key);
  if (value == nullptr) return std::nullopt;
  if (limit.tres.empty()) {
    uint64_t number = 0;
    if (absl::SimpleAtoi(value->view(), &number)) return number;
    return std::nullopt;
  }
  for (const auto& [tres, number] : TresItems(value->view())) {
    if (tres == limit.tres) return number;
  }
  return std::nullopt;
}

void CheckLimit(const Limit& limit, const AssocKey& key, const Association& row,
                const std::vector<Atom>& above, Checker* c) {
  for (const Atom account : above) {
    const std::optional<uint64_t> up = Own(c->tree, account, limit);
    if (!up.has_value()) continue;
    const bool group = IsGroup(limit.key);
    if (limit.value > *up) {
      Draft* const draft = c->Add(
          group ? kRuleGroupLimit : kRuleJobLimit, row.line,
          RowName(Change::What::kAssociation, key),
          absl::StrCat(limit.Words(),
                       group ? " never holds: account '"
                             : " is more than what would be inherited: account "
                               "'",
                       account.view(), "' has ", *up),
          group ? absl::StrCat("lower it to ", *up, " or less, or raise it in ",
                               account.view())
                : "remove it, if it is not meant");
      if (draft != nullptr) draft->key = limit.key;
      return;
    }
    // The nearest job limit replaces those above it; group limits all hold.
    if (!group) return;
  }
}

}  // namespace

void CheckLimits(Checker* c) {
  for (const auto& [key, row] : c->tree.associations) {
    const std::vector<Limit> limits = LimitsOf(row.limits);
    if (limits.empty()) continue;
    std::vector<Atom> above = PathUp(c->tree, key.account);
    if (key.is_account()) above.erase(above.begin());
    for (const Limit& limit : limits) CheckLimit(limit, key, row, above, c);
  }
}

}  // namespace assocsync::check
