#include "engine/cfg/builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"

namespace assocsync::cfg {
namespace {

bool IsQuoted(const LexedLine& line, Piece piece) {
  return piece.end < line.text.size() && piece.begin > 0 &&
         (line.text[piece.end] == '\'' || line.text[piece.end] == '"') &&
         line.text[piece.begin - 1] == line.text[piece.end];
}

}  // namespace

Builder::Builder(const Style& style, Lexer* lexer, Errors* errors)
    : origin_(style.origin),
      fold_users_(style.fold_users),
      by_hand_(style.by_hand),
      lexer_(lexer),
      errors_(errors),
      values_(style.origin) {
  drafts_.accounts.push_back({RootName(), {}, 0, 0, false});
  drafts_.rows.emplace_back();
  account_ids_[RootName()] = 0;
}

void Builder::Add(const LexedLine& line) {
  if (line.object != Object::kParent) parent_is_empty_ = false;
  if (!line.has_name) {
    // What stands under a Parent line that cannot be read is not known to be
    // wrong; the line's own error is enough.
    if (line.object == Object::kCluster) cluster_line_ = Line();
    return;
  }
  if (line.object == Object::kUser) {
    AddUser(line);
    return;
  }
  const absl::StatusOr<Name> name =
      values_.ReadName(line.View(line.name), true);
  if (!name.ok()) {
    Fail(line.name.begin, std::string(name.status().message()));
    return;
  }
  switch (line.object) {
    case Object::kCluster:
      return AddCluster(line, *name);
    case Object::kParent:
      return AddParent(line, *name);
    case Object::kAccount:
      return AddAccount(line, *name);
    case Object::kQos:
      return AddQos(line, *name);
    case Object::kUser:
    case Object::kUnknown:
      return;
  }
}

void Builder::NeedsCluster() {
  if (cluster_line_ == 0 && first_object_line_ == 0) {
    first_object_line_ = Line();
  }
}

void Builder::AddCluster(const LexedLine& line, Name name) {
  if (cluster_line_ != 0) {
    Fail(0, absl::StrCat("this is a second Cluster line; the first is ",
                         errors_->Words(cluster_line_),
                         "; one file holds the tree of one cluster"));
    return;
  }
  if (first_object_line_ != 0) {
    errors_->Add({static_cast<int>(first_object_line_), 1},
                 absl::StrCat("this line stands before the Cluster line, which "
                              "is ",
                              errors_->Words(Line()), "; move it below"));
  }
  cluster_line_ = Line();
  drafts_.cluster = name;
  drafts_.rows[0].line = Line();
  AddOptions(
      line, Scope::kCluster,
      {.record = &drafts_.cluster_fields, .limits = &drafts_.rows[0].limits});
}

void Builder::AddParent(const LexedLine& line, Name name) {
  NeedsCluster();
  parent_place_ = lexer_->At(0);
  parent_is_empty_ = true;
  if (!line.options.empty()) {
    Fail(line.options[0].word.begin,
         "a Parent line takes no options; put them on the Account line");
  }
  if (keep_ != nullptr) keep_->Enter(name);
  if (recall_ != nullptr) recalled_ = recall_->FirstUnder(name);
  const auto found = account_ids_.find(name);
  if (found != account_ids_.end()) {
    parent_ = found->second;
    return;
  }
  Fail(line.name.begin,
       absl::StrCat("account '", name.view(),
                    "' is not declared above; put its Account line before "
                    "this Parent line"));
  // One error is enough: what stands under it is read as if it were there.
  parent_ = static_cast<uint32_t>(drafts_.accounts.size());
  account_ids_[name] = parent_;
  drafts_.accounts.push_back({name, {}, Line(), 1, true});
}

void Builder::AddAccount(const LexedLine& line, Name name) {
  NeedsCluster();
  const auto [known, is_new] = account_ids_.emplace(
      name, static_cast<uint32_t>(drafts_.accounts.size()));
  const uint32_t depth = drafts_.accounts[parent_].depth + 1;
  if (is_new) drafts_.accounts.push_back({name, {}, Line(), depth, false});
  AccountDraft& account = drafts_.accounts[known->second];
  if (!is_new && !account.assumed) {
    AddAccountAgain(line, known->second);
    return;
  }
  account.assumed = false;
  if (depth > kMaxAccountDepth) {
    Fail(line.name.begin,
         absl::StrCat("this account is nested deeper than ", kMaxAccountDepth,
                      ", which no Slurm could hold"));
    return;
  }
  account.row = static_cast<uint32_t>(drafts_.rows.size());
  RowDraft& row = drafts_.rows.emplace_back();
  row.account = known->second;
  row.name = drafts_.accounts[parent_].name;
  row.line = Line();
  AddOptions(line, Scope::kAccount,
             {.record = &account.record, .limits = &row.limits});
}

// An account that has a line already.
void Builder::AddAccountAgain(const LexedLine& line, uint32_t known) {
  AccountDraft& account = drafts_.accounts[known];
  RowDraft& first = drafts_.rows[account.row];
  if (known == 0 && by_hand_) {
    // sacctmgr load adds it to what the Cluster line says.
    Odd(line.name.begin,
        "account 'root' is there by itself; this is read as a part of the "
        "Cluster line");
    AddOptions(line, Scope::kAccount,
               {.record = &account.record, .limits = &first.limits});
    return;
  }
  if (known == 0) {
    Fail(line.name.begin,
         "account 'root' is there by itself; its limits stand on the Cluster "
         "line");
    return;
  }
  AccountDraft again;
  RowDraft row;
  if (by_hand_) {
    AddOptions(line, Scope::kAccount,
               {.record = &again.record, .limits = &row.limits});
  }
  const Name parent = drafts_.accounts[parent_].name;
  const bool same = again.record == account.record &&
                    row.limits == first.limits && first.name == parent;
  Odd(line.name.begin,
      absl::StrCat("account '", account.name.view(),
                   "' is declared twice, the first time on ",
                   errors_->Words(account.line),
                   !by_hand_ ? "; an account has one line, under one Parent"
                   : same    ? ", and both lines say the same"
                             : "; the first holds, as sacctmgr load has it"));
}

bool Builder::Odd(size_t at, std::string message, Errors::Kind kind) {
  if (by_hand_) {
    errors_->Note(lexer_->At(at), std::move(message),
                  ParseError::About::kIgnored, kind);
  } else {
    Fail(at, std::move(message), kind);
  }
  return false;
}

void Builder::AddUser(const LexedLine& line) {
  NeedsCluster();
  Name spelling;
  const absl::StatusOr<Name> name =
      values_.ReadName(line.View(line.name), fold_users_, &spelling);
  if (!name.ok()) {
    Fail(line.name.begin, std::string(name.status().message()));
    return;
  }
  // MariaDB compares names without regard to case, whatever slurmdbd does.
  const Name folded =
      fold_users_ ? *name : *values_.ReadName(line.View(line.name), true);
  uint32_t& known = user_ids_[folded];
  if (known == 0) {
    UserDraft& user = drafts_.users.emplace_back();
    user.name = *name;
    user.spelling = spelling;
    user.line = Line();
    known = static_cast<uint32_t>(drafts_.users.size());
  }
  UserDraft& user = drafts_.users[known - 1];
  if (user.spelling != spelling) {
    std::string message =
        absl::StrCat("user '", spelling.view(), "' is written '",
                     user.spelling.view(), "' on ", errors_->Words(user.line),
                     "; to Slurm both are one name: write it one way");
    if (fold_users_) {
      Odd(line.name.begin, std::move(message));
    } else {
      Fail(line.name.begin, std::move(message));
    }
  }
  RowDraft& row = drafts_.rows.emplace_back();
  row.account = parent_;
  row.user = known;
  row.name = user.name;
  row.line = Line();
  AddOptions(
      line, Scope::kUser,
      {.limits = &row.limits, .user = &user, .partition = &row.partition});
  if (keep_ != nullptr && spelling == folded) Keep(line, user, row);
  if (recall_ != nullptr) PassRecalled(user.name);
}

// The line that was just added.
void Builder::Keep(const LexedLine& line, const UserDraft& user,
                   const RowDraft& row) {
  const absl::string_view whole = lexer_->whole_line();
  if (leans_ || !errors_->empty() || whole.empty()) return;
  // What it says of the user must be all that was said so far.
  const auto first = static_cast<size_t>(UserDraft::kFirst);
  for (int i = 0; i < UserDraft::kKeys; ++i) {
    if ((user.given >> i & 1) != 0 && !given_[first + i]) return;
  }
  const absl::string_view behind =
      whole.substr(line.name.end + (IsQuoted(line, line.name) ? 1 : 0));
  const uint32_t ending =
      keep_->Add({behind, row.partition, user.record, row.limits, user.given,
                  static_cast<uint32_t>(whole.size()) - default_column_});
  keep_->Keep(whole, user.name, ending);
}

bool Builder::AddKnown() {
  if (cluster_line_ == 0 || lexer_->has_trailer()) return false;
  return (recall_ != nullptr && AddRecalled()) ||
         ((recall_ != nullptr || keep_ != nullptr) && AddByEnding());
}

bool Builder::AddRecalled() {
  if (recalled_ >= recall_->lines().size()) return false;
  const Recall::Line& line = recall_->lines()[recalled_];
  const absl::string_view text = recall_->text(line);
  if (!absl::StartsWith(lexer_->rest(), text) ||
      !AddKnown(text, line.user, recall_->ending(line.ending))) {
    return false;
  }
  ++recalled_;
  return true;
}

Builder::PlainLine Builder::Look(absl::string_view rest) const {
  constexpr absl::string_view kBegin = "User - '";
  PlainLine line;
  line.at = rest.data();
  if (!absl::StartsWith(rest, kBegin)) return line;
  const size_t newline = rest.find('\n');
  if (newline == absl::string_view::npos || newline > kMaxLine) return line;
  const absl::string_view whole = rest.substr(0, newline + 1);
  const size_t quote = whole.find('\'', kBegin.size());
  if (quote == absl::string_view::npos || whole[quote + 1] != ':') return line;
  const absl::string_view name =
      whole.substr(kBegin.size(), quote - kBegin.size());
  if (name.size() > kMaxName || !IsPlain(name)) return line;
  line.whole = whole;
  line.name = name;
  line.ending = whole.substr(quote + 1);
  line.hash = Recall::HashOf(line.ending);
  Name::Prefetch(name);
  known().Prefetch(line.hash);
  return line;
}

// A PlainLine with an ending that another line had.
bool Builder::AddByEnding() {
  const absl::string_view rest = lexer_->rest();
  if (ahead_.at != rest.data()) ahead_ = Look(rest);
  const PlainLine line = ahead_;
  if (line.whole.empty()) return false;
  ahead_ = Look(rest.substr(line.whole.size()));
  const uint32_t ending = known().Find(line.ending, line.hash);
  if (ending == 0) return false;
  const Name user(line.name);
  if (!AddKnown(line.whole, user, known().ending(ending))) return false;
  if (recall_ != nullptr) {
    PassRecalled(user);
  } else if (errors_->empty()) {
    keep_->KeepFound(line.whole, user, ending);
  }
  return true;
}

bool Builder::AddKnown(absl::string_view line, Name name,
                       const Recall::Ending& says) {
  uint32_t& known = user_ids_[name];
  if (known == 0) {
    UserDraft& user = drafts_.users.emplace_back();
    user.name = user.spelling = name;
    user.line = lexer_->next_line();
    user.record = says.record;
    user.default_column =
        static_cast<uint32_t>(line.size()) - says.default_from_end;
    user.given = says.given;
    known = static_cast<uint32_t>(drafts_.users.size());
  } else {
    const UserDraft& user = drafts_.users[known - 1];
    if (user.spelling != name || user.record != says.record ||
        user.given != says.given) {
      return false;
    }
  }
  parent_is_empty_ = false;
  RowDraft& row = drafts_.rows.emplace_back();
  row.account = parent_;
  row.user = known;
  row.name = name;
  row.partition = says.partition;
  row.limits = says.limits;
  row.line = lexer_->next_line();
  lexer_->SkipLine(line.size());
  return true;
}

// A line of `user` had to be read: it changed, or is new, or others left.
void Builder::PassRecalled(Name user) {
  constexpr size_t kAhead = 8;
  const std::vector<Recall::Line>& lines = recall_->lines();
  const size_t end = std::min(lines.size(), recalled_ + kAhead);
  for (size_t i = recalled_; i < end; ++i) {
    if (lines[i].user != user) continue;
    recalled_ = i + 1;
    return;
  }
}

void Builder::AddQos(const LexedLine& line, Name name) {
  if (cluster_line_ != 0) {
    Fail(0, absl::StrCat("QOS lines stand before the Cluster line, which is ",
                         errors_->Words(cluster_line_), "; move this one up"));
  }
  drafts_.qos.lists_qos = true;
  const auto [at, is_new] = drafts_.qos.qos.try_emplace(name);
  if (!is_new) {
    Record again;
    AddOptions(line, Scope::kQos, {.record = &again.fields});
    std::string twice = absl::StrCat("QOS '", name.view(),
                                     "' is declared twice, the first time on ",
                                     errors_->Words(at->second.line));
    if (again == at->second) {
      Odd(line.name.begin, std::move(twice));
    } else {
      Fail(line.name.begin, absl::StrCat(twice, "; remove one"));
    }
    return;
  }
  at->second.line = Line();
  AddOptions(line, Scope::kQos, {.record = &at->second.fields});
}

void Builder::Finish() {
  if (cluster_line_ == 0) {
    errors_->Add({1, 1},
                 "the file holds no Cluster line; a dump begins with one: "
                 "Cluster - 'name'");
  }
  // By hand, and by generators, any account has its Parent line.
  if (parent_is_empty_ && !by_hand_) {
    errors_->Add(parent_place_,
                 "nothing stands under this last Parent line; remove it if "
                 "that is right (or is the file cut short?)");
  }
  for (UserDraft& user : drafts_.users) AddDefaultWckey(&user);
}

}  // namespace assocsync::cfg
