#include "engine/render/check_words.h"

#include <map>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/hash.h"
#include "engine/render/escape.h"

namespace assocsync {

size_t Characters(absl::string_view text) {
  return static_cast<size_t>(absl::c_count_if(text, [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string Utf8(absl::string_view text) {
  return IsUtf8(text) ? std::string(text) : Escaped(text);
}

std::string SubjectAndMessage(const CheckFinding& finding) {
  return absl::StrCat(finding.row.view(), finding.row.empty() ? "" : ": ",
                      finding.message);
}

std::vector<std::string> CheckFingerprints(const CheckReport& report) {
  std::map<std::string, int> seen;
  std::vector<std::string> out;
  for (const CheckFinding& finding : report.findings) {
    Fnv1a hash;
    hash.Add(report.name);
    hash.Add(CodeName(finding.code));
    hash.Add(finding.row.view());
    hash.Add(finding.message);
    // Twins are told apart by their order.
    const int twin = seen[hash.Hex()]++;
    if (twin > 0) hash.Add(absl::StrCat(twin));
    out.push_back(hash.Hex());
  }
  return out;
}

}  // namespace assocsync
