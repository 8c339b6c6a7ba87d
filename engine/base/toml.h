// toml++, for the files that read TOML.
//
// Its parser asserts some things that a text can make false (`[=]`: a key
// begins there), and reports them well where assertions are compiled out. So
// they are compiled out here, whatever the build: a file must not end the
// process. NDEBUG would do this by telling clang's optimizer that they hold,
// which is worse.
#ifndef ASSOCSYNC_ENGINE_BASE_TOML_H_
#define ASSOCSYNC_ENGINE_BASE_TOML_H_

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ASSERT(condition) static_assert(true)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#endif  // ASSOCSYNC_ENGINE_BASE_TOML_H_
