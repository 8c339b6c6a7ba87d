// Lines -> drafts of the tree. Knows which option may stand where and what a
// file may say only once.
#ifndef ASSOCSYNC_ENGINE_CFG_BUILDER_H_
#define ASSOCSYNC_ENGINE_CFG_BUILDER_H_

#include <bitset>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "engine/base/name_set.h"
#include "engine/cfg/drafts.h"
#include "engine/cfg/errors.h"
#include "engine/cfg/lexer.h"
#include "engine/cfg/recall.h"
#include "engine/cfg/values.h"

namespace assocsync::cfg {

class Builder {
 public:
  struct Style {
    Origin origin;
    bool fold_users;
    bool by_hand;  // See ParseOptions.
  };
  Builder(const Style& style, Lexer* lexer, Errors* errors);

  // About so many lines there will be. What is not used of the room for them
  // takes no memory, and nothing is copied as it fills.
  void Expect(size_t lines) {
    drafts_.users.reserve(lines);
    drafts_.rows.reserve(lines);
  }
  // Those of ParseOptions.
  void Use(Recall* keep, const Recall* recall) {
    keep_ = keep;
    recall_ = recall;
  }
  void Add(const LexedLine& line);
  // Takes the lexer's next line as what it is known to say. False: it has to be
  // read, and nothing was done.
  bool AddKnown();
  // After the last line.
  void Finish();

  Drafts TakeDrafts() { return std::move(drafts_); }

 private:
  void AddCluster(const LexedLine& line, Name name);
  void AddParent(const LexedLine& line, Name name);
  void AddAccount(const LexedLine& line, Name name);
  void AddUser(const LexedLine& line);
  // A line of which only the ending may need to be read: a user's name in
  // quotes that is what it says, and what stands behind it.
  struct PlainLine {
    const char* at = nullptr;  // Where it begins.
    absl::string_view whole;   // With its newline; empty: it is another line.
    absl::string_view name, ending;
    uint32_t hash = 0;  // Of the ending.
  };
  PlainLine Look(absl::string_view rest) const;
  bool AddRecalled();
  bool AddByEnding();
  const Recall& known() const { return recall_ != nullptr ? *recall_ : *keep_; }
  bool AddKnown(absl::string_view line, Name name, const Recall::Ending& says);
  void Keep(const LexedLine& line, const UserDraft& user, const RowDraft& row);
  void PassRecalled(Name user);
  void AddQos(const LexedLine& line, Name name);
  void NeedsCluster();

  // options.cc. Where the options of a line go, by their scope.
  struct Sinks {
    Fields* record = nullptr;  // Cluster, account or QOS record.
    Fields* limits = nullptr;
    UserDraft* user = nullptr;
    Name* partition = nullptr;
  };
  void AddOptions(const LexedLine& line, Scope scope, const Sinks& sinks);
  void AddOption(const LexedLine& line, size_t index, Scope scope,
                 const Sinks& sinks);
  void AddPartition(const LexedLine& line, const LexedOption& option,
                    Name* partition);
  void AddToUser(const LexedLine& line, const LexedOption& option, Key key,
                 const Meaning& value, UserDraft* user);
  void AddDefaultByHand(Name account, UserDraft* user);
  void AddAccountAgain(const LexedLine& line, uint32_t account);
  // What by hand is a note and else an error. False, to return.
  bool Odd(size_t at, std::string message,
           Errors::Kind kind = Errors::Kind::current());
  bool Understood(const LexedLine& line, const LexedOption& option,
                  Scope scope);
  absl::StatusOr<Meaning> ValueOf(const LexedLine& line,
                                  const LexedOption& option);
  absl::StatusOr<Meaning> MergedTres(const LexedLine& line, size_t index);
  absl::StatusOr<Meaning> MergedQos(const LexedLine& line, size_t index);
  void AddDefaultWckey(UserDraft* user);

  uint32_t Line() const { return static_cast<uint32_t>(lexer_->line()); }
  void Fail(size_t at, std::string message,
            Errors::Kind kind = Errors::Kind::current()) {
    errors_->Add(lexer_->At(at), std::move(message), kind);
  }

  const Origin origin_;
  const bool fold_users_;
  const bool by_hand_;
  Lexer* const lexer_;
  Errors* const errors_;
  Values values_;
  Recall* keep_ = nullptr;
  const Recall* recall_ = nullptr;
  size_t recalled_ = 0;  // The line of recall_ that likely comes next.
  PlainLine ahead_;      // The last that Look saw.
  Drafts drafts_;

  uint32_t cluster_line_ = 0;       // 0: none yet.
  uint32_t first_object_line_ = 0;  // That needs a Cluster line before it.
  uint32_t parent_ = 0;             // In drafts_.accounts.
  Place parent_place_;
  bool parent_is_empty_ = false;  // Nothing stands under it yet.
  // Options of this line, a bit each: keys and then Partition, and aliases of
  // keys.
  std::bitset<kKeyCount + 1> given_, aliased_;
  // Of this line: where its DefaultAccount stands, and whether what it says
  // depends on the lines before it.
  uint32_t default_column_ = 0;
  bool leans_ = false;
  FieldList record_, limits_;  // What they say, but for a user's record.
  absl::flat_hash_map<Name, uint32_t> account_ids_;  // In drafts_.accounts.
  NameMap<uint32_t> user_ids_;  // Folded name; as RowDraft::user.
};

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_BUILDER_H_
