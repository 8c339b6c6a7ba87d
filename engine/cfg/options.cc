// The builder's part that puts one option where it belongs.
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/cfg/builder.h"

namespace assocsync::cfg {
namespace {

static_assert(kKeyCount < 63, "Builder::given_ has a bit for each, and one");
constexpr int kPartitionBit = 63;

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
  given_ = aliased_ = 0;
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
    const absl::StatusOr<Atom> name =
        values_.Name(line.View(option.value), true);
    if (!name.ok() || *name != drafts_.accounts[parent_].name) {
      Fail(option.word.begin,
           absl::StrCat("sacctmgr ignores Parent= here, and this line stands "
                        "under Parent - '",
                        drafts_.accounts[parent_].name.view(),
                        "'; move the line under the Parent that is meant"));
    }
    return;
  }
  const uint64_t bit = uint64_t{1} << static_cast<int>(match.key);
  const bool alias = !match.tres.empty();
  if ((given_ & bit) != 0 && !alias) {
    Fail(option.word.begin,
         absl::StrCat(Info(match.key).name, " is given twice on this line"));
    return;
  }
  const absl::StatusOr<Meaning> value = alias || (aliased_ & bit) != 0
                                            ? MergedTres(line, index)
                                            : ValueOf(line, option);
  (alias ? aliased_ : given_) |= bit;
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
  const std::string word = Shown(line.View(option.word));
  const Word& meaning = *option.meaning;
  const auto fail = [&](std::string message,
                        Errors::Kind kind = Errors::Kind::current()) {
    Fail(option.word.begin, std::move(message), kind);
    return false;
  };
  if (meaning.is_operator) {
    return fail(absl::StrCat(
        "'", word,
        "=' changes a list; a file says what is: write the whole list, or "
        "QOS='+name,-name' for changes to the inherited QOS"));
  }
  if (meaning.partition) {
    if (scope == Scope::kUser) return true;
    return fail("Partition stands on User lines only");
  }
  switch (meaning.match.result) {
    case KeyMatch::Result::kUnknown:
      return fail(meaning.match.other.empty()
                      ? absl::StrCat("'", word, "' is no option")
                      : absl::StrCat("'", word,
                                     "' is no option; did you mean '",
                                     meaning.match.other, "'?"));
    case KeyMatch::Result::kAmbiguous:
      return fail(absl::StrCat("'", word, "' could be ", meaning.match.tres,
                               " or ", meaning.match.other,
                               "; write the whole word"));
    case KeyMatch::Result::kIgnored:
      return true;
    case KeyMatch::Result::kFound:
      break;
  }
  const KeyInfo& info = Info(meaning.match.key);
  if (MayStand(info.scope, scope)) return true;
  return fail(absl::StrCat(info.name, " stands on ", LineOf(info.scope),
                           ", not on ", LineOf(scope)));
}

void Builder::AddPartition(const LexedLine& line, const LexedOption& option,
                           Atom* partition) {
  constexpr uint64_t kBit = uint64_t{1} << kPartitionBit;
  if ((given_ & kBit) != 0) {
    Fail(option.word.begin, "Partition is given twice on this line");
    return;
  }
  given_ |= kBit;
  const absl::string_view raw = line.View(option.value);
  const absl::StatusOr<Atom> name = values_.Name(raw, true);
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
    if (++aliases > 9) return absl::InvalidArgumentError("too many options");
    absl::StrAppend(&all, all.empty() ? "" : ",", match.tres,
                    match.tres.empty() ? "" : "=", line.View(option.value));
  }
  ASSIGN_OR_RETURN(CanonicalValue value, Canonical(key, all, origin_));
  return value.set ? Meaning(Atom(value.text)) : Meaning();
}

void Builder::AddToUser(const LexedLine& line, const LexedOption& option,
                        Key key, const Meaning& value, UserDraft* user) {
  uint32_t& given = user->given[static_cast<int>(key) - UserDraft::kFirst];
  if (given == 0) {
    given = Line();
    if (key == Key::kDefaultAccount) {
      user->default_column =
          static_cast<uint32_t>(lexer_->At(option.word.begin).column);
    }
    if (value.has_value()) user->record.Set(key, *value);
    return;
  }
  const Atom* const first = user->record.Find(key);
  const bool same = first == nullptr ? !value.has_value()
                                     : value.has_value() && *value == *first;
  if (same) return;
  Fail(option.word.begin,
       absl::StrCat(Info(key).name, "='", Shown(line.View(option.value)),
                    "' differs from ",
                    first == nullptr
                        ? std::string("none")
                        : absl::StrCat("'", Shown(first->view()), "'"),
                    " on line ", given, "; all lines of a user say the same"));
}

// As sacctmgr load does: a user's default WCKey is one of the user's WCKeys.
// Slurm's own placeholders, which begin with '*', never show among them.
void Builder::AddDefaultWckey(UserDraft* user) {
  const Atom* const wckey = user->record.Find(Key::kDefaultWckey);
  if (wckey == nullptr || absl::StartsWith(wckey->view(), "*")) return;
  std::vector<absl::string_view> all =
      Elements(user->record.Get(Key::kWckeys).view());
  all.push_back(wckey->view());
  user->record.Set(Key::kWckeys, Atom(JoinElements(std::move(all))));
}

}  // namespace assocsync::cfg
