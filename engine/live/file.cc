#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/file_kind.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/parts.h"
#include "engine/io/mapped_file.h"
#include "engine/io/uncompress.h"
#include "engine/live/live.h"
#include "engine/live/state_from_tree.h"

namespace assocsync {
namespace {

class FileSource : public LiveSource {
 public:
  FileSource(std::string path, Release release, const cfg::Recall* recall)
      : path_(std::move(path)), release_(release), recall_(recall) {}

  // A file of another cluster is a finding of the plan, not an error of
  // reading.
  absl::StatusOr<LiveState> Read(absl::string_view) override {
    ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path_));
    const FileKind kind = KindOf(file.text());
    std::string text;  // Of a compressed one.
    if (IsCompressed(kind)) {
      ASSIGN_OR_RETURN(text, Uncompress(path_, kind, file.text()));
    }
    const absl::string_view whole = IsCompressed(kind) ? text : file.text();
    if (const FileKind inside = KindOf(whole); inside != FileKind::kText) {
      return absl::InvalidArgumentError(
          absl::StrCat(path_, " ", KindWords(inside)));
    }
    if (IsPart(whole)) return PartAlone(path_);
    return LiveFromText(path_, whole, release_, recall_);
  }
  std::string Origin() const override { return path_; }

 private:
  const std::string path_;
  const Release release_;
  const cfg::Recall* const recall_;
};

}  // namespace

absl::StatusOr<LiveState> LiveFromText(absl::string_view name,
                                       absl::string_view text, Release release,
                                       const cfg::Recall* recall,
                                       const TextFiles* files) {
  ASSIGN_OR_RETURN(
      Tree tree,
      ParseTree(name, text,
                {.written = Written::kTell, .recall = recall, .files = files}));
  tree.authorship = {};  // As live it is what it says.
  LiveState state;
  state.database = StateFromTree(std::move(tree));
  state.release = release;
  return state;
}

std::unique_ptr<LiveSource> LiveFromFile(std::string path, Release release,
                                         const cfg::Recall* recall) {
  return std::make_unique<FileSource>(std::move(path), release, recall);
}

}  // namespace assocsync
