#include "engine/live/live_text.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"

namespace assocsync {
namespace {

Fields WithoutBreaks(const Fields& fields) {
  Fields out = fields;
  for (const Field& field : fields) {
    const std::string text = absl::StrReplaceAll(
        field.value.view(), {{"\n", " "}, {absl::string_view("\0", 1), " "}});
    if (text != field.value.view()) out.Set(field.key, Name(text));
  }
  return out;
}

void TakeBreaks(Tree* tree) {
  for (auto& [name, record] : tree->qos) {
    record.fields = WithoutBreaks(record.fields);
  }
  for (auto& [name, record] : tree->accounts) {
    record.fields = WithoutBreaks(record.fields);
  }
  for (auto& [key, row] : tree->associations) {
    row.limits = WithoutBreaks(row.limits);
  }
}

}  // namespace

absl::StatusOr<LiveText> WriteLive(Tree live, bool fold_users) {
  LiveText out;
  out.losses = NotWritable(live);
  if (!out.losses.empty()) TakeBreaks(&live);
  out.tree = std::move(live);
  out.text = Write(out.tree);
  absl::StatusOr<Tree> read =
      ParseTree(out.tree.cluster.view(), out.text, {.fold_users = fold_users});
  if (!read.ok()) {
    return absl::DataLossError(absl::StrCat(
        "it would not read back as the live tree: ", read.status().message()));
  }
  // The file has no line for what root's account record says.
  const auto root = out.tree.accounts.find(RootName());
  if (root != out.tree.accounts.end()) {
    read->accounts[RootName()] = root->second;
  }
  if (*read != out.tree) {
    return absl::DataLossError("it would not read back as the live tree");
  }
  return out;
}

}  // namespace assocsync
