// What `sacctmgr -nP` printed, names with `|` and line breaks in them: rows
// that are certain, or an error. Input: listing, %%, the managed tree.
#include <string>

#include "absl/container/btree_set.h"
#include "engine/cfg/parse.h"
#include "engine/live/listing.h"
#include "tests/fuzz/fuzz.h"

namespace assocsync {
namespace {

void Inside(absl::string_view text, absl::string_view part) {
  FUZZ_LAW(
      part.empty() || (part.data() >= text.data() &&
                       part.data() + part.size() <= text.data() + text.size()),
      part);
}

void ReadAll(absl::string_view text, const Tree& managed,
             const absl::btree_set<std::string>& known) {
  for (const bool lineage : {false, true}) {
    const auto rows = AssocLines(text, lineage, managed);
    if (!rows.ok()) continue;
    for (const AssocLine& row : *rows) {
      for (const absl::string_view part :
           {row.cluster, row.account, row.user, row.partition, row.parent,
            row.default_qos, row.qos, row.lineage}) {
        Inside(text, part);
      }
      FUZZ_LAW(row.user.empty() || row.parent.empty(), row.user);
      FUZZ_LAW(!row.user.empty() || row.partition.empty(), row.account);
    }
  }
  if (const auto users = UserLines(text, known); users.ok()) {
    for (const UserLine& user : *users) {
      Inside(text, user.user);
      for (size_t i = 1; i < user.accounts.size(); ++i) {
        FUZZ_LAW(user.accounts[i - 1] < user.accounts[i], user.user);
      }
    }
  }
  if (const auto accounts = AccountLines(text, 3, known); accounts.ok()) {
    for (const AccountLine& account : *accounts) {
      Inside(text, account.account);
      Inside(text, account.rest);
    }
  }
  if (const auto names = NameLines(text, "QOS"); names.ok()) {
    for (const absl::string_view name : *names) FUZZ_LAW(!name.empty(), text);
  }
  if (const auto tres = TresLines(text); tres.ok()) {
    for (const std::string& name : *tres) FUZZ_LAW(!name.empty(), text);
  }
  Inside(text, ConfigValue(text, "ClusterName"));
  const std::string words = Words(text, 100);
  FUZZ_LAW(words.size() <= 104, words);  // " ..." where it was cut.
  for (const char c : words) {
    FUZZ_LAW(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, words);
  }
}

}  // namespace
}  // namespace assocsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const auto parts = fuzz::Parts(fuzz::Text(data, size), 2);
  const ParseResult managed = Parse(parts[1], {.origin = Origin::kDump});
  absl::btree_set<std::string> known;
  for (const auto& [name, record] : managed.tree.accounts) {
    known.insert(name.str());
  }
  for (const auto& [name, record] : managed.tree.users) {
    known.insert(name.str());
  }
  ReadAll(parts[0], managed.tree, known);
  return 0;
}
