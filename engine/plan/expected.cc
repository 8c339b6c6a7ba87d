#include "engine/plan/expected.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/plan/take_back.h"
#include "engine/slurm/limits.h"

namespace assocsync {
namespace {

class Builder {
 public:
  Builder(const DatabaseState& live, Tree target, const Behaviour& behaviour)
      : live_(live),
        behaviour_(behaviour),
        target_lists_qos_(target.lists_qos) {
    out_.tree = std::move(target);
    out_.tree.cluster = live.tree.cluster;
  }

  ExpectedTree Build() {
    Texts();
    Qos();
    Cluster();
    Accounts();
    Users();
    Rows();
    Unsaid();
    Rights();
    NotAddressable();
    return std::move(out_);
  }

 private:
  void Tell(FindingCode code, std::string message,
            std::vector<std::string> rows = {}) {
    out_.findings.push_back(
        MakeFinding(code, std::move(message), std::move(rows)));
  }
  void Cannot(FindingCode code, std::string row, std::string message) {
    AddFinding(MakeFinding(code, std::move(message), {std::move(row)}),
               &out_.findings);
  }
  void Cannot(std::string row, std::string message) {
    Cannot(kCannotRestore, std::move(row), std::move(message));
  }

  // Of what the release knows no word of, live's stays; of a set, the rest is
  // done. `row`: a function that returns its name.
  template <typename F>
  void UnknownWords(const Fields* live, F row, Fields* target) {
    const Release& words = behaviour_.words;
    for (const Field& f : Fields(*target)) {
      const auto unknown =
          UnknownTo(words.series, words.point, f.key, f.value.view());
      if (unknown.empty()) continue;
      const Name* const have = live == nullptr ? nullptr : live->Find(f.key);
      if (have != nullptr && *have == f.value) continue;
      const KeyInfo& info = Info(f.key);
      Cannot(
          row(),
          absl::StrCat(
              "cannot restore: ", info.name, unknown[0] == info.name ? "" : "=",
              unknown[0] == info.name ? "" : absl::StrJoin(unknown, ","),
              ", which Slurm ", words.ToString(), " does not know"));
      std::vector<absl::string_view> rest;
      if (info.kind == Kind::kFlags) {
        for (const absl::string_view word : Elements(f.value.view())) {
          if (!absl::c_linear_search(unknown, word)) {
            rest.push_back(word);
          }
        }
      }
      if (!rest.empty()) {
        target->Set(f.key, Name(JoinElements(rest)));
      } else if (have != nullptr && info.kind != Kind::kFlags) {
        target->Set(f.key, *have);
      } else {
        target->Erase(f.key);
      }
    }
  }

  // A text is stored in lower case and without quotes, whatever is asked for.
  // Where live holds it in another way (slurmdbd's own, or through REST), the
  // difference is none.
  static void Texts(const Fields* live, Fields* target) {
    for (const Key key : {Key::kDescription, Key::kOrganization, Key::kComment,
                          Key::kQosDescription}) {
      const Name* const want = target->Find(key);
      if (want == nullptr) continue;
      const std::string stored = CanonicalText(want->view());
      const Name* const have = live == nullptr ? nullptr : live->Find(key);
      const bool same =
          have != nullptr && CanonicalText(have->view()) == stored;
      target->Set(key, same ? *have : Name(stored));
    }
  }

  void Texts() {
    const auto records = [](const auto& live, auto* target) {
      for (auto& [name, record] : *target) {
        Texts(FieldsIn(live, name), &record.fields);
      }
    };
    records(live_.tree.accounts, &out_.tree.accounts);
    records(live_.tree.qos, &out_.tree.qos);
  }

  void Qos() {
    Tree& tree = out_.tree;
    if (tree.lists_qos && live_.tree.lists_qos) {
      KeepNormal();
      WithoutCommand();
      for (auto& [name, record] : tree.qos) {
        UnknownWords(
            FieldsIn(live_.tree.qos, name),
            [&, n = name] { return absl::StrCat("QOS ", n.view()); },
            &record.fields);
      }
      return;
    }
    if (tree.lists_qos) {
      Tell(kQosNotCompared,
           "the target defines QOS, which the live source does not list: QOS "
           "definitions are left as they are");
    }
    tree.lists_qos = live_.tree.lists_qos;
    tree.qos = live_.tree.qos;
  }

  // Slurm's own: slurmdbd makes it anew at each start, and gives new clusters a
  // list with its old id.
  void KeepNormal() {
    static const Name* const normal = new Name("normal");
    const auto live = live_.tree.qos.find(*normal);
    if (live == live_.tree.qos.end() || !out_.tree.qos.insert(*live).second) {
      return;
    }
    Tell(kKept,
         "the QOS normal stays, though the target does not have it: it is "
         "Slurm's own",
         {"QOS normal"});
  }

  // slurmdbd takes a LimitFactor of 0 for no change (seen on 22.05, 24.11 and
  // 26.05); an explicit off is `unknown` to dump and has no word at all.
  void WithoutCommand() {
    static constexpr struct {
      Key key;
      absl::string_view value, message;
    } kCases[] = {
        {Key::kQosLimitFactor, "0",
         "cannot restore: a LimitFactor of 0, which slurmdbd takes for no "
         "change"},
        {Key::kQosPreemptMode, "unknown",
         "cannot restore: the PreemptMode that dumps call unknown; sacctmgr "
         "has no word for it"},
    };
    for (auto& [name, record] : out_.tree.qos) {
      const Fields* const live = FieldsIn(live_.tree.qos, name);
      for (const auto& c : kCases) {
        const Name* const want = record.fields.Find(c.key);
        if (want == nullptr || !HasElement(want->view(), c.value)) continue;
        const Name* const have = live == nullptr ? nullptr : live->Find(c.key);
        if (have != nullptr && *have == *want) continue;
        Cannot(absl::StrCat("QOS ", name.view()), std::string(c.message));
        slurm::SetOrErase(c.key, have == nullptr ? Name() : *have,
                          &record.fields);
      }
    }
  }

  void Cluster() {
    const Name live = live_.tree.cluster_fields.Get(Key::kClassification);
    const Name target = out_.tree.cluster_fields.Get(Key::kClassification);
    if (live.empty() || !target.empty()) return;
    Cannot(
        absl::StrCat("cluster ", out_.tree.cluster.view()),
        absl::StrCat("cannot restore: Classification '", live.view(),
                     "' cannot be cleared (sacctmgr has no command for it)"));
    out_.tree.cluster_fields = live_.tree.cluster_fields;
  }

  // What `add account` would store where the target does not say.
  void Accounts() {
    for (auto& [name, record] : out_.tree.accounts) {
      const Fields* const in_tree = FieldsIn(live_.tree.accounts, name);
      const Fields* const known =
          in_tree != nullptr ? in_tree : FieldsIn(live_.accounts, name);
      for (const Key key : {Key::kDescription, Key::kOrganization}) {
        if (record.fields.Has(key)) continue;
        if (known != nullptr) {
          if (const Name* const value = known->Find(key)) {
            record.fields.Set(key, *value);
          }
        } else if (key == Key::kOrganization &&
                   behaviour_.organization_is_parent) {
          const auto row = out_.tree.associations.find(AssocKey{name, {}, {}});
          // Under root it is the own name (seen on 20.11 and 22.05).
          if (row != out_.tree.associations.end()) {
            record.fields.Set(key, row->second.parent == RootName()
                                       ? name
                                       : row->second.parent);
          }
        } else {
          record.fields.Set(key, name);
        }
      }
    }
  }

  void Users() {
    Along records(live_.tree.users);
    for (auto& [name, record] : out_.tree.users) {
      const Record* const user = records.Find(name);
      const Fields* const live = user == nullptr ? nullptr : &user->fields;
      DefaultWckey(name, live, &record.fields);
      if (record.fields.Has(Key::kDefaultAccount) ||
          live_.allows_no_default_account) {
        continue;
      }
      const Name now =
          live == nullptr ? Name() : live->Get(Key::kDefaultAccount);
      if (live != nullptr && now.empty()) continue;
      Cannot(absl::StrCat("user ", name.view()),
             "cannot restore: a user without a default account (slurmdbd "
             "always gives one, unless AllowNoDefAcct=yes)");
      // Keep what is, if it stays a row of the user; else any that stays.
      const std::vector<Name>& accounts = AccountsOf(name);
      const bool stays = absl::c_linear_search(accounts, now);
      const Name keep = stays || accounts.empty() ? now : accounts.front();
      record.fields.Set(Key::kDefaultAccount, keep);
    }
  }

  // A user with WCKeys has a default one, unless it was deleted (and no command
  // brings that back).
  void DefaultWckey(Name user, const Fields* live, Fields* target) {
    const Name list = target->Get(Key::kWckeys);
    if (list.empty() || target->Has(Key::kDefaultWckey)) return;
    if (live != nullptr && live->Get(Key::kWckeys) == list &&
        !live->Has(Key::kDefaultWckey)) {
      return;
    }
    const std::vector<absl::string_view> all = Elements(list.view());
    const Name now = live == nullptr ? Name() : live->Get(Key::kDefaultWckey);
    const bool stays = absl::c_linear_search(all, now.view());
    target->Set(Key::kDefaultWckey, stays ? now : Name(all[0]));
    Cannot(absl::StrCat("user ", user.view()),
           "cannot restore: WCKeys without a default one");
  }

  const std::vector<Name>& AccountsOf(Name user) {
    if (accounts_of_.empty()) {
      for (const auto& [key, row] : out_.tree.associations) {
        if (!key.is_account()) accounts_of_[key.user].push_back(key.account);
      }
    }
    return accounts_of_[user];
  }

  void Rows() {
    static const Name* const empty = new Name();
    Along rows(live_.tree.associations);
    for (auto& [key, row] : out_.tree.associations) {
      const Association* const now = rows.Find(key);
      const Fields* const live = now == nullptr ? nullptr : &now->limits;
      if (row.limits.Has(Key::kComment)) Texts(live, &row.limits);
      if (!behaviour_.has_comment && row.limits.Has(Key::kComment)) {
        UnknownWords(
            live, [&, k = key] { return k.ToString(); }, &row.limits);
      } else if (!row.limits.Has(Key::kComment) && live != nullptr &&
                 live->Has(Key::kComment)) {
        // The text goes, but NULL does not come back (slurm-facts 4.6).
        Cannot(key.ToString(),
               absl::StrCat("cannot restore: a Comment that was never set; it "
                            "can be emptied only (is '",
                            live->Get(Key::kComment).view(), "')"));
        row.limits.Set(Key::kComment, *empty);
      }
      if (!behaviour_.dumps_qos) MinPrioThresh(key, live, &row.limits);
      const Name* const qos = row.limits.Find(Key::kQos);
      if (qos != nullptr && qos->empty()) {
        const bool same = live != nullptr && live->Has(Key::kQos) &&
                          live->Get(Key::kQos).empty();
        if (!same) {
          Cannot(key.ToString(), "cannot restore: an explicit empty QOS list");
          row.limits.Erase(Key::kQos);
          if (live != nullptr && live->Has(Key::kQos)) {
            row.limits.Set(Key::kQos, live->Get(Key::kQos));
          }
        }
      }
    }
  }

  // Before 25.05 dumps do not hold it (engine/cfg/dump_values.cc): where live
  // was read by one, what it has cannot be known, nor whether it arrived. A
  // target without QOS definitions may be a dump, and then says nothing of it;
  // what was read from the database has them on every release.
  void MinPrioThresh(const AssocKey& key, const Fields* live, Fields* want) {
    const Name* const has =
        live == nullptr ? nullptr : live->Find(Key::kMinPrioThresh);
    if (live_.complete && !live_.knows_all_options) {
      if (!want->Has(Key::kMinPrioThresh)) return;
      Cannot(key.ToString(),
             "cannot restore: MinPrioThresh (dumps of this release do not "
             "show it; --live mysql does)");
      want->Erase(Key::kMinPrioThresh);
    } else if (has != nullptr && !target_lists_qos_ &&
               !want->Has(Key::kMinPrioThresh)) {
      want->Set(Key::kMinPrioThresh, *has);
      unsaid_.push_back(absl::StrCat(key.ToString(), ": ", has->view()));
    }
  }

  void Unsaid() {
    if (unsaid_.empty()) return;
    Tell(kUnsaidKept,
         "MinPrioThresh stays as it is: dumps of this release do not print it, "
         "and the target has none",
         std::move(unsaid_));
  }

  // Rights over an account that goes, with its record: so they go too.
  void Rights() {
    absl::flat_hash_set<Name> elsewhere;
    for (const auto& [other, row] : live_.others) {
      elsewhere.insert(other.row.account);
    }
    for (auto& [name, record] : out_.tree.users) {
      const Name wanted = record.fields.Get(Key::kCoordinator);
      if (wanted.empty()) continue;
      const auto stays = [&](absl::string_view element) {
        const Name account(element);
        return out_.tree.accounts.contains(account) ||
               !live_.tree.accounts.contains(account) ||
               elsewhere.contains(account);
      };
      if (!KeepElements(Key::kCoordinator, stays, &record.fields)) continue;
      Cannot(absl::StrCat("user ", name.view()),
             absl::StrCat("cannot restore: Coordinator ", wanted.view(),
                          ", for the target does not hold all of these "
                          "accounts"));
    }
  }

  void ReportName(Name name, absl::string_view what, absl::string_view why) {
    if (!reported_.insert(absl::StrCat(what, " ", name.view())).second) return;
    Cannot(kNotAddressable, absl::StrCat(what, " ", name.view()),
           absl::StrCat("the ", what, " '", name.view(),
                        "' cannot be addressed: its name ", why));
  }

  // Rows that differ and whose names cannot be said: left as they are in live.
  void NotAddressable() {
    std::optional<TakeBack> back;  // A copy of the tree: only where needed.
    out_.changes = Diff(live_.tree, out_.tree);
    for (const Change& change : out_.changes) {
      if (change.what == Change::What::kCluster) continue;
      bool blocked = false;
      const auto check = [&](Name name, absl::string_view what) {
        if (name.empty()) return;
        const absl::string_view why = what == "account"
                                          ? WhyNoAccount(name.view())
                                          : WhyNotAddressable(name.view());
        if (why.empty()) return;
        blocked = true;
        ReportName(name, what, why);
      };
      check(change.row.account,
            change.what == Change::What::kQos ? "QOS" : "account");
      check(change.row.user, "user");
      check(change.row.partition, "partition");
      if (!blocked) continue;
      if (!back.has_value()) back.emplace(live_.tree, out_.tree);
      back->Row(change.what, change.row);
    }
    if (!back.has_value()) return;
    out_.tree = std::move(*back).Mend();
    out_.changes = Diff(live_.tree, out_.tree);
    out_.mended = true;
  }

  const DatabaseState& live_;
  const Behaviour& behaviour_;
  const bool target_lists_qos_;
  ExpectedTree out_;
  std::vector<std::string> unsaid_;
  std::set<std::string> reported_;
  std::map<Name, std::vector<Name>> accounts_of_;
};

}  // namespace

ExpectedTree ExpectedFor(const DatabaseState& live, Tree target,
                         const Behaviour& behaviour) {
  return Builder(live, std::move(target), behaviour).Build();
}

}  // namespace assocsync
