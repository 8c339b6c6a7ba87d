// A plan as a shell script that an admin can read and run.
#ifndef ASSOCSYNC_ENGINE_RENDER_SH_H_
#define ASSOCSYNC_ENGINE_RENDER_SH_H_

#include <string>

#include "absl/strings/string_view.h"
#include "engine/render/shown.h"

namespace assocsync {

// POSIX sh; stops at the first command that fails. A plan with findings that
// refuse gives a script that says why and exits 3 before its first command.
std::string RenderSh(const Plan& plan, const ShowOptions& options = {});

// One command as RenderSh writes it, run as `program` (shell text): a line, and
// before it one for each word that a reader could not see for what it is. No
// newline at the end; printable UTF-8 throughout.
std::string ShCommand(const Step& step, absl::string_view program);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_SH_H_
