#include "engine/render/unified_diff.h"

#include <algorithm>
#include <cstdint>
#include <dtl/dtl.hpp>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/render/escape.h"
#include "engine/render/paint.h"

namespace assocsync {
namespace {

using absl::string_view;

// dtl's time is the product of length and difference.
constexpr size_t kMaxCompared = 2000;

// A run of lines: equal ones, or those that go and those that come.
struct Piece {
  bool equal;
  size_t from, to;  // First line on either side.
  size_t from_lines, to_lines;
};

class Comparison {
 public:
  Comparison(string_view from, string_view to) {
    for (const auto& [text, side] : {std::pair(from, 0), std::pair(to, 1)}) {
      texts_[side] = absl::StrSplit(text, '\n');
      if (!texts_[side].empty() && texts_[side].back().empty()) {
        texts_[side].pop_back();  // Behind the last newline.
      }
    }
  }

  std::vector<Piece> Run() {
    const auto& [from, to] = texts_;
    const size_t n = from.size(), m = to.size();
    size_t head = 0, tail = 0;
    while (head < n && head < m && from[head] == to[head]) ++head;
    while (tail < n - head && tail < m - head &&
           from[n - 1 - tail] == to[m - 1 - tail]) {
      ++tail;
    }
    Add(true, 0, 0, head, head);
    Number(head, n - tail, m - tail);
    size_t a = head, b = head;
    for (const auto& [x, y] : Anchors(head, n - tail, m - tail)) {
      Between(a, x, b, y);
      Add(true, x, y, 1, 1);
      a = x + 1;
      b = y + 1;
    }
    Between(a, n - tail, b, m - tail);
    Add(true, n - tail, m - tail, tail, tail);
    return std::move(pieces_);
  }

  const std::vector<string_view>& lines(int side) const { return texts_[side]; }

 private:
  // Only between what both have at their ends.
  void Number(size_t begin, size_t from_end, size_t to_end) {
    lines_[0].resize(from_end, kNowhere);
    lines_[1].resize(to_end, kNowhere);
    if (begin == from_end || begin == to_end) return;
    absl::flat_hash_map<string_view, int> numbers;
    numbers.reserve(from_end - begin);
    for (size_t i = begin; i < from_end; ++i) {
      lines_[0][i] =
          numbers.try_emplace(texts_[0][i], static_cast<int>(numbers.size()))
              .first->second;
    }
    for (size_t i = begin; i < to_end; ++i) {
      const auto it = numbers.find(texts_[1][i]);
      if (it != numbers.end()) lines_[1][i] = it->second;
    }
    numbered_ = numbers.size();
  }

  void Add(bool equal, size_t from, size_t to, size_t from_lines,
           size_t to_lines) {
    if (from_lines == 0 && to_lines == 0) return;
    if (!pieces_.empty() && pieces_.back().equal == equal) {
      pieces_.back().from_lines += from_lines;
      pieces_.back().to_lines += to_lines;
      return;
    }
    pieces_.push_back({equal, from, to, from_lines, to_lines});
  }

  // Pairs of lines that are once in either stretch, as many as keep their
  // order.
  std::vector<std::pair<size_t, size_t>> Anchors(size_t begin, size_t from_end,
                                                 size_t to_end) const {
    struct Seen {
      uint32_t from = 0, to = 0;
      size_t at = 0;  // In `to`.
    };
    if (begin == from_end || begin == to_end) return {};
    std::vector<Seen> seen(numbered_);
    for (size_t i = begin; i < from_end; ++i) ++seen[lines_[0][i]].from;
    for (size_t i = begin; i < to_end; ++i) {
      if (lines_[1][i] == kNowhere) continue;
      Seen& line = seen[lines_[1][i]];
      ++line.to;
      line.at = i;
    }
    // The longest rising row of places in `to`: patience sorting.
    std::vector<std::pair<size_t, size_t>> pairs;
    std::vector<int> before;
    std::vector<int> piles;  // The pair on top of each.
    for (size_t i = begin; i < from_end; ++i) {
      const Seen& line = seen[lines_[0][i]];
      if (line.from != 1 || line.to != 1) continue;
      const auto pile = absl::c_lower_bound(
          piles, line.at,
          [&](int top, size_t at) { return pairs[top].second < at; });
      before.push_back(pile == piles.begin() ? -1 : *(pile - 1));
      const int index = static_cast<int>(pairs.size());
      pairs.emplace_back(i, line.at);
      if (pile == piles.end()) {
        piles.push_back(index);
      } else {
        *pile = index;
      }
    }
    std::vector<std::pair<size_t, size_t>> row;
    for (int i = piles.empty() ? -1 : piles.back(); i >= 0; i = before[i]) {
      row.push_back(pairs[i]);
    }
    absl::c_reverse(row);
    return row;
  }

  void Between(size_t a, size_t a_end, size_t b, size_t b_end) {
    const size_t n = a_end - a, m = b_end - b;
    if (n == 0 || m == 0 || n + m > kMaxCompared) {
      return Add(false, a, b, n, m);
    }
    const std::vector<int> from(lines_[0].begin() + a,
                                lines_[0].begin() + a_end);
    const std::vector<int> to(lines_[1].begin() + b, lines_[1].begin() + b_end);
    dtl::Diff<int> diff(from, to);
    diff.compose();
    for (const auto& [line, info] : diff.getSes().getSequence()) {
      switch (info.type) {
        case dtl::SES_COMMON:
          Add(true, a++, b++, 1, 1);
          break;
        case dtl::SES_DELETE:
          Add(false, a++, b, 1, 0);
          break;
        default:
          Add(false, a, b++, 0, 1);
      }
    }
  }

  std::vector<string_view> texts_[2];
  // Numbers of lines: equal in both where the lines are. In `to` alone:
  // kNowhere.
  static constexpr int kNowhere = -1;
  std::vector<int> lines_[2];
  size_t numbered_ = 0;
  std::vector<Piece> pieces_;
};

// The name in "Account - 'hep':...", as it is written; empty: another line.
string_view NameIn(string_view line, string_view object) {
  if (!absl::ConsumePrefix(&line, object) ||
      !absl::ConsumePrefix(&line, " - '")) {
    return "";
  }
  // A quote closes before a colon or at the end of the line.
  for (size_t i = line.find('\''); i != string_view::npos;
       i = line.find('\'', i + 1)) {
    if (i + 1 == line.size() || line[i + 1] == ':') return line.substr(0, i);
  }
  return "";
}

// Whose lines are these? For each Parent line of the text, with the way from
// root.
class Places {
 public:
  explicit Places(const std::vector<string_view>& lines) {
    string_view parent;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (const string_view name = NameIn(lines[i], "Parent"); !name.empty()) {
        parent = name;
        blocks_.emplace_back(i, name);
      } else if (const string_view account = NameIn(lines[i], "Account");
                 !account.empty()) {
        parents_.emplace(account, parent);
      }
    }
  }

  std::string At(size_t line) const {
    const auto block = absl::c_upper_bound(
        blocks_, line,
        [](size_t at, const auto& entry) { return at < entry.first; });
    if (block == blocks_.begin()) return "";
    const string_view account = std::prev(block)->second;
    std::vector<string_view> way = {account};
    auto up = parents_.find(account);
    for (; up != parents_.end() && way.size() < kMaxWay;
         up = parents_.find(up->second)) {
      way.push_back(up->second);
    }
    std::string out = absl::StrCat(" ", Escaped(account));
    if (way.size() == 1) return out;
    absl::StrAppend(&out, " (", up == parents_.end() ? "" : "... > ");
    for (auto name = way.rbegin(); name != way.rend(); ++name) {
      absl::StrAppend(&out, name == way.rbegin() ? "" : " > ", Escaped(*name));
    }
    return absl::StrCat(out, ")");
  }

 private:
  static constexpr size_t kMaxWay = 12;
  std::vector<std::pair<size_t, string_view>> blocks_;
  absl::flat_hash_map<string_view, string_view> parents_;
};

class Printer {
 public:
  Printer(const Comparison& comparison, const UnifiedDiffOptions& options)
      : from_(comparison.lines(0)),
        to_(comparison.lines(1)),
        options_(options) {}

  std::string Print(const std::vector<Piece>& pieces) {
    Line(kBold, "--- ", options_.from_name);
    Line(kBold, "+++ ", options_.to_name);
    const Places from(from_), to(to_);
    const size_t context = static_cast<size_t>(std::max(options_.context, 0));
    for (size_t i = 0; i < pieces.size();) {
      if (pieces[i].equal) {
        ++i;
        continue;
      }
      // Up to the next stretch of equal lines that is longer than both
      // contexts.
      size_t end = i + 1;
      while (end < pieces.size() &&
             !(pieces[end].equal && (end + 1 == pieces.size() ||
                                     pieces[end].from_lines > 2 * context))) {
        ++end;
      }
      Hunk(pieces, i, end, context, from, to);
      i = end;
    }
    return std::move(out_);
  }

 private:
  void Hunk(const std::vector<Piece>& pieces, size_t begin, size_t end,
            size_t context, const Places& from, const Places& to) {
    const Piece& first = pieces[begin];
    const Piece& last = pieces[end - 1];
    const size_t before =
        begin == 0 ? 0 : std::min(context, pieces[begin - 1].from_lines);
    const size_t after =
        end == pieces.size() ? 0 : std::min(context, pieces[end].from_lines);
    const size_t a = first.from - before, b = first.to - before;
    const size_t a_lines = last.from + last.from_lines + after - a;
    const size_t b_lines = last.to + last.to_lines + after - b;
    std::string head =
        absl::StrCat("@@ -", Range(a, a_lines), " +", Range(b, b_lines), " @@");
    absl::StrAppend(&head,
                    first.to_lines > 0 ? to.At(first.to) : from.At(first.from));
    Line(kCyan, "", head);
    for (size_t i = 0; i < before; ++i) Line("", " ", from_[a + i]);
    for (size_t p = begin; p < end; ++p) {
      const Piece& piece = pieces[p];
      for (size_t i = 0; i < piece.from_lines; ++i) {
        Line(piece.equal ? "" : kRed, piece.equal ? " " : "-",
             from_[piece.from + i]);
      }
      if (piece.equal) continue;
      for (size_t i = 0; i < piece.to_lines; ++i) {
        Line(kGreen, "+", to_[piece.to + i]);
      }
    }
    const size_t rest = last.from + last.from_lines;
    for (size_t i = 0; i < after; ++i) Line("", " ", from_[rest + i]);
  }

  // diff(1) names the line before an empty stretch.
  static std::string Range(size_t begin, size_t lines) {
    if (lines == 0) return absl::StrCat(begin, ",0");
    if (lines == 1) return absl::StrCat(begin + 1);
    return absl::StrCat(begin + 1, ",", lines);
  }

  void Line(string_view paint, string_view sign, string_view text) {
    if (options_.color) out_.append(paint.data(), paint.size());
    out_.append(sign.data(), sign.size());
    if (IsShowable(text)) {
      out_.append(text.data(), text.size());
    } else {
      AppendEscaped(text, &out_);
    }
    if (options_.color && !paint.empty()) {
      out_.append(kPlain.data(), kPlain.size());
    }
    out_.push_back('\n');
  }

  const std::vector<string_view>& from_;
  const std::vector<string_view>& to_;
  const UnifiedDiffOptions& options_;
  std::string out_;
};

}  // namespace

std::string UnifiedDiff(string_view from, string_view to,
                        const UnifiedDiffOptions& options) {
  if (from == to) return "";
  Comparison comparison(from, to);
  const std::vector<Piece> pieces = comparison.Run();
  return Printer(comparison, options).Print(pieces);
}

}  // namespace assocsync
