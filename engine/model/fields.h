// Options that are set on one object.
#ifndef ASSOCSYNC_ENGINE_MODEL_FIELDS_H_
#define ASSOCSYNC_ENGINE_MODEL_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/base/name.h"
#include "engine/model/key.h"

namespace assocsync {

// One option and its canonical text (value.h).
struct Field {
  Key key;
  Name value;
  bool operator==(const Field&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Field& f) {
    return H::combine(std::move(h), f.key, f.value);
  }
};

// The options that are set on one object, sorted by Key, each at most once. An
// absent key is "not set": inherited, or Slurm's default. A present key with an
// empty value is something else: the explicit empty text or list.
//
// Interned, as Name is: a million rows have few distinct sets of options, so
// this is four bytes, equal ones are equal numbers, and what Find and begin
// point to stays good. Whoever sets more than one or two options gathers them
// in a FieldList first: each set that there ever was takes memory.
class Fields {
 public:
  Fields() = default;
  explicit Fields(const class FieldList& list);

  const Name* Find(Key key) const {  // nullptr: not set.
    if (at_ == 0) return nullptr;
    const Field* field = FirstAt(at_);
    if ((MaskBefore(field) & Bit(key)) == 0) return nullptr;
    while (field->key != key) ++field;
    return &field->value;
  }
  Name Get(Key key) const {  // Empty where not set.
    const Name* const value = Find(key);
    return value == nullptr ? Name() : *value;
  }
  bool Has(Key key) const { return Find(key) != nullptr; }
  void Set(Key key, Name value);
  void Erase(Key key);

  const Field* begin() const;
  const Field* end() const;
  bool empty() const { return at_ == 0; }
  size_t size() const { return end() - begin(); }
  bool operator==(const Fields&) const = default;
  // As Name::id.
  uint32_t id() const { return at_; }

  // "MaxJobs=4:GrpTRES=cpu=4": for tests and messages.
  std::string ToString() const;

 private:
  friend class FieldsPool;

  // All sets of options stand in blocks that never move: which keys a set has,
  // a bit each, in the place of a Field, then the options. A set's number is
  // where its first option stands.
  using Mask = uint64_t;
  static_assert(sizeof(Field) == sizeof(Mask) && kKeyCount <= 64);
  static constexpr uint32_t kBlock = uint32_t{1} << 13;
  static const std::unique_ptr<Field[]>* blocks_;  // Those of FieldsPool.

  static Mask Bit(Key key) { return Mask{1} << static_cast<int>(key); }
  static Mask MaskBefore(const Field* first) {
    Mask mask;
    std::memcpy(&mask, first - 1, sizeof mask);
    return mask;
  }
  static const Field* FirstAt(uint32_t at) {
    return blocks_[at / kBlock].get() + at % kBlock;
  }

  uint32_t at_ = 0;
};

// Options on their way to be Fields.
class FieldList {
 public:
  FieldList() = default;
  explicit FieldList(const Fields& fields)
      : fields_(fields.begin(), fields.end()) {}

  void Set(Key key, Name value);
  void Erase(Key key);
  absl::Span<const Field> span() const { return fields_; }

 private:
  absl::InlinedVector<Field, 8> fields_;
};

// Of the list under `key`, only the elements that `stays` wants; a list of
// which none is left is not set. False: all of them stay, and nothing was done.
bool KeepElements(Key key, absl::FunctionRef<bool(absl::string_view)> stays,
                  Fields* fields);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_MODEL_FIELDS_H_
