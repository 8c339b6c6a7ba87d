// The policy's TOML.
#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/input_shape.h"
#include "engine/base/status.h"
#include "engine/base/toml.h"
#include "engine/check/policy.h"

namespace assocsync {
namespace {

// toml++ has the standard's views.
template <typename Text>
absl::string_view View(const Text& text) {
  return {text.data(), text.size()};
}

class Reader {
 public:
  explicit Reader(absl::string_view name) : name_(name) {}

  absl::StatusOr<Policy> Read(const toml::table& root) const {
    Policy policy;
    RETURN_IF_ERROR(Table(root, "a key of a policy",
                          {{"fail-on", To(&Reader::FailOn, &policy.fail_on)},
                           {"severity", To(&Reader::Rules, &policy)},
                           {"thresholds", To(&Reader::Thresholds, &policy)},
                           {"protected", To(&Reader::Protected, &policy)},
                           {"required", To(&Reader::Required, &policy)},
                           {"names", To(&Reader::Patterns, &policy)},
                           {"known", To(&Reader::Known, &policy)},
                           {"admins", To(&Reader::SomeGlobs, &policy.admins)},
                           {"allow-qos", To(&Reader::Allow, &policy)},
                           {"owners", To(&Reader::Owners, &policy)},
                           {"fairshare", To(&Reader::Fairshare, &policy)},
                           {"suppress", To(&Reader::Suppress, &policy)}}));
    return policy;
  }

  absl::Status Wrong(const toml::source_region& where,
                     absl::string_view message) const {
    return absl::InvalidArgumentError(absl::StrCat(
        name_, ":", where.begin.line, ":", where.begin.column, ": ", message));
  }

 private:
  using Read1 = std::function<absl::Status(const toml::node&)>;
  struct Entry {
    absl::string_view key;
    Read1 read;
  };

  // What reads a node into `out`.
  template <typename T>
  Read1 To(absl::Status (Reader::*read)(const toml::node&, T*) const,
           T* out) const {
    return [=, this](const toml::node& n) { return (this->*read)(n, out); };
  }

  absl::Status Wrong(const toml::node& at, absl::string_view message) const {
    return Wrong(at.source(), message);
  }

  // Each key of `node`, a table, by its entry; others are faults.
  absl::Status Table(const toml::node& node, absl::string_view what,
                     const std::vector<Entry>& entries) const {
    const toml::table* const table = node.as_table();
    if (table == nullptr) return Wrong(node, "this must be a table");
    for (const auto& [key, value] : *table) {
      const absl::string_view word = View(key.str());
      const auto entry = absl::c_find_if(
          entries, [&](const Entry& e) { return e.key == word; });
      if (entry == entries.end()) {
        return Wrong(
            key.source(),
            absl::StrCat("'", word, "' is not ", what, "; those are ",
                         absl::StrJoin(entries, ", ",
                                       [](std::string* out, const Entry& e) {
                                         absl::StrAppend(out, e.key);
                                       })));
      }
      RETURN_IF_ERROR(entry->read(value));
    }
    return absl::OkStatus();
  }

  absl::Status Each(const toml::node& node, const Read1& read) const {
    const toml::array* const array = node.as_array();
    if (array == nullptr) return Wrong(node, "this must be a list");
    for (const toml::node& element : *array) RETURN_IF_ERROR(read(element));
    return absl::OkStatus();
  }

  absl::Status Text(const toml::node& node, std::string* out) const {
    if (!node.is_string()) return Wrong(node, "this must be a text");
    *out = node.as_string()->get();
    if (out->empty()) return Wrong(node, "this text is empty");
    return absl::OkStatus();
  }

  absl::Status Texts(const toml::node& node,
                     std::vector<std::string>* out) const {
    return Each(node, [&](const toml::node& element) {
      std::string text;
      RETURN_IF_ERROR(Text(element, &text));
      out->push_back(std::move(text));
      return absl::OkStatus();
    });
  }

  // One text or a list.
  absl::Status OneOrMore(const toml::node& node, Globs* out) const {
    std::vector<std::string> texts(1);
    if (node.is_string()) {
      RETURN_IF_ERROR(Text(node, &texts[0]));
    } else {
      texts.clear();
      RETURN_IF_ERROR(Texts(node, &texts));
    }
    *out = Globs(std::move(texts));
    return absl::OkStatus();
  }

  absl::Status SomeGlobs(const toml::node& node,
                         std::optional<Globs>* out) const {
    return OneOrMore(node, &out->emplace());
  }

  absl::Status Names(const toml::node& node,
                     std::optional<absl::btree_set<std::string>>* out) const {
    std::vector<std::string> texts;
    RETURN_IF_ERROR(Texts(node, &texts));
    out->emplace();
    for (const std::string& text : texts) {
      (*out)->insert(absl::AsciiStrToLower(text));
    }
    return absl::OkStatus();
  }

  absl::Status Level(const toml::node& node, Severity* out) const {
    std::string word;
    RETURN_IF_ERROR(Text(node, &word));
    const std::optional<Severity> severity = ParseSeverity(word);
    if (!severity.has_value()) {
      return Wrong(node, absl::StrCat("'", word,
                                      "' is not error, warning, note or off"));
    }
    *out = *severity;
    return absl::OkStatus();
  }

  absl::Status FailOn(const toml::node& node, Severity* out) const {
    RETURN_IF_ERROR(Level(node, out));
    if (*out == Severity::kOff) {
      return Wrong(node, "fail-on is error, warning or note");
    }
    return absl::OkStatus();
  }

  absl::Status Code(const toml::source_region& where, absl::string_view text,
                    const FindingRow** rule) const {
    *rule = FindRule(absl::AsciiStrToUpper(text));
    if (*rule == nullptr) {
      return Wrong(where, absl::StrCat("'", text, "' is no code of check"));
    }
    if ((*rule)->Is(FindingRow::kNothingLifts)) {
      return Wrong(where, absl::StrCat((*rule)->code_name,
                                       " cannot be lifted: ", (*rule)->title));
    }
    return absl::OkStatus();
  }

  absl::Status Rules(const toml::node& node, Policy* policy) const {
    const toml::table* const table = node.as_table();
    if (table == nullptr) return Wrong(node, "this must be a table");
    for (const auto& [key, value] : *table) {
      const FindingRow* rule = nullptr;
      RETURN_IF_ERROR(Code(key.source(), View(key.str()), &rule));
      RETURN_IF_ERROR(Level(value, &policy->severity[rule->code]));
    }
    return absl::OkStatus();
  }

  absl::Status Number(const toml::node& node, double least, double most,
                      absl::string_view what, double* out) const {
    const std::optional<double> number = node.value<double>();
    if (!node.is_number() || !number.has_value() || !(*number >= least) ||
        !(*number <= most)) {
      return Wrong(node, absl::StrCat("this must be ", what));
    }
    *out = *number;
    return absl::OkStatus();
  }

  absl::Status Whole(const toml::node& node, double most,
                     absl::string_view what, double* out) const {
    if (!node.is_integer())
      return Wrong(node, absl::StrCat("this must be ", what));
    return Number(node, 0, most, what, out);
  }

  absl::Status Thresholds(const toml::node& node, Policy* policy) const {
    double share = policy->delete_share;
    RETURN_IF_ERROR(Table(
        node, "a threshold",
        {{"delete-share",
          [&](const toml::node& n) {
            return Whole(n, 100, "a whole number of percent, 0 to 100", &share);
          }},
         {"raise-factor", [&](const toml::node& n) {
            return Number(n, 1, 1e9, "a number from 1 on",
                          &policy->raise_factor);
          }}}));
    policy->delete_share = static_cast<int>(share);
    return absl::OkStatus();
  }

  absl::Status Protected(const toml::node& node, Policy* policy) const {
    return Table(
        node, "protected",
        {{"accounts", To(&Reader::OneOrMore, &policy->protected_accounts)},
         {"users", To(&Reader::OneOrMore, &policy->protected_users)}});
  }

  absl::Status Keys(const toml::node& node, bool account,
                    std::vector<Key>* out) const {
    return Each(node, [&](const toml::node& element) {
      std::string word;
      RETURN_IF_ERROR(Text(element, &word));
      const KeyMatch match = FindKey(word, /*qos_line=*/false);
      const Scope wanted = account ? Scope::kAccount : Scope::kUser;
      const bool found = match.result == KeyMatch::Result::kFound;
      const Scope scope = found ? Info(match.key).scope : Scope::kQos;
      if (!found || !(scope == wanted || scope == Scope::kAssoc ||
                      (!account && scope == Scope::kUserAssoc))) {
        return Wrong(element, absl::StrCat("'", word, "' is no option of ",
                                           account ? "an account" : "a user"));
      }
      out->push_back(match.key);
      return absl::OkStatus();
    });
  }

  absl::Status Required(const toml::node& node, Policy* policy) const {
    return Table(node, "required",
                 {{"account",
                   [&](const toml::node& n) {
                     return Keys(n, true, &policy->required_account);
                   }},
                  {"user", [&](const toml::node& n) {
                     return Keys(n, false, &policy->required_user);
                   }}});
  }

  absl::Status Pattern(const toml::node& node,
                       std::optional<NamePattern>* out) const {
    std::string text;
    RETURN_IF_ERROR(Text(node, &text));
    absl::StatusOr<NamePattern> pattern = NamePattern::Make(text);
    if (!pattern.ok()) return Wrong(node, pattern.status().message());
    *out = *std::move(pattern);
    return absl::OkStatus();
  }

  absl::Status Patterns(const toml::node& node, Policy* policy) const {
    return Table(node, "a kind of name",
                 {{"account", To(&Reader::Pattern, &policy->account_names)},
                  {"user", To(&Reader::Pattern, &policy->user_names)},
                  {"qos", To(&Reader::Pattern, &policy->qos_names)}});
  }

  absl::Status Known(const toml::node& node, Policy* policy) const {
    return Table(node, "a kind of thing",
                 {{"qos", To(&Reader::Names, &policy->known_qos)},
                  {"partitions", To(&Reader::Names, &policy->known_partitions)},
                  {"tres", To(&Reader::Names, &policy->known_tres)}});
  }

  absl::Status Missing(const toml::node& node, absl::string_view key) const {
    return Wrong(node, absl::StrCat("'", key, "' is missing here"));
  }

  absl::Status Allow(const toml::node& node, Policy* policy) const {
    return Each(node, [&](const toml::node& element) {
      Policy::AllowQos allow;
      std::optional<Globs> qos;
      RETURN_IF_ERROR(Table(element, "a key of allow-qos",
                            {{"under", To(&Reader::OneOrMore, &allow.under)},
                             {"qos", To(&Reader::SomeGlobs, &qos)}}));
      if (allow.under.empty()) return Missing(element, "under");
      if (!qos.has_value()) return Missing(element, "qos");
      allow.qos = *std::move(qos);
      policy->allow_qos.push_back(std::move(allow));
      return absl::OkStatus();
    });
  }

  absl::Status Owners(const toml::node& node, Policy* policy) const {
    return Each(node, [&](const toml::node& element) {
      Policy::Owner owner;
      RETURN_IF_ERROR(
          Table(element, "a key of owners",
                {{"under", To(&Reader::OneOrMore, &owner.under)},
                 {"coordinators", To(&Reader::SomeGlobs, &owner.coordinators)},
                 {"authors", To(&Reader::SomeGlobs, &owner.authors)}}));
      if (owner.under.empty()) return Missing(element, "under");
      policy->owners.push_back(std::move(owner));
      return absl::OkStatus();
    });
  }

  absl::Status Fairshare(const toml::node& node, Policy* policy) const {
    return Each(node, [&](const toml::node& element) {
      Policy::FairshareSum rule;
      double sum = -1;
      RETURN_IF_ERROR(Table(element, "a key of fairshare",
                            {{"account", To(&Reader::OneOrMore, &rule.account)},
                             {"sum", [&](const toml::node& n) {
                                return Whole(n, 4294967295.0, "a whole number",
                                             &sum);
                              }}}));
      if (rule.account.empty()) return Missing(element, "account");
      if (sum < 0) return Missing(element, "sum");
      rule.sum = static_cast<uint64_t>(sum);
      policy->fairshare.push_back(std::move(rule));
      return absl::OkStatus();
    });
  }

  absl::Status Suppress(const toml::node& node, Policy* policy) const {
    return Each(node, [&](const toml::node& element) {
      Policy::Suppression entry;
      const FindingRow* rule = nullptr;
      RETURN_IF_ERROR(Table(element, "a key of suppress",
                            {{"code",
                              [&](const toml::node& n) {
                                std::string text;
                                RETURN_IF_ERROR(Text(n, &text));
                                return Code(n.source(), text, &rule);
                              }},
                             {"rows", To(&Reader::OneOrMore, &entry.rows)},
                             {"reason", To(&Reader::Text, &entry.reason)}}));
      if (rule == nullptr) return Missing(element, "code");
      if (entry.rows.empty()) return Missing(element, "rows");
      if (entry.reason.empty()) return Missing(element, "reason");
      entry.code = rule->code;
      policy->suppress.push_back(std::move(entry));
      return absl::OkStatus();
    });
  }

  const absl::string_view name_;
};

}  // namespace

absl::StatusOr<Policy> ParsePolicy(absl::string_view name,
                                   absl::string_view text) {
  if (const absl::Status status = CheckTomlShape(text); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", status.message()));
  }
  const Reader reader(name);
  const std::string document(text);
  const toml::parse_result parsed = toml::parse(document);
  if (!parsed) {
    return reader.Wrong(parsed.error().source(),
                        View(parsed.error().description()));
  }
  return reader.Read(parsed.table());
}

}  // namespace assocsync
