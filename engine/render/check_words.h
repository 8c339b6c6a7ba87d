// What the formats of a check's report share.
#ifndef ASSOCSYNC_ENGINE_RENDER_CHECK_WORDS_H_
#define ASSOCSYNC_ENGINE_RENDER_CHECK_WORDS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/check/check.h"

namespace assocsync {

// How many characters the UTF-8 text has.
size_t Characters(absl::string_view text);

// The text itself where it is UTF-8, else Escaped: for JSON, which holds
// nothing else.
std::string Utf8(absl::string_view text);

// "hep/alice: DefaultQOS 'high' is not ..." on one line, not escaped.
std::string SubjectAndMessage(const CheckFinding& finding);

// One 64-bit number in hex for each finding: the same for the same finding
// wherever in the file it stands, different for two findings of one report.
std::vector<std::string> CheckFingerprints(const CheckReport& report);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_CHECK_WORDS_H_
