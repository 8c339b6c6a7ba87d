// How MariaDB compares the names in Slurm's tables: `=` and LIKE under a
// collation that ignores case, LIKE with `_` and `%` as wildcards because
// slurmdbd escapes nothing (slurm-facts 0.1).
#ifndef ASSOCSYNC_ENGINE_SLURM_NAMES_H_
#define ASSOCSYNC_ENGINE_SLURM_NAMES_H_

#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "engine/base/name.h"

namespace assocsync::slurm {

// Lower case, ASCII only.
std::string FoldName(absl::string_view name);

// In SQL that slurmdbd does not escape it changes what the name says.
bool HoldsBackslash(absl::string_view name);

// `text` LIKE `pattern`; both folded.
bool Like(absl::string_view pattern, absl::string_view text);

// `name` may equal `other` under some collation of MariaDB without being the
// same bytes: case, accents, trailing blanks. Errs towards true.
bool MayCollate(absl::string_view name, absl::string_view other);

// Names with bytes beyond ASCII: how they compare depends on the collation and
// the character set of the database, which nobody knows here.
bool IsOdd(absl::string_view name);

// Lower-case ASCII without blanks at its ends: MariaDB sees what the bytes say.
bool IsPlainName(absl::string_view name);

// A set of names that answers LIKE without looking at all of them: a literal
// prefix is a binary search, `_` branches over the distinct next characters,
// and only `%` looks at all that share the prefix before it.
class NameIndex {
 public:
  void Insert(Name name);
  void Erase(Name name);
  // Appends the names that are `prefix` and then match the folded `pattern`.
  void FindLike(absl::string_view pattern, std::vector<Name>* found,
                std::string prefix = "") const;
  // Names that are equal but for case; one of them may be `name` itself.
  void FindEqual(absl::string_view name, std::vector<Name>* found) const;

 private:
  using Names = absl::btree_map<std::string, absl::InlinedVector<Name, 1>>;

  Names names_;  // By folded name.
};

}  // namespace assocsync::slurm

#endif  // ASSOCSYNC_ENGINE_SLURM_NAMES_H_
