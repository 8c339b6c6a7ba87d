// The builder's part that puts one option where it belongs.
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/status.h"
#include "engine/cfg/builder.h"

namespace assocsync::cfg {
namespace {

// Of one list on one line; each joins those before it.
constexpr int kMaxOptionsOfAList = 9;

// sacctmgr load takes these from a user's first line alone (seen on 20.11 to
// 26.05). WCKeys it loads not at all.
bool IsOfFirstLine(Key key) {
  return key == Key::kAdminLevel || key == Key::kCoordinator;
}

absl::string_view LineOf(Scope scope) {
  switch (scope) {
    case Scope::kCluster:
      return "the Cluster line";
    case Scope::kAccount:
      return "an Account line";
    case Scope::kUser:
    case Scope::kUserAssoc:
      return "a User line";
    case Scope::kAssoc:
      return "a Cluster, Account or User line";
    case Scope::kQos:
      return "a QOS line";
  }
  return "";
}

// `line`: Scope::kCluster, kAccount, kUser or kQos.
bool MayStand(Scope option, Scope line) {
  if (option == Scope::kUserAssoc) return line == Scope::kUser;
  if (option == Scope::kAssoc) return line != Scope::kQos;
  return option == line;
}

}  // namespace

void Builder::AddOptions(const LexedLine& line, Scope scope,
                         const Sinks& sinks) {
  given_.reset();
  aliased_.reset();
  default_column_ = 0;
  leans_ = false;
  record_ = FieldList(sinks.record == nullptr ? Fields() : *sinks.record);
  limits_ = FieldList(sinks.limits == nullptr ? Fields() : *sinks.limits);
  for (size_t i = 0; i < line.options.size(); ++i) {
    AddOption(line, i, scope, sinks);
  }
  if (sinks.record != nullptr) *sinks.record = Fields(record_);
  if (sinks.limits != nullptr) *sinks.limits = Fields(limits_);
}

void Builder::AddOption(const LexedLine& line, size_t index, Scope scope,
                        const Sinks& sinks) {
  const LexedOption& option = line.options[index];
  if (!Understood(line, option, scope)) return;
  if (option.meaning->partition) {
    AddPartition(line, option, sinks.partition);
    return;
  }
  const KeyMatch& match = option.meaning->match;
  if (match.result == KeyMatch::Result::kIgnored) {  // Parent=
    leans_ = true;
    const absl::StatusOr<Name> name =
        values_.ReadName(line.View(option.value), true);
    if (!name.ok() || *name != drafts_.accounts[parent_].name) {
      Odd(option.word.begin,
          absl::StrCat("sacctmgr ignores Parent= here, and this line stands "
                       "under Parent - '",
                       drafts_.accounts[parent_].name.view(),
                       "'; move the line under the Parent that is meant"));
    }
    return;
  }
  if (by_hand_ && option.value.begin == option.value.end) {
    Odd(option.word.begin,
        absl::StrCat("sacctmgr ignores ", Info(match.key).name,
                     "= without a value"));
    return;
  }
  const auto bit = static_cast<size_t>(match.key);
  const bool alias = !match.tres.empty();
  const bool again = given_[bit] && !alias;
  const Kind kind = Info(match.key).kind;
  const bool joins = kind == Kind::kTres || kind == Kind::kQosList;
  if (again && !by_hand_) {
    Fail(option.word.begin,
         absl::StrCat(Info(match.key).name, " is given twice on this line"));
    return;
  }
  if (again && !joins) {
    Odd(option.word.begin,
        absl::StrCat(Info(match.key).name,
                     " is given twice on this line; the last holds"));
  }
  const absl::StatusOr<Meaning> value =
      kind == Kind::kQosList && (again || option.meaning->is_operator)
          ? MergedQos(line, index)
      : alias || (again && joins) || aliased_[bit] ? MergedTres(line, index)
                                                   : ValueOf(line, option);
  (alias ? aliased_ : given_).set(bit);
  if (!value.ok()) {
    Fail(option.value.begin,
         absl::StrCat(Info(match.key).name, ": ", value.status().message()));
    return;
  }
  const Scope belongs = Info(match.key).scope;
  if (belongs == Scope::kUser) {
    AddToUser(line, option, match.key, *value, sinks.user);
    return;
  }
  FieldList& to = belongs == Scope::kAssoc || belongs == Scope::kUserAssoc
                      ? limits_
                      : record_;
  if (value->has_value()) {
    to.Set(match.key, **value);
  } else {
    to.Erase(match.key);
  }
}

// False, and an error, where the word means nothing on this line.
bool Builder::Understood(const LexedLine& line, const LexedOption& option,
                         Scope scope) {
  const Word& meaning = *option.meaning;
  const auto word = [&] { return Shown(line.View(option.word)); };
  const auto fail = [&](std::string message,
                        Errors::Kind kind = Errors::Kind::current()) {
    Fail(option.word.begin, std::move(message), kind);
    return false;
  };
  if (meaning.is_operator && !(by_hand_ && meaning.is(Kind::kQosList))) {
    return fail(absl::StrCat(
        "'", word(),
        "=' changes a list; a file says what is: write the whole list, or "
        "QOS='+name,-name' for changes to the inherited QOS"));
  }
  if (meaning.partition) {
    if (scope == Scope::kUser) return true;
    if (scope == Scope::kQos)
      return fail("Partition stands on User lines only");
    return Odd(option.word.begin, "Partition stands on User lines only");
  }
  switch (meaning.match.result) {
    case KeyMatch::Result::kUnknown:
      return fail(meaning.match.other.empty()
                      ? absl::StrCat("'", word(), "' is no option")
                      : absl::StrCat("'", word(),
                                     "' is no option; did you mean '",
                                     meaning.match.other, "'?"));
    case KeyMatch::Result::kAmbiguous:
      return fail(absl::StrCat("'", word(), "' could be ", meaning.match.tres,
                               " or ", meaning.match.other,
                               "; write the whole word"));
    case KeyMatch::Result::kIgnored:
      return true;
    case KeyMatch::Result::kFound:
      break;
  }
  const KeyInfo& info = Info(meaning.match.key);
  if (MayStand(info.scope, scope)) return true;
  // sacctmgr takes all words on all lines but those of QOS, and heeds a few.
  std::string misplaced = absl::StrCat(
      info.name, " stands on ", LineOf(info.scope), ", not on ", LineOf(scope));
  if (scope == Scope::kQos) return fail(std::move(misplaced));
  return Odd(option.word.begin, std::move(misplaced));
}

void Builder::AddPartition(const LexedLine& line, const LexedOption& option,
                           Name* partition) {
  if (given_[kKeyCount]) {
    Fail(option.word.begin, "Partition is given twice on this line");
    return;
  }
  given_.set(kKeyCount);
  const absl::string_view raw = line.View(option.value);
  const absl::StatusOr<Name> name = values_.ReadName(raw, true);
  if (!name.ok()) {
    Fail(option.value.begin,
         absl::StrCat("Partition: ", name.status().message()));
  } else if (absl::StrContains(raw, ',')) {
    Fail(option.value.begin,
         absl::StrCat("'", Shown(raw),
                      "' is a list of partitions; write one User line for "
                      "each"));
  } else {
    *partition = *name;
  }
}

absl::StatusOr<Meaning> Builder::ValueOf(const LexedLine& line,
                                         const LexedOption& option) {
  std::string note;
  ASSIGN_OR_RETURN(Meaning value, values_.Get(option.meaning->match.key,
                                              line.View(option.value), &note));
  if (!note.empty()) {
    errors_->Note(lexer_->At(option.value.begin), std::move(note));
  }
  return value;
}

// Aliases such as GrpCPUs give single TRES of a list: the list is what all
// options of the line up to `index` give together.
absl::StatusOr<Meaning> Builder::MergedTres(const LexedLine& line,
                                            size_t index) {
  const Key key = line.options[index].meaning->match.key;
  std::string all;
  int aliases = 0;
  for (size_t i = 0; i <= index; ++i) {
    const LexedOption& option = line.options[i];
    const KeyMatch& match = option.meaning->match;
    if (!option.meaning->found() || match.key != key) continue;
    // No release has as many aliases for one list: some come twice.
    if (++aliases > kMaxOptionsOfAList) {
      return absl::InvalidArgumentError("too many options");
    }
    absl::StrAppend(&all, all.empty() ? "" : ",", match.tres,
                    match.tres.empty() ? "" : "=", line.View(option.value));
  }
  ASSIGN_OR_RETURN(CanonicalValue value, Canonical(key, all, origin_));
  return value.set ? Meaning(Name(value.text)) : Meaning();
}

// QOS=a:QOS=b is QOS=a,b, and QOS+=a is QOS=+a, as sacctmgr reads them.
absl::StatusOr<Meaning> Builder::MergedQos(const LexedLine& line,
                                           size_t index) {
  std::string all;
  int options = 0;
  for (size_t i = 0; i <= index; ++i) {
    const LexedOption& option = line.options[i];
    if (!option.meaning->is(Kind::kQosList)) continue;
    const absl::string_view word = line.View(option.word);
    const absl::string_view list = line.View(option.value);
    if (list.empty()) continue;
    if (++options > kMaxOptionsOfAList) {
      return absl::InvalidArgumentError("too many options");
    }
    const absl::string_view sign =
        option.meaning->is_operator ? word.substr(word.size() - 1) : "";
    for (absl::string_view name : absl::StrSplit(list, ',')) {
      if (!sign.empty()) absl::ConsumePrefix(&name, sign);
      absl::StrAppend(&all, all.empty() ? "" : ",", sign, name);
    }
  }
  ASSIGN_OR_RETURN(CanonicalValue value, Canonical(Key::kQos, all, origin_));
  return value.set ? Meaning(Name(value.text)) : Meaning();
}

void Builder::AddToUser(const LexedLine& line, const LexedOption& option,
                        Key key, const Meaning& value, UserDraft* user) {
  const bool later = Line() != user->line;
  const bool is_first =
      !user->Gives(key) && !(by_hand_ && IsOfFirstLine(key) && later);
  if (key == Key::kDefaultAccount) {
    default_column_ =
        static_cast<uint32_t>(lexer_->At(option.word.begin).column);
    if (is_first) user->default_column = default_column_;
  }
  if (is_first) {
    user->Give(key);
    if (later) {
      drafts_.odd_users[user->name].given_later[UserDraft::At(key)] = Line();
    }
  }
  if (by_hand_ && key == Key::kDefaultAccount) {
    if (value.has_value()) AddDefaultByHand(*value, user);
    return;
  }
  if (is_first) {
    if (value.has_value()) user->record.Set(key, *value);
    return;
  }
  const Name* const first = user->record.Find(key);
  const bool same = first == nullptr ? !value.has_value()
                                     : value.has_value() && *value == *first;
  if (same) return;
  Odd(option.word.begin,
      absl::StrCat(Info(key).name, "='", Shown(line.View(option.value)),
                   "' differs from ",
                   first == nullptr
                       ? std::string("none")
                       : absl::StrCat("'", Shown(first->view()), "'"),
                   " on ",
                   errors_->Words(user->Gives(key) ? drafts_.GivenOn(*user, key)
                                                   : user->line),
                   by_hand_ ? ", which holds: the first line of a user counts"
                            : "; all lines of a user say the same"));
}

// Only the line in an account makes it the default (assemble.cc).
void Builder::AddDefaultByHand(Name account, UserDraft* user) {
  if (account != drafts_.accounts[parent_].name) {
    Name& elsewhere = drafts_.odd_users[user->name].default_elsewhere;
    if (elsewhere.empty()) elsewhere = account;
    return;
  }
  if (!user->record.Has(Key::kDefaultAccount)) {
    user->record.Set(Key::kDefaultAccount, account);
  } else if (user->record.Get(Key::kDefaultAccount) != account ||
             !drafts_.OddOf(*user).last_default.empty()) {
    drafts_.odd_users[user->name].last_default = account;
  }
}

// As sacctmgr load does: a user's default WCKey is one of the user's WCKeys.
// Slurm's own placeholders, which begin with '*', never show among them.
void Builder::AddDefaultWckey(UserDraft* user) {
  const Name* const wckey = user->record.Find(Key::kDefaultWckey);
  if (wckey == nullptr || absl::StartsWith(wckey->view(), "*")) return;
  std::vector<absl::string_view> all =
      Elements(user->record.Get(Key::kWckeys).view());
  all.push_back(wckey->view());
  user->record.Set(Key::kWckeys, Name(JoinElements(std::move(all))));
}

}  // namespace assocsync::cfg
