// The faults of one file, gathered while it is read.
#ifndef ASSOCSYNC_ENGINE_CFG_ERRORS_H_
#define ASSOCSYNC_ENGINE_CFG_ERRORS_H_

#include <string>
#include <utility>
#include <vector>

#include "engine/cfg/parse.h"

namespace assocsync::cfg {

struct Place {
  int line = 1;
  int column = 1;
};

// Places only: the lines' texts are looked up once at the end, where there are
// faults at all.
class Errors {
 public:
  void Add(Place at, std::string message,
           ParseError::About about = ParseError::About::kOther) {
    errors_.push_back({at.line, at.column, std::move(message), "", about});
  }
  // What was read, but could be meant otherwise.
  void Note(Place at, std::string message) {
    notes_.push_back({at.line, at.column, std::move(message), ""});
  }
  std::vector<ParseError> TakeErrors() { return std::move(errors_); }
  std::vector<ParseError> TakeNotes() { return std::move(notes_); }

 private:
  std::vector<ParseError> errors_;
  std::vector<ParseError> notes_;
};

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_ERRORS_H_
