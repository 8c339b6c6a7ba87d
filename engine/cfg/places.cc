#include "engine/cfg/places.h"

#include <utility>

#include "engine/cfg/errors.h"
#include "engine/cfg/lexer.h"
#include "engine/cfg/parse.h"

namespace assocsync {
namespace {

TextPlace At(const cfg::Lexer& lexer, size_t offset) {
  const cfg::Place place = lexer.At(offset);
  return {place.line, place.column};
}

}  // namespace

TextPlace LinePlaces::Of(Key key) const {
  for (const OptionPlace& option : options) {
    if (option.key == key) return option.at;
  }
  return name;
}

void ForEachLine(absl::string_view text, const ParseOptions& options,
                 const std::function<void(const LinePlaces&)>& each) {
  cfg::Errors errors;  // None: the text has been parsed.
  cfg::Lexer lexer(text, options.origin, IsByHand(text, options), &errors);
  std::vector<absl::string_view> own;
  lexer.KeepComments(&own);
  cfg::LexedLine lexed;
  LinePlaces line;
  while (lexer.Next(&lexed)) {
    line.line = lexer.line();
    line.text = lexed.text;
    line.name = At(lexer, lexed.name.begin);
    line.name_text = lexed.View(lexed.name);
    line.options.clear();
    line.partition.reset();
    for (const cfg::LexedOption& option : lexed.options) {
      const TextPlace at = At(lexer, option.word.begin);
      if (option.meaning->partition) {
        line.partition = at;
      } else if (option.meaning->found()) {
        line.options.push_back({option.meaning->match.key, at,
                                lexed.View(option.value), option.quoted});
      }
    }
    line.comments = std::move(own);
    own.clear();
    if (!lexer.TrailingComment().empty()) {
      line.comments.push_back(lexer.TrailingComment());
    }
    each(line);
  }
}

}  // namespace assocsync
