
#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/model/value.h"
#include "engine/slurm/commands.h"

namespace assocsync::slurm {

Args::Args(const std::vector<Setting>& settings) {
  for (const Setting& setting : settings) {
    args_.push_back({&setting, absl::AsciiStrToLower(setting.key), false});
  }
}

const Setting* Args::Take(absl::string_view key) {
  for (Arg& arg : args_) {
    if (arg.taken || arg.key != key) continue;
    if (arg.setting->op != Setting::Op::kSet) return nullptr;
    arg.taken = true;
    return arg.setting;
  }
  return nullptr;
}

Verdict Args::TakeLimits(const SlurmdbdTables& db, bool users,
                         LimitChanges* limits) {
  for (Arg& arg : args_) {
    if (arg.taken || !LimitChanges::IsLimit(arg.key)) continue;
    arg.taken = true;
    if (const Verdict v = limits->Add(db, *arg.setting, users); !v.ok()) {
      return v;
    }
  }
  return {};
}

Verdict Args::Finish() const {
  for (const Arg& arg : args_) {
    if (!arg.taken) {
      return Unknown(absl::StrCat("the model does not know '", arg.setting->key,
                                  "' here"));
    }
  }
  return {};
}

Verdict ParseNames(const SlurmdbdTables& db, NameKind kind,
                   absl::string_view list, std::vector<Name>* names) {
  bool odd = false;  // Among those of the list.
  for (const absl::string_view text : absl::StrSplit(list, ',')) {
    if (text.empty()) return Unknown("an empty name in a list");
    if (const auto why = WhyNotAddressable(text); !why.empty()) {
      return Unknown(absl::StrCat("'", text, "' ", why));
    }
    const Name name(text);
    if (kind == SlurmdbdTables::NameKind::kPartition && HoldsBackslash(text)) {
      return Unknown("a partition with a backslash");
    }
    if (kind == SlurmdbdTables::NameKind::kAccount &&
        (HoldsBackslash(text) || db.HasBackslash({Name(), {name, {}, {}}}))) {
      return Unknown(absl::StrCat("'", text,
                                  "' or an account above it holds a backslash, "
                                  "on which slurmdbd hangs"));
    }
    if (FoldName(text) != text &&
        (kind != SlurmdbdTables::NameKind::kUser || !db.HasUserRecord(name))) {
      return Unknown(absl::StrCat("'", text, "' is not lower case"));
    }
    // Where names in one command are one to MariaDB, the last alone gets a row.
    odd = odd || !IsPlainName(text);
    if (db.IsAmbiguous(kind, name) ||
        (odd && absl::c_any_of(*names, [&](Name before) {
           return MayCollate(text, before.view());
         }))) {
      return Unknown(
          absl::StrCat("MariaDB may take '", text, "' for another name"));
    }
    if (!absl::c_linear_search(*names, name)) names->push_back(name);
  }
  return {};
}

Verdict ParsePartitions(const SlurmdbdTables& db, absl::string_view list,
                        std::vector<Name>* names) {
  if (!list.empty()) {
    return ParseNames(db, NameKind::kPartition, list, names);
  }
  *names = {Name()};
  return {};
}

Verdict ParseOne(const SlurmdbdTables& db, NameKind kind,
                 absl::string_view text, absl::string_view what, Name* name) {
  std::vector<Name> names;
  Verdict v = ParseNames(db, kind, text, &names);
  if (v.ok() && names.size() != 1) {
    v = Unknown(absl::StrCat("several ", what));
  }
  if (v.ok()) *name = names[0];
  return v;
}

Verdict CheckReadBack(const std::vector<Name>& names) {
  for (const Name name : names) {
    if (!HoldsBackslash(name.view())) continue;
    return Unknown(
        absl::StrCat("slurmdbd takes the backslash of '", name.view(),
                     "' for an escape here, and another name for it"));
  }
  return {};
}

Verdict CheckCluster(const SlurmdbdTables& db, const Setting* cluster) {
  if (cluster == nullptr) {
    return db.has_other_clusters()
               ? Unknown("without cluster= it is about all clusters")
               : Verdict{};
  }
  if (FoldName(cluster->value) != FoldName(db.tree().cluster.view())) {
    return Unknown("it is about another cluster");
  }
  return {};
}

void Touch(Outcome* outcome, What what, const RowRef& row, How how) {
  outcome->touched.push_back({what, row.cluster, row.key, how});
}

}  // namespace assocsync::slurm
