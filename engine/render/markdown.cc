#include "engine/render/markdown.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/counted.h"
#include "engine/render/escape.h"
#include "engine/render/outline.h"
#include "engine/render/text.h"

namespace assocsync {
namespace {

constexpr size_t kMaxFindingRows = 20;

absl::string_view Sign(Item::Mark mark) {
  switch (mark) {
    case Item::Mark::kContext:
      return "";
    case Item::Mark::kAdd:
      return "add";
    case Item::Mark::kModify:
      return "change";
    case Item::Mark::kMove:
      return "move";
    case Item::Mark::kRemove:
      return "**delete**";
  }
  return "";
}

std::string What(const Item& item) {
  switch (item.section) {
    case Item::Section::kCluster:
      return "cluster";
    case Item::Section::kQos:
      return absl::StrCat("QOS ",
                          CodeMarkdown(ShownName(item.row.account.view())));
    case Item::Section::kUsers:
    case Item::Section::kShared:
      if (!item.user) break;
      return absl::StrCat("user ",
                          CodeMarkdown(ShownName(item.row.user.view())));
    case Item::Section::kAccounts:
      break;
  }
  if (!item.user) {
    return absl::StrCat("account ",
                        CodeMarkdown(ShownName(item.row.account.view())));
  }
  return absl::StrCat("user ", CodeMarkdown(ShownRow(item.row, true)), " in ",
                      CodeMarkdown(ShownName(item.row.account.view())));
}

std::string Details(const Item& item) {
  std::vector<std::string> words;
  if (item.mark == Item::Mark::kMove) {
    words.push_back(
        absl::StrCat("from ", CodeMarkdown(ShownName(item.moved_from.view()))));
  }
  if (!item.user_word.empty()) words.emplace_back(item.user_word);
  // What a deleted thing had is no news.
  if (item.mark != Item::Mark::kRemove) {
    for (const FieldChange* field : item.fields) {
      words.push_back(
          CodeMarkdown(item.mark == Item::Mark::kAdd && !field->from.has_value()
                           ? ShownAdd(*field)
                           : ShownModify(*field)));
    }
  }
  if (!item.reaches.empty()) {
    words.push_back(PlainMarkdown(ShownReach(item.reaches)));
  }
  return absl::StrJoin(words, ", ");
}

void Findings(const Plan& plan, std::string* out) {
  if (plan.findings.empty()) return;
  absl::StrAppend(out, "#### Findings\n\n");
  for (const Finding& finding : plan.findings) {
    absl::StrAppend(out, "- ", FindingWord(finding), " **",
                    CodeName(finding.code),
                    "**: ", PlainMarkdown(finding.message));
    const std::vector<std::string> way_on = ShownWayOn(finding);
    for (size_t i = 0; i < way_on.size(); ++i) {
      absl::StrAppend(
          out, i == 0 ? "<br>" : "",
          i % 2 == 0 ? PlainMarkdown(way_on[i]) : CodeMarkdown(way_on[i]));
    }
    out->push_back('\n');
    const size_t shown = std::min(finding.rows.size(), kMaxFindingRows);
    for (size_t i = 0; i < shown; ++i) {
      absl::StrAppend(out, "  - ", CodeMarkdown(finding.rows[i]), "\n");
    }
    if (shown < finding.rows.size()) {
      absl::StrAppend(out, "  - and ", finding.rows.size() - shown, " more\n");
    }
  }
  out->push_back('\n');
}

void Changes(const std::vector<Item>& outline, size_t max_rows,
             std::string* out) {
  size_t marked = 0;
  for (const Item& item : outline) {
    if (item.mark == Item::Mark::kContext) continue;
    if (++marked > max_rows) continue;
    if (marked == 1) absl::StrAppend(out, "| | what | how |\n|---|---|---|\n");
    absl::StrAppend(out, "| ", Sign(item.mark), " | ", What(item), " | ",
                    Details(item), " |\n");
  }
  if (marked > max_rows) {
    absl::StrAppend(out, "\nand ", marked - max_rows, " more.\n");
  }
  if (marked > 0) out->push_back('\n');
}

void Commands(const Plan& plan, size_t max_rows, std::string* out) {
  if (plan.steps.empty()) return;
  std::string lines;
  for (size_t i = 0; i < plan.steps.size() && i < max_rows; ++i) {
    absl::StrAppend(&lines, ShownCommand(plan.steps[i]), "\n");
  }
  if (plan.steps.size() > max_rows) {
    absl::StrAppend(&lines, "# and ", plan.steps.size() - max_rows, " more\n");
  }
  // A fence that nothing inside can close.
  size_t longest = 2, run = 0;
  for (const char c : lines) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  absl::StrAppend(out, "<details><summary>",
                  Counted(plan.steps.size(), "command"), ShownTime(plan),
                  "</summary>\n\n", fence, "sh\n", lines, fence,
                  "\n\n</details>\n");
}

}  // namespace

std::string RenderMarkdown(const Plan& plan, const ShowOptions& options) {
  std::string out = absl::StrCat(
      "### assocsync: cluster ", CodeMarkdown(ShownName(plan.cluster.view())),
      ", Slurm ", plan.release.ToString(), ": live → ",
      CodeMarkdown(ShownName(options.target_name)), " (", plan.WrittenWord(),
      ")",
      options.base_name.empty()
          ? ""
          : absl::StrCat(", what it changes since ",
                         CodeMarkdown(ShownName(options.base_name))),
      "\n\n**", PlainMarkdown(RenderCounts(plan, options)), "**\n\n");
  Findings(plan, &out);
  Changes(Outline(plan), options.max_rows, &out);
  Commands(plan, options.max_rows, &out);
  return out;
}

}  // namespace assocsync
