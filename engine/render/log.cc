#include "engine/render/log.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/log/transaction_names.h"
#include "engine/render/escape.h"
#include "engine/render/paint.h"
#include "engine/render/shown.h"

namespace assocsync {
namespace {

using How = TransactionSetting::How;

constexpr size_t kShownObjects = 10;
constexpr size_t kWidestActor = 24;

// "hep", "hep/alice", "hep/alice@debug"
std::string RowName(const TransactionObject& object) {
  std::string out = ShownName(object.account);
  if (!object.user.empty()) {
    absl::StrAppend(&out, "/", ShownName(object.user));
  }
  if (!object.partition.empty()) {
    absl::StrAppend(&out, "@", ShownName(object.partition));
  }
  return out;
}

std::string ObjectName(const Transaction& transaction,
                       const TransactionObject& object) {
  if (!object.named) {
    const uint64_t id = object.id.value_or(0);
    const bool resolved = transaction.object == ObjectKind::kAssociation ||
                          transaction.object == ObjectKind::kWckey ||
                          transaction.object == ObjectKind::kQos;
    return resolved ? GoneRow(id) : absl::StrCat("#", id);
  }
  switch (transaction.object) {
    case ObjectKind::kAssociation:
      return RowName(object);
    case ObjectKind::kCoordinator:
      return absl::StrCat(
          object.user.empty() ? "everybody" : ShownName(object.user), " of ",
          object.account.empty() ? "all accounts" : ShownName(object.account));
    case ObjectKind::kWckey:
      return absl::StrCat(ShownName(object.name), " of user ",
                          ShownName(object.user));
    default:
      return ShownName(object.name);
  }
}

std::string Objects(const Transaction& transaction, bool verbose) {
  const TransactionRow& row = transaction.row;
  if (!transaction.objects_known) {
    return absl::StrCat(transaction.object == ObjectKind::kOther
                            ? ""
                            : absl::StrCat(ObjectWord(transaction.object), " "),
                        Escaped(row.name));
  }
  std::vector<std::string> names;
  for (const TransactionObject& object : transaction.objects) {
    if (!verbose && names.size() == kShownObjects &&
        transaction.objects.size() > kShownObjects + 1) {
      break;
    }
    names.push_back(ObjectName(transaction, object));
  }
  const size_t left = transaction.objects.size() - names.size();
  const bool many = transaction.objects.size() > 1 &&
                    transaction.object != ObjectKind::kQos &&
                    transaction.object != ObjectKind::kTres;
  return absl::StrCat(ObjectWord(transaction.object), many ? "s" : "", " ",
                      absl::StrJoin(names, ", "),
                      left == 0 ? "" : absl::StrCat(" and ", left, " more"));
}

std::string Setting(const TransactionSetting& setting) {
  const std::string words =
      setting.key.has_value() && Info(*setting.key).kind == Kind::kText
          ? absl::StrCat("'", Escaped(setting.words), "'")
          : ShownName(setting.words);
  switch (setting.how) {
    case How::kSet:
      // A flag of a row whose name nobody knows.
      if (setting.words.empty() && setting.value == "1") return setting.name;
      return absl::StrCat(Escaped(setting.name), "=", words);
    case How::kAddTo:
      return absl::StrCat(Escaped(setting.name), "+=", words);
    case How::kRemoveFrom:
      return absl::StrCat(Escaped(setting.name), "-=", words);
    case How::kClear:
      return absl::StrCat(Escaped(setting.name), " cleared");
    case How::kRaw:
      return absl::StrCat(Escaped(setting.name), ": ", Escaped(setting.words));
  }
  return "";
}

bool SameBut(TransactionSetting a, const TransactionSetting& b) {
  a.only = b.only;
  return a == b;
}

// A value that every object got, once; one that some got, with their names.
std::vector<std::string> Settings(const Transaction& transaction) {
  std::vector<std::string> out;
  std::vector<const TransactionSetting*> done;
  for (const TransactionSetting& setting : transaction.settings) {
    if (!setting.only.has_value()) {
      out.push_back(Setting(setting));
      continue;
    }
    if (absl::c_any_of(done,
                       [&](const auto* d) { return SameBut(*d, setting); })) {
      continue;
    }
    done.push_back(&setting);
    std::vector<std::string> whose;
    for (const TransactionSetting& other : transaction.settings) {
      if (!other.only.has_value() || !SameBut(other, setting)) continue;
      for (const TransactionObject& object : transaction.objects) {
        if (object.id == other.only) {
          whose.push_back(ObjectName(transaction, object));
        }
      }
    }
    // A QOS is named by its name and said again by its id.
    const bool all =
        whose.empty() || whose.size() == transaction.objects.size();
    out.push_back(all ? Setting(setting)
                      : absl::StrCat(Setting(setting), " (",
                                     absl::StrJoin(whose, ", "), ")"));
  }
  return out;
}

absl::string_view Paint(TransactionVerb verb) {
  static constexpr absl::string_view kPaints[] = {kGreen, kYellow, kRed, kDim};
  return kPaints[static_cast<int>(verb)];
}

}  // namespace

size_t ActorWidth(const std::vector<std::string>& actors) {
  size_t width = 0;
  for (const std::string& actor : actors) {
    width = std::max(width, Columns(ShownName(actor)));
  }
  return std::min(width, kWidestActor);
}

std::string LogLine(const Transaction& transaction,
                    const LogTextOptions& options) {
  const TransactionRow& row = transaction.row;
  std::string actor = ShownName(row.actor);
  const size_t columns = Columns(actor);
  if (columns < options.actor_width) {
    actor.append(options.actor_width - columns, ' ');
  }
  const bool known = transaction.verb != TransactionVerb::kOther;
  const std::string verb =
      known
          ? absl::StrCat(VerbWord(transaction.verb),
                         transaction.verb == TransactionVerb::kAdd ? "   " : "")
          : absl::StrCat("action ", row.action);
  std::string line = absl::StrCat(
      absl::FormatTime("%Y-%m-%d %H:%M:%S %Ez", absl::FromUnixSeconds(row.time),
                       options.zone),
      "  ", actor, "  ", Painted(options.color, Paint(transaction.verb), verb),
      "  ", Objects(transaction, options.verbose));
  if (!row.cluster.empty()) {
    absl::StrAppend(&line, " on ", ShownName(row.cluster));
  }
  if (transaction.settings_known && known) {
    const std::vector<std::string> settings = Settings(transaction);
    if (!settings.empty()) {
      absl::StrAppend(&line, "  ", absl::StrJoin(settings, ", "));
    }
  } else if (row.info.has_value() && !row.info->empty()) {
    absl::StrAppend(&line, "  ", Escaped(*row.info));
  }
  if (options.verbose) {
    absl::StrAppend(&line,
                    Painted(options.color, kDim,
                            absl::StrCat("  # ", row.id, " ", row.action, " ",
                                         Escaped(row.name), " | ",
                                         Escaped(row.info.value_or("NULL")))));
  }
  line.push_back('\n');
  return line;
}

bool SameDeed(const Transaction& a, const Transaction& b) {
  return a.row.time == b.row.time && a.row.action == b.row.action &&
         a.row.name == b.row.name && a.row.actor == b.row.actor &&
         a.row.cluster == b.row.cluster && a.row.info == b.row.info;
}

}  // namespace assocsync
