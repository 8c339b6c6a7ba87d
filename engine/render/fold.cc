#include <cstdint>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "engine/render/outline.h"

namespace assocsync {
namespace {

using Part = Item::Section;

// What users do, but for who they are.
using FoldKey = std::tuple<Item::Mark, Name, bool, absl::string_view, Name,
                           std::vector<FieldKey>>;

bool MayFold(const Item& item) {
  if (!item.user) return false;
  if (item.section == Part::kAccounts && item.mark == Item::Mark::kRemove) {
    return true;
  }
  return absl::c_none_of(item.fields, [](const FieldChange* field) {
    return field->key == Key::kAdminLevel || field->key == Key::kCoordinator;
  });
}

FoldKey FoldKeyOf(const Item& item) {
  std::vector<FieldKey> fields;
  // What a deleted row had is no part of the line.
  if (item.mark != Item::Mark::kRemove) {
    for (const FieldChange* field : item.fields) {
      fields.push_back(KeyOf(*field));
    }
  }
  return {item.mark,      item.row.partition, item.with_record,
          item.user_word, item.reaches,       std::move(fields)};
}

// Of users who stand together, [begin, end).
void FoldRun(const std::vector<Item>& outline, size_t begin, size_t end,
             std::vector<FoldedItem>* out) {
  absl::flat_hash_map<FoldKey, std::vector<const Item*>> deeds;
  if (end - begin >= kFoldFrom) {
    for (size_t i = begin; i < end; ++i) {
      if (MayFold(outline[i]))
        deeds[FoldKeyOf(outline[i])].push_back(&outline[i]);
    }
  }
  for (size_t i = begin; i < end; ++i) {
    const Item* const item = &outline[i];
    const auto deed = deeds.empty() || !MayFold(*item)
                          ? deeds.end()
                          : deeds.find(FoldKeyOf(*item));
    if (deed == deeds.end() || deed->second.size() < kFoldFrom) {
      out->push_back({item});
    } else if (deed->second.front() == item) {
      out->push_back({item, deed->second});
    }
  }
}

bool Together(const Item& a, const Item& b) {
  return a.section == b.section && a.user && b.user &&
         a.row.account == b.row.account;
}

}  // namespace

FieldKey KeyOf(const FieldChange& field) {
  return {field.key, field.from.has_value(), field.from.value_or(Name()),
          field.to.has_value(), field.to.value_or(Name())};
}

std::vector<FoldedItem> Fold(const std::vector<Item>& outline) {
  std::vector<FoldedItem> out;
  for (size_t begin = 0; begin < outline.size();) {
    size_t end = begin + 1;
    while (end < outline.size() && Together(outline[begin], outline[end])) {
      ++end;
    }
    FoldRun(outline, begin, end, &out);
    begin = end;
  }
  return out;
}

std::vector<FoldedItem> Unfolded(const std::vector<Item>& outline) {
  std::vector<FoldedItem> out;
  out.reserve(outline.size());
  for (const Item& item : outline) out.push_back({&item});
  return out;
}

}  // namespace assocsync
