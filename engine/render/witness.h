// Who did it and when, in words.
#ifndef ASSOCSYNC_ENGINE_RENDER_WITNESS_H_
#define ASSOCSYNC_ENGINE_RENDER_WITNESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/diff/diff.h"
#include "engine/plan/evidence.h"

namespace assocsync {

// Clock of the reader: the library reads none.
struct Clock {
  absl::Time now;
  absl::TimeZone zone;
};

// "just now", "5 minutes ago", "3 hours ago", "2 days ago"; "in the future".
std::string ShownAge(int64_t time, const Clock& clock);

// "deleted by root, 2 days ago (2026-11-22 10:05)",
// "last changed by alice, ...", or the note of what cannot be known.
std::string ShownWitness(const Witness& witness, const Clock& clock);

// The lines under one thing of a plan that several changes make: rows first,
// then fields, those of one witness together: "MaxJobs, QOS last changed by
// ...".
std::vector<std::string> ShownEvidence(const Evidence& evidence,
                                       const std::vector<ChangeId>& changes,
                                       const Clock& clock);

absl::string_view DeedWord(Witness::Deed deed);  // "deleted"

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_WITNESS_H_
