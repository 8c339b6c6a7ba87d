// PlanFromJson. Each object is read through a Reader, which keeps the path for
// messages, the first error, and knows which keys nobody asked for.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/input_shape.h"
#include "engine/base/status.h"
#include "engine/model/value.h"
#include "engine/plan/skip.h"
#include "engine/render/escape.h"
#include "engine/render/json.h"
#include "engine/render/json_text.h"
#include "engine/render/json_words.h"
#include "engine/render/outline.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

class Reader {
 public:
  // `status` outlives the reader and keeps the first error of all readers.
  Reader(const Json& json, std::string path, absl::Status* status)
      : json_(json), path_(std::move(path)), status_(status) {
    if (!json_.is_object()) Fail(path_, "must be an object");
  }

  // A key that may be there and is no part of a plan.
  void Skip(const char* key) { used_ += json_.count(key); }

  bool Has(const char* key) const { return json_.contains(key); }

  // Every key must have been asked for by now.
  void Done() {
    if (!status_->ok() || used_ == json_.size()) return;
    Fail(path_, "has a key that plans do not have");
  }

  const Json& Get(const char* key) {
    static const Json* const nothing = new Json;
    if (!status_->ok()) return *nothing;
    const auto it = json_.find(key);
    if (it == json_.end()) {
      Fail(At(key), "is missing");
      return *nothing;
    }
    ++used_;
    return *it;
  }
  std::string At(absl::string_view key) const {
    return path_.empty() ? std::string(key) : absl::StrCat(path_, ".", key);
  }
  Reader Object(const char* key) { return {Get(key), At(key), status_}; }

  std::string Text(const char* key) { return TextOf(Get(key), At(key)); }
  Name NameAt(const char* key) { return Name(Text(key)); }
  std::optional<Name> Value(const char* key) {
    const Json& json = Get(key);
    if (json.is_null()) return std::nullopt;
    return Name(TextOf(json, At(key)));
  }
  bool Bool(const char* key) {
    const Json& json = Get(key);
    if (status_->ok() && !json.is_boolean()) {
      Fail(At(key), "must be true or false");
    }
    return status_->ok() && json.get<bool>();
  }
  uint32_t Number(const char* key) {
    const Json& json = Get(key);
    if (status_->ok() && (!json.is_number_unsigned() ||
                          json.get<uint64_t>() > uint64_t{INT32_MAX})) {
      Fail(At(key), "must be a whole number");
    }
    return status_->ok() ? json.get<uint32_t>() : 0;
  }
  template <typename E, size_t N>
  E Word(const char* key, const JsonWord<E> (&words)[N]) {
    const std::string text = Text(key);
    const std::optional<E> value = ValueOf(words, text);
    if (status_->ok() && !value.has_value()) {
      Fail(At(key), absl::StrCat("cannot be '", Escaped(text), "'"));
    }
    return value.value_or(words[0].value);
  }
  // Whether it is this text; if so, it has been asked for.
  bool Says(const char* key, absl::string_view text) {
    const auto it = json_.find(key);
    if (it == json_.end() || !it->is_string() ||
        it->get_ref<const std::string&>() != text) {
      return false;
    }
    ++used_;
    return true;
  }
  std::vector<std::string> Texts(const char* key) {
    std::vector<std::string> out;
    Each(key, [&](const Json& json, std::string path) {
      out.push_back(TextOf(json, path));
    });
    return out;
  }
  // read(Reader&) -> T, for each object of an array.
  template <typename F>
  auto Objects(const char* key, F read) {
    std::vector<decltype(read(*this))> out;
    Each(key, [&](const Json& json, std::string path) {
      Reader reader(json, std::move(path), status_);
      if (!status_->ok()) return;
      out.push_back(read(reader));
      reader.Done();
    });
    return out;
  }

  void Fail(absl::string_view where, absl::string_view what) {
    if (!status_->ok()) return;
    *status_ = absl::InvalidArgumentError(absl::StrCat(
        "not a plan of assocsync: ", where.empty() ? "the document" : where,
        " ", what));
  }

 private:
  template <typename F>
  void Each(const char* key, F read) {
    const Json& json = Get(key);
    if (status_->ok() && !json.is_array()) Fail(At(key), "must be a list");
    if (!status_->ok()) return;
    for (size_t i = 0; i < json.size() && status_->ok(); ++i) {
      read(json[i], absl::StrCat(At(key), "[", i, "]"));
    }
  }

  std::string TextOf(const Json& json, const std::string& path) {
    if (!status_->ok()) return "";
    std::string text;
    if (FromJsonText(json, &text)) return text;
    Fail(path, "must be a text");
    return "";
  }

  const Json& json_;
  std::string path_;
  absl::Status* status_;
  size_t used_ = 0;
};

// The options of QOS lines share spellings with those of all other lines.
Key KeyOf(Reader& reader, bool qos) {
  static const auto* const keys = [] {
    auto* out = new absl::flat_hash_map<std::pair<bool, std::string>, Key>;
    for (const KeyInfo& info : AllKeys()) {
      out->emplace(std::pair(info.scope == Scope::kQos, std::string(info.name)),
                   info.key);
    }
    return out;
  }();
  const std::string name = reader.Text("key");
  const auto it = keys->find(std::pair(qos, name));
  if (it != keys->end()) return it->second;
  reader.Fail(reader.At("key"),
              absl::StrCat("is no option: '", Escaped(name), "'"));
  return Key::kClassification;
}

// What a change is about; names of other things must be empty.
AssocKey ReadRow(Reader& reader, Change::What what, Name cluster) {
  const Name qos = reader.NameAt("qos"), account = reader.NameAt("account");
  const bool is_qos = what == Change::What::kQos;
  const bool is_cluster = what == Change::What::kCluster;
  if (is_qos == qos.empty()) reader.Fail(reader.At("qos"), "does not fit what");
  if ((is_qos || is_cluster) && !account.empty()) {
    reader.Fail(reader.At("account"), "does not fit what");
  }
  return {is_qos       ? qos
          : is_cluster ? cluster
                       : account,
          reader.NameAt("user"), reader.NameAt("partition")};
}

Change ReadChange(Reader& reader, Name cluster) {
  Change change;
  change.what = reader.Word("what", kWhats);
  const bool moves = reader.Says("how", kMoveWord);
  change.how = moves ? Change::How::kModify : reader.Word("how", kHows);
  change.row = ReadRow(reader, change.what, cluster);
  change.parent_from = reader.NameAt("parent_from");
  change.parent_to = reader.NameAt("parent_to");
  if (moves != change.moves()) {
    reader.Fail(reader.At("how"), "does not fit the parents");
  }
  change.line = reader.Number("line");
  const bool qos = change.what == Change::What::kQos;
  const auto fields = reader.Objects("fields", [&](Reader& field) {
    const Key key = KeyOf(field, qos);
    std::optional<Name> from = field.Value("from");
    return FieldChange{key, from, field.Value("to")};
  });
  change.fields.assign(fields.begin(), fields.end());
  const std::vector<std::string> reaches = reader.Texts("reaches");
  change.reaches = Name(JoinElements({reaches.begin(), reaches.end()}));
  return change;
}

Step ReadStep(Reader& reader) {
  Step step;
  step.phase = reader.Word("phase", kPhases);
  step.deletes = reader.Bool("deletes");
  step.argv = reader.Texts("argv");
  step.why = reader.Text("why");
  return step;
}

Finding ReadFinding(Reader& reader) {
  Finding finding;
  const std::string code = reader.Text("code");
  if (const FindingRow* const row = FindFinding(code)) {
    finding.code = row->code;
  } else {
    reader.Fail(reader.At("code"),
                absl::StrCat("cannot be '", Escaped(code), "'"));
  }
  finding.severity = reader.Word("severity", kSeverities);
  finding.message = reader.Text("message");
  finding.rows = reader.Texts("rows");
  finding.lifted_by = reader.Text("lifted_by");
  finding.lifted = reader.Bool("lifted");
  // Plans of before there was this have none.
  if (reader.Has("skipped_by") &&
      reader.Text("skipped_by") != SkippedBy(finding)) {
    reader.Fail("skipped_by", "does not fit the finding");
  }
  return finding;
}

void ReadOptions(Reader reader, Name cluster, PlanOptions* options) {
  options->caller = reader.Text("caller");
  options->max_delete = static_cast<int>(reader.Number("max_delete"));
  options->max_delete_is_count = reader.Bool("max_delete_is_count");
  options->as_cluster = reader.Bool("as_cluster");
  options->keep_shared = reader.Bool("keep_shared");
  options->allow = reader.Texts("allow");
  // Plans of before there were these have none.
  if (reader.Has("skip")) options->skip = reader.Texts("skip");
  if (reader.Has("only")) options->only = reader.Texts("only");
  if (reader.Has("except")) options->except = reader.Texts("except");
  if (reader.Has("changes")) options->changes = reader.Texts("changes");
  if (reader.Has("pick")) {
    options->pick = reader.Objects("pick", [&](Reader& pick) {
      const Change::What what = pick.Word("what", kWhats);
      return ChangeId{what, ReadRow(pick, what, cluster)};
    });
  }
  reader.Done();
}

void ReadMerge(Reader reader, SavedPlan* saved) {
  Reader base = reader.Object("base");
  saved->options.base_name = base.Text("name");
  saved->plan.base_fingerprint = base.Text("fingerprint");
  base.Done();
  if (saved->options.base_name.empty())
    base.Fail("merge.base.name", "is empty");
  MergeOptions& merge = saved->options.merge;
  if (const std::optional<Name> word = reader.Value("prefer")) {
    merge.prefer = ValueOf(kSides, word->view());
    if (!merge.prefer.has_value()) reader.Fail("merge.prefer", "is no side");
  }
  reader.Objects("prefer_rows", [&](Reader& row) {
    const std::string name = row.Text("row");
    merge.prefer_row[name] = row.Word("side", kSides);
    return 0;
  });
  saved->base_text = reader.Text("base_text");
  reader.Done();
}

// What follows from the rest must be what it says.
void CheckDerived(Reader& top, const Plan& plan) {
  Reader reader = top.Object("counts");
  const auto number = [&](const char* key) {
    return static_cast<int>(reader.Number(key));
  };
  const Counts n = {.add = number("add"),
                    .change = number("modify"),
                    .move = number("move"),
                    .remove = number("delete"),
                    .commands = number("commands")};
  reader.Done();
  if (n != CountsOf(Outline(plan), plan)) {
    top.Fail("counts", "do not fit the changes");
  }
  if (top.Bool("applicable") != plan.applicable()) {
    top.Fail("applicable", "does not fit the findings");
  }
}

absl::Status CheckVersion(const Json& document) {
  const auto version =
      document.is_object() ? document.find("format_version") : document.end();
  if (!document.is_object() || version == document.end() ||
      !version->is_number_integer()) {
    return absl::InvalidArgumentError(
        "not a plan of assocsync: format_version is missing");
  }
  if (*version != kPlanFormatVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("the plan has format_version ", version->dump(),
                     "; this assocsync reads ", kPlanFormatVersion,
                     ". Plan again, or use the assocsync that made it"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SavedPlan> PlanFromJson(absl::string_view text) {
  if (const absl::Status status = CheckJsonShape(text); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "not a plan of assocsync: the document is ", status.message()));
  }
  const Json document = Json::parse(text.begin(), text.end(), nullptr,
                                    /*allow_exceptions=*/false);
  if (document.is_discarded()) {
    return absl::InvalidArgumentError(
        "not a plan of assocsync: no whole JSON document");
  }
  RETURN_IF_ERROR(CheckVersion(document));
  absl::Status status;
  Reader top(document, "", &status);
  top.Get("format_version");
  SavedPlan saved;
  Plan& plan = saved.plan;
  plan.cluster = top.NameAt("cluster");
  const std::string release = top.Text("release");
  absl::StatusOr<Release> parsed = ParseRelease(release);
  if (parsed.ok() && parsed->ToString() == release) {
    plan.release = *parsed;
  } else {
    top.Fail("release", "is none");
  }
  Reader live = top.Object("live");
  saved.live_name = live.Text("name");
  // Plans of before there was this have none.
  if (live.Has("kind")) saved.live_kind = live.Word("kind", kLiveKinds);
  plan.live_fingerprint = live.Text("fingerprint");
  live.Done();
  Reader target = top.Object("target");
  saved.options.target_name = target.Text("name");
  plan.target_fingerprint = target.Text("fingerprint");
  plan.target_by_hand = target.Bool("by_hand");
  target.Done();
  Reader expected = top.Object("expected");
  saved.expected_fingerprint = expected.Text("fingerprint");
  expected.Done();
  plan.findings = top.Objects("findings", ReadFinding);
  plan.changes = top.Objects("changes", [&](Reader& reader) {
    return ReadChange(reader, plan.cluster);
  });
  plan.steps = top.Objects("steps", ReadStep);
  ReadOptions(top.Object("options"), plan.cluster, &saved.options);
  saved.options.release = plan.release;
  saved.target_text = top.Text("target_text");
  if (top.Has("merge")) ReadMerge(top.Object("merge"), &saved);
  top.Skip("evidence");
  // The same.
  if (top.Has("estimated_seconds")) {
    plan.estimate = absl::Seconds(top.Number("estimated_seconds"));
  }
  if (top.Has("loaded_commands")) plan.loaded = top.Number("loaded_commands");
  CheckDerived(top, plan);
  top.Done();
  if (!status.ok()) return status;
  return saved;
}

}  // namespace assocsync
