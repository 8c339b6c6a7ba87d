// The faults of one file, gathered while it is read.
#ifndef ASSOCSYNC_ENGINE_CFG_ERRORS_H_
#define ASSOCSYNC_ENGINE_CFG_ERRORS_H_

#include <cstddef>
#include <cstdint>
#include <experimental/source_location>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/cfg/parse_error.h"
#include "engine/cfg/text_files.h"

namespace assocsync::cfg {

struct Place {
  int line = 1;
  int column = 1;
};

// None where `files` is null.
inline const TextFiles& FilesOrNone(const TextFiles* files) {
  static const TextFiles* const none = new TextFiles();
  return files == nullptr ? *none : *files;
}

// A name or a value for a message: the whole where it is short, else its
// beginning.
std::string Shown(absl::string_view text);

// Places only: the lines' texts are looked up once at the end, where there are
// faults at all. Of each kind, kMaxErrorsOfAKind are kept (the first to come)
// and the rest is counted, so that no file makes more of them than fit a few
// screens.
class Errors {
 public:
  // Faults that come from one place in the code are of one kind; whoever adds
  // for others passes their place on. (clang 14, which the fuzz preset uses,
  // does not have that of C++20.)
  using Kind = std::experimental::source_location;

  void Add(Place at, std::string message,
           ParseError::About about = ParseError::About::kOther,
           Kind kind = Kind::current());
  void Add(Place at, std::string message, Kind kind) {
    Add(at, std::move(message), ParseError::About::kOther, kind);
  }
  // What was read, but could be meant otherwise.
  void Note(Place at, std::string message,
            ParseError::About about = ParseError::About::kTwoReadings,
            Kind kind = Kind::current());

  // `files` (may be null, not owned): those of ParseOptions.
  explicit Errors(const TextFiles* files = nullptr) : files_(files) {}

  // "line 12", with its file where there are several.
  std::string Words(uint32_t line) const {
    return FilesOrNone(files_).Words(static_cast<int>(line));
  }

  // No error and no note came so far.
  bool empty() const { return errors_.empty() && notes_.empty(); }

  // By place.
  std::vector<ParseError> TakeErrors() { return Take(&errors_); }
  std::vector<ParseError> TakeNotes() { return Take(&notes_); }

 private:
  struct OfAKind {
    Kind kind;
    std::vector<ParseError> told;
    size_t untold = 0;
    Place first_untold;
  };
  using Kinds = std::vector<OfAKind>;

  static void Add(Place at, std::string message, ParseError::About about,
                  Kind kind, Kinds* kinds);
  std::vector<ParseError> Take(Kinds* kinds) const;

  const TextFiles* const files_;
  Kinds errors_;
  Kinds notes_;
};

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_ERRORS_H_
