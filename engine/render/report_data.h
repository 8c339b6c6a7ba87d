// The data of the HTML report, as its script reads it.
#ifndef ASSOCSYNC_ENGINE_RENDER_REPORT_DATA_H_
#define ASSOCSYNC_ENGINE_RENDER_REPORT_DATA_H_

#include <string>
#include <vector>

#include "engine/plan/plan.h"
#include "engine/render/outline.h"

namespace assocsync {

struct Tree;

// One JSON object in which no character could end the element that it stands
// in: <, >, & and the line separators are \u escapes. Texts are escaped for the
// eye too (escape.h), but for the commands, which are exact: words that a
// reader could not see for what they are, are spelled out (sh.h).
//
//   strings  every text of the rows, once
//   keys     names of options
//   fields   flat triples: key * 4 + state, text, text. States: 0 the same, 1
//            changed (from, to), 2 set on what comes, 3 was set on what goes
//   short    [field, text, ...]: a long list's change in few words
//   rows     columns: kind and mark are one letter per row (report_rows.h;
//            ' ' + ~ > -), depth, name, count (of fields), fields; and sparse
//            pairs [row, text, ...] partition, moved (from where)
//            and record: rows with which a user's record comes or goes
//   findings as in the plan; steps in columns
std::string ReportData(const Plan& plan, const Tree& live,
                       const std::vector<Item>& outline);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_REPORT_DATA_H_
