#include "engine/cfg/write.h"

#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/name_set.h"
#include "engine/cfg/dump_values.h"
#include "engine/cfg/marks.h"
#include "engine/cfg/values.h"
#include "engine/model/tree.h"
#include "engine/slurm/release.h"

namespace assocsync {
namespace {

using RowIterator = absl::btree_map<AssocKey, Association>::const_iterator;

// Kinds that dump writes without quotes.
bool IsBare(Kind kind) {
  switch (kind) {
    case Kind::kCount:
    case Kind::kFairshare:
    case Kind::kMinutes:
    case Kind::kSeconds:
    case Kind::kFactor:
    case Kind::kTres:
      return true;
    default:
      return false;
  }
}

class Writer {
 public:
  Writer(const Tree& tree, const Behaviour* dump_of, bool part)
      : tree_(tree), dump_of_(dump_of), part_(part) {
    out_.reserve(tree.associations.size() * 96 + 1024);
    // Each row looks its user up: by number, not by text.
    for (const auto& [name, record] : tree.users) {
      users_[name] = &record.fields;
    }
    for (auto row = tree.associations.begin(); row != tree.associations.end();
         ++row) {
      if (row->first.is_account() && row->first.account != RootName()) {
        children_[row->second.parent].push_back(row);
      }
    }
  }

  std::string Run() {
    if (dump_of_ == nullptr) {
      absl::StrAppend(&out_, cfg::kHeaderMark,
                      part_                      ? cfg::kTitleOfPart
                      : tree_.authorship.by_hand ? cfg::kTitleByHand
                                                 : cfg::kTitle,
                      "\n", cfg::kEditNote, "\n");
    }
    if (tree_.lists_qos && (dump_of_ == nullptr || dump_of_->dumps_qos)) Qos();
    Object("Cluster", tree_.cluster);
    const RowIterator root =
        tree_.associations.find(AssocKey{RootName(), {}, {}});
    Options(tree_.cluster_fields);
    Limits(root == tree_.associations.end() ? Fields() : root->second.limits);
    Blocks();
    if (dump_of_ == nullptr) absl::StrAppend(&out_, cfg::kTrailerMark, "\n");
    return std::move(out_);
  }

 private:
  void Qos() {
    for (const auto& [name, record] : tree_.qos) {
      Object("QOS", name);
      if (dump_of_ != nullptr && !record.fields.Has(Key::kQosDescription)) {
        out_ += ":Description='(null)'";
      }
      Options(record.fields);
      out_ += '\n';
    }
  }

  // Accounts can be nested deeper than a stack can hold.
  void Blocks() {
    std::vector<Name> next = {RootName()};
    while (!next.empty()) {
      const Name account = next.back();
      next.pop_back();
      const auto users =
          tree_.associations.upper_bound(AssocKey{account, Name(), Name()});
      const bool has_users =
          users != tree_.associations.end() && users->first.account == account;
      const auto found = children_.find(account);
      if (!has_users && found == children_.end()) continue;
      Object("Parent", account);
      out_ += '\n';
      if (has_users) Users(users, account);
      if (found == children_.end()) continue;
      for (const RowIterator row : found->second) Account(row);
      for (auto row = found->second.rbegin(); row != found->second.rend();
           ++row) {
        next.push_back((*row)->first.account);
      }
    }
  }

  void Account(RowIterator row) {
    Object("Account", row->first.account);
    const auto record = tree_.accounts.find(row->first.account);
    if (record != tree_.accounts.end()) Options(record->second.fields);
    Limits(row->second.limits);
  }

  void Users(RowIterator row, Name account) {
    while (row != tree_.associations.end() && row->first.account == account) {
      if (dump_of_ != nullptr && !dump_of_->has_lineage &&
          row->first.partition.empty()) {
        const RowIterator last = row++;
        for (;
             row != tree_.associations.end() && row->first.account == account &&
             row->first.user == last->first.user;
             ++row) {
          User(row);
        }
        User(last);
      } else {
        User(row++);
      }
    }
  }

  void User(RowIterator row) {
    Object("User", row->first.user);
    if (!row->first.partition.empty()) {
      out_ += ":Partition=";
      Quoted(row->first.partition.view());
    }
    const Fields* const record = users_.Get(row->first.user);
    if (record != nullptr) {
      if (!record->Has(Key::kDefaultAccount)) {
        out_ += ":DefaultAccount='(null)'";
      }
      if (tree_.authorship.no_admin_level.contains(row->first.user)) {
        out_ += ":AdminLevel='None'";
      }
      Options(*record);
    }
    Limits(row->second.limits);
  }

  void Object(absl::string_view word, Name name) {
    out_.append(word.data(), word.size()).append(" - ");
    Quoted(name.view());
  }

  // What was written of the same options before, in `out_`: a million lines
  // have few different ones.
  struct Written {
    size_t at, size;
  };
  using WrittenBefore = absl::flat_hash_map<uint32_t, Written>;  // Fields::id.

  template <typename Write>
  void OnceOf(const Fields& fields, WrittenBefore* before, Write write) {
    const auto [at, is_new] =
        before->try_emplace(fields.id(), Written{out_.size(), 0});
    Written& written = at->second;
    if (is_new) {
      write();
      written.size = out_.size() - written.at;
    } else {
      out_.append(out_, written.at, written.size);
    }
  }

  // An association's own options, to the end of the line.
  void Limits(const Fields& limits) {
    OnceOf(limits, &limits_, [&] { WriteLimits(limits); });
  }
  void WriteLimits(const Fields& limits) {
    bool needs_fairshare = dump_of_ != nullptr;  // Which dump always writes.
    for (const Field& field : limits) {
      if (needs_fairshare && field.key > Key::kFairshare) {
        out_ += ":Fairshare=1";
      }
      needs_fairshare = needs_fairshare && field.key < Key::kFairshare;
      Option(field);
    }
    if (needs_fairshare) out_ += ":Fairshare=1";
    out_ += '\n';
  }

  void Options(const Fields& fields) {
    OnceOf(fields, &options_, [&] {
      for (const Field& field : fields) Option(field);
    });
  }

  void Option(const Field& field) {
    const KeyInfo& info = Info(field.key);
    if (dump_of_ == nullptr) {
      absl::StrAppend(&out_, ":", info.name, "=");
      // Quoted, sacctmgr load does not split gres/gpu:a100 at the colon.
      if (IsBare(info.kind) && info.kind != Kind::kTres) {
        out_.append(field.value.view().data(), field.value.view().size());
      } else {
        Quoted(field.value.view());
      }
      return;
    }
    if (!cfg::DumpHasKey(field.key, *dump_of_)) return;
    const char* const quote = IsBare(info.kind) ? "" : "'";
    absl::StrAppend(&out_, ":", info.name, "=", quote,
                    cfg::DumpValue(field.key, field.value.view(), *dump_of_),
                    quote);
  }

  // Not by StrAppend, which fills what it appends with zeros first.
  void Quoted(absl::string_view text) {
    out_ += '\'';
    if (dump_of_ == nullptr && text.find('#') != absl::string_view::npos) {
      out_ += cfg::Escape(text);
    } else {
      out_.append(text.data(), text.size());
    }
    out_ += '\'';
  }

  const Tree& tree_;
  const Behaviour* const dump_of_;  // Null: assocsync's own text.
  const bool part_;
  absl::flat_hash_map<Name, std::vector<RowIterator>> children_;
  NameMap<const Fields*> users_;
  std::string out_;
  WrittenBefore limits_, options_;
};

void FindUnwritable(const Fields& fields, absl::string_view kind,
                    absl::string_view name, std::vector<std::string>* found) {
  for (const Field& field : fields) {
    if (field.value.view().find_first_of(absl::string_view("\n\0", 2)) ==
        absl::string_view::npos) {
      continue;
    }
    found->push_back(absl::StrCat(Info(field.key).name, " of ", kind, " '",
                                  name,
                                  "' holds a line break, which a .cfg file "
                                  "cannot"));
  }
}

}  // namespace

std::string Write(const Tree& tree, const WriteOptions& options) {
  return Writer(tree,
                options.dump_of == 0 ? nullptr
                                     : &BehaviourOfSeries(options.dump_of),
                options.part)
      .Run();
}

std::vector<std::string> NotWritable(const Tree& tree) {
  std::vector<std::string> found;
  for (const auto& [name, record] : tree.qos) {
    FindUnwritable(record.fields, "QOS", name.view(), &found);
  }
  for (const auto& [name, record] : tree.accounts) {
    FindUnwritable(record.fields, "account", name.view(), &found);
  }
  for (const auto& [key, row] : tree.associations) {
    FindUnwritable(row.limits, "association", key.ToString(), &found);
  }
  return found;
}

}  // namespace assocsync
