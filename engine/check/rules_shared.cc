// Records that other clusters of the database share.
#include "engine/check/checker.h"
#include "engine/diff/merge.h"

namespace assocsync::check {
namespace {

// 0: the proposal has no line for it.
uint32_t LineOf(const Checker& c, const CheckInput::Shared& change) {
  switch (change.what) {
    case Change::What::kQos:
      return c.LineOfQos(change.row.account);
    case Change::What::kUser:
      return c.LineOfUser(change.row.user);
    case Change::What::kAccount:
      return c.LineOfAccount(change.row.account);
    case Change::What::kCluster:
    case Change::What::kAssociation:
      break;
  }
  return 0;
}

}  // namespace

void CheckShared(Checker* c) {
  if (!c->input.shared.has_value()) return;
  for (const CheckInput::Shared& change : *c->input.shared) {
    c->Add(kRuleShared, LineOf(*c, change), RowName(change.what, change.row),
           change.message,
           "let the files of all clusters say the same, or apply this one with "
           "--keep-shared");
  }
}

}  // namespace assocsync::check
