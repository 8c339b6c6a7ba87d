// What the fuzz targets share. A target is one LLVMFuzzerTestOneInput: it reads
// bytes as they may come from outside and holds what was made of them against
// laws. A law that does not hold ends the process, which is how libFuzzer and
// replay_main.cc learn of it.
#ifndef ASSOCSYNC_TESTS_FUZZ_FUZZ_H_
#define ASSOCSYNC_TESTS_FUZZ_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "engine/render/escape.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace assocsync::fuzz {

inline absl::string_view Text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Between the parts of an input that stands for several files: a line of its
// own, so that a corpus can be read and written by hand.
inline constexpr absl::string_view kCut = "%%\n";

// Just `count` parts; those that are not there are empty, and the last one has
// all the rest.
inline std::vector<absl::string_view> Parts(absl::string_view text,
                                            size_t count) {
  std::vector<absl::string_view> parts;
  while (parts.size() + 1 < count) {
    size_t cut = text.find(kCut);
    while (cut != text.npos && cut > 0 && text[cut - 1] != '\n') {
      cut = text.find(kCut, cut + 1);
    }
    parts.push_back(text.substr(0, cut));
    text.remove_prefix(cut == text.npos ? text.size() : cut + kCut.size());
  }
  parts.push_back(text);
  return parts;
}

[[noreturn]] inline void Broken(const char* file, int line, const char* law,
                                absl::string_view why) {
  std::fprintf(stderr, "%s:%d: law broken: %s\n%.*s\n", file, line, law,
               static_cast<int>(why.size()), why.data());
  std::abort();
}

}  // namespace assocsync::fuzz

// `why` is only worked out where the law is broken.
#define FUZZ_LAW(law, why)                                      \
  do {                                                          \
    if (!(law)) {                                               \
      ::assocsync::fuzz::Broken(__FILE__, __LINE__, #law, why); \
    }                                                           \
  } while (false)

namespace assocsync::fuzz {

// For a person or a script: a terminal can take no line of it for more.
inline void CheckShown(absl::string_view shown) {
  for (const absl::string_view line : absl::StrSplit(shown, '\n')) {
    FUZZ_LAW(IsShowable(line), shown);
  }
}

}  // namespace assocsync::fuzz

#endif  // ASSOCSYNC_TESTS_FUZZ_FUZZ_H_
