// The grammar half of SqlScanner: what words, names and ends of statements
// mean.
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "engine/backup/sql_scanner.h"

namespace assocsync {

bool SqlScanner::WantsName() const {
  return !executable_ &&
         (phase_ == Phase::kTableName || phase_ == Phase::kInsertName ||
          phase_ == Phase::kUseName);
}

void SqlScanner::OpenQuote(char quote) {
  OnSignificant();
  quote_ = quote;
  // With ANSI_QUOTES a name stands in double quotes.
  const bool name = WantsName() && quote != '\'';
  in_ = name ? In::kName : In::kString;
  if (name) name_.clear();
}

SqlScanner::Phase SqlScanner::PhaseAfter(absl::string_view word) {
  constexpr std::pair<absl::string_view, Phase> kFirstWords[] = {
      {"INSERT", Phase::kInsertName},
      {"REPLACE", Phase::kInsertName},
      {"CREATE", Phase::kCreate},
      {"USE", Phase::kUseName},
      {"DELIMITER", Phase::kDelimiter}};
  for (const auto& [first, phase] : kFirstWords) {
    if (absl::EqualsIgnoreCase(word, first)) return phase;
  }
  return Phase::kSkip;
}

void SqlScanner::OnWord(absl::string_view word) {
  const auto is = [&](absl::string_view want) {
    return absl::EqualsIgnoreCase(word, want);
  };
  trailer_ = false;
  switch (phase_) {
    case Phase::kStart:
      phase_ = PhaseAfter(word);
      name_.clear();
      // A body between other delimiters is a procedure, not data.
      if (delimiter_ != ";" && phase_ != Phase::kDelimiter) {
        phase_ = Phase::kSkip;
      }
      return;
    case Phase::kCreate:
      phase_ = is("TABLE") ? Phase::kTableName : Phase::kSkip;
      return;
    case Phase::kTableName:
      if (is("IF") || is("NOT") || is("EXISTS")) return;
      break;
    case Phase::kInsertName:
      if (is("INTO") || is("IGNORE") || is("DELAYED") || is("LOW_PRIORITY") ||
          is("HIGH_PRIORITY")) {
        return;
      }
      break;
    case Phase::kInsertHead:
      if (depth_ == 0 && (is("VALUES") || is("VALUE"))) {
        phase_ = Phase::kValues;
      }
      return;
    default:
      break;
  }
  if (WantsName()) {
    name_ = std::string(word);
    OnName();
  }
}

void SqlScanner::OnName() {
  switch (phase_) {
    case Phase::kTableName:
      facts_.tables[{database_, name_}].created = true;
      phase_ = Phase::kSkip;
      break;
    case Phase::kUseName:
      database_ = name_;
      phase_ = Phase::kSkip;
      break;
    case Phase::kInsertName:
      table_ = name_;
      phase_ = Phase::kInsertHead;
      break;
    default:
      break;
  }
}

void SqlScanner::OnLineComment() {
  in_ = In::kText;
  absl::string_view text = absl::StripAsciiWhitespace(name_);
  trailer_ = absl::ConsumePrefix(&text, "Dump completed");
  if (trailer_) {
    absl::ConsumePrefix(&text, " on ");
    facts_.completed_on = std::string(absl::StripAsciiWhitespace(text));
  } else if (absl::ConsumePrefix(&text, "Server version")) {
    facts_.server_version = std::string(absl::StripAsciiWhitespace(text));
  } else if (absl::StartsWith(text, "Host: ")) {
    const size_t at = text.find("Database: ");
    if (at != absl::string_view::npos) {
      facts_.database =
          std::string(absl::StripAsciiWhitespace(text.substr(at + 10)));
    }
  }
}

void SqlScanner::OnSignificant() {
  trailer_ = false;
  if (phase_ == Phase::kStart && !executable_) phase_ = Phase::kSkip;
}

void SqlScanner::EndStatement() {
  trailer_ = false;
  if (!table_.empty()) facts_.tables[{database_, table_}].rows += rows_;
  table_.clear();
  rows_ = 0;
  depth_ = 0;
  phase_ = Phase::kStart;
}

}  // namespace assocsync
