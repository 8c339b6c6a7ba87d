#include "engine/backup/sql_session.h"

#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

using TokenKind = SqlToken::Kind;

// Those of whose text a quote or a backslash can be no part.
constexpr std::pair<absl::string_view, absl::string_view> kCharsets[] = {
    {"utf8", "utf8mb3"},
    {"utf8mb3", "utf8mb3"},
    {"utf8mb4", "utf8mb4"},
    {"latin1", "latin1"},
    {"binary", "binary"}};
// Not ANSI_QUOTES, not NO_BACKSLASH_ESCAPES, none that implies them.
constexpr absl::string_view kModes[] = {
    "no_auto_value_on_zero", "no_engine_substitution",
    "strict_trans_tables",   "strict_all_tables",
    "no_zero_date",          "no_zero_in_date",
    "allow_invalid_dates",   "error_for_division_by_zero",
    "no_auto_create_user",   "only_full_group_by"};
// Their values do not change what the text says.
constexpr absl::string_view kSwitches[] = {
    "unique_checks", "foreign_key_checks", "sql_notes",
    "autocommit",    "sql_log_bin",        "note_verbosity"};
constexpr absl::string_view kUserVariables[] = {"old_character_set_client",
                                                "old_character_set_results",
                                                "old_collation_connection",
                                                "old_time_zone",
                                                "old_unique_checks",
                                                "old_foreign_key_checks",
                                                "old_sql_mode",
                                                "old_sql_notes",
                                                "saved_cs_client",
                                                "saved_cs_results",
                                                "saved_col_connection",
                                                "saved_sql_mode",
                                                "save_time_zone",
                                                "mysqldump_temp_log_bin",
                                                "old_autocommit",
                                                "old_note_verbosity"};
// Read back by a dump, and of no meaning to its text.
constexpr absl::string_view kOthers[] = {"character_set_results",
                                         "collation_connection"};

bool IsVariable(absl::string_view name) {
  return name == "character_set_client" || name == "time_zone" ||
         name == "sql_mode" || absl::c_linear_search(kSwitches, name) ||
         absl::c_linear_search(kOthers, name);
}

std::string Lower(const SqlToken& token) {
  return absl::AsciiStrToLower(token.text);
}

absl::Status Unknown(const SqlToken& at, absl::string_view what) {
  return SqlRefused(at.at, absl::StrCat("SET: ", at.ToString(), ": ", what));
}

absl::string_view CharsetOf(absl::string_view word) {
  for (const auto& [name, canonical] : kCharsets) {
    if (word == name) return canonical;
  }
  return "";
}

bool AllModes(absl::string_view modes) {
  for (const absl::string_view mode : absl::StrSplit(modes, ',')) {
    if (!mode.empty() && !absl::c_linear_search(kModes, mode)) return false;
  }
  return true;
}

// "+00:00", "-09:30"
bool IsOffset(absl::string_view text) {
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return false;
  for (size_t i = 1; i < text.size(); ++i) {
    if (i == 3 ? text[i] != ':' : !absl::ascii_isdigit(text[i])) return false;
  }
  return true;
}

// `@@name`, `@@session.name`, `name`: the name in lower case; empty: `@name`
// or no variable at all. Moves `tokens` behind it.
std::string SystemVariable(absl::Span<const SqlToken>* tokens) {
  absl::Span<const SqlToken> rest = *tokens;
  if (rest.size() >= 2 && rest[0].Is("@") && rest[1].Is("@")) {
    rest.remove_prefix(2);
    if (rest.size() >= 2 && rest[0].Is("session") && rest[1].Is(".")) {
      rest.remove_prefix(2);
    }
  } else if (!rest.empty() && rest[0].Is("session")) {
    rest.remove_prefix(1);
  }
  if (rest.empty() || rest[0].kind != TokenKind::kWord) return "";
  const std::string name = Lower(rest[0]);
  *tokens = rest.subspan(1);
  return name;
}

std::string UserVariable(absl::Span<const SqlToken>* tokens) {
  if (tokens->size() < 2 || !(*tokens)[0].Is("@") ||
      (*tokens)[1].kind != TokenKind::kWord) {
    return "";
  }
  const std::string name = Lower((*tokens)[1]);
  tokens->remove_prefix(2);
  return name;
}

}  // namespace

absl::Status SqlSession::Set(absl::Span<const SqlToken> tokens) {
  const SqlToken& set = tokens[0];
  tokens.remove_prefix(1);
  if (tokens.empty()) return Unknown(set, "nothing is set");
  if (tokens[0].Is("NAMES")) return Names(tokens);
  // Assignments, separated by commas.
  while (true) {
    const auto comma = absl::c_find_if(
        tokens, [](const SqlToken& token) { return token.Is(","); });
    const size_t size = comma - tokens.begin();
    if (size == 0) return Unknown(set, "nothing is set");
    RETURN_IF_ERROR(Assign(tokens.subspan(0, size)));
    if (comma == tokens.end()) return absl::OkStatus();
    tokens.remove_prefix(size + 1);
  }
}

absl::Status SqlSession::Names(absl::Span<const SqlToken> tokens) {
  const SqlToken& name = tokens.back();
  if (tokens.size() != 2 ||
      (name.kind != TokenKind::kWord && name.kind != TokenKind::kString)) {
    return Unknown(name, "the name of a charset is expected");
  }
  return Become(name, "character_set_client", Lower(name));
}

absl::Status SqlSession::Assign(absl::Span<const SqlToken> tokens) {
  const SqlToken first = tokens[0];
  const std::string user = UserVariable(&tokens);
  const std::string name = user.empty() ? SystemVariable(&tokens) : user;
  const bool known = user.empty() ? IsVariable(name)
                                  : absl::c_linear_search(kUserVariables, name);
  if (!known || tokens.size() < 2 || !tokens[0].Is("=")) {
    return Unknown(first, "no variable that a dump of one database sets");
  }
  tokens.remove_prefix(1);
  const SqlToken literal = tokens[0];
  std::string value;
  if (literal.Is("@")) {
    const std::string from = UserVariable(&tokens);
    const std::string variable = from.empty() ? SystemVariable(&tokens) : "";
    if (from.empty() ? !IsVariable(variable)
                     : !absl::c_linear_search(kUserVariables, from)) {
      return Unknown(literal, "the value of an unknown variable");
    }
    value = from.empty() ? Value(variable) : kept_[from];
    if (!tokens.empty()) return Unknown(tokens[0], "an expression");
    if (user.empty()) {
      // What was kept is a value that was let through before, or the unknown
      // one from before the dump.
      if (name == "character_set_client") charset_ = value;
      if (name == "time_zone") time_zone_ = value;
      return absl::OkStatus();
    }
  } else {
    if (tokens.size() != 1 || (literal.kind != TokenKind::kString &&
                               literal.kind != TokenKind::kWord)) {
      return Unknown(literal, "an expression");
    }
    value = Lower(literal);
    if (user.empty()) return Become(literal, name, value);
    return Unknown(first, "a dump keeps nothing but old values in it");
  }
  kept_[user] = value;
  return absl::OkStatus();
}

absl::Status SqlSession::Become(const SqlToken& at, const std::string& name,
                                const std::string& value) {
  if (name == "character_set_client") {
    const absl::string_view charset = CharsetOf(value);
    if (charset.empty()) {
      return Unknown(at,
                     "in this charset a quote or a backslash may be a part of "
                     "another character, or it is not known; make the dump "
                     "with --default-character-set=utf8mb4");
    }
    charset_ = std::string(charset);
  } else if (name == "time_zone") {
    if (!IsOffset(value)) return Unknown(at, "a time zone that dumps lack");
    time_zone_ = value;
  } else if (name == "sql_mode") {
    if (!AllModes(value)) {
      return Unknown(at, "it may change what a quote or a backslash means");
    }
  } else if (absl::c_linear_search(kSwitches, name)) {
    if (value != "0" && value != "1") return Unknown(at, "0 or 1 is expected");
  } else if (CharsetOf(value).empty() && value != "null") {
    // The charset of answers, of which a dump gets none. Its collations begin
    // with a charset's name.
    const std::vector<absl::string_view> parts = absl::StrSplit(value, '_');
    if (CharsetOf(parts[0]).empty()) return Unknown(at, "an unknown charset");
  }
  return absl::OkStatus();
}

const std::string& SqlSession::Value(const std::string& name) const {
  static const std::string nothing;
  if (name == "character_set_client") return charset_;
  return name == "time_zone" ? time_zone_ : nothing;
}

}  // namespace assocsync
