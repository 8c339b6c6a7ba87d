// The words of a command as one text: a plan may have a million commands, and a
// string of its own for every word costs several times what the words hold.
#ifndef ASSOCSYNC_ENGINE_BASE_WORD_LIST_H_
#define ASSOCSYNC_ENGINE_BASE_WORD_LIST_H_

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace assocsync {

// Words of any bytes, in order. Views of them are good until the next change.
class WordList {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = absl::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const absl::string_view*;
    using reference = const absl::string_view&;

    explicit Iterator(absl::string_view rest) : rest_(rest) { Read(); }
    reference operator*() const { return word_; }
    pointer operator->() const { return &word_; }
    Iterator& operator++() {
      rest_.remove_prefix(word_.data() + word_.size() - rest_.data());
      Read();
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& o) const {
      return rest_.size() == o.rest_.size();
    }

   private:
    // A word is its size, in bytes of which all but the last are 255, and text.
    void Read() {
      size_t size = 0, at = 0;
      while (at < rest_.size()) {
        const auto part = static_cast<unsigned char>(rest_[at++]);
        size += part;
        if (part < kPart) break;
      }
      word_ = rest_.substr(at, size);
    }

    absl::string_view rest_, word_;
  };

  WordList() = default;
  WordList(std::initializer_list<absl::string_view> words) {
    for (const absl::string_view word : words) push_back(word);
  }
  WordList(const std::vector<std::string>& words) {
    for (const std::string& word : words) push_back(word);
  }

  void push_back(absl::string_view word) {
    text_.append(word.size() / kPart, static_cast<char>(kPart));
    text_.push_back(static_cast<char>(word.size() % kPart));
    text_.append(word.data(), word.size());
  }
  // Gives back what room there is for more words.
  void shrink_to_fit() { text_.shrink_to_fit(); }

  Iterator begin() const { return Iterator(text_); }
  Iterator end() const {
    return Iterator(absl::string_view(text_.data() + text_.size(), 0));
  }
  bool empty() const { return text_.empty(); }

  bool operator==(const WordList&) const = default;

 private:
  static constexpr size_t kPart = 255;

  std::string text_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_WORD_LIST_H_
