#pragma once

#include "AccountStore.h"
#include "PasswordHasher.h"
#include "SessionStore.h"
#include "Tiers.h"

#include <playhouse/Clock.h>
#include <playhouse/Logger.h>
#include <playhouse/Storage.h>

namespace playhouse::auth {

/// Sees to an account of each role, viewer@playhouse.local and so on, with random passwords, for trying Playhouse; and
/// writes {"viewer": {"email", "password"}, ...} to demo-credentials.json in `storage.path`, readable by its owner
/// alone. Accounts and file come to be together, or not at all; once they are, a start changes nothing, and what an
/// administrator has removed stays so.
///
/// Accounts without the file get new passwords, and their sessions end, when `isAlone`, which says that no other host
/// uses their database. Else the file is another host's, and the log tells so. Before SessionWatch::catchUp().
///
/// Throws as Database does, and std::system_error when the file cannot be written.
void makeDemoAccounts(AccountStore& accounts, const SessionStore& sessions, const PasswordHasher& hasher,
                      const Tiers& tiers, const Clock& clock, Storage& storage, Logger& logger, bool isAlone);

}  // namespace playhouse::auth
