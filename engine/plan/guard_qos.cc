#include "engine/plan/guard_qos.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/counted.h"
#include "engine/base/name_set.h"
#include "engine/model/finding.h"
#include "engine/model/walk.h"

namespace assocsync {
namespace {

// Users to whom one of their rows gives a QOS.
NameSet UsersWithQos(const Tree& tree) {
  NameSet users;
  ForEachRowWithQos(tree, QosLists::Names(),
                    [&](const AssocKey& key, const Association&, Name,
                        const QosLists::Names* list) {
                      if (!key.is_account() && !list->empty()) {
                        users.insert(key.user);
                      }
                    });
  return users;
}

}  // namespace

std::vector<Finding> GuardQos(const Tree& live, const Tree& expected,
                              const std::vector<Change>& changes) {
  const bool touched = absl::c_any_of(changes, [](const Change& change) {
    return absl::c_any_of(change.fields, [](const FieldChange& field) {
      return field.key == Key::kQos;
    });
  });
  if (!touched) return {};
  const NameSet before = UsersWithQos(live), after = UsersWithQos(expected);
  std::vector<std::string> rows;
  for (const auto& [user, record] : expected.users) {
    if (before.contains(user) && !after.contains(user)) {
      rows.push_back(absl::StrCat("user ", user.view()));
    }
  }
  if (rows.empty()) return {};
  std::string message = absl::StrCat(
      Counted(rows.size(), "user"), rows.size() == 1 ? " loses" : " lose",
      " every QOS: no list is left on these rows, nor above them (QOS= on the "
      "Cluster line gives all rows one)");
  return {MakeFinding(kLosesEveryQos, std::move(message), std::move(rows))};
}

}  // namespace assocsync
