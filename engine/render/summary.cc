#include "engine/render/summary.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "engine/model/value.h"
#include "engine/render/shown.h"

namespace assocsync {
namespace {

using Mark = Item::Mark;
using Part = Item::Section;

// Whether some number of the limit goes up, or away.
bool Rises(const FieldChange& field) {
  if (!field.from.has_value()) return false;
  if (!field.to.has_value()) return true;
  const auto to = LimitNumbers(field.key, field.to->view());
  for (const auto& [name, number] :
       LimitNumbers(field.key, field.from->view())) {
    const auto after = std::find_if(
        to.begin(), to.end(),
        [&, &name = name](const TresItem& item) { return item.first == name; });
    if (after == to.end() || after->second > number) return true;
  }
  return false;
}

Risk RiskOf(const FieldChange& field) {
  if (field.key == Key::kAdminLevel || field.key == Key::kCoordinator) {
    return Risk::kRight;
  }
  if (!IsLimit(field.key)) return Risk::kOther;
  return Rises(field) ? Risk::kRaise : Risk::kLower;
}

class Summarizer {
 public:
  std::vector<SummaryGroup> Run(const std::vector<Item>& outline) {
    for (const Item& item : outline) Add(item);
    std::stable_sort(groups_.begin(), groups_.end(),
                     [](const SummaryGroup& a, const SummaryGroup& b) {
                       if (a.risk != b.risk) return a.risk < b.risk;
                       return a.things() > b.things();
                     });
    return std::move(groups_);
  }

 private:
  // Deletes and adds of a place are one group, with the place itself; options
  // of the place and of its users are two, and rights of each user one.
  using GroupKey = std::tuple<Risk, Part, Name, bool, Name, FieldKey>;

  void Add(const Item& item) {
    switch (item.mark) {
      case Mark::kContext:
        return;
      case Mark::kRemove:
        Count(Risk::kDelete, item, {}, false);
        return;
      case Mark::kAdd:
        Count(Risk::kAdd, item, {}, false);
        break;
      case Mark::kMove:
        Count(Risk::kMove, item, {}, true).words =
            absl::StrCat("from ", ShownName(item.moved_from.view()));
        break;
      case Mark::kModify:
        // A record that comes late or goes early changes no option.
        if (item.fields.empty()) Count(Risk::kOther, item, {}, true);
        break;
    }
    for (const FieldChange* field : item.fields) {
      const Risk risk = RiskOf(*field);
      const bool comes = item.mark == Mark::kAdd;
      if (comes && risk != Risk::kRight && !field->from.has_value()) continue;
      SummaryGroup& group = Count(risk, item, KeyOf(*field), true);
      if (group.key.has_value()) continue;
      group.key = field->key;
      group.words = comes && !field->from.has_value() ? ShownAdd(*field)
                                                      : ShownModify(*field);
    }
  }

  SummaryGroup& Count(Risk risk, const Item& item, const FieldKey& what,
                      bool apart) {
    const bool users = item.user || item.section == Part::kShared;
    const auto [at, fresh] = at_.try_emplace(
        GroupKey{risk, item.section,
                 item.section == Part::kShared ? Name() : item.row.account,
                 apart && users, risk == Risk::kRight ? item.row.user : Name(),
                 what},
        groups_.size());
    if (fresh) {
      SummaryGroup& group = groups_.emplace_back();
      group.risk = risk;
      group.section = item.section;
      group.place = std::get<2>(at->first);
      group.first = &item;
    }
    SummaryGroup& group = groups_[at->second];
    if (item.user) {
      ++group.users;
      if (!item.row.partition.empty()) ++group.partitions;
    } else if (item.section == Part::kShared) {
      ++group.accounts;
    } else {
      group.itself = true;
    }
    return group;
  }

  std::vector<SummaryGroup> groups_;
  absl::flat_hash_map<GroupKey, size_t> at_;
};

using Groups = absl::Span<const SummaryGroup>;

// "a", "a and b", "a, b and c".
std::string JoinedAnd(const std::vector<std::string>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    absl::StrAppend(&out,
                    i == 0                 ? ""
                    : i + 1 < words.size() ? ", "
                                           : " and ",
                    words[i]);
  }
  return out;
}

// How many things there are of each kind.
struct Sum {
  size_t accounts = 0, users = 0, partitions = 0, qos = 0, clusters = 0,
         user_records = 0, account_records = 0;

  void Add(const SummaryGroup& group) {
    switch (group.section) {
      case Part::kCluster:
        ++clusters;
        break;
      case Part::kQos:
        ++qos;
        break;
      case Part::kAccounts:
        accounts += group.itself ? 1 : 0;
        users += group.users - group.partitions;
        partitions += group.partitions;
        break;
      case Part::kUsers:
      case Part::kShared:
        user_records += group.users;
        account_records += group.accounts;
        break;
    }
  }

  // "3 accounts, 200 users and 1 QOS".
  std::string Words() const {
    std::vector<std::string> words;
    const auto add = [&](size_t n, absl::string_view one,
                         absl::string_view many) {
      if (n > 0) words.push_back(absl::StrCat(n, " ", n == 1 ? one : many));
    };
    add(accounts, "account", "accounts");
    add(users, "user", "users");
    add(partitions, "row of a partition", "rows of partitions");
    add(qos, "QOS", "QOS");
    add(clusters, "cluster", "clusters");
    add(user_records, "record of a user", "records of users");
    add(account_records, "record of an account", "records of accounts");
    return JoinedAnd(words);
  }
};

Sum SumOf(Groups groups) {
  Sum sum;
  for (const SummaryGroup& group : groups) sum.Add(group);
  return sum;
}

size_t AccountsIn(Groups groups) {
  absl::flat_hash_set<Name> accounts;
  for (const SummaryGroup& group : groups) {
    if (group.section == Part::kAccounts) accounts.insert(group.place);
  }
  return accounts.size();
}

// Where it is not accounts alone that are counted.
std::string InAccounts(Groups groups) {
  const size_t n = AccountsIn(groups);
  const bool users = absl::c_any_of(
      groups, [](const SummaryGroup& group) { return group.users > 0; });
  return n < 2 || !users ? "" : absl::StrCat(", in ", n, " accounts");
}

// "account and 12 users", "user ann".
std::string Things(const SummaryGroup& group) {
  if (group.things() == 1 && group.first->user) {
    const AssocKey& row = group.first->row;
    return absl::StrCat("user ", row.partition.empty()
                                     ? ShownListed(row.user.view())
                                     : ShownRow(row, true));
  }
  std::string all = SumOf({&group, 1}).Words();
  // The one account is the place.
  return group.itself && group.section == Part::kAccounts
             ? all.substr(all.find(' ') + 1)
             : all;
}

// "bio", "QOS long"; what has no place is its own.
std::string Place(const SummaryGroup& group) {
  switch (group.section) {
    case Part::kCluster:
      return absl::StrCat("cluster ", ShownListed(group.place.view()));
    case Part::kQos:
      return absl::StrCat("QOS ", ShownListed(group.place.view()));
    case Part::kAccounts:
      return ShownListed(group.place.view());
    case Part::kUsers:
    case Part::kShared:
      break;
  }
  std::string reach = ShownReach(group.first->reaches);
  if (group.things() > 1 || reach.empty()) return Things(group);
  return absl::StrCat(
      group.first->user
          ? Things(group)
          : absl::StrCat("account ", ShownRow(group.first->row, false)),
      " (", reach, ")");
}

bool HasWords(Risk risk) { return risk != Risk::kDelete && risk != Risk::kAdd; }

// A group on a line of its own.
std::string Line(const SummaryGroup& group) {
  const std::string place = Place(group);
  if (!HasWords(group.risk)) {
    return group.section == Part::kAccounts
               ? absl::StrCat(place, ": ", Things(group))
               : place;
  }
  if (group.section != Part::kAccounts || group.risk == Risk::kMove) {
    return absl::StrCat(place, ": ", group.words);
  }
  return absl::StrCat(place, ": ", Things(group),
                      group.things() == 1 ? " gets " : " get ", group.words);
}

// As an element of a list.
std::string Short(const SummaryGroup& group) {
  return group.section == Part::kAccounts
             ? absl::StrCat(Place(group), " (", Things(group), ")")
             : Place(group);
}

// "MaxJobs 1200, GrpTRES 3": how often each option changes, the most first.
std::string PerOption(Groups groups) {
  std::vector<std::pair<size_t, absl::string_view>> options;
  for (const OptionTotal& total : OptionTotals(groups)) {
    options.emplace_back(total.all(), Info(total.key).name);
  }
  std::stable_sort(
      options.begin(), options.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string out;
  for (const auto& [n, name] : options) {
    absl::StrAppend(&out, out.empty() ? "" : ", ", name, " ", n);
  }
  return out;
}

std::string Heading(Groups groups) {
  static constexpr absl::string_view kTitles[] = {
      "To delete",      "Rights", "To move",      "Limits raised",
      "Limits lowered", "To add", "Other changes"};
  const Risk risk = groups[0].risk;
  const bool options = HasWords(risk) && risk != Risk::kMove;
  std::string sum = options ? PerOption(groups) : SumOf(groups).Words();
  // A record without an option that changes.
  if (sum.empty()) sum = SumOf(groups).Words();
  return absl::StrCat(kTitles[static_cast<int>(risk)], ": ", sum,
                      InAccounts(groups));
}

// "and 12 more accounts: 40 users"; of options, "and 12 more: 40 users".
std::string Rest(Groups groups, size_t n) {
  const size_t accounts = AccountsIn(groups);
  if (groups[0].risk == Risk::kDelete || groups[0].risk == Risk::kAdd) {
    return absl::StrCat("and ", accounts == 0 ? groups.size() : accounts,
                        " more",
                        accounts == 0   ? ""
                        : accounts == 1 ? " account"
                                        : " accounts",
                        ": ", SumOf(groups).Words());
  }
  return absl::StrCat("and ", n, " more: ", SumOf(groups).Words(),
                      InAccounts(groups));
}

// Groups that change the same, in other places, as one line each, the largest
// first; and the groups in that order.
std::vector<std::pair<std::string, std::vector<SummaryGroup>>> Coalesced(
    Groups groups) {
  std::vector<std::pair<std::string, std::vector<SummaryGroup>>> out;
  absl::flat_hash_map<std::string, size_t> at;
  for (const SummaryGroup& group : groups) {
    const auto [it, fresh] = at.try_emplace(group.words, out.size());
    if (fresh) out.emplace_back();
    out[it->second].second.push_back(group);
  }
  const auto all = [](const std::vector<SummaryGroup>& of) {
    size_t n = 0;
    for (const SummaryGroup& group : of) n += group.things();
    return n;
  };
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
    return all(a.second) > all(b.second);
  });
  for (auto& [line, of] : out) {
    if (of.size() == 1) {
      line = Line(of[0]);
      continue;
    }
    line =
        absl::StrCat(SumOf(of).Words(), " get ", of[0].words, InAccounts(of));
  }
  return out;
}

class Fitter {
 public:
  Fitter(Groups groups, const SummaryRoom& room) : room_(room) {
    for (size_t begin = 0; begin < groups.size();) {
      size_t end = begin + 1;
      while (end < groups.size() && groups[end].risk == groups[begin].risk) {
        ++end;
      }
      sections_.push_back(groups.subspan(begin, end - begin));
      begin = end;
    }
  }

  std::vector<SummaryLine> Run() {
    for (size_t i = 0; i < sections_.size(); ++i) {
      // Each of the later ones has two lines in any case.
      const size_t later = 2 * (sections_.size() - i - 1);
      const size_t used = lines_.size() + later;
      const size_t room = used + 2 < room_.lines ? room_.lines - used : 2;
      const Groups section = sections_[i];
      Add(section, true, Heading(section));
      if (section[0].risk == Risk::kDelete) {
        Deletes(section, room - 1);
      } else {
        Others(section, room - 1);
      }
    }
    return std::move(lines_);
  }

 private:
  void Add(Groups section, bool heading, std::string text) {
    lines_.push_back({section[0].risk, heading, std::move(text)});
  }

  void Deletes(Groups section, size_t room) {
    if (section.size() <= room) {
      size_t size = 0;
      for (const SummaryGroup& group : section) {
        size += room_.size(Line(group));
      }
      if (size <= room_.deletes) {
        for (const SummaryGroup& group : section) {
          Add(section, false, Line(group));
        }
        return;
      }
    }
    // A list, in lines as long as they must be.
    std::vector<std::string> words;
    size_t length = 0, size = 0;
    for (const SummaryGroup& group : section) {
      std::string word = absl::StrCat(Short(group), ", ");
      size += room_.size(word);
      if (size > room_.deletes) break;
      length += word.size();
      words.push_back(std::move(word));
    }
    const Groups rest = section.subspan(words.size());
    const size_t rows = rest.empty() || room < 2 ? room : room - 1;
    const size_t target = std::max(kListWidth, length / rows + 1);
    std::string line;
    for (const std::string& word : words) {
      absl::StrAppend(&line, word);
      if (line.size() < target) continue;
      line.pop_back();
      Add(section, false, std::exchange(line, ""));
    }
    if (!line.empty()) {
      line.pop_back();
      Add(section, false, line);
    }
    if (rest.empty()) {
      lines_.back().text.pop_back();  // The last comma.
    } else {
      Add(section, false, Rest(rest, rest.size()));
    }
  }

  void Others(Groups section, size_t room) {
    if (section.size() <= room) {
      for (const SummaryGroup& group : section) {
        Add(section, false, Line(group));
      }
      return;
    }
    if (!HasWords(section[0].risk) || section[0].risk == Risk::kMove) {
      for (size_t i = 0; i + 1 < room; ++i) {
        Add(section, false, Line(section[i]));
      }
      const Groups rest = section.subspan(room - 1);
      if (room > 1) Add(section, false, Rest(rest, rest.size()));
      return;
    }
    const auto lines = Coalesced(section);
    const size_t shown = lines.size() <= room ? lines.size() : room - 1;
    std::vector<SummaryGroup> rest;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (i < shown) {
        Add(section, false, lines[i].first);
      } else {
        rest.insert(rest.end(), lines[i].second.begin(), lines[i].second.end());
      }
    }
    // Without one that is shown, the heading says as much.
    if (!rest.empty() && shown > 0) {
      Add(section, false, Rest(rest, lines.size() - shown));
    }
  }

  static constexpr size_t kListWidth = 64;

  const SummaryRoom& room_;
  std::vector<Groups> sections_;
  std::vector<SummaryLine> lines_;
};

}  // namespace

std::vector<SummaryGroup> Summary(const std::vector<Item>& outline) {
  return Summarizer().Run(outline);
}

std::vector<OptionTotal> OptionTotals(absl::Span<const SummaryGroup> groups) {
  absl::btree_map<Key, OptionTotal> totals;
  for (const SummaryGroup& group : groups) {
    if (!group.key.has_value()) continue;
    OptionTotal& total = totals[*group.key];
    total.key = *group.key;
    (group.risk == Risk::kRaise   ? total.raised
     : group.risk == Risk::kLower ? total.lowered
                                  : total.other) += group.things();
  }
  std::vector<OptionTotal> out;
  for (const auto& [key, total] : totals) out.push_back(total);
  return out;
}

std::vector<SummaryLine> SummaryLines(const std::vector<SummaryGroup>& groups,
                                      const SummaryRoom& room) {
  return Fitter(groups, room).Run();
}

}  // namespace assocsync
