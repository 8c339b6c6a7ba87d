#include "tests/unit/slurm/slurmdbd_cases.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace assocsync::slurmdbd_cases {

Command Parsed(absl::string_view text) {
  std::vector<std::string> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  for (std::string& word : words) {
    for (char& c : word) c = c == '~' ? ' ' : c;
  }
  if (words.size() > 2 && words[0] != "add" && words[2] != "where") {
    words.insert(words.begin() + 2, "where");
  }
  const auto command = ParseCommand(words);
  EXPECT_TRUE(command.ok()) << text << ": " << command.status();
  return command.value_or(Command());
}

DatabaseState EmptyState() {
  DatabaseState state;
  state.complete = true;
  state.tree.cluster = Name("c");
  state.tree.associations[{RootName(), {}, {}}];
  state.tree.associations[{RootName(), RootName(), {}}];
  state.tree.accounts[RootName()];
  state.tree.users[RootName()].fields.Set(Key::kDefaultAccount, RootName());
  state.tree.lists_qos = true;
  for (const char* qos : {"normal", "q1", "q2"}) {
    state.qos.insert(Name(qos));
    state.tree.qos[Name(qos)];
  }
  for (const char* tres : {"cpu", "mem", "node", "gres/gpu"})
    state.tres.insert(Name(tres));
  return state;
}

Behaviour Of(absl::string_view release) {
  return *BehaviourOf(*ParseRelease(release));
}

Slurmdbd After(absl::string_view release, absl::string_view commands,
               const DatabaseState& start) {
  Slurmdbd dbd(Of(release), start);
  for (const absl::string_view text :
       absl::StrSplit(commands, ';', absl::SkipWhitespace())) {
    const Outcome outcome = dbd.Run(Parsed(text));
    EXPECT_EQ(outcome.result, Outcome::Result::kDone)
        << release << " " << text << ": " << outcome.reason;
  }
  return dbd;
}

namespace {

std::string Touches(const Outcome& outcome) {
  constexpr char kHow[] = {'+', '~', '-'};
  std::vector<std::string> all;
  for (const Outcome::Touched& t : outcome.touched) {
    std::string text(1, kHow[static_cast<int>(t.how)]);
    switch (t.what) {
      case Outcome::Touched::What::kRow:
        absl::StrAppend(&text, t.cluster.view(), t.cluster.empty() ? "" : ":",
                        t.row.ToString());
        break;
      case Outcome::Touched::What::kUser:
        absl::StrAppend(&text, "user:", t.row.user.view());
        break;
      case Outcome::Touched::What::kAccount:
        absl::StrAppend(&text, "acct:", t.row.account.view());
        break;
      case Outcome::Touched::What::kQos:
        absl::StrAppend(&text, "qos:", t.row.account.view());
        break;
      case Outcome::Touched::What::kCoordinator:
        absl::StrAppend(&text, "coord:", t.row.account.view(), ":",
                        t.row.user.view());
        break;
      case Outcome::Touched::What::kWckey:
        absl::StrAppend(&text, "wckey:", t.row.account.view(), ":",
                        t.row.user.view());
        break;
    }
    all.push_back(text);
  }
  return absl::StrJoin(all, " ");
}

}  // namespace

std::string Said(const Outcome& outcome) {
  switch (outcome.result) {
    case Outcome::Result::kDone:
      return Touches(outcome);
    case Outcome::Result::kNothing:
      return "nothing";
    case Outcome::Result::kRefused:
      return "refused";
    case Outcome::Result::kUnknown:
      return "unknown";
  }
  return "";
}

std::string Shown(const Slurmdbd& dbd, absl::string_view what) {
  const Tree& tree = dbd.tree();
  std::vector<std::string> all;
  const auto add = [&](std::string name, const Fields& fields) {
    if (!fields.empty()) {
      absl::StrAppend(&name, "{", fields.ToString(), "}");
    }
    all.push_back(std::move(name));
  };
  if (what == "cluster") add("c", tree.cluster_fields);
  if (what == "rows" || what == "marks") {
    for (const auto& [key, row] : tree.associations) {
      if (key.account == RootName() && row.limits.empty()) continue;
      if (what == "rows") {
        add(absl::StrCat(key.ToString(), row.parent.empty() ? "" : "<",
                         row.parent.view()),
            row.limits);
      } else if (dbd.IsDefaultRow(key)) {
        all.push_back(key.ToString());
      }
    }
  }
  if (what == "lineages") {
    for (const auto& [key, lineage] : dbd.state().lineages) {
      all.push_back(absl::StrCat(key.ToString(), "=", lineage.view()));
    }
  }
  const auto add_records = [&](const absl::btree_map<Name, Record>& records) {
    for (const auto& [name, record] : records) {
      if (name != RootName()) add(name.str(), record.fields);
    }
  };
  if (what == "accounts") add_records(tree.accounts);
  if (what == "users") add_records(tree.users);
  if (what == "qos") add_records(tree.qos);
  if (what == "records") add_records(dbd.state().users);
  return absl::StrJoin(all, " ");
}

namespace {

// With its reason, where `want` has one.
std::string Answer(const Outcome& outcome, absl::string_view want) {
  return absl::StrCat(Said(outcome), absl::StrContains(want, ": ") ? ": " : "",
                      absl::StrContains(want, ": ") ? outcome.reason : "");
}

}  // namespace

void Check(absl::Span<const Case> cases, absl::string_view shown,
           const DatabaseState& start) {
  for (const Case& c : cases) {
    for (const absl::string_view release :
         absl::StrSplit(c.releases, ' ', absl::SkipEmpty())) {
      Slurmdbd dbd = After(release, c.before, start);
      const Slurmdbd before = dbd;
      const Command command = Parsed(c.command);
      if (command.verb == Command::Verb::kDelete) {
        EXPECT_EQ(Answer(dbd.Predict(command), c.want), c.want)
            << release << " " << c.name;
      }
      const Outcome outcome = dbd.Run(command);
      EXPECT_EQ(Answer(outcome, c.want), c.want)
          << release << " " << c.name << ": " << outcome.reason;
      if (outcome.result != Outcome::Result::kDone) {
        EXPECT_EQ(dbd.state(), before.state()) << release << " " << c.name;
      }
      if (outcome.result != Outcome::Result::kUnknown) {
        EXPECT_EQ(Illegalities(dbd.tree()), std::vector<std::string>())
            << release << " " << c.name;
      }
      if (c.then != nullptr) {
        EXPECT_EQ(Shown(dbd, shown), c.then) << release << " " << c.name;
      }
    }
  }
}

}  // namespace assocsync::slurmdbd_cases
