#pragma once

#include "AccountStore.h"
#include "PasswordHasher.h"
#include "Tiers.h"

#include <playhouse/Clock.h>
#include <playhouse/Logger.h>
#include <playhouse/Storage.h>

namespace playhouse::auth {

/// Makes an account of each role, viewer@playhouse.local and so on, with random passwords, for trying Playhouse; and
/// writes {"viewer": {"email", "password"}, ...} to demo-credentials.json in the plugin's own directory, readable by
/// its owner alone. Does nothing when that file is there. An account that is there without the file gets a new
/// password.
///
/// Throws as Database does, and std::system_error when the file cannot be written.
void makeDemoAccounts(AccountStore& accounts, const PasswordHasher& hasher, const Tiers& tiers, const Clock& clock,
                      Storage& storage, Logger& logger);

}  // namespace playhouse::auth
