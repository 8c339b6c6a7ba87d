#include "engine/base/utf8.h"

namespace assocsync {

size_t DecodeUtf8(absl::string_view text, uint32_t* rune) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    *rune = lead;
    return 1;
  }
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  uint32_t value = lead & (0x7f >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    value = value << 6 | (byte(i) & 0x3f);
  }
  static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[length] || value > 0x10ffff) return 0;
  if (value >= 0xd800 && value <= 0xdfff) return 0;
  *rune = value;
  return length;
}

size_t Utf8Prefix(absl::string_view text) {
  size_t at = 0;
  uint32_t rune = 0;
  while (at < text.size()) {
    const size_t length = DecodeUtf8(text.substr(at), &rune);
    if (length == 0) break;
    at += length;
  }
  return at;
}

}  // namespace assocsync
