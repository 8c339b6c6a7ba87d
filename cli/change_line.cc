#include "cli/change_line.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/model/key.h"
#include "engine/render/escape.h"

namespace assocsync {

std::string ChangeLine(const Change& change) {
  Change bare = change;
  bare.fields.clear();
  bare.parent_from = bare.parent_to = Name();
  std::vector<std::string> values;
  switch (change.how) {
    case Change::How::kRemove:
      break;
    case Change::How::kAdd:
      if (!change.parent_to.empty()) {
        values.push_back(absl::StrCat("parent ", change.parent_to.view()));
      }
      for (const FieldChange& field : change.fields) {
        values.push_back(absl::StrCat(Info(field.key).name, " ",
                                      field.to.value_or(Name()).view()));
      }
      break;
    case Change::How::kModify:
      if (change.moves()) {
        values.push_back(absl::StrCat("parent ", change.parent_from.view(),
                                      " -> ", change.parent_to.view()));
      }
      for (const FieldChange& field : change.fields) {
        values.push_back(field.ToString());
      }
      break;
  }
  return Escaped(absl::StrCat(bare.ToString(), values.empty() ? "" : "  ",
                              absl::StrJoin(values, ", ")));
}

}  // namespace assocsync
