// The SQL that slurmdbd leaves in its transaction table: set lists, conditions
// and literals, read exactly or not at all.
#ifndef ASSOCSYNC_ENGINE_SLURM_SQL_TEXT_H_
#define ASSOCSYNC_ENGINE_SLURM_SQL_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace assocsync::slurm {

// `max_jobs=8`, `grp_tres = if (id_assoc=9, '1=10', grp_tres)`.
struct Assignment {
  std::string column;      // Without backticks.
  std::string expression;  // As it stands, blanks around it removed.
  bool operator==(const Assignment&) const = default;
};

// A list of assignments, split at the commas that stand in no quotes and no
// parentheses. nullopt: the text is no such list (it was cut off, a quote never
// closes, something is no assignment).
std::optional<std::vector<Assignment>> ReadAssignments(absl::string_view text);

// The text that one whole literal in single quotes stands for, escapes undone
// as MariaDB undoes them. nullopt: `sql` is anything else.
std::optional<std::string> ReadLiteral(absl::string_view sql);

// A whole, plain decimal number.
std::optional<uint64_t> ReadNumber(absl::string_view text);

// One group of alternatives for a column: `(id_assoc=5 || id_assoc=6)`,
// `name in('a','b')`, `user='u'`. Values without quotes and escapes.
struct Alternatives {
  std::string column;
  std::vector<std::string> values;
  bool operator==(const Alternatives&) const = default;
};
// Groups joined by `&&`. nullopt: of no such form.
std::optional<std::vector<Alternatives>> ReadCondition(absl::string_view text);

}  // namespace assocsync::slurm

#endif  // ASSOCSYNC_ENGINE_SLURM_SQL_TEXT_H_
