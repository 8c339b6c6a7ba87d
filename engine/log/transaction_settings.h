// What the set list of a transaction changes, in the words of the key table.
#ifndef ASSOCSYNC_ENGINE_LOG_TRANSACTION_SETTINGS_H_
#define ASSOCSYNC_ENGINE_LOG_TRANSACTION_SETTINGS_H_

#include <optional>
#include <vector>

#include "engine/log/transaction.h"

namespace assocsync {

// nullopt: row.info is no set list. An expression that is not known becomes a
// setting with How::kRaw. Lists that slurmdbd edits in place are recognised by
// their whole text only.
std::optional<std::vector<TransactionSetting>> SettingsOf(
    const TransactionRow& row, TransactionVerb verb, ObjectKind object);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LOG_TRANSACTION_SETTINGS_H_
