// The option file that gives the client programs their login: whatever user,
// password and host hold, it has the lines that it should and no others, and
// the client reads back the very values. The reader here is written after
// my_search_option_file of MariaDB. Input: host, user, password, %% between.
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "engine/backup/client_tool.h"
#include "tests/fuzz/fuzz.h"

namespace assocsync {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

std::string Unescaped(absl::string_view quoted) {
  std::string out;
  for (size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] != '\\' || i + 1 == quoted.size()) {
      out += quoted[i];
      continue;
    }
    static constexpr std::pair<char, char> kEscapes[] = {
        {'n', '\n'}, {'t', '\t'}, {'r', '\r'},  {'b', '\b'},
        {'s', ' '},  {'"', '"'},  {'\'', '\''}, {'\\', '\\'}};
    const char c = quoted[++i];
    bool known = false;
    for (const auto& [from, to] : kEscapes) {
      if (c != from) continue;
      out += to;
      known = true;
    }
    if (!known) out += {'\\', c};
  }
  return out;
}

Options AsTheClientReads(absl::string_view text) {
  Options options;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.empty() || line == "[client]") continue;
    const size_t equals = line.find('=');
    FUZZ_LAW(equals != line.npos && line[0] != '[' && line[0] != '!' &&
                 line[0] != '#',
             text);
    absl::string_view value = line.substr(equals + 1);
    if (absl::StartsWith(value, "\"")) {
      FUZZ_LAW(value.size() >= 2 && absl::EndsWith(value, "\""), text);
      value = value.substr(1, value.size() - 2);
    }
    options.emplace_back(line.substr(0, equals), Unescaped(value));
  }
  return options;
}

}  // namespace
}  // namespace assocsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const auto parts = fuzz::Parts(fuzz::Text(data, size), 3);
  DatabaseOptions login;
  Options want;
  for (const auto& [name, part, value] :
       {std::tuple("host", parts[0], &login.host),
        std::tuple("user", parts[1], &login.user),
        std::tuple("password", parts[2], &login.password)}) {
    // A C string, on its way from slurmdbd.conf to the server.
    *value = std::string(part.substr(0, part.find('\0')));
    if (!value->empty()) want.emplace_back(name, *value);
  }
  want.emplace_back("port", "3306");
  const std::string text = OptionFileText(login);
  FUZZ_LAW(AsTheClientReads(text) == want, text);
  return 0;
}
