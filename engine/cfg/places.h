// Where things stand in a .cfg text that has been parsed: for messages about
// what a tree says, and for comments that speak to those who check it.
#ifndef ASSOCSYNC_ENGINE_CFG_PLACES_H_
#define ASSOCSYNC_ENGINE_CFG_PLACES_H_

#include <functional>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/cfg/parse_error.h"
#include "engine/model/key.h"

namespace assocsync {

struct ParseOptions;

// A line and a column, both from 1; columns in bytes.
struct TextPlace {
  int line = 1;
  int column = 1;
  bool operator==(const TextPlace&) const = default;
};

struct OptionPlace {
  Key key;
  TextPlace at;             // Of its word.
  absl::string_view value;  // As it stands there, without its quotes.
  bool quoted = false;
};

// One line of a file that holds an object. Texts are views into the file, or
// good until the next line.
struct LinePlaces {
  int line = 0;            // As Record::line and Association::line.
  absl::string_view text;  // With its continuations joined.
  TextPlace name;
  absl::string_view name_text;  // As it stands there, without its quotes.
  std::vector<OptionPlace> options;
  std::optional<TextPlace> partition;
  // Those on lines of their own right before it, then the one behind it; each
  // from its `#` on.
  std::vector<absl::string_view> comments;

  // Of the first option with this key, else of the name.
  TextPlace Of(Key key) const;
};

// Calls `each` for every line that holds an object, from the top down. The
// text is one that Parse took without errors.
void ForEachLine(absl::string_view text, const ParseOptions& options,
                 const std::function<void(const LinePlaces&)>& each);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CFG_PLACES_H_
