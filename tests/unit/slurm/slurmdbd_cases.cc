#include "tests/unit/slurm/slurmdbd_cases.h"

#include <utility>
#include <vector>

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

Slurmdbd After(absl::string_view release, absl::string_view commands) {
  Slurmdbd dbd(Of(release), EmptyState());
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

std::string Shown(const Tree& tree, absl::string_view what) {
  std::vector<std::string> all;
  const auto add = [&](std::string name, const Fields& fields) {
    if (!fields.empty()) {
      absl::StrAppend(&name, "{", fields.ToString(), "}");
    }
    all.push_back(std::move(name));
  };
  if (what == "rows") {
    for (const auto& [key, row] : tree.associations) {
      if (key.account == RootName() && row.limits.empty()) continue;
      add(absl::StrCat(key.ToString(), row.parent.empty() ? "" : "<",
                       row.parent.view()),
          row.limits);
    }
    return absl::StrJoin(all, " ");
  }
  for (const auto& [name, record] : what == "accounts" ? tree.accounts
                                    : what == "users"  ? tree.users
                                                       : tree.qos) {
    if (name != RootName()) add(name.str(), record.fields);
  }
  return absl::StrJoin(all, " ");
}

void Check(absl::Span<const Case> cases, absl::string_view shown) {
  for (const Case& c : cases) {
    for (const absl::string_view release :
         absl::StrSplit(c.releases, ' ', absl::SkipEmpty())) {
      Slurmdbd dbd = After(release, c.before);
      const Slurmdbd before = dbd;
      const Command command = Parsed(c.command);
      if (command.verb == Command::Verb::kDelete) {
        EXPECT_EQ(Said(dbd.Predict(command)), c.want)
            << release << " " << c.name;
      }
      const Outcome outcome = dbd.Run(command);
      EXPECT_EQ(Said(outcome), c.want)
          << release << " " << c.name << ": " << outcome.reason;
      if (outcome.result != Outcome::Result::kDone) {
        EXPECT_EQ(dbd.state(), before.state()) << release << " " << c.name;
      }
      if (outcome.result != Outcome::Result::kUnknown) {
        EXPECT_EQ(Illegalities(dbd.tree()), std::vector<std::string>())
            << release << " " << c.name;
      }
      if (c.then != nullptr) {
        EXPECT_EQ(Shown(dbd.tree(), shown), c.then) << release << " " << c.name;
      }
    }
  }
}

}  // namespace assocsync::slurmdbd_cases
