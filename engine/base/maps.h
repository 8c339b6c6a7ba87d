// Look-ups in maps, and two sorted ones side by side.
#ifndef ASSOCSYNC_ENGINE_BASE_MAPS_H_
#define ASSOCSYNC_ENGINE_BASE_MAPS_H_

namespace assocsync {

// What `map` has under `key`; nullptr: nothing.
template <typename Map>
const typename Map::mapped_type* FindIn(const Map& map,
                                        const typename Map::key_type& key) {
  const auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

// FindIn for keys that come in the map's order, each once: it walks along with
// them. Mostly the next one is sought, which no comparison by order tells.
template <typename Map>
class Along {
 public:
  explicit Along(const Map& map) : at_(map.begin()), end_(map.end()) {}
  const typename Map::mapped_type* Find(const typename Map::key_type& key) {
    while (at_ != end_ && at_->first != key && at_->first < key) ++at_;
    return at_ == end_ || at_->first != key ? nullptr : &(at_++)->second;
  }

 private:
  typename Map::const_iterator at_, end_;
};

// Calls f for each element of `map`, and `fetch` for each some elements before:
// what is kept by the numbers of names, which follow no order that a map has,
// comes from memory meanwhile.
template <typename Map, typename Fetch, typename F>
void ForEachAhead(const Map& map, Fetch fetch, F f) {
  constexpr int kAhead = 8;
  auto ahead = map.begin();
  for (int i = 0; i < kAhead && ahead != map.end(); ++i) fetch(*ahead++);
  for (const auto& element : map) {
    if (ahead != map.end()) fetch(*ahead++);
    f(element);
  }
}

// Walks two sorted sequences at once: f(left, right) with the elements of one
// key, nullptr where one lacks it. `key` reads the key of an element.
template <typename Sorted, typename Key, typename F>
void JoinBy(const Sorted& left, const Sorted& right, Key key, F f) {
  auto l = left.begin();
  auto r = right.begin();
  while (l != left.end() || r != right.end()) {
    if (r == right.end() || (l != left.end() && key(*l) < key(*r))) {
      f(&*l++, nullptr);
    } else if (l == left.end() || key(*r) < key(*l)) {
      f(nullptr, &*r++);
    } else {
      f(&*l++, &*r++);
    }
  }
}

// The same for maps: f(key, in left or nullptr, in right or nullptr).
template <typename Map, typename F>
void Join(const Map& left, const Map& right, F f) {
  using Entry = typename Map::value_type;
  const auto value = [](const Entry* entry) {
    return entry == nullptr ? nullptr : &entry->second;
  };
  JoinBy(
      left, right, [](const Entry& entry) -> auto& { return entry.first; },
      [&](const Entry* l, const Entry* r) {
        f((l == nullptr ? r : l)->first, value(l), value(r));
      });
}

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_MAPS_H_
