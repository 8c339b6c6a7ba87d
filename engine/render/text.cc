// The layout: a header, the summary of a long text, QOS, the account tree,
// users' records, findings, commands (verbose), counts.
#include "engine/render/text.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/counted.h"
#include "engine/model/finding.h"
#include "engine/plan/clusters.h"
#include "engine/render/escape.h"
#include "engine/render/outline.h"
#include "engine/render/paint.h"
#include "engine/render/summary.h"

namespace assocsync {
namespace {

using Mark = Item::Mark;

// Deeper accounts are not indented further: a chain of accounts as long as the
// tree is large would make a page as large as its square.
constexpr int kMaxDepth = 24;
// Options that fit on one line with their object stand there.
constexpr size_t kLineWidth = 78;
constexpr size_t kRowsShown = 10;
// Of users on one line.
constexpr size_t kDeedsShown = 3;

// The target can be had whole.
bool NothingIsLost(const Plan& plan) {
  return absl::c_none_of(plan.findings, [](const Finding& finding) {
    return finding.severity == Severity::kCannotRestore || finding.stands();
  });
}

size_t TextSize(absl::string_view text) { return text.size(); }

std::string CountsWords(const Counts& n, const Plan& plan) {
  return absl::StrCat(n.add, " to add, ", n.change, " to change, ", n.move,
                      " to move, ", n.remove, " to delete; ",
                      Counted(n.commands, "command"), ShownTime(plan), ".");
}

std::string RefusedWords(const Plan& plan) {
  if (plan.applicable()) return "";
  return absl::StrCat(" Refused: ", absl::StrJoin(StandingCodes(plan), ", "),
                      ".");
}

// The last line.
std::string CountsLine(const Plan& plan, const ShowOptions& options,
                       const std::vector<Item>& outline) {
  const Counts n = CountsOf(outline, plan);
  std::string line;
  const std::string target = ShownTarget(plan, options.target_name);
  if (!outline.empty() || !plan.steps.empty()) {
    line = absl::StrCat("Plan: ", CountsWords(n, plan));
  } else if (NothingIsLost(plan)) {
    line = options.base_name.empty()
               ? absl::StrCat("No changes. Live is in sync with ", target, ".")
               : absl::StrCat("No changes. Live has what ",
                              ShownName(options.target_name), " changes since ",
                              ShownName(options.base_name), ".");
  } else {
    line = absl::StrCat("No change that Slurm can make. Live is not ", target,
                        ": see the findings.");
  }
  return absl::StrCat(line, RefusedWords(plan));
}

class TextWriter {
 public:
  TextWriter(const Plan& plan, const ShowOptions& options, TextSink sink)
      : plan_(plan), options_(options), sink_(sink) {}

  void Whole() {
    const std::vector<Item> outline = Outline(plan_);
    outline_ = &outline;
    decided_ = outline.empty() || options_.screen == 0;
    if (!outline.empty()) {
      Header();
      if (options_.summary) SummaryHeading(&out_);
      top_ = out_.size();
      if (options_.summary) {
        absl::StrAppend(&out_, RenderSummary(outline, options_));
      } else {
        Items(options_.verbose ? Unfolded(outline) : Fold(outline));
      }
    }
    Findings();
    if (options_.verbose) Commands();
    EmptyLine();
    absl::StrAppend(&out_, Painted(kBold, CountsLine(plan_, options_, outline)),
                    "\n");
    Decide();
    sink_(out_);
  }

  void FindingsOnly() {
    Findings();
    sink_(out_);
  }

 private:
  std::string Painted(absl::string_view paint, absl::string_view text) const {
    return assocsync::Painted(options_.color, paint, text);
  }

  void Header() {
    absl::StrAppend(
        &out_,
        Painted(kBold, absl::StrCat(
                           "Cluster ", ShownName(plan_.cluster.view()),
                           ", Slurm ", plan_.release.ToString(), ": live",
                           options_.live_from.empty()
                               ? ""
                               : absl::StrCat(" (", options_.live_from, ")"),
                           " -> ", ShownName(options_.target_name), " (",
                           plan_.WrittenWord(), ")",
                           options_.base_name.empty()
                               ? ""
                               : absl::StrCat(", what it changes since ",
                                              ShownName(options_.base_name)))),
        "\n");
  }

  void Items(const std::vector<FoldedItem>& items) {
    const Item* last = nullptr;
    bool folded = false;
    for (const FoldedItem& folded_item : items) {
      const Item& item = *folded_item.item;
      if (last == nullptr || last->section != item.section) {
        Heading(item.section);
      }
      Line(folded_item);
      GoOn();
      folded |= folded_item.folded();
      last = &item;
    }
    if (folded) {
      absl::StrAppend(&out_, "\n",
                      Painted(kDim,
                              "Users who change in the same way are one line; "
                              "--verbose shows each."),
                      "\n");
    }
  }

  void SummaryHeading(std::string* out) const {
    absl::StrAppend(out, "\n", Painted(kBold, "Summary"), "\n");
  }

  // What there is of the text is more than a screen: it begins with the
  // summary, and that with the counts, which are out of sight at the end. Until
  // that is decided, nothing goes to the sink.
  void Decide() {
    if (decided_) return;
    lines_ += std::count(out_.begin() + counted_, out_.end(), '\n');
    counted_ = out_.size();
    if (lines_ <= options_.screen) return;
    std::string top;
    if (!options_.summary) SummaryHeading(&top);
    absl::StrAppend(&top, "  ", CountsLine(plan_, options_, *outline_), "\n");
    if (!options_.summary) {
      absl::StrAppend(&top, RenderSummary(*outline_, options_));
    }
    out_.insert(top_, top);
    decided_ = true;
  }

  void Heading(Item::Section section) {
    static constexpr absl::string_view kTitles[] = {
        "Cluster", "QOS", "Accounts", "Users", "Shared records"};
    absl::StrAppend(&out_, "\n",
                    Painted(kBold, kTitles[static_cast<int>(section)]), "\n");
  }

  void Line(const FoldedItem& folded) {
    const Item& item = *folded.item;
    static constexpr absl::string_view kSigns[] = {" ", "+", "~", ">", "-"};
    static constexpr absl::string_view kPaints[] = {kDim, kGreen, kYellow,
                                                    kCyan, kRed};
    const int mark = static_cast<int>(item.mark);
    const std::string indent(2 + 2 * std::min(item.depth, kMaxDepth), ' ');
    std::string title = absl::StrCat(
        item.section != Item::Section::kShared ? ""
        : item.user                            ? "user "
                                               : "account ",
        folded.folded()
            ? absl::StrCat(ShownHowMany(folded), ": ", ShownWho(folded))
            : ShownRow(item.row, item.user));
    if (item.depth > kMaxDepth) absl::StrAppend(&title, " [", item.depth, "]");
    absl::StrAppend(
        &out_, indent,
        Painted(kPaints[mark], absl::StrCat(kSigns[mark], " ", title)));
    const size_t width = indent.size() + 2 + title.size();
    std::vector<std::string> words = Words(item);
    const std::string together = absl::StrJoin(words, ", ");
    if (!words.empty() &&
        (words.size() == 1 || width + 2 + together.size() <= kLineWidth)) {
      absl::StrAppend(&out_, "  ", together);
    } else {
      for (const std::string& word : words) {
        absl::StrAppend(&out_, "\n", indent, "      ", word);
      }
    }
    out_.push_back('\n');
    if (options_.evidence != nullptr) Evidenced(folded, indent);
  }

  // Of several users each deed once, and whose it is where it is not of all.
  void Evidenced(const FoldedItem& folded, const std::string& indent) {
    std::vector<FoldedItem> deeds;
    std::vector<std::string> lines;
    const std::vector<const Item*> one = {folded.item};
    const std::vector<const Item*>& items =
        folded.folded() ? folded.users : one;
    absl::flat_hash_map<std::string, size_t> at;
    for (const Item* item : items) {
      for (std::string& line : EvidenceOf(*item)) {
        const auto [it, fresh] = at.try_emplace(line, lines.size());
        if (fresh) {
          lines.push_back(std::move(line));
          deeds.push_back({item});
        }
        deeds[it->second].users.push_back(item);
      }
    }
    const size_t shown = folded.folded() && lines.size() > kDeedsShown + 1
                             ? kDeedsShown
                             : lines.size();
    for (size_t i = 0; i < lines.size() && i < shown; ++i) {
      const bool all = deeds[i].users.size() == items.size();
      absl::StrAppend(
          &out_, indent, "      ",
          Painted(kDim,
                  absl::StrCat(
                      "# ", all ? "" : absl::StrCat(ShownWho(deeds[i]), ": "),
                      lines[i])),
          "\n");
    }
    if (shown < lines.size()) {
      absl::StrAppend(&out_, indent, "      ",
                      Painted(kDim, absl::StrCat("# and ", lines.size() - shown,
                                                 " other deeds")),
                      "\n");
    }
  }

  std::vector<std::string> EvidenceOf(const Item& item) const {
    using What = Change::What;
    std::vector<ChangeId> changes;
    switch (item.section) {
      case Item::Section::kCluster:
        changes = {{What::kCluster, item.row}};
        break;
      case Item::Section::kQos:
        changes = {{What::kQos, item.row}};
        break;
      case Item::Section::kUsers:
        changes = {{What::kUser, item.row}};
        break;
      case Item::Section::kShared:
        changes = {{item.user ? What::kUser : What::kAccount, item.row}};
        break;
      case Item::Section::kAccounts:
        // The record's own deed says it better than what went with it.
        if (!item.user) changes.push_back({What::kAccount, item.row});
        if (item.with_record) {
          changes.push_back({What::kUser, AssocKey{{}, item.row.user, {}}});
        }
        changes.push_back({What::kAssociation, item.row});
        break;
    }
    return ShownEvidence(*options_.evidence, changes, options_.clock);
  }

  std::vector<std::string> Words(const Item& item) const {
    std::vector<std::string> words;
    if (item.mark == Mark::kMove) {
      words.push_back(
          absl::StrCat("moved from ", ShownName(item.moved_from.view())));
    }
    if (!item.user_word.empty()) words.emplace_back(item.user_word);
    // What a deleted thing had set stands in the live tree; between the names
    // of what goes it is noise.
    const std::string reach = ShownReach(item.reaches);
    if (item.mark == Mark::kRemove && !options_.verbose) {
      if (!reach.empty()) words.push_back(reach);
      return words;
    }
    for (const FieldChange* field : item.fields) {
      // A user in one account has no other choice.
      if (item.with_record && field->key == Key::kDefaultAccount &&
          (item.mark == Mark::kAdd ? field->to : field->from) ==
              item.row.account) {
        continue;
      }
      // A record that comes to this cluster may have been there before.
      words.push_back(item.mark == Mark::kAdd && !field->from.has_value()
                          ? ShownAdd(*field)
                      : item.mark == Mark::kRemove ? ShownRemove(*field)
                                                   : ShownModify(*field));
    }
    if (!reach.empty()) words.push_back(reach);
    return words;
  }

  void Findings() {
    if (plan_.findings.empty()) return;
    EmptyLine();
    absl::StrAppend(&out_, Painted(kBold, "Findings"), "\n");
    for (const Finding& finding : plan_.findings) Show(finding);
  }

  void Show(const Finding& finding) {
    static constexpr absl::string_view kPaints[] = {"", kDim, kYellow, kRed,
                                                    kRed};
    const int severity = static_cast<int>(finding.severity);
    absl::StrAppend(
        &out_, "  ",
        Painted(kPaints[severity], absl::StrCat(FindingWord(finding), " ",
                                                CodeName(finding.code))),
        "  ", Escaped(finding.message), "\n");
    const size_t all = finding.rows.size();
    // A list that is one row too long is not worth the line that says so.
    const size_t shown =
        options_.verbose || all <= kRowsShown + 1 ? all : kRowsShown;
    for (size_t i = 0; i < shown; ++i) {
      absl::StrAppend(&out_, "      ", Escaped(finding.rows[i]), "\n");
    }
    if (shown < all) {
      absl::StrAppend(&out_, "      ... and ", all - shown,
                      " more (--verbose shows all)\n");
    }
    if (finding.stands()) {
      absl::StrAppend(&out_, "      ",
                      Escaped(absl::StrJoin(ShownWayOn(finding), "")), "\n");
    }
  }

  void Commands() {
    if (plan_.steps.empty()) return;
    EmptyLine();
    absl::StrAppend(&out_, Painted(kBold, "Commands"), "\n");
    for (const Step& step : plan_.steps) {
      absl::StrAppend(&out_, "  ",
                      Painted(kDim, absl::StrCat("# ", PhaseName(step.phase),
                                                 ": ", Escaped(step.why))),
                      "\n  ", ShownCommand(step), "\n");
      GoOn();
    }
  }

  void GoOn() {
    Decide();
    if (out_.size() < kTextPart || !decided_) return;
    sink_(out_);
    out_.clear();
    begun_ = true;
  }

  // Between two parts of the page.
  void EmptyLine() {
    if (begun_ || !out_.empty()) out_.push_back('\n');
  }

  const Plan& plan_;
  const ShowOptions& options_;
  const TextSink sink_;
  std::string out_;     // What the sink does not have yet.
  bool begun_ = false;  // It has something.
  const std::vector<Item>* outline_ = nullptr;
  bool decided_ = true;  // Whether the text begins with summary and counts.
  size_t top_ = 0;       // Where these would stand in out_.
  size_t counted_ = 0;   // So much of out_ has these lines.
  size_t lines_ = 0;
};

}  // namespace

void RenderText(const Plan& plan, const ShowOptions& options, TextSink sink) {
  TextWriter(plan, options, sink).Whole();
}

std::string RenderSummary(const std::vector<Item>& outline,
                          const ShowOptions& options) {
  static constexpr absl::string_view kPaints[] = {
      kRed, kRed, kCyan, kYellow, kYellow, kGreen, kYellow};
  SummaryRoom room = {.size = &TextSize};
  if (options.summary && options.verbose) {
    room.lines = room.deletes = std::numeric_limits<size_t>::max();
  }
  std::string out;
  for (const SummaryLine& line : SummaryLines(Summary(outline), room)) {
    absl::StrAppend(&out, line.heading ? "  " : "      ",
                    Painted(options.color && line.heading,
                            kPaints[static_cast<int>(line.risk)], line.text),
                    "\n");
  }
  return out;
}

std::string RenderFindings(const Plan& plan, const ShowOptions& options) {
  std::string out;
  TextWriter(plan, options, [&](absl::string_view part) {
    absl::StrAppend(&out, part);
  }).FindingsOnly();
  return out;
}

std::string RenderWhole(const ClustersPlan& whole, const ShowOptions& options) {
  Plan own, sum;  // Its findings; what all parts come to.
  own.findings = sum.findings = whole.findings;
  Counts counts;
  for (const ClustersPlan::Part& part : whole.parts) {
    counts += CountsOf(Outline(part.plan), part.plan);
    sum.estimate += part.plan.estimate;
    sum.loaded += part.plan.loaded;
    sum.findings.insert(sum.findings.end(), part.plan.findings.begin(),
                        part.plan.findings.end());
  }
  SortFindings(&sum.findings);
  const std::string clusters = Counted(whole.agreed.clusters.size(), "cluster");
  std::string line;
  if (whole.changes_anything()) {
    line = absl::StrCat("Plan of ", clusters, ": ", CountsWords(counts, sum));
  } else if (whole.parts.empty()) {
    line = absl::StrCat("No plan of ", clusters, ".");
  } else if (NothingIsLost(sum)) {
    line = absl::StrCat("No changes. Live is in sync on ", clusters, ".");
  } else {
    line = absl::StrCat("No change that Slurm can make on ", clusters,
                        ": see the findings.");
  }
  std::string out = RenderFindings(own, options);
  if (!out.empty()) absl::StrAppend(&out, "\n");
  return absl::StrCat(
      out, Painted(options.color, kBold, absl::StrCat(line, RefusedWords(sum))),
      "\n");
}

std::string RenderCounts(const Plan& plan, const ShowOptions& options) {
  return CountsLine(plan, options, Outline(plan));
}

}  // namespace assocsync
