// The page of the HTML report without what a plan says: the files of
// engine/render/report in one, as embed.cmake makes it at build time.
#ifndef ASSOCSYNC_ENGINE_RENDER_REPORT_PAGE_H_
#define ASSOCSYNC_ENGINE_RENDER_REPORT_PAGE_H_

#include "absl/strings/string_view.h"

namespace assocsync {

// The pieces between the slots, in the order in which they stand.
struct ReportPage {
  absl::string_view before_title, before_header, before_noscript, before_data,
      after_data;
};
extern const ReportPage kReportPage;

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_REPORT_PAGE_H_
