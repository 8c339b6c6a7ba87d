#include "engine/render/html.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "engine/render/escape.h"
#include "engine/render/outline.h"
#include "engine/render/report_page.h"
#include "engine/render/report_rows.h"
#include "engine/render/summary.h"
#include "engine/render/text.h"

namespace assocsync {
namespace {

// Rows of a finding on a page without script.
constexpr size_t kRowsWithoutScript = 10;
constexpr size_t kSummaryRows = 40;

// Of text that is escaped for the eye already.
std::string Html(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

// 12345 is 12,345, as the script writes it.
std::string Grouped(size_t n) {
  std::string out = absl::StrCat(n);
  for (size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

std::string NameHtml(absl::string_view name) { return Html(ShownName(name)); }

class Page {
 public:
  Page(const Plan& plan, const Tree& live, const ShowOptions& options)
      : plan_(plan),
        live_(live),
        options_(options),
        outline_(Outline(plan)),
        counts_(CountsOf(outline_, plan)) {}

  std::string Whole() const {
    return absl::StrCat(
        kReportPage.before_title, Title(), kReportPage.before_header, Header(),
        kReportPage.before_noscript, NoScript(), kReportPage.before_data,
        ReportData(plan_, live_, outline_), kReportPage.after_data);
  }

 private:
  std::string Title() const {
    return absl::StrCat("Cluster ", NameHtml(plan_.cluster.view()), ": live → ",
                        NameHtml(options_.target_name));
  }

  std::string Header() const {
    std::string out =
        absl::StrCat("<h1>Cluster ", NameHtml(plan_.cluster.view()),
                     "</h1>\n<dl class=\"facts\">\n");
    Fact("Slurm", plan_.release.ToString(), &out);
    Fact("Live",
         options_.live_from.empty()
             ? plan_.live_fingerprint
             : absl::StrCat(Html(Escaped(options_.live_from)), " <small>",
                            plan_.live_fingerprint, "</small>"),
         &out);
    Fact("Target",
         absl::StrCat(NameHtml(options_.target_name), ", ", plan_.WrittenWord(),
                      " <small>", plan_.target_fingerprint, "</small>"),
         &out);
    if (!plan_.base_fingerprint.empty()) {
      Fact("Base",
           absl::StrCat(
               options_.base_name.empty() ? "" : NameHtml(options_.base_name),
               " <small>", plan_.base_fingerprint, "</small>"),
           &out);
    }
    if (options_.made != absl::InfinitePast()) {
      Fact("Made",
           absl::StrCat(
               absl::FormatTime("%Y-%m-%d %H:%M %Ez", options_.made,
                                options_.zone),
               options_.made_by.empty() ? "" : " by ",
               options_.made_by.empty() ? "" : NameHtml(options_.made_by)),
           &out);
    }
    absl::StrAppend(&out, "</dl>\n<ul class=\"counts\">\n");
    Count("delete", "−", counts_.remove, "to delete", &out);
    Count("add", "+", counts_.add, "to add", &out);
    Count("change", "~", counts_.change, "to change", &out);
    Count("move", "→", counts_.move, "to move", &out);
    Count("commands", "", counts_.commands,
          absl::StrCat(counts_.commands == 1 ? "command" : "commands",
                       ShownTime(plan_)),
          &out);
    absl::StrAppend(&out, "</ul>\n", Verdict());
    if (!outline_.empty()) AppendSummary(&out);
    return out;
  }

  // What a reader of five minutes must see, with or without script.
  void AppendSummary(std::string* out) const {
    static constexpr absl::string_view kClasses[] = {
        "delete", "delete", "move", "change", "change", "add", "change"};
    constexpr size_t kDeletes = size_t{1} << 20;
    const std::vector<SummaryGroup> groups = Summary(outline_);
    absl::StrAppend(out,
                    "<section id=\"summary\" aria-labelledby=\"summary-title\">"
                    "\n<h2 id=\"summary-title\">Summary</h2>\n<ul>\n");
    bool begun = false;
    for (const SummaryLine& line : SummaryLines(
             groups,
             {.lines = kSummaryRows, .deletes = kDeletes, .size = &HtmlSize})) {
      if (!line.heading) {
        absl::StrAppend(out, "<li>", Html(line.text), "</li>\n");
        continue;
      }
      absl::StrAppend(out, begun ? "</ul></li>\n" : "", "<li class=\"",
                      kClasses[static_cast<int>(line.risk)], "\"><b>",
                      Html(line.text), "</b><ul>\n");
      begun = true;
    }
    absl::StrAppend(out, begun ? "</ul></li>\n" : "", "</ul>\n");
    AppendTotals(OptionTotals(groups), out);
    absl::StrAppend(out, "</section>\n");
  }

  static void AppendTotals(const std::vector<OptionTotal>& totals,
                           std::string* out) {
    if (totals.empty()) return;
    absl::StrAppend(out,
                    "<details><summary>Totals per option</summary>\n<table>"
                    "<thead><tr><th scope=\"col\">Option</th>"
                    "<th scope=\"col\">raised</th><th scope=\"col\">lowered"
                    "</th><th scope=\"col\">changed otherwise</th></tr></thead>"
                    "\n<tbody>\n");
    for (const OptionTotal& total : totals) {
      absl::StrAppend(out, "<tr><td>", Info(total.key).name, "</td>");
      for (const size_t n : {total.raised, total.lowered, total.other}) {
        absl::StrAppend(out, "<td>", n == 0 ? "" : Grouped(n), "</td>");
      }
      absl::StrAppend(out, "</tr>\n");
    }
    absl::StrAppend(out, "</tbody></table></details>\n");
  }

  static size_t HtmlSize(absl::string_view text) { return text.size(); }

  static void Fact(absl::string_view name, absl::string_view html,
                   std::string* out) {
    absl::StrAppend(out, "<div><dt>", name, "</dt><dd>", html, "</dd></div>\n");
  }

  static void Count(absl::string_view kind, absl::string_view sign, size_t n,
                    absl::string_view words, std::string* out) {
    absl::StrAppend(out, "<li class=\"", kind, n == 0 ? " none" : "", "\"><b>");
    if (!sign.empty()) {
      absl::StrAppend(out, "<i aria-hidden=\"true\">", sign, "</i>");
    }
    absl::StrAppend(out, Grouped(n), "</b> ", words, "</li>\n");
  }

  // What apply would do with this plan.
  std::string Verdict() const {
    if (!plan_.applicable()) {
      return absl::StrCat(
          "<p class=\"verdict refused\"><b>Refused:</b> apply would run "
          "nothing. In the way: ",
          Html(Escaped(absl::StrJoin(StandingCodes(plan_), ", "))), ".</p>\n");
    }
    if (plan_.steps.empty()) {
      return absl::StrCat("<p class=\"verdict\">", Sentence(), "</p>\n");
    }
    return absl::StrCat(
        "<p class=\"verdict\">No finding stands in the way: apply would run ",
        plan_.steps.size() == 1
            ? "this command"
            : absl::StrCat("these ", Grouped(plan_.steps.size()), " commands"),
        ".</p>\n");
  }

  std::string Sentence() const { return Html(RenderCounts(plan_, options_)); }

  std::string NoScript() const {
    std::string out = absl::StrCat(
        "<p><b>", Sentence(),
        "</b></p>\n<p>The tree and the commands need JavaScript, which is off "
        "here; <code>assocsync plan</code> shows the same as text.</p>\n");
    if (plan_.findings.empty()) return out;
    absl::StrAppend(&out, "<h2>Findings</h2>\n<ul>\n");
    for (const Finding& finding : plan_.findings) Plain(finding, &out);
    absl::StrAppend(&out, "</ul>\n");
    return out;
  }

  static void Plain(const Finding& finding, std::string* out) {
    absl::StrAppend(out, "<li>", FindingWord(finding), " <b>",
                    CodeName(finding.code),
                    "</b>: ", Html(Escaped(finding.message)));
    const std::vector<std::string> way_on = ShownWayOn(finding);
    for (size_t i = 0; i < way_on.size(); ++i) {
      absl::StrAppend(out, i == 0 ? " " : "", i % 2 == 0 ? "" : "<code>",
                      Html(Escaped(way_on[i])), i % 2 == 0 ? "" : "</code>");
    }
    if (!finding.rows.empty()) absl::StrAppend(out, "<ul>\n");
    const size_t shown = std::min(finding.rows.size(), kRowsWithoutScript);
    for (size_t i = 0; i < shown; ++i) {
      absl::StrAppend(out, "<li><code>", Html(Escaped(finding.rows[i])),
                      "</code></li>\n");
    }
    if (shown < finding.rows.size()) {
      absl::StrAppend(out, "<li>and ", finding.rows.size() - shown,
                      " more</li>\n");
    }
    absl::StrAppend(out, finding.rows.empty() ? "" : "</ul>", "</li>\n");
  }

  const Plan& plan_;
  const Tree& live_;
  const ShowOptions& options_;
  const std::vector<Item> outline_;
  const Counts counts_;
};

}  // namespace

std::string RenderHtml(const Plan& plan, const Tree& live,
                       const ShowOptions& options) {
  return Page(plan, live, options).Whole();
}

}  // namespace assocsync
