// A plan as people like to read it.
#ifndef ASSOCSYNC_ENGINE_RENDER_TEXT_H_
#define ASSOCSYNC_ENGINE_RENDER_TEXT_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "engine/plan/evidence.h"
#include "engine/render/witness.h"

namespace assocsync {

struct Plan;

struct TextOptions {
  bool color = false;
  bool verbose = false;  // The commands with their reasons; findings in full.
  std::string target_name = "target";
  std::string base_name = "";  // Of a merge; empty: there is none.
  std::string live_from;       // "mysql", "sacctmgr"; empty: not said.
  // Shown under what it is about. nullptr: none was asked for. `clock` is for
  // it alone.
  const Evidence* evidence = nullptr;
  Clock clock;
};

// Ends with the counts: "Plan: 12 to add, 3 to change, 1 to move, 4 to delete;
// 9 commands.", or "No changes. Live is in sync with backup.cfg.". Names and
// values are untrusted: control characters and terminal escapes are shown, not
// sent. Linear in the size of the plan.
std::string RenderText(const Plan& plan, const TextOptions& options = {});
// The same, in parts of about this size as they come.
inline constexpr size_t kTextPart = size_t{1} << 16;
using TextSink = absl::FunctionRef<void(absl::string_view)>;
void RenderText(const Plan& plan, const TextOptions& options, TextSink sink);

// Findings only, worst first as they come.
std::string RenderFindings(const Plan& plan, const TextOptions& options);

// The last line of RenderText, without its newline.
std::string RenderCounts(const Plan& plan, const TextOptions& options);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_TEXT_H_
