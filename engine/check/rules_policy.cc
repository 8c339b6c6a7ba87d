// What only the policy asks, of the tree as it stands.
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/maps.h"
#include "engine/check/checker.h"
#include "engine/diff/merge.h"
#include "engine/model/value.h"

namespace assocsync::check {
namespace {

void RequiredOf(const std::vector<Key>& keys, const Fields& record,
                const Fields& limits, uint32_t line, const AssocKey& row,
                Checker* c) {
  for (const Key key : keys) {
    if (!record.Get(key).empty() || !limits.Get(key).empty()) continue;
    c->Add(kRuleRequired, line, row.ToString(),
           absl::StrCat(Info(key).name, " is missing"),
           absl::StrCat("add :", Info(key).name, "=..."));
  }
}

void CheckRequired(Checker* c) {
  if (c->policy.required_account.empty() && c->policy.required_user.empty()) {
    return;
  }
  static const Fields none;
  for (const auto& [key, row] : c->tree.associations) {
    if (key.account == RootName()) continue;
    const Record* const record = key.is_account()
                                     ? FindIn(c->tree.accounts, key.account)
                                     : FindIn(c->tree.users, key.user);
    RequiredOf(
        key.is_account() ? c->policy.required_account : c->policy.required_user,
        record == nullptr ? none : record->fields, row.limits, row.line, key,
        c);
  }
}

void CheckPattern(const std::optional<NamePattern>& pattern,
                  absl::string_view kind, Name name, uint32_t line,
                  Change::What what, const AssocKey& row, Checker* c) {
  if (!pattern.has_value() || pattern->Match(name.view())) return;
  c->Add(kRuleNamePattern, line, RowName(what, row),
         absl::StrCat("the ", kind, " name '", name.view(),
                      "' is not as the policy wants it: ", pattern->text()),
         "choose another name");
}

void CheckPatterns(Checker* c) {
  using What = Change::What;
  for (const auto& [name, record] : c->tree.accounts) {
    if (name == RootName()) continue;
    CheckPattern(c->policy.account_names, "account", name,
                 c->LineOfAccount(name), What::kAssociation, {name, {}, {}}, c);
  }
  for (const auto& [name, record] : c->tree.users) {
    if (name == RootName()) continue;
    CheckPattern(c->policy.user_names, "user", name, record.line, What::kUser,
                 {{}, name, {}}, c);
  }
  for (const auto& [name, record] : c->tree.qos) {
    CheckPattern(c->policy.qos_names, "QOS", name, record.line, What::kQos,
                 {name, {}, {}}, c);
  }
}

void CheckAllowedQos(Checker* c) {
  if (c->policy.allow_qos.empty()) return;
  NearestRule<Policy::AllowQos> nearest(
      c->tree, c->policy.allow_qos,
      [](const Policy::AllowQos&) { return true; });
  for (const auto& [key, row] : c->tree.associations) {
    const Policy::AllowQos* rule = nullptr;
    for (const Field& field : row.limits) {
      if (field.key != Key::kQos && field.key != Key::kDefaultQos) continue;
      if (rule == nullptr) {
        rule = nearest.Of(key.account);
        if (rule == nullptr) break;
      }
      for (const absl::string_view element : Elements(field.value.view())) {
        const bool taken_away = element[0] == '-';
        const absl::string_view name = QosNamed(element);
        if (taken_away || rule->qos.Match(name)) continue;
        c->Add(kRuleQosNotAllowed, row.line, key.ToString(),
               absl::StrCat("QOS '", name, "' is not allowed under ",
                            absl::StrJoin(rule->under.patterns(), ", ")),
               absl::StrCat("allowed are ",
                            absl::StrJoin(rule->qos.patterns(), ", ")))
            .key = field.key;
      }
    }
  }
}

void CheckPeople(Checker* c) {
  NearestRule<Policy::Owner> nearest(
      c->tree, c->policy.owners,
      [](const Policy::Owner& o) { return o.coordinators.has_value(); });
  for (const auto& [user, record] : c->tree.users) {
    const AssocKey row = {{}, user, {}};
    const Name level = record.fields.Get(Key::kAdminLevel);
    if (c->policy.admins.has_value() && !level.empty() &&
        !c->policy.admins->Match(user.view())) {
      c->Add(kRuleAdmin, record.line, RowName(Change::What::kUser, row),
             absl::StrCat("user '", user.view(), "' may not be ", level.view(),
                          "; the policy allows ",
                          absl::StrJoin(c->policy.admins->patterns(), ", ")))
          .key = Key::kAdminLevel;
    }
    const Name coordinated = record.fields.Get(Key::kCoordinator);
    for (const absl::string_view account : Elements(coordinated.view())) {
      const Policy::Owner* const owner = nearest.Of(Name(account));
      if (owner == nullptr || owner->coordinators->Match(user.view())) {
        continue;
      }
      c->Add(
           kRuleCoordinator, record.line, RowName(Change::What::kUser, row),
           absl::StrCat("user '", user.view(), "' may not coordinate account '",
                        account, "'; the policy allows ",
                        absl::StrJoin(owner->coordinators->patterns(), ", ")))
          .key = Key::kCoordinator;
    }
  }
}

}  // namespace

void CheckPolicy(Checker* c) {
  CheckRequired(c);
  CheckPatterns(c);
  CheckAllowedQos(c);
  CheckPeople(c);
}

}  // namespace assocsync::check
