// Law 1 of engine/README.md on any bytes: a .cfg text is a list of errors, each
// with a place in the text, or a legal tree that can be written and read again.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "engine/model/tree.h"
#include "tests/fuzz/fuzz.h"

namespace assocsync {
namespace {

void CheckErrors(absl::string_view text,
                 const std::vector<ParseError>& errors) {
  int line = 1;
  for (const ParseError& error : errors) {
    FUZZ_LAW(error.line >= line && error.column >= 1, error.message);
    line = error.line;
    FUZZ_LAW(!error.message.empty(), "");
    // Of a long line what stands around the column.
    absl::string_view excerpt = error.text;
    absl::ConsumePrefix(&excerpt, "...");
    absl::ConsumeSuffix(&excerpt, "...");
    FUZZ_LAW(text.find(excerpt) != text.npos, error.text);
  }
}

void CheckDumpOf(const Tree& tree, int release, const ParseOptions& options) {
  const std::string text = Write(tree, {.dump_of = release});
  const ParseResult again =
      Parse(text, {.fold_users = options.fold_users, .origin = Origin::kDump});
  if (!again.errors.empty()) return;  // Not all trees can be dumped.
  FUZZ_LAW(Write(again.tree, {.dump_of = release}) == text, text);
}

void Read(absl::string_view text, const ParseOptions& options) {
  const ParseResult parsed = Parse(text, options);
  CheckErrors(text, parsed.errors);
  CheckErrors(text, parsed.notes);
  if (!parsed.errors.empty()) {
    FUZZ_LAW(!FormatErrors("t", parsed.errors).empty(), "");
    return;
  }
  FUZZ_LAW(Illegalities(parsed.tree).empty(), Illegalities(parsed.tree)[0]);
  if (!NotWritable(parsed.tree).empty()) return;
  const std::string canonical = Write(parsed.tree);
  const ParseResult again = Parse(
      canonical, {.fold_users = options.fold_users, .written = Written::kTell});
  FUZZ_LAW(again.errors.empty(), FormatErrors("t", again.errors));
  FUZZ_LAW(again.notes.empty(), FormatErrors("t", again.notes));
  FUZZ_LAW(again.tree == parsed.tree, canonical);
  FUZZ_LAW(again.tree.authorship.by_hand == parsed.tree.authorship.by_hand,
           canonical);
  FUZZ_LAW(Write(again.tree) == canonical, canonical);
  FUZZ_LAW(Fingerprint(again.tree) == Fingerprint(parsed.tree), canonical);
  for (const int release : {2011, 2411, 2605}) {
    CheckDumpOf(parsed.tree, release, options);
  }
}

}  // namespace
}  // namespace assocsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using assocsync::Origin;
  const absl::string_view text = assocsync::fuzz::Text(data, size);
  assocsync::Read(text, {});
  assocsync::Read(text, {.fold_users = false});
  assocsync::Read(text, {.origin = Origin::kDump});
  assocsync::Read(text, {.written = assocsync::Written::kByHand});
  return 0;
}
