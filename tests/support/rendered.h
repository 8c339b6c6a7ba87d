// What renderers print in parts, as one text.
#ifndef ASSOCSYNC_TESTS_SUPPORT_RENDERED_H_
#define ASSOCSYNC_TESTS_SUPPORT_RENDERED_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/render/check_report.h"
#include "engine/render/text.h"

namespace assocsync {

inline std::string RenderText(const Plan& plan, const ShowOptions& options) {
  std::string out;
  RenderText(plan, options,
             [&](absl::string_view part) { absl::StrAppend(&out, part); });
  return out;
}

inline std::string RenderCheckText(const CheckReport& report,
                                   const CheckTextOptions& options) {
  std::string out;
  RenderCheckText(report, options,
                  [&](absl::string_view part) { absl::StrAppend(&out, part); });
  return out;
}

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_RENDERED_H_
