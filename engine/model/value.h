// Values of options: from the many ways in which people and Slurm write them
// to one canonical text each, so that equal values are equal texts.
#ifndef ASSOCSYNC_ENGINE_MODEL_VALUE_H_
#define ASSOCSYNC_ENGINE_MODEL_VALUE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/model/key.h"

namespace assocsync {

// A value in canonical form, or the word that there is none.
struct CanonicalValue {
  // False: the option is as good as absent (`MaxJobs=-1`, `Fairshare=1`,
  // `DefaultAccount='(null)'`, a TRES list of nothing but `=-1`).
  bool set = false;
  // By Kind: decimal digits for kCount, kMinutes, kSeconds; "parent" or digits
  // for kFairshare; "cpu=4,mem=2560" for kTres (mem in MB, sorted as dump does:
  // by the texts item=count, so that gres/gpu:a100 comes before gres/gpu);
  // "a,b" or "+a,-b" for kQosList; "a,b" for kNames; lower case for names. Text
  // keeps its case (CanonicalText is what sacctmgr would store of it). May be
  // empty with `set` (Comment='', QOS='').
  std::string text;
  // Not empty where `raw` may stand for something else too and the likely
  // reading was taken: a sentence that says so, for the person who reads it.
  std::string note;
};

// Who wrote a value. The two differ where `sacctmgr dump` prints what sacctmgr
// itself reads in another way.
enum class Origin {
  // A file that people may have edited: what could mean two things is an error.
  kFile,
  // Straight from `sacctmgr dump`: every value means what dump means by it.
  kDump,
};

// `raw`: the value without its outer quotes and escapes.
// kInvalidArgument says what is wrong and what to write instead, without a
// place: "'10abc' is not a whole number". Values that Slurm would silently
// bend (junk after a number, 2^31 and more, `1.5` without a unit) are errors.
absl::StatusOr<CanonicalValue> Canonical(Key key, absl::string_view raw,
                                         Origin origin = Origin::kFile);

// A name as Slurm stores it: lower case (if `fold`: always right, except for
// names of users where slurmdbd runs with PreserveCaseUser), quote characters
// as backticks. kInvalidArgument: empty, or with a control character.
absl::StatusOr<std::string> CanonicalName(absl::string_view raw, bool fold);
// Free text as sacctmgr stores it: ASCII in lower case, bytes beyond ASCII as
// they are, quote characters as backticks, blanks kept.
std::string CanonicalText(absl::string_view raw);

// Why sacctmgr cannot address a thing of this name, in words ("holds a comma,
// at which sacctmgr splits"); empty: it can (slurm-facts 5.3, scenarios).
absl::string_view WhyNotAddressable(absl::string_view name);

// The same of an account: slurmdbd walks up from an account by its name, which
// it puts into SQL unescaped. It hangs or dies on one with a backslash (seen on
// all four releases of the lab).
absl::string_view WhyNoAccount(absl::string_view name);

// What a release (2205 and 8 of 22.05.8) does not know of `key` set to the
// canonical `text`: the key's name, or words of the value. Empty: all is known.
std::vector<absl::string_view> UnknownTo(int series, int point, Key key,
                                         absl::string_view text);

// Elements of a canonical kNames, kQosList or kFlags text; none of "".
std::vector<absl::string_view> Elements(absl::string_view list);
bool HasElement(absl::string_view list, absl::string_view element);
// Those that `other` lacks, sorted.
std::vector<absl::string_view> ElementsBut(absl::string_view list,
                                           absl::string_view other);
// Whether a canonical kQosList changes what is inherited ("+a,-b") instead of
// being a list of its own ("a,b", "").
bool IsQosDelta(absl::string_view list);
// A change that takes nothing away: "+a,+b".
bool AddsQos(absl::string_view list);
inline bool IsQosList(absl::string_view list) {
  return !list.empty() && !IsQosDelta(list);
}
// The QOS that an element of either kind names: "a" of "a", "+a" and "-a".
absl::string_view QosNamed(absl::string_view element);
// Sorted, unique, joined by commas.
std::string JoinElements(std::vector<absl::string_view> elements);

// Items of a canonical kTres text: {"gres/gpu:a100", 4}, ...
using TresItem = std::pair<absl::string_view, uint64_t>;
std::vector<TresItem> TresItems(absl::string_view tres);
std::string JoinTres(std::vector<TresItem> items);
// Whether more of it lets more jobs run: of rows and of QOS, Grp... and Max...
// that are counts, minutes or TRES.
bool IsLimit(Key key);
// The numbers of a canonical limit: of a kTres each item, of another its own,
// without a name. Empty: it is none.
std::vector<TresItem> LimitNumbers(Key key, absl::string_view canonical);
// Whether `name` (of a canonical kTres text) is of a type that Slurm has. The
// types are fixed; those with names are gres, license, bb, fs and ic.
bool IsTresName(absl::string_view name);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_MODEL_VALUE_H_
