// Canonical values as `sacctmgr dump` of some release prints them.
#ifndef ASSOCSYNC_ENGINE_CFG_DUMP_VALUES_H_
#define ASSOCSYNC_ENGINE_CFG_DUMP_VALUES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "engine/model/key.h"
#include "engine/slurm/release.h"

namespace assocsync::cfg {

// Whether dump writes the key at all.
bool DumpHasKey(Key key, const Behaviour& release);

// The value without quotes.
std::string DumpValue(Key key, absl::string_view canonical,
                      const Behaviour& release);

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_DUMP_VALUES_H_
