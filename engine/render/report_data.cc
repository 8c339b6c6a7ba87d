#include <cstdint>
#include <optional>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "engine/model/finding.h"
#include "engine/render/escape.h"
#include "engine/render/json_words.h"
#include "engine/render/report_rows.h"
#include "engine/render/sh.h"
#include "engine/render/shown.h"

namespace assocsync {
namespace {

enum State { kSame, kChanged, kComes, kGoes };

// `text` is UTF-8.
void AppendJson(absl::string_view text, std::string* out) {
  out->push_back('"');
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const absl::string_view three = text.substr(i, 3);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (c == '<' || c == '>' || c == '&' || (c >= 0 && c < ' ')) {
      absl::StrAppendFormat(out, "\\u%04x", static_cast<unsigned>(c));
    } else if (three == "\u2028" || three == "\u2029") {
      absl::StrAppend(out, three == "\u2028" ? "\\u2028" : "\\u2029");
      i += 2;
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

// A JSON array that is written as it comes.
class List {
 public:
  void Number(int64_t value) {
    Comma();
    absl::StrAppend(&text_, value);
  }
  void Text(absl::string_view value) {
    Comma();
    AppendJson(value, &text_);
  }
  void Raw(absl::string_view json) {
    Comma();
    absl::StrAppend(&text_, json);
  }
  std::string Done() const { return absl::StrCat("[", text_, "]"); }

 private:
  void Comma() {
    if (!text_.empty()) text_.push_back(',');
  }
  std::string text_;
};

void Property(absl::string_view name, absl::string_view json,
              std::string* out) {
  absl::StrAppend(out, out->empty() ? "" : ",\n", "\"", name, "\":", json);
}

std::string Quoted(absl::string_view text) {
  std::string out;
  AppendJson(text, &out);
  return out;
}

std::string Object(absl::string_view members) {
  return absl::StrCat("{", members, "}");
}

// Every text once; rows say its number.
class Strings {
 public:
  int64_t Id(const std::string& text) {
    const auto [it, fresh] =
        ids_.try_emplace(text, static_cast<int64_t>(ids_.size()));
    if (fresh) list_.Text(text);
    return it->second;
  }
  std::string Done() const { return list_.Done(); }

 private:
  absl::flat_hash_map<std::string, int64_t> ids_;
  List list_;
};

// Every option with its values once; rows say its number.
class FieldTable {
 public:
  explicit FieldTable(Strings* strings) : strings_(strings) {}

  int64_t Id(State state, const FieldChange& field) {
    const auto [it, fresh] = ids_.try_emplace(
        KeyOf(state, field), static_cast<int64_t>(ids_.size()));
    if (fresh) Add(state, field, it->second);
    return it->second;
  }
  std::string Done() const { return list_.Done(); }
  std::string Short() const { return short_.Done(); }

 private:
  // Whether each side is set, and to what: this Abseil hashes no
  // optional.
  using FieldKey = std::tuple<State, Key, bool, Name, bool, Name>;

  static FieldKey KeyOf(State state, const FieldChange& field) {
    return {state,
            field.key,
            field.from.has_value(),
            field.from.value_or(Name()),
            field.to.has_value(),
            field.to.value_or(Name())};
  }

  void Add(State state, const FieldChange& field, int64_t id) {
    list_.Number(static_cast<int64_t>(field.key) * 4 + state);
    const auto text = [&](const std::optional<Name>& value) {
      return strings_->Id(ShownValue(field.key, value));
    };
    list_.Number(text(state == kComes ? field.to : field.from));
    list_.Number(state == kChanged ? text(field.to) : 0);
    if (state != kChanged) return;
    const std::string words = ShownModify(field);
    const std::string plain = absl::StrCat(
        Info(field.key).name, " ", ShownValue(field.key, field.from), " -> ",
        ShownValue(field.key, field.to));
    if (words == plain) return;
    short_.Number(id);
    short_.Text(words.substr(Info(field.key).name.size() + 1));
  }

  Strings* strings_;
  absl::flat_hash_map<FieldKey, int64_t> ids_;
  List list_, short_;
};

// The columns of the rows.
class RowWriter {
 public:
  RowWriter() : fields_(&strings_) {}

  void Add(const ReportRow& row) {
    kind_.push_back(static_cast<char>(row.kind));
    mark_.push_back(MarkOf(row));
    depth_.Number(row.depth);
    name_.Number(
        strings_.Id(row.name.empty() && IsGroup(row)
                        ? ""
                        : absl::StrCat(IsAccountRecord(row) ? "account " : "",
                                       ShownName(row.name.view()))));
    Sparse(row);
    size_t count = row.same.size();
    if (row.item != nullptr) {
      const State state = StateOf(row.item->mark);
      for (const FieldChange* field : row.item->fields) {
        // The record was there before it came to this cluster.
        const bool was = state == kComes && field->from.has_value();
        row_fields_.Number(fields_.Id(was ? kChanged : state, *field));
      }
      count += row.item->fields.size();
    }
    for (const Field& field : row.same) {
      row_fields_.Number(
          fields_.Id(kSame, {field.key, field.value, field.value}));
    }
    count_.Number(static_cast<int64_t>(count));
    ++rows_;
  }

  void AppendTo(std::string* out) const {
    std::string rows;
    Property("kind", Quoted(kind_), &rows);
    Property("mark", Quoted(mark_), &rows);
    Property("depth", depth_.Done(), &rows);
    Property("name", name_.Done(), &rows);
    Property("count", count_.Done(), &rows);
    Property("fields", row_fields_.Done(), &rows);
    Property("partition", partition_.Done(), &rows);
    Property("moved", moved_.Done(), &rows);
    Property("record", record_.Done(), &rows);
    Property("reaches", reaches_.Done(), &rows);
    List keys;
    for (const KeyInfo& info : AllKeys()) keys.Text(info.name);
    Property("strings", strings_.Done(), out);
    Property("keys", keys.Done(), out);
    Property("fields", fields_.Done(), out);
    Property("short", fields_.Short(), out);
    Property("rows", Object(rows), out);
  }

 private:
  static bool IsGroup(const ReportRow& row) {
    return row.kind == ReportRow::Kind::kQosGroup ||
           row.kind == ReportRow::Kind::kRecordGroup;
  }

  static bool IsAccountRecord(const ReportRow& row) {
    return row.kind == ReportRow::Kind::kRecord && row.item != nullptr &&
           !row.item->user;
  }

  // The letters stand in the order of Item::Mark; '>' for a move.
  static char MarkOf(const ReportRow& row) {
    static constexpr absl::string_view kMarks = " +~>-";
    return row.item == nullptr ? ' '
                               : kMarks[static_cast<size_t>(row.item->mark)];
  }

  static State StateOf(Item::Mark mark) {
    if (mark == Item::Mark::kAdd) return kComes;
    return mark == Item::Mark::kRemove ? kGoes : kChanged;
  }

  void Sparse(const ReportRow& row) {
    if (!row.partition.empty()) {
      partition_.Number(rows_);
      partition_.Number(strings_.Id(ShownName(row.partition.view())));
    }
    if (row.item == nullptr) return;
    if (row.item->mark == Item::Mark::kMove) {
      moved_.Number(rows_);
      moved_.Number(strings_.Id(ShownName(row.item->moved_from.view())));
    }
    if (!row.item->user_word.empty()) record_.Number(rows_);
    if (!row.item->reaches.empty()) {
      reaches_.Number(rows_);
      reaches_.Number(strings_.Id(ShownReach(row.item->reaches)));
    }
  }

  Strings strings_;
  FieldTable fields_;
  int64_t rows_ = 0;
  std::string kind_, mark_;
  List depth_, name_, count_, row_fields_, partition_, moved_, record_,
      reaches_;
};

std::string Findings(const Plan& plan) {
  List out;
  for (const Finding& finding : plan.findings) {
    List rows;
    for (const std::string& row : finding.rows) rows.Text(Escaped(row));
    const FindingRow& about = RowOf(finding.code);
    std::string one;
    Property("code", Quoted(about.code_name), &one);
    Property("severity", Quoted(WordOf(kSeverities, finding.severity)), &one);
    Property("message", Quoted(Escaped(finding.message)), &one);
    Property("help", Quoted(about.help), &one);
    List way_on;
    for (const std::string& piece : ShownWayOn(finding))
      way_on.Text(Escaped(piece));
    Property("way_on", way_on.Done(), &one);
    Property("lifted", finding.lifted ? "true" : "false", &one);
    Property("rows", rows.Done(), &one);
    out.Raw(Object(one));
  }
  return out.Done();
}

std::string Steps(const Plan& plan) {
  List phases, phase, deletes, text, why;
  for (const auto& known : kPhases) phases.Text(PhaseName(known.value));
  for (const Step& step : plan.steps) {
    phase.Number(static_cast<int64_t>(step.phase));
    deletes.Number(step.deletes ? 1 : 0);
    text.Text(ShCommand(step, "sacctmgr"));
    why.Text(Escaped(step.why));
  }
  std::string out;
  Property("phases", phases.Done(), &out);
  Property("phase", phase.Done(), &out);
  Property("deletes", deletes.Done(), &out);
  Property("text", text.Done(), &out);
  Property("why", why.Done(), &out);
  return Object(out);
}

}  // namespace

std::string ReportData(const Plan& plan, const Tree& live,
                       const std::vector<Item>& outline) {
  RowWriter rows;
  for (const ReportRow& row : ReportRows(plan, live, outline)) rows.Add(row);
  std::string out;
  rows.AppendTo(&out);
  Property("findings", Findings(plan), &out);
  Property("steps", Steps(plan), &out);
  return Object(out);
}

}  // namespace assocsync
