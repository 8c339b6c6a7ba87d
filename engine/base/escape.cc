#include "engine/base/escape.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/str_format.h"

namespace assocsync {
namespace {

// Reads one character from the front of `text`, which is not empty. Returns its
// length, or 0 where the bytes are no valid UTF-8.
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

// What a terminal would obey, or a reader could not see: the general categories
// Cc, Cf, Zl, Zp and noncharacters, and the invisible fillers and selectors.
bool IsUnseen(uint32_t rune) {
  static constexpr std::pair<uint32_t, uint32_t> kUnseen[] = {
      {0x0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},
      {0x34f, 0x34f},     {0x600, 0x605},     {0x61c, 0x61c},
      {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},
      {0x8e2, 0x8e2},     {0x115f, 0x1160},   {0x17b4, 0x17b5},
      {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
      {0x2060, 0x206f},   {0x3164, 0x3164},   {0xfdd0, 0xfdef},
      {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
      {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd},
      {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},
      {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
  };
  const auto* after = std::upper_bound(
      std::begin(kUnseen), std::end(kUnseen), rune,
      [](uint32_t value, const auto& range) { return value < range.first; });
  return after != std::begin(kUnseen) && rune <= std::prev(after)->second;
}

// Plain printable ASCII but the backslash: the usual case, looked at first.
bool IsPlain(char c) { return c >= ' ' && c <= '~' && c != '\\'; }

}  // namespace

void AppendEscaped(absl::string_view text, std::string* out) {
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && IsPlain(text[plain])) ++plain;
    out->append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    uint32_t rune = 0;
    const size_t length = DecodeUtf8(text, &rune);
    if (length == 0) {
      absl::StrAppendFormat(out, "\\x%02x",
                            static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    if (rune == '\\') {
      out->append("\\\\");
    } else if (rune == '\n') {
      out->append("\\n");
    } else if (rune == '\t') {
      out->append("\\t");
    } else if (rune == '\r') {
      out->append("\\r");
    } else if (rune < 0x80) {
      absl::StrAppendFormat(out, "\\x%02x", rune);
    } else if (IsUnseen(rune)) {
      absl::StrAppendFormat(out, "\\u{%x}", rune);
    } else {
      out->append(text.data(), length);
    }
    text.remove_prefix(length);
  }
}

std::string Escaped(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  AppendEscaped(text, &out);
  return out;
}

void EscapeJson(std::string* json) {
  // None in most texts, which may be long: they are not copied.
  std::string out;
  size_t copied = 0;
  for (size_t i = 0; i < json->size();) {
    const absl::string_view rest = absl::string_view(*json).substr(i);
    uint32_t rune = 0;
    const size_t length =
        IsPlain(rest[0]) ? 1 : std::max<size_t>(DecodeUtf8(rest, &rune), 1);
    if (rune >= 0x7f && IsUnseen(rune)) {
      out.append(*json, copied, i - copied);
      if (rune > 0xffff) {
        absl::StrAppendFormat(&out, "\\u%04x", 0xd7c0 + (rune >> 10));
        rune = 0xdc00 | (rune & 0x3ff);
      }
      absl::StrAppendFormat(&out, "\\u%04x", rune);
      copied = i + length;
    }
    i += length;
  }
  if (copied == 0) return;
  out.append(*json, copied);
  *json = std::move(out);
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

bool IsUtf8(absl::string_view text) { return Utf8Prefix(text) == text.size(); }

bool IsShowable(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    if (IsPlain(text[i])) {
      ++i;
      continue;
    }
    uint32_t rune = 0;
    const size_t length = DecodeUtf8(text.substr(i), &rune);
    if (length == 0 || IsUnseen(rune)) return false;
    i += length;
  }
  return true;
}

size_t Columns(absl::string_view text) {
  // The C library knows the characters; what this process's own locale is, does
  // not matter. From glibc 2.35 on this one is always there.
  static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const locale_t before = uselocale(utf8);
  size_t columns = 0;
  while (!text.empty()) {
    uint32_t rune = 0;
    const size_t length = DecodeUtf8(text, &rune);
    const int width = length == 0 ? 1 : wcwidth(static_cast<wchar_t>(rune));
    columns += width < 0 ? 1 : static_cast<size_t>(width);
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  uselocale(before);
  return columns;
}

}  // namespace assocsync
