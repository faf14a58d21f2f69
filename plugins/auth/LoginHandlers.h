#pragma once

#include "Office.h"

#include <optional>
#include <string>

namespace playhouse::auth {

/// How sessions begin, go on and end. Those that hash run on the hashing queue.
class LoginHandlers {
public:
    explicit LoginHandlers(const Office& office) : office_(office) {}

    Response registerAccount(const Request& request) const;  ///< hashes
    Response login(const Request& request) const;            ///< hashes
    Response refresh(const Request& request) const;
    Response logout(const Request& request) const;

private:
    /// The account of this address when the password is its own. Takes the same work whether there is one or not.
    std::optional<Account> whoHas(const std::string& email, const std::string& password) const;

    /// The same, where guesses are counted. Throws as LoginGuard::begin().
    std::optional<Account> guessed(const std::string& email, const std::string& password, const Request& request) const;

    /// The id of one of its devices, in small letters. Throws ApiError 404 DEVICE_NOT_FOUND.
    std::string deviceOf(const Account& account, const std::string& id) const;

    std::optional<SessionStore::Begun> beginSession(const Account& account, const std::string& deviceId,
                                                    const Request& request) const;

    const Office& office_;
};

}  // namespace playhouse::auth
