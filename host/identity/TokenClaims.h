#pragma once

#include <playhouse/Identity.h>

#include <boost/json/object.hpp>

#include <chrono>
#include <string>

namespace Poco::JWT {
class Token;
}

namespace playhouse::host {

/// What tokens of this platform say of themselves, and how far clocks may be apart.
struct TokenRules {
    std::string issuer = "playhouse";
    std::string audience = "playhouse";
    std::chrono::seconds lifetime{std::chrono::days(7)};  ///< that plugins are to give to tokens
    std::chrono::seconds tolerance{30};                   ///< between this clock and the issuer's

    bool operator==(const TokenRules&) const = default;
};

/// A token that says who `identity` is, from `now` for `lifetime`; unsigned. Throws std::invalid_argument for an
/// identity without a user, for texts of more than 256 bytes, with control characters or not UTF-8, for more than 32
/// roles, and for a lifetime that is not above 0 or that ends after the year 2254.
Poco::JWT::Token makeToken(const Identity& identity, const TokenRules& rules, std::chrono::system_clock::time_point now,
                           std::chrono::seconds lifetime);

/// Who is meant by the claims of a token whose signature is good (RFC 7519 section 4.1). "sub", "iat" and "exp" are
/// necessary. Throws ApiError as Identities::verify() does.
Identity readClaims(const boost::json::object& claims, const TokenRules& rules,
                    std::chrono::system_clock::time_point now);

/// 401 with `code`.
[[noreturn]] void refuseToken(const char* code, const char* message);

}  // namespace playhouse::host
