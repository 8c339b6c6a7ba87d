// What a site asks of its account tree, beyond what Slurm asks: the policy of
// `assocsync check`, a TOML file. Its schema is policy.schema.json, beside
// this.
#ifndef ASSOCSYNC_ENGINE_CHECK_POLICY_H_
#define ASSOCSYNC_ENGINE_CHECK_POLICY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/model/finding.h"
#include "engine/model/key.h"

namespace assocsync {

// Names by shell patterns: `*`, `?`, `[a-z]` (fnmatch).
class Globs {
 public:
  Globs() = default;
  explicit Globs(std::vector<std::string> patterns)
      : patterns_(std::move(patterns)) {}
  bool Match(absl::string_view name) const;
  bool empty() const { return patterns_.empty(); }
  const std::vector<std::string>& patterns() const { return patterns_; }

 private:
  std::vector<std::string> patterns_;
};

// A POSIX extended regular expression that a whole name must match, byte by
// byte.
class NamePattern {
 public:
  // kInvalidArgument: it is none, or holds an escape as `\d` that POSIX does
  // not know and that would silently mean something else, or it would take more
  // than kMaxPatternMemory.
  static absl::StatusOr<NamePattern> Make(absl::string_view text);
  bool Match(absl::string_view name) const;
  const std::string& text() const { return text_; }

 private:
  struct Compiled;
  std::string text_;
  std::shared_ptr<const Compiled> compiled_;
};

struct Policy {
  // The worst severity that still passes is one below this.
  Severity fail_on = Severity::kError;
  absl::btree_map<FindingCode, Severity> severity;

  int delete_share = 30;      // Percent of any kind of object (AS221).
  double raise_factor = 2.0;  // AS223.

  Globs protected_accounts, protected_users;  // AS231.

  std::vector<Key> required_account, required_user;                 // AS232.
  std::optional<NamePattern> account_names, user_names, qos_names;  // AS233.

  // What exists; nullopt: not known, and not checked.
  std::optional<absl::btree_set<std::string>> known_qos, known_partitions,
      known_tres;

  // These hold for the accounts that match `under` and all below them.
  struct AllowQos {
    Globs under;
    Globs qos;
  };
  std::vector<AllowQos> allow_qos;  // AS234; the innermost that fits holds.
  struct Owner {
    Globs under;
    std::optional<Globs> coordinators;  // Who may coordinate: AS235.
    std::optional<Globs> authors;       // Who may change it: AS236.
  };
  std::vector<Owner> owners;    // The innermost that says so holds.
  std::optional<Globs> admins;  // Who may have an AdminLevel: AS237.

  struct FairshareSum {
    Globs account;  // Of what is directly below these ...
    uint64_t sum;   // ... the shares add up to this. AS216.
  };
  std::vector<FairshareSum> fairshare;

  struct Suppression {
    FindingCode code{};
    Globs rows;  // As findings name them: "hep/alice".
    std::string reason;
  };
  std::vector<Suppression> suppress;

  Severity SeverityOf(const FindingRow& rule) const;
};

// kInvalidArgument "name:line:column: what is wrong" for the first fault:
// unknown keys and codes, wrong types, patterns that are none.
absl::StatusOr<Policy> ParsePolicy(absl::string_view name,
                                   absl::string_view text);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CHECK_POLICY_H_
