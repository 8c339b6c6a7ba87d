#include "tests/support/hand_written.h"

#include <algorithm>
#include <random>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace assocsync {
namespace {

class Writer {
 public:
  Writer(uint64_t seed, int series) : random_(seed), series_(series) {}

  std::string Run() {
    newline_ = Chance(10) ? "\r\n" : "\n";
    always_colon_ = Chance(10);
    if (Chance(10)) out_ += "\xef\xbb\xbf";
    if (Chance(30)) Line("# accounts of the lab");
    ClusterLine();
    if (Chance(80)) Parent("root");
    if (Chance(70)) RootLine();
    Accounts(0);
    while (!waiting_.empty()) {
      const auto [account, depth] = waiting_.back();
      waiting_.pop_back();
      if (Chance(15)) Line("");
      if (Chance(10)) Line(absl::StrCat("# ", account, ": ask 'us'"));
      Parent(account);
      Users(account);
      if (depth < 3) Accounts(depth);
    }
    if (Chance(10)) Parent(Pick(accounts_));
    if (Chance(10) && !out_.empty()) out_.resize(out_.size() - newline_.size());
    return std::move(out_);
  }

 private:
  using Words = std::vector<std::string>;

  int Below(int n) { return static_cast<int>(random_() % n); }
  bool Chance(int percent) { return Below(100) < percent; }
  const std::string& Pick(const Words& words) {
    return words[Below(static_cast<int>(words.size()))];
  }

  void Line(const std::string& text) {
    // Behind a word without quotes load takes them for a part of it (AS213).
    const bool blanks =
        !text.empty() && (text.back() == '\'' || text.back() == '"');
    absl::StrAppend(&out_, text, blanks && Chance(5) ? "  " : "", newline_);
  }

  // As many letters as `least` asks for, or more; in any case.
  std::string Word(const std::string& name, size_t least) {
    std::string word = name;
    if (Chance(20)) {
      word.resize(least + Below(static_cast<int>(name.size() - least) + 1));
    }
    if (Chance(10)) return absl::AsciiStrToLower(word);
    if (Chance(10)) return absl::AsciiStrToUpper(word);
    return word;
  }
  std::string Quoted(const std::string& text) {
    if (Chance(25)) return text;
    return Chance(20) ? absl::StrCat("\"", text, "\"")
                      : absl::StrCat("'", text, "'");
  }
  std::string Object(const std::string& word, const std::string& name) {
    std::string shown = word;
    if (word == "Account" && Chance(10)) shown = "Project";
    if (Chance(10)) shown = absl::AsciiStrToLower(shown);
    return absl::StrCat(
        shown, Chance(5) ? "- " : " - ",
        Quoted(Chance(10) ? absl::AsciiStrToUpper(name) : name));
  }
  void Parent(const std::string& account) { Line(Object("Parent", account)); }

  std::string Full(std::string object, Words options) {
    std::shuffle(options.begin(), options.end(), random_);
    for (const std::string& option : options) {
      absl::StrAppend(&object, Chance(2) ? "::" : ":", option);
    }
    // The CR of CR LF becomes a part of a name without quotes that ends a line,
    // for load: another user, with a default account of its own (AS213).
    const bool bare = newline_ != "\n" && options.empty() &&
                      absl::ascii_isalnum(object.back());
    if (always_colon_ || Chance(3) || bare) object += ":";
    return object;
  }

  std::string QosOption() {
    static const Words* const kLists = new Words(
        {"normal", "normal,long", "long,high", "high", "long,normal"});
    const std::string word = Word("QosLevel", 2);
    switch (Below(5)) {
      case 0:
        return absl::StrCat(Chance(50) ? "QOS" : word, "+=", Pick(*kLists));
      case 1:
        return absl::StrCat("QOS=", Quoted("+long,-normal"));
      case 2:
        return absl::StrCat("qos=long:QOS=high");
      default:
        return absl::StrCat("QOS=", Quoted(Pick(*kLists)));
    }
  }

  void Number(const std::string& name, size_t least, Words* out) {
    const std::string word = Word(name, least);
    if (Chance(5)) out->push_back(absl::StrCat(word, "="));
    out->push_back(absl::StrCat(
        word, "=", Chance(10) ? "-1" : absl::StrCat(1 + Below(500))));
    if (Chance(3)) {  // The last holds.
      out->back() += absl::StrCat(":", name, "=", 1 + Below(500));
    }
  }

  Words Limits() {
    Words out;
    if (Chance(30)) Number("MaxJobs", 7, &out);
    if (Chance(20)) Number("MaxSubmitJobs", 4, &out);
    if (Chance(20)) Number("GrpJobs", 7, &out);
    if (Chance(10)) Number("Priority", 2, &out);
    if (Chance(40)) {
      out.push_back(absl::StrCat(
          Chance(20) ? Word("Shares", 1) : Word("FairShare", 1), "=",
          Chance(15) ? "parent" : absl::StrCat(1 + Below(90))));
    }
    if (Chance(15)) {
      static const Words* const kWalls =
          new Words({"60", "'01:30'", "'1-12'", "'2-00:00:00'", "UNLIMITED"});
      out.push_back(
          absl::StrCat(Word("MaxWallDurationPerJob", 4), "=", Pick(*kWalls)));
    }
    if (Chance(30)) {
      static const Words* const kTres =
          new Words({"cpu=4", "mem=1G", "mem=2048K", "mem=1GB,cpu=8",
                     "mem=1GiB", "cpu=2,mem=512", "node=3", "cpu=4,cpu=6",
                     "CPU=4,Mem=8g", "billing=10K"});
      out.push_back(absl::StrCat(Word("GrpTRES", 7), "=", Pick(*kTres)));
    } else if (Chance(20)) {
      out.push_back(absl::StrCat(Word("GrpCPUs", 7), "=", 1 + Below(64)));
      if (Chance(40)) {
        out.push_back(absl::StrCat(Word("GrpNodes", 4), "=", 1 + Below(9)));
      }
    }
    if (Chance(10)) {
      out.push_back(absl::StrCat(Word("MaxTRESPerJob", 11), "=cpu=16"));
    }
    if (Chance(25)) out.push_back(QosOption());
    return out;
  }

  void ClusterLine() {
    Words options;
    if (Chance(20)) Number("MaxJobs", 7, &options);
    if (Chance(30)) options.push_back("Fairshare=1");
    if (Chance(40)) {
      options.push_back(Chance(30) ? "QOS+=normal,long"
                                   : "QOS='normal,long,high'");
    }
    Line(Full(Object("Cluster", "lab"), options));
  }

  void RootLine() {
    Words options;
    if (Chance(70)) {
      options.push_back(
          absl::StrCat(Word("AdminLevel", 2), "=", Quoted("Administrator")));
    }
    if (Chance(60)) {
      options.push_back(absl::StrCat(Word("DefaultAccount", 8), "=",
                                     Quoted(Chance(20) ? "ops" : "root")));
    }
    Line(Full(Object("User", "root"), options));
  }

  void Accounts(int depth) {
    const int count = 1 + Below(depth == 0 ? 3 : 2);
    for (int i = 0; i < count; ++i) {
      const std::string name = absl::StrCat("acc", accounts_.size());
      Words options = Limits();
      if (Chance(50)) {
        options.push_back(absl::StrCat(Word("Description", 3), "=",
                                       Quoted("The Group of " + name)));
      }
      if (Chance(40)) {
        options.push_back(
            absl::StrCat(Word("Organization", 1), "=", Quoted("Sci")));
      }
      if (Chance(5)) options.push_back("Parent=elsewhere");
      if (Chance(5)) options.push_back("AdminLevel=Operator");
      if (Chance(5)) options.push_back("Description=''");
      const std::string line = Full(Object("Account", name), options);
      Line(line);
      if (Chance(4)) Line(line);
      if (Chance(3)) Line(Full(Object("Account", name), Limits()));
      accounts_.push_back(name);
      waiting_.emplace_back(name, depth + 1);
    }
  }

  void Users(const std::string& account) {
    const int count = Below(4);
    Words here;
    for (int i = 0; i < count; ++i) {
      const std::string name = absl::StrCat("u", Below(9));
      if (std::find(here.begin(), here.end(), name) != here.end()) continue;
      here.push_back(name);
      const bool is_new =
          std::find(users_.begin(), users_.end(), name) == users_.end();
      Words options = Limits();
      if (Chance(is_new ? 50 : 10)) {
        options.push_back(
            absl::StrCat(Word("DefaultAccount", 8), "=", Quoted(account)));
      }
      if (Chance(is_new ? 10 : 3)) {
        options.push_back(absl::StrCat(Word("AdminLevel", 2), "=",
                                       Chance(50) ? "Op" : "Operator"));
      }
      if (Chance(is_new ? 10 : 3)) {
        options.push_back(
            absl::StrCat(Word("Coordinator", 2), "=", Quoted(account)));
      }
      if (Chance(5)) options.push_back("Organization='nowhere'");
      if (series_ >= 2302 && Chance(5)) options.push_back("Comment='of hers'");
      const std::string line = Full(Object("User", name), options);
      Line(line);
      if (Chance(4)) Line(line);
      if (Chance(3)) Line(Full(Object("User", name), Limits()));
      users_.push_back(name);
    }
  }

  std::mt19937_64 random_;
  const int series_;
  std::string out_, newline_;
  bool always_colon_ = false;
  Words accounts_, users_;
  std::vector<std::pair<std::string, int>> waiting_;
};

}  // namespace

std::string HandWritten(uint64_t seed, int series) {
  return Writer(seed, series).Run();
}

}  // namespace assocsync
