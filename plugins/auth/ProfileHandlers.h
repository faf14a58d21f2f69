#pragma once

#include "Office.h"

#include <optional>

namespace playhouse::auth {

/// What users see and change of themselves.
class ProfileHandlers {
public:
    explicit ProfileHandlers(const Office& office) : office_(office) {}

    Response profile(const Request& request) const;

    /// The same without waiting; absent: it is not known at this moment.
    std::optional<Response> profileAtHand(const Request& request) const;

    Response changeProfile(const Request& request) const;   ///< hashes
    Response changePassword(const Request& request) const;  ///< hashes
    Response tiers(const Request& request) const;

private:
    Response shown(const Account& account) const;

    const Office& office_;
};

}  // namespace playhouse::auth
