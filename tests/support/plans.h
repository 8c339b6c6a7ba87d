// Small sites and plans in words.
#ifndef ASSOCSYNC_TESTS_SUPPORT_PLANS_H_
#define ASSOCSYNC_TESTS_SUPPORT_PLANS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "engine/plan/plan.h"

namespace assocsync {

// Cluster c with its QOS list and root, as a dump begins.
inline constexpr absl::string_view kSiteHead =
    "Cluster - 'c':Fairshare=1:QOS='normal'\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
    "Fairshare=1\n";

// The tree of kSiteHead and these lines; the test fails where it is none.
Tree SiteOf(absl::string_view lines);

// Its commands and findings, a line each.
std::string ShownPlan(const Plan& plan);

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_PLANS_H_
