// Numbers that whoever runs the tests may set.
#ifndef ASSOCSYNC_TESTS_SUPPORT_ENVIRONMENT_H_
#define ASSOCSYNC_TESTS_SUPPORT_ENVIRONMENT_H_

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "gtest/gtest.h"

namespace assocsync {

// The variable `name` as a number, or `otherwise` where it is not set. Anything
// but a number is a failure of the test.
inline int FromEnvironment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  int value = otherwise;
  if (text != nullptr && !absl::SimpleAtoi(text, &value)) {
    ADD_FAILURE() << name << " is not a number";
  }
  return value;
}

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_ENVIRONMENT_H_
