#include "engine/render/markdown.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/counted.h"
#include "engine/render/escape.h"
#include "engine/render/fitted.h"
#include "engine/render/outline.h"
#include "engine/render/summary.h"
#include "engine/render/text.h"

namespace assocsync {
namespace {

constexpr size_t kMaxFindingRows = 20;
// A table of more rows is folded away, behind a summary.
constexpr size_t kPageRows = 100;
constexpr size_t kSummaryLines = 60;
// What stands around the list of deletes, beside what can be measured.
constexpr size_t kDeletesMargin = 600;

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

// "12 users in bio: ann, bob, carl and 9 more".
std::string Users(const FoldedItem& folded) {
  const Name account = folded.item->row.account;
  return absl::StrCat(
      PlainMarkdown(ShownHowMany(folded)),
      account.empty()
          ? ""
          : absl::StrCat(" in ", CodeMarkdown(ShownName(account.view()))),
      ": ", CodeMarkdown(ShownWho(folded)));
}

std::string What(const FoldedItem& folded) {
  const Item& item = *folded.item;
  if (folded.folded()) return Users(folded);
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

std::string FindingLines(const Finding& finding) {
  std::string out =
      absl::StrCat("- ", FindingWord(finding), " **", CodeName(finding.code),
                   "**: ", PlainMarkdown(finding.message));
  const std::vector<std::string> way_on = ShownWayOn(finding);
  for (size_t i = 0; i < way_on.size(); ++i) {
    absl::StrAppend(
        &out, i == 0 ? "<br>" : "",
        i % 2 == 0 ? PlainMarkdown(way_on[i]) : CodeMarkdown(way_on[i]));
  }
  out.push_back('\n');
  const size_t shown = std::min(finding.rows.size(), kMaxFindingRows);
  for (size_t i = 0; i < shown; ++i) {
    absl::StrAppend(&out, "  - ", CodeMarkdown(finding.rows[i]), "\n");
  }
  if (shown < finding.rows.size()) {
    absl::StrAppend(&out, "  - and ", finding.rows.size() - shown, " more\n");
  }
  return out;
}

constexpr absl::string_view kWhereAll = "`assocsync plan --verbose` shows all";

FittedPart FindingsPart(const Plan& plan) {
  FittedPart part;
  part.rank = 1;
  part.head = "#### Findings\n\n";
  part.tail = "\n";
  for (const Finding& finding : plan.findings) part.Add(FindingLines(finding));
  part.total = part.lines.size();
  part.rest = [n = part.total](size_t shown) {
    return absl::StrCat("- **", Counted(n - shown, "finding"),
                        " not shown**: ", kWhereAll, "\n",
                        shown == 0 ? "\n" : "");
  };
  return part;
}

std::vector<FoldedItem> DeletesFirst(const std::vector<Item>& outline,
                                     bool verbose) {
  std::vector<FoldedItem> items = verbose ? Unfolded(outline) : Fold(outline);
  items.erase(std::remove_if(items.begin(), items.end(),
                             [](const FoldedItem& item) {
                               return item.item->mark == Item::Mark::kContext;
                             }),
              items.end());
  std::stable_partition(items.begin(), items.end(), [](const FoldedItem& item) {
    return item.item->mark == Item::Mark::kRemove;
  });
  return items;
}

FittedPart ChangesPart(const std::vector<FoldedItem>& items, bool folded_away,
                       size_t budget) {
  FittedPart part;
  part.rank = 2;
  part.total = items.size();
  part.head = absl::StrCat(
      folded_away ? "<details><summary>The changes</summary>\n\n" : "",
      "| | what | how |\n|---|---|---|\n");
  part.tail = folded_away ? "\n</details>\n\n" : "\n";
  for (const FoldedItem& item : items) {
    if (!part.HasRoom(budget)) break;
    part.Add(absl::StrCat("| ", Sign(item.item->mark), " | ", What(item), " | ",
                          Details(*item.item), " |\n"));
  }
  part.rest = [n = part.total](size_t shown) {
    return absl::StrCat(shown == 0 ? "" : "\n", Counted(n - shown, "line"),
                        " of changes not shown: ", kWhereAll, ".\n",
                        shown == 0 ? "\n" : "");
  };
  return part;
}

FittedPart CommandsPart(const Plan& plan, size_t budget) {
  FittedPart part;
  part.rank = 3;
  part.total = plan.steps.size();
  // A fence that nothing inside can close.
  size_t longest = 2;
  for (const Step& step : plan.steps) {
    if (!part.HasRoom(budget)) break;
    part.Add(absl::StrCat(ShownCommand(step), "\n"));
    size_t run = 0;
    for (const char c : part.lines.back()) {
      run = c == '`' ? run + 1 : 0;
      longest = std::max(longest, run);
    }
  }
  const std::string fence(longest + 1, '`');
  part.head =
      absl::StrCat("<details><summary>", Counted(plan.steps.size(), "command"),
                   ShownTime(plan), "</summary>\n\n", fence, "sh\n");
  part.tail = absl::StrCat(fence, "\n\n</details>\n");
  part.rest = [n = part.total](size_t shown) {
    return shown == 0 ? absl::StrCat(Counted(n, "command"),
                                     " not shown: ", kWhereAll, ".\n")
                      : absl::StrCat("# and ", n - shown,
                                     " more: assocsync plan --verbose\n");
  };
  return part;
}

size_t MarkdownSize(absl::string_view text) {
  constexpr size_t kAround = 14;  // Bullet, emphasis, newline.
  return PlainMarkdown(text).size() + kAround;
}

// Deletes are said whatever else is not.
struct SummaryParts {
  std::string deletes;
  FittedPart others;
};

SummaryParts SummaryOf(const std::vector<Item>& outline, size_t lines,
                       size_t room) {
  SummaryParts out;
  out.others.tail = "\n";
  for (const SummaryLine& line :
       SummaryLines(Summary(outline),
                    {.lines = lines, .deletes = room, .size = &MarkdownSize})) {
    const absl::string_view strong = line.heading ? "**" : "";
    std::string text = absl::StrCat(line.heading ? "- " : "  - ", strong,
                                    PlainMarkdown(line.text), strong, "\n");
    if (line.risk == Risk::kDelete) {
      absl::StrAppend(&out.deletes, text);
    } else {
      out.others.Add(std::move(text));
    }
  }
  out.others.total = out.others.lines.size();
  if (out.others.total == 0 && !out.deletes.empty()) out.deletes += "\n";
  out.others.rest = [n = out.others.total](size_t shown) {
    return absl::StrCat("- ", Counted(n - shown, "line"),
                        " of the summary not shown: ", kWhereAll, "\n",
                        shown == 0 ? "\n" : "");
  };
  return out;
}

std::string Head(const Plan& plan, const ShowOptions& options) {
  return absl::StrCat(
      "### assocsync: cluster ", CodeMarkdown(ShownName(plan.cluster.view())),
      ", Slurm ", plan.release.ToString(), ": live → ",
      CodeMarkdown(ShownName(options.target_name)), " (", plan.WrittenWord(),
      ")",
      options.base_name.empty()
          ? ""
          : absl::StrCat(", what it changes since ",
                         CodeMarkdown(ShownName(options.base_name))),
      "\n\n**", PlainMarkdown(RenderCounts(plan, options)), "**\n\n");
}

}  // namespace

absl::StatusOr<std::string> RenderMarkdown(const Plan& plan,
                                           const ShowOptions& options) {
  const size_t budget = options.max_bytes;
  const std::vector<Item> outline = Outline(plan);
  const std::vector<FoldedItem> items = DeletesFirst(outline, options.verbose);
  const std::string head = Head(plan, options);
  const FittedPart findings = FindingsPart(plan);
  const FittedPart commands = CommandsPart(plan, budget);
  if (!options.summary && items.size() <= kPageRows) {
    const FittedPart table = ChangesPart(items, false, budget);
    std::vector<size_t> shown;
    auto page =
        Fitted({AlwaysThere(head), findings, table, commands}, budget, &shown);
    if (page.ok() && shown[2] == items.size()) return page;
  }
  std::vector<FittedPart> after = {findings};
  if (!options.summary) {
    after.push_back(ChangesPart(items, true, budget));
    after.push_back(commands);
  }
  size_t base = head.size() + kDeletesMargin;
  for (const FittedPart& part : after) base += LeastOf(part);
  const size_t lines = options.summary && options.verbose
                           ? std::numeric_limits<size_t>::max()
                           : kSummaryLines;
  SummaryParts summary =
      SummaryOf(outline, lines, base < budget ? budget - base : 0);
  std::vector<FittedPart> parts = {AlwaysThere(head + summary.deletes),
                                   std::move(summary.others)};
  for (FittedPart& part : after) parts.push_back(std::move(part));
  return Fitted(parts, budget);
}

}  // namespace assocsync
