// A plan as one page for a browser: to attach to a pull request, to mail to who
// has to agree.
#ifndef ASSOCSYNC_ENGINE_RENDER_HTML_H_
#define ASSOCSYNC_ENGINE_RENDER_HTML_H_

#include <string>

#include "engine/render/shown.h"

namespace assocsync {

struct Tree;

// The summary (summary.h) with totals per option; the findings; the whole tree,
// live and plan.expected laid over each other, with what is added, removed,
// changed and moved, to filter and to search; the commands. `live` is the tree
// that the plan was made from. One file that asks no network for anything and
// runs no script but its own: its policy names that by digest. Names and values
// are data, escaped as RenderText escapes them; nothing that they hold is
// markup. Without script the page still says counts and findings. Equal inputs
// give equal bytes. Linear in the sizes of both trees and the plan.
std::string RenderHtml(const Plan& plan, const Tree& live,
                       const ShowOptions& options = {});

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_HTML_H_
