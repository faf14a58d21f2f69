#pragma once

#include "Account.h"
#include "AccountCache.h"
#include "AccountStore.h"
#include "DeviceStore.h"
#include "HashingQueue.h"
#include "LoginGuard.h"
#include "PasswordHasher.h"
#include "SessionStore.h"
#include "SessionWatch.h"
#include "Tiers.h"
#include "Turns.h"

#include <playhouse/ApiError.h>
#include <playhouse/Clock.h>
#include <playhouse/Identity.h>
#include <playhouse/Logger.h>
#include <playhouse/Request.h>
#include <playhouse/Response.h>
#include <playhouse/Router.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse::auth {

/// What all handlers work with. What is given outlives it. Safe from any thread that may wait.
struct Office {
    AccountStore& accounts;
    AccountCache& shown;
    SessionStore& sessions;
    DeviceStore& devices;
    SessionWatch& watch;
    PasswordHasher& hasher;
    HashingQueue& queue;
    LoginGuard& guard;
    Turns& turns;
    const Tiers& tiers;
    Identities& identities;
    Clock& clock;
    Logger& logger;

    /// The account of who asks. Throws ApiError 401 ACCOUNT_GONE and 403 ACCOUNT_SUSPENDED: a token may outlive both.
    Account asking(const Request& request) const;

    /// Throws ApiError 403 PASSWORD_WRONG unless `password` is that of `account`, and as LoginGuard::begin(): who holds
    /// a stolen token guesses no faster than who logs in. On a thread of the hashing queue.
    void confirm(const Account& account, const std::string& password, const Request& request) const;

    /// Changes `account`, whose password has been confirmed, and does `also` in the same transaction. Throws as
    /// AccountStore::change() and asking(), and ApiError 403 PASSWORD_WRONG when it has another password by now.
    Account changeConfirmed(Account account, const std::string& password, const Request& request,
                            AccountStore::Changes changes, const AccountStore::Also& also = {}) const;

    /// {accessToken, refreshToken, expiresIn (seconds), user}, for no cache to keep.
    /// @param begun  SessionStore::Begun or Refreshed
    template <class Begun>
    Response tokens(const Account& account, const Begun& begun, int status = 200) const {
        return tokens(account, begun.session.accessId, begun.refreshToken, begun.accessLifetime, status);
    }
    Response tokens(const Account& account, const std::string& accessId, const std::string& refreshToken,
                    std::chrono::seconds lifetime, int status) const;

    /// A handler that does all of `answer`, which hashes, on the hashing queue. This outlives it.
    DeferredHandler hashing(std::function<Response(const Request&)> answer) const;
};

/// 403 PASSWORD_WRONG, of the field currentPassword.
ApiError passwordWrong();

/// 401 ACCOUNT_GONE: the token is of an account that was removed.
ApiError accountGone();

/// Throws ApiError 403 ACCOUNT_SUSPENDED, with the reason, when it is suspended.
void refuseSuspended(const Account& account);

/// The path parameter "id", a UUID in small letters as it is stored. Throws ApiError 404 with `code` for what is no
/// UUID, as for one that is not there.
std::string idOf(const Request& request, const std::string& code, const std::string& message);

/// `text` in small letters; absent for what is no UUID.
std::optional<std::string> canonicalUuid(std::string_view text);

/// `text` as one line of valid UTF-8, at most `most` bytes: what clients send of themselves, to store and to show.
std::string oneLine(std::string_view text, std::size_t most);

}  // namespace playhouse::auth
