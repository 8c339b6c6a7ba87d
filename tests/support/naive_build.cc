#include "tests/support/naive_build.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using Words = std::vector<std::string>;

std::string Word(absl::string_view key, absl::string_view value) {
  return absl::StrCat(key, "=", value);
}

Words RowOf(const AssocKey& key, const std::string& cluster) {
  if (key.is_account()) {
    return {"account", "where", Word("name", key.account.view()),
            Word("cluster", cluster)};
  }
  return {"user",
          "where",
          Word("name", key.user.view()),
          Word("account", key.account.view()),
          Word("cluster", cluster),
          Word("partition", key.partition.view())};
}

}  // namespace

std::vector<Words> NaiveCommands(const Tree& tree) {
  std::vector<Words> out;
  const std::string cluster = tree.cluster.str();
  const auto modify = [&](const AssocKey& key, const std::string& setting) {
    Words words = {"modify"};
    for (std::string& w : RowOf(key, cluster)) words.push_back(std::move(w));
    words.push_back("set");
    words.push_back(setting);
    out.push_back(std::move(words));
  };
  // All of them, then what they are: Preempt names others.
  for (const auto& [name, record] : tree.qos) {
    if (name.view() == "normal") continue;  // Every database has it.
    out.push_back({"add", "qos", Word("name", name.view())});
  }
  for (const auto& [name, record] : tree.qos) {
    if (!record.fields.Has(Key::kQosDescription)) {
      out.push_back({"modify", "qos", "where", Word("name", name.view()), "set",
                     "description="});
    }
    for (const Field& f : record.fields) {
      // slurmdbd takes it for no change, and sacctmgr for a failure.
      if (f.key == Key::kQosLimitFactor && f.value.view() == "0") continue;
      // A number would be taken as minutes.
      const std::string value = f.key == Key::kQosPreemptExemptTime
                                    ? absl::StrCat("0-00:00:", f.value.view())
                                    : f.value.str();
      out.push_back({"modify", "qos", "where", Word("name", name.view()), "set",
                     Word(Info(f.key).name, value)});
    }
  }
  for (const auto& [name, row] : TopDown(tree)) {
    if (name == RootName()) continue;
    Words words = {
        "add", "account", Word("name", name.view()), Word("cluster", cluster),
        Word("parent", tree.associations.at({name, {}, {}}).parent.view())};
    // 20.11 refuses `add account` with an empty text; `modify` takes it.
    Words empty = {"modify", "account", "where", Word("name", name.view()),
                   "set"};
    for (const Field& f : tree.accounts.at(name).fields) {
      (f.value.empty() ? empty : words)
          .push_back(Word(Info(f.key).name, f.value.view()));
    }
    out.push_back(std::move(words));
    if (empty.size() > 5) out.push_back(std::move(empty));
  }
  for (const bool home : {true, false}) {
    for (const auto& [key, row] : tree.associations) {
      if (key.is_account() || key.user == RootName()) continue;
      const Name of_user =
          tree.users.at(key.user).fields.Get(Key::kDefaultAccount);
      if ((of_user == key.account) != home) continue;
      Words words = {"add", "user", Word("name", key.user.view()),
                     Word("account", key.account.view()),
                     Word("cluster", cluster)};
      // With another account, 23.11+ would add a row in that one as well.
      if (home) words.push_back(Word("defaultaccount", of_user.view()));
      if (!key.partition.empty()) {
        words.push_back(Word("partition", key.partition.view()));
      }
      out.push_back(std::move(words));
    }
  }
  // Lists from the top down, so that each DefaultQOS can be reached.
  std::vector<AssocKey> order;
  for (const auto& [name, row] : TopDown(tree)) {
    order.push_back({name, {}, {}});
  }
  for (const auto& [key, row] : tree.associations) {
    if (!key.is_account()) order.push_back(key);
  }
  for (const AssocKey& key : order) {
    const Fields& limits = tree.associations.at(key).limits;
    if (limits.Has(Key::kQos)) {
      modify(key, Word("qos", limits.Get(Key::kQos).view()));
    }
  }
  // Defaults from the bottom up: what inherits one must reach it.
  std::reverse(order.begin(), order.end());
  for (const AssocKey& key : order) {
    for (const Field& f : tree.associations.at(key).limits) {
      if (f.key != Key::kQos)
        modify(key, Word(Info(f.key).name, f.value.view()));
    }
  }
  for (const auto& [user, record] : tree.users) {
    for (absl::string_view key :
         Elements(record.fields.Get(Key::kWckeys).view())) {
      out.push_back({"add", "user", Word("name", user.view()),
                     Word("wckey", key), Word("cluster", cluster)});
    }
    if (record.fields.Has(Key::kDefaultWckey)) {
      out.push_back(
          {"modify", "user", "where", Word("name", user.view()),
           Word("cluster", cluster), "set",
           Word("defaultwckey", record.fields.Get(Key::kDefaultWckey).view())});
    }
    if (record.fields.Has(Key::kAdminLevel) && user != RootName()) {
      out.push_back(
          {"modify", "user", "where", Word("name", user.view()), "set",
           Word("adminlevel", record.fields.Get(Key::kAdminLevel).view())});
    }
    for (absl::string_view account :
         Elements(record.fields.Get(Key::kCoordinator).view())) {
      out.push_back({"add", "coordinator", Word("account", account),
                     Word("names", user.view())});
    }
  }
  return out;
}

}  // namespace assocsync
