// Differences in words.
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/diff/merge.h"

namespace assocsync {
namespace {

std::string Words(const std::optional<std::string>& value) {
  if (!value.has_value()) return "(not set)";
  return value->empty() ? "''" : *value;
}

}  // namespace

std::string RowName(Change::What what, const AssocKey& row) {
  switch (what) {
    case Change::What::kCluster:
      return "cluster";
    case Change::What::kQos:
      return absl::StrCat("QOS ", row.account.view());
    case Change::What::kUser:
      return absl::StrCat("user ", row.user.view());
    case Change::What::kAccount:
    case Change::What::kAssociation:
      break;
  }
  return row.ToString();
}

std::string Difference::ToString() const {
  std::string out = absl::StrCat(RowName(what, row), ": ");
  if (about == About::kRow) {
    if (!note.empty()) return absl::StrCat(out, note);
    const bool on_live = live.has_value();
    if (live == target) {
      return absl::StrCat(out, on_live ? "added" : "deleted", " on both");
    }
    return absl::StrCat(out, on_live ? "added" : "deleted", " on live");
  }
  absl::StrAppend(&out, about == About::kParent ? absl::string_view("parent")
                                                : Info(key).name);
  if (!element.empty()) absl::StrAppend(&out, " ", element);
  const auto value = [&](const std::optional<std::string>& text) {
    // Elements of a list are there or not.
    if (!element.empty() && (!text.has_value() || text->empty())) {
      return std::string(text.has_value() ? "there" : "not there");
    }
    return Words(text);
  };
  absl::StrAppend(&out, " ", value(base));
  if (live == target) {
    absl::StrAppend(&out, ", now ", value(live), " on both");
  } else if (target == base) {
    absl::StrAppend(&out, ", now ", value(live));
  } else {
    absl::StrAppend(&out, ", on live ", value(live), ", proposed ",
                    value(target));
  }
  if (!note.empty()) absl::StrAppend(&out, " (", note, ")");
  return out;
}

}  // namespace assocsync
