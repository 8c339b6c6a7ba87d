#include "engine/restore/names.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/backup/client_tool.h"
#include "engine/base/status.h"
#include "engine/restore/survey.h"

namespace assocsync {
namespace {

constexpr absl::string_view kShadowEnd = "_assocsync_new";
constexpr absl::string_view kKeptEnd = "_assocsync_old_";
constexpr absl::string_view kStamp = "%Y%m%d_%H%M%S";
constexpr size_t kStampSize = 15;
constexpr size_t kLongestName = 64;  // in characters; the server's own limit

std::string Qualified(absl::string_view database, absl::string_view table) {
  return absl::StrCat(SqlName(database), ".", SqlName(table));
}

// The note in database `name`, which has the table.
absl::StatusOr<Note> ReadNote(Database& server, absl::string_view name) {
  ASSIGN_OR_RETURN(
      const std::vector<Database::Row> rows,
      server.Query(absl::StrCat(
          "SELECT of_database, purpose, made, source, run_folder FROM ",
          Qualified(name, kNoteTable))));
  Note note;
  if (rows.size() != 1 || rows[0].size() != 5) return note;
  note.database = rows[0][0].value_or("");
  note.purpose = rows[0][1].value_or("");
  note.made = rows[0][2].value_or("");
  note.source = rows[0][3].value_or("");
  note.folder = rows[0][4].value_or("");
  return note;
}

// All that is called as kept ones are, whoever made it.
absl::StatusOr<std::vector<OwnDatabase>> NamedKept(Database& server,
                                                   absl::string_view database) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, DatabaseNames(server));
  std::vector<OwnDatabase> named;
  for (const std::string& name : names) {
    if (!IsKeptName(database, name)) continue;
    ASSIGN_OR_RETURN(named.emplace_back(), LookAtOwn(server, name, database));
  }
  return named;
}

}  // namespace

std::string ShadowName(absl::string_view database) {
  return absl::StrCat(database, kShadowEnd);
}

std::string KeptName(absl::string_view database, absl::Time now) {
  return absl::StrCat(
      database, kKeptEnd,
      absl::FormatTime(std::string(kStamp), now, absl::UTCTimeZone()));
}

bool IsKeptName(absl::string_view database, absl::string_view name) {
  if (!absl::ConsumePrefix(&name, absl::StrCat(database, kKeptEnd)) ||
      name.size() != kStampSize) {
    return false;
  }
  for (size_t i = 0; i < name.size(); ++i) {
    if (i == 8 ? name[i] != '_' : !absl::ascii_isdigit(name[i])) return false;
  }
  return true;
}

absl::Status CheckRestorable(absl::string_view database) {
  RETURN_IF_ERROR(CheckDatabaseName(database));
  const size_t longest = kLongestName - kKeptEnd.size() - kStampSize;
  if (database.size() <= longest) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "database ", database, ": its name has more than ", longest,
      " bytes; no room is left for the names of the databases beside it"));
}

absl::Status MakeOwnDatabase(Database& server, absl::string_view name,
                             const Note& note) {
  RETURN_IF_ERROR(
      server.Execute(absl::StrCat("CREATE DATABASE ", SqlName(name))));
  // In one statement: a note that is there is whole.
  return server.Execute(
      absl::StrCat("CREATE TABLE ", Qualified(name, kNoteTable),
                   " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 AS SELECT ",
                   SqlString(note.database), " AS of_database, ",
                   SqlString(note.purpose), " AS purpose, ",
                   SqlString(note.made), " AS made, ", SqlString(note.source),
                   " AS source, ", SqlString(note.folder), " AS run_folder"));
}

uint64_t OwnDatabase::bytes() const {
  uint64_t sum = 0;
  for (const TableSize& table : tables) {
    sum += table.data_bytes + table.index_bytes;
  }
  return sum;
}

absl::StatusOr<OwnDatabase> LookAtOwn(Database& server, absl::string_view name,
                                      absl::string_view database) {
  OwnDatabase own;
  own.name = std::string(name);
  ASSIGN_OR_RETURN(Contents contents, LookAt(server, name));
  if (!contents.exists) return own;
  own.ownership = Ownership::kForeign;
  own.tables = std::move(contents.tables);
  const auto is_note = [](const TableSize& t) { return t.name == kNoteTable; };
  const auto note = absl::c_find_if(own.tables, is_note);
  if (note == own.tables.end()) {
    if (own.tables.empty() && contents.views.empty() &&
        contents.obstacles.empty() && !contents.has_routines) {
      own.ownership = Ownership::kEmpty;
    }
    return own;
  }
  own.tables.erase(note);
  ASSIGN_OR_RETURN(own.note, ReadNote(server, name));
  if (own.note.database == database) {
    own.ownership = Ownership::kOurs;
  } else if (own.note.database.empty() && own.tables.empty()) {
    own.ownership = Ownership::kEmpty;  // The server died while making it.
  }
  return own;
}

absl::StatusOr<std::vector<OwnDatabase>> KeptDatabases(
    Database& server, absl::string_view database) {
  ASSIGN_OR_RETURN(std::vector<OwnDatabase> kept, NamedKept(server, database));
  std::erase_if(kept, [](const OwnDatabase& own) {
    return own.ownership != Ownership::kOurs || own.tables.empty();
  });
  return kept;
}

absl::Status DropOwn(Database& server, absl::string_view name,
                     absl::string_view database) {
  ASSIGN_OR_RETURN(const OwnDatabase own, LookAtOwn(server, name, database));
  if (own.ownership == Ownership::kAbsent) return absl::OkStatus();
  if (own.ownership != Ownership::kForeign) {
    return Annotate(
        server.Execute(absl::StrCat("DROP DATABASE ", SqlName(name))),
        absl::StrCat("dropping ", name));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "database ", name,
      " was not made by assocsync (it has no note that says so); rename or "
      "drop it by hand if it is not needed"));
}

absl::Status DropLeftovers(Database& server, absl::string_view database) {
  RETURN_IF_ERROR(DropOwn(server, ShadowName(database), database));
  ASSIGN_OR_RETURN(const auto kept, NamedKept(server, database));
  for (const OwnDatabase& own : kept) {
    if (own.ownership != Ownership::kForeign && own.tables.empty()) {
      RETURN_IF_ERROR(DropOwn(server, own.name, database));
    }
  }
  return absl::OkStatus();
}

}  // namespace assocsync
