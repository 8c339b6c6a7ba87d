// The rows of the HTML report: live and expected laid over each other, what is
// unchanged too, so that a reader can look around.
#ifndef ASSOCSYNC_ENGINE_RENDER_REPORT_ROWS_H_
#define ASSOCSYNC_ENGINE_RENDER_REPORT_ROWS_H_

#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "engine/model/fields.h"
#include "engine/plan/plan.h"
#include "engine/render/outline.h"

namespace assocsync {

struct Tree;

struct ReportRow {
  // The values are the letters that the report's data has for them.
  enum class Kind : char {
    kCluster = 'c',
    kQosGroup = 'Q',
    kQos = 'q',
    kAccount = 'a',
    kUser = 'u',  // A user in an account.
    kRecordGroup = 'R',
    kRecord = 'r',  // The user's own record: rights, defaults, WCKeys; or an
                    // account's, where other clusters share what changes.
  } kind;
  int depth = 0;
  Name name, partition;
  const Item* item = nullptr;  // Points into the outline; nullptr: unchanged.
  // What is set on both sides, the same. On the row of a user's default account
  // also of the user's record, unless that has a row of its own: it has one
  // where it changes, or where there is no row to tell it with.
  absl::InlinedVector<Field, 4> same;
};

// In display order, each row before those below it: cluster, QOS, the account
// tree (an account's users before its sub-accounts), users' records. Every
// marked item of the outline is one row. `outline` must outlive the rows.
// Linear.
std::vector<ReportRow> ReportRows(const Plan& plan, const Tree& live,
                                  const std::vector<Item>& outline);

// The data of the report, as its script reads it (report_data.cc).
//
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

#endif  // ASSOCSYNC_ENGINE_RENDER_REPORT_ROWS_H_
