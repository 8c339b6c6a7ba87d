// Values of options to canonical names, remembered: most lines of a file repeat
// the values of others.
#ifndef ASSOCSYNC_ENGINE_CFG_VALUES_H_
#define ASSOCSYNC_ENGINE_CFG_VALUES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/name.h"
#include "engine/model/value.h"

namespace assocsync::cfg {

// `\#` is `#` in a file that people edit; dump writes no escapes. Of several
// backslashes before a `#` one goes, so that every text can be written.
std::string Unescape(absl::string_view raw, Origin origin);
// Its inverse for Origin::kFile.
std::string Escape(absl::string_view text);

// A name, or a text, that is its own canonical form whatever it is.
bool IsPlain(absl::string_view text);

// A value's meaning: nullopt is "not set".
using Meaning = std::optional<Name>;

class Values {
 public:
  explicit Values(Origin origin) : origin_(origin) {}

  // `raw`, which must outlive this, as it stands in the file. `note` is filled
  // the first time a value comes that has one.
  absl::StatusOr<Meaning> Get(Key key, absl::string_view raw,
                              std::string* note);
  // Names are mostly not repeated: canonicalised without being remembered.
  // `spelling`, if wanted: the same name in the case of the file.
  absl::StatusOr<Name> ReadName(absl::string_view raw, bool fold,
                                Name* spelling = nullptr) const;

 private:
  // The value that a key had last: a user's lines and their neighbours mostly
  // say the same, and that costs no hash.
  struct Last {
    absl::string_view raw;
    Meaning meaning;
  };

  const Origin origin_;
  std::array<Last, kKeyCount> last_;
  absl::flat_hash_map<std::pair<Key, absl::string_view>, Meaning> known_;
};

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_VALUES_H_
