// Two statements for a cluster, accounts before users, in one snapshot: once
// the accounts' places are known, a user's row can be checked as it comes.
#include "engine/live/database_rows.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "engine/base/status.h"
#include "engine/live/row_places.h"

namespace assocsync {
namespace {

using absl::string_view;

// Columns of every row, in this order; the options follow.
constexpr string_view kNames =
    "id_assoc, acct, user, `partition`, parent_acct, is_def, delta_qos";
enum Place { kId, kAcct, kUser, kPartition, kParent, kIsDef, kDelta, kFirst };

using Row = absl::Span<const Database::Value>;

class RowReader {
 public:
  RowReader(const Reading& reading, string_view cluster, bool managed)
      : reading_(reading),
        cluster_(cluster),
        managed_(managed),
        places_(reading.schema.has_lineage(), managed, prefix(),
                reading.faults) {
    for (const KeyInfo& key : AllKeys()) {
      const bool needed =
          managed ? key.scope == Scope::kAssoc || key.scope == Scope::kUserAssoc
                  : key.key == Key::kQos || key.key == Key::kDefaultQos;
      if (needed && reading.schema.Has(key)) keys_.push_back(&key);
    }
  }

  absl::StatusOr<std::vector<DatabaseRow>> Run() {
    Database& database = reading_.database;
    std::string sql = absl::StrCat("SELECT ", kNames);
    for (const KeyInfo* key : keys_) {
      absl::StrAppend(&sql, ", ", SqlName(key->column));
    }
    // The last two: where the row hangs.
    absl::StrAppend(
        &sql,
        reading_.schema.has_lineage() ? ", id_parent, lineage" : ", lft, rgt",
        " FROM ", SqlName(AssocTable(cluster_)), " WHERE deleted=0 AND ");
    if (reading_.accounts()) {
      std::vector<RowSpot> spots;
      RETURN_IF_ERROR(database.ForEachRow(absl::StrCat(sql, "user=''"),
                                          [&](Row row) -> absl::Status {
                                            RETURN_IF_ERROR(Take(row));
                                            spots.push_back(spot_);
                                            return absl::OkStatus();
                                          }));
      places_.PlaceAccounts(spots, absl::MakeSpan(rows_));
    }
    RETURN_IF_ERROR(database.ForEachRow(
        absl::StrCat(sql, "user<>''", reading_.AmongUsers("user")),
        [&](Row row) -> absl::Status {
          RETURN_IF_ERROR(Take(row));
          if (reading_.accounts()) places_.PlaceUser(spot_, &rows_.back());
          return absl::OkStatus();
        }));
    return Sorted();
  }

 private:
  // Before the names of a row in messages.
  std::string prefix() const {
    return managed_ ? "" : absl::StrCat(cluster_, ": ");
  }
  std::string At(string_view id) const {
    return absl::StrCat(AssocTable(cluster_), ", id_assoc ", id);
  }
  absl::Status Take(Row from) {
    const string_view id = from[kId].value_or("");
    DatabaseRow& row = rows_.emplace_back();
    if (!absl::SimpleAtoi(id, &row.id)) {
      return absl::DataLossError(absl::StrCat(At(id), ": no number"));
    }
    const absl::Status named = TakeNames(from, &row);
    if (!named.ok()) return Annotate(named, At(id));
    FieldList limits;
    for (size_t i = 0; i < keys_.size(); ++i) {
      const KeyInfo& key = *keys_[i];
      const Database::Value raw = from[kFirst + i];
      // Dump and sacctmgr know a comment of users' rows only.
      if (key.scope == Scope::kUserAssoc && row.key.is_account()) continue;
      const auto value = key.key == Key::kQos
                             ? reading_.values->ReadQos(raw, from[kDelta])
                             : reading_.values->Read(key, raw);
      if (!value.ok()) {
        return absl::DataLossError(absl::StrCat(
            At(id), " (", row.key.ToString(), "): ", value.status().message()));
      }
      if ((*value)->set) limits.Set(key.key, (*value)->text);
      if (!(*value)->skipped.empty()) {
        reading_.faults->skipped.push_back(
            absl::StrCat(prefix(), RowInWords(row), ": ", key.name, " holds ",
                         (*value)->skipped));
      }
    }
    row.association.limits = Fields(limits);
    return TakePlace(from);
  }

  absl::StatusOr<Name> ReadName(string_view raw, bool fold) const {
    if (managed_) return NameForTree(raw, fold);
    return DatabaseName(raw, fold);
  }

  absl::Status TakeNames(Row from, DatabaseRow* row) {
    ASSIGN_OR_RETURN(row->key.account,
                     ReadName(from[kAcct].value_or(""), true));
    const string_view user = from[kUser].value_or("");
    if (!user.empty()) {
      ASSIGN_OR_RETURN(row->key.user, ReadName(user, reading_.fold_users));
      row->is_default = from[kIsDef] == "1";
    }
    const string_view partition = from[kPartition].value_or("");
    if (!partition.empty()) {
      ASSIGN_OR_RETURN(row->key.partition, ReadName(partition, true));
    }
    const string_view parent = from[kParent].value_or("");
    if (row->key.is_account() && !parent.empty()) {
      ASSIGN_OR_RETURN(row->association.parent, ReadName(parent, true));
    }
    return absl::OkStatus();
  }

  absl::Status TakePlace(Row from) {
    const Database::Value first = from[kFirst + keys_.size()];
    const Database::Value second = from[kFirst + keys_.size() + 1];
    if (reading_.schema.has_lineage()) {
      spot_.up = 0;
      if (!absl::SimpleAtoi(first.value_or("0"), &spot_.up)) {
        return absl::DataLossError("id_parent is no number");
      }
      spot_.lineage.assign(second.value_or("").data(),
                           second.value_or("").size());
    } else if (!absl::SimpleAtoi(first.value_or(""), &spot_.lft) ||
               !absl::SimpleAtoi(second.value_or(""), &spot_.rgt)) {
      return absl::DataLossError("lft or rgt is no number");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<DatabaseRow>> Sorted() {
    std::vector<uint32_t> order(rows_.size());
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
      return rows_[a].key < rows_[b].key;
    });
    std::vector<DatabaseRow> sorted;
    sorted.reserve(rows_.size());
    for (const uint32_t i : order) {
      if (!sorted.empty() && sorted.back().key == rows_[i].key) {
        return absl::DataLossError(absl::StrCat(
            AssocTable(cluster_), " holds ", rows_[i].key.ToString(),
            " twice (id_assoc ", sorted.back().id, " and ", rows_[i].id,
            "): two names that differ in upper and lower case only, or in "
            "bytes that the connection's character set cannot tell apart"));
      }
      sorted.push_back(std::move(rows_[i]));
    }
    return sorted;
  }

  const Reading& reading_;
  const string_view cluster_;
  const bool managed_;
  std::vector<const KeyInfo*> keys_;

  RowPlaces places_;
  std::vector<DatabaseRow> rows_;
  RowSpot spot_;  // Of the row that was taken last.
};

}  // namespace

std::string Reading::AmongUsers(string_view column) const {
  if (part == nullptr) return "";
  if (part->users.empty()) return " AND FALSE";
  return absl::StrCat(" AND ", column, " IN (",
                      absl::StrJoin(part->users, ",",
                                    [](std::string* out, Name name) {
                                      out->append(SqlString(name.view()));
                                    }),
                      ")");
}

Name DatabaseName(string_view raw, bool fold) {
  return fold ? Name(absl::AsciiStrToLower(raw)) : Name(raw);
}

absl::StatusOr<Name> NameForTree(string_view raw, bool fold) {
  const auto odd = [](char c) {
    return absl::ascii_iscntrl(c) || c == '\'' || c == '"';
  };
  if (raw.empty() || std::any_of(raw.begin(), raw.end(), odd)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the name '", absl::CHexEscape(raw), "' ",
        raw.empty() ? "is empty" : "holds a control character or a quote",
        ", which neither a .cfg file nor a sacctmgr command can hold; remove "
        "the row with what made it (sacctmgr or slurmrestd), then run this "
        "again"));
  }
  return DatabaseName(raw, fold);
}

absl::StatusOr<std::vector<DatabaseRow>> ReadRows(const Reading& reading,
                                                  string_view cluster,
                                                  bool managed) {
  return RowReader(reading, cluster, managed).Run();
}

}  // namespace assocsync
