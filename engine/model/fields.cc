#include "engine/model/fields.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/intern_set.h"

namespace assocsync {
namespace {

using Span = absl::Span<const Field>;

template <typename List>
auto LowerBound(List& list, Key key) {
  return std::lower_bound(list.begin(), list.end(), key,
                          [](const Field& f, Key k) { return f.key < k; });
}

}  // namespace

class FieldsPool {
 public:
  uint32_t Intern(Span fields) {
    if (fields.empty()) return 0;
    return known_.FindOrAdd(*this, fields, known_.HashOf(fields),
                            [this](Span f) { return Add(f); });
  }

  Span At(uint32_t at) const {
    if (at == 0) return {};
    const Field* const first = Fields::FirstAt(at);
    return Span(first,
                static_cast<size_t>(std::popcount(Fields::MaskBefore(first))));
  }

 private:
  static constexpr uint32_t kBlock = Fields::kBlock;

  uint32_t Add(Span fields) {
    if (used_ + 1 + fields.size() > kBlock) {
      blocks_.push_back(std::make_unique<Field[]>(kBlock));
      Fields::blocks_ = blocks_.data();
      used_ = 0;
    }
    Field* const to = blocks_.back().get() + used_;
    Fields::Mask mask = 0;
    for (const Field& f : fields) mask |= Fields::Bit(f.key);
    std::memcpy(static_cast<void*>(to), &mask, sizeof mask);
    std::copy(fields.begin(), fields.end(), to + 1);
    const auto at =
        static_cast<uint32_t>((blocks_.size() - 1) * kBlock + used_ + 1);
    used_ += 1 + fields.size();
    return at;
  }

  std::vector<std::unique_ptr<Field[]>> blocks_;
  size_t used_ = kBlock;  // Of the last one.
  InternSet<FieldsPool, Span> known_;
};

const std::unique_ptr<Field[]>* Fields::blocks_ = nullptr;

namespace {

FieldsPool* the_pool = nullptr;  // As that of Name.

[[gnu::noinline]] void MakePool() { the_pool = new FieldsPool; }

FieldsPool& ThePool() {
  if (the_pool == nullptr) MakePool();
  return *the_pool;
}

}  // namespace

void FieldList::Set(Key key, Name value) {
  // Dumps list them in the order of the keys.
  const auto at = fields_.empty() || fields_.back().key < key
                      ? fields_.end()
                      : LowerBound(fields_, key);
  if (at != fields_.end() && at->key == key) {
    at->value = value;
  } else {
    fields_.insert(at, Field{key, value});
  }
}

void FieldList::Erase(Key key) {
  const auto at = LowerBound(fields_, key);
  if (at != fields_.end() && at->key == key) fields_.erase(at);
}

Fields::Fields(const FieldList& list) : at_(ThePool().Intern(list.span())) {}

const Field* Fields::begin() const { return ThePool().At(at_).data(); }

const Field* Fields::end() const {
  const Span fields = ThePool().At(at_);
  return fields.data() + fields.size();
}

void Fields::Set(Key key, Name value) {
  FieldList list(*this);
  list.Set(key, value);
  *this = Fields(list);
}

void Fields::Erase(Key key) {
  if (!Has(key)) return;
  FieldList list(*this);
  list.Erase(key);
  *this = Fields(list);
}

std::string Fields::ToString() const {
  std::string out;
  for (const Field& f : *this) {
    absl::StrAppend(&out, out.empty() ? "" : ":", Info(f.key).name, "=",
                    f.value.view());
  }
  return out;
}

}  // namespace assocsync
