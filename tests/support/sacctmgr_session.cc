#include "tests/support/sacctmgr_session.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/io/process.h"
#include "engine/io/program.h"

namespace assocsync {
namespace {

constexpr absl::string_view kPrompt = "sacctmgr: ";

}  // namespace

std::optional<std::string> SacctmgrSession::Line(
    const std::vector<std::string>& words) {
  if (words.size() > 100) return std::nullopt;  // MAX_INPUT_FIELDS is 128.
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    if (word.find_first_of("'\"\n\\#") != std::string::npos) {
      return std::nullopt;
    }
    const size_t value = word.find('=') + 1;
    if (word.find(' ') == std::string::npos) {
      line += word;
    } else if (value == 0 || word.find(' ') < value) {
      return std::nullopt;
    } else {
      absl::StrAppend(&line, word.substr(0, value), "\"", word.substr(value),
                      "\"");
    }
  }
  if (line.size() > 3000) return std::nullopt;
  return line;
}

std::string SacctmgrSession::Ask(const std::string& text) {
  const auto at_prompt = [](absl::string_view out) {
    return absl::EndsWith(out, kPrompt);
  };
  auto answer = talk_->Ask(text, at_prompt, absl::Minutes(2));
  if (!answer.ok()) {
    talk_.reset();
    return absl::StrCat("\n(", answer.status().ToString(), ")\n");
  }
  answer->out.resize(answer->out.size() - kPrompt.size());
  return absl::StrCat(answer->out, answer->err);
}

std::string SacctmgrSession::Run(const std::string& line) {
  if (talk_ == nullptr) {
    std::vector<std::string> environment;
    for (char** word = environ; *word != nullptr; ++word) {
      environment.emplace_back(*word);
    }
    auto opened = ProcessRunner(CleanEnvironment(environment), {})
                      .Open({program_, "-i"}, {});
    if (!opened.ok()) return opened.status().ToString();
    talk_ = *std::move(opened);
    Ask("");
  }
  return talk_ == nullptr ? "(no session)" : Ask(line + "\n");
}

}  // namespace assocsync
