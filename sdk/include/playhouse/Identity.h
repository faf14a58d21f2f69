#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace playhouse {

/// Who asks, by a verified token.
struct Identity {
    std::string userId;     ///< "sub"
    std::string sessionId;  ///< "sid"
    std::string username;   ///< "name"
    std::string tier;       ///< "tier": of the subscription
    std::vector<std::string> roles;
    std::chrono::system_clock::time_point issuedAt;
    std::chrono::system_clock::time_point expiresAt;

    bool hasRole(std::string_view role) const noexcept;
};

/// Who may use a route. The host looks before it asks the handler: 401 for a token that is missing (TOKEN_MISSING) or
/// not good (Identities::verify()), 403 FORBIDDEN for one of somebody who may not.
class Access {
public:
    /// Anybody. A good token is told to the handler all the same; one that is not counts as none.
    Access() = default;
    static Access everybody() { return {}; }

    /// Whoever has a good token.
    static Access user() { return Access(Kind::User, {}); }

    /// Whoever has one of these roles.
    static Access roles(std::vector<std::string> roles) { return Access(Kind::Role, std::move(roles)); }
    static Access role(std::string role) { return roles({std::move(role)}); }

    bool isOpen() const noexcept { return kind_ == Kind::Everybody; }
    bool allows(const Identity& identity) const noexcept;

private:
    enum class Kind { Everybody, User, Role };
    Access(Kind kind, std::vector<std::string> roles) : kind_(kind), roles_(std::move(roles)) {}

    Kind kind_ = Kind::Everybody;
    std::vector<std::string> roles_;
};

/// A limit on how often a route is asked: `requests` in each `window`, which begins with its first request. Counted
/// exactly, over all hosts with Redis. Answers tell it in X-RateLimit-Limit, -Remaining and -Reset (seconds of Unix
/// time); beyond it 429 RATE_LIMITED with Retry-After.
struct RateLimit {
    enum class By {
        Address,  ///< the client's address, an IPv6 one's /64
        User,     ///< the user; the address of one without a token
        Session,  ///< the session; the address of one without a token
    };
    std::uint32_t requests = 0;
    std::chrono::milliseconds window{};
    By by = By::Address;

    /// Routes of one plugin with the same name count together; empty: this route alone.
    std::string group{};
};

/// Tokens: JSON Web Tokens (RFC 7519) that the host signs and verifies, so that no plugin holds a key.
///
/// Safe from any thread. verify() and issue() do not wait, but may take a tenth of a millisecond.
class Identities {
public:
    virtual ~Identities();

    /// Makes a token for `identity`, whose issuedAt and expiresAt are ignored: they are now and after `lifetime`.
    ///
    /// Throws std::invalid_argument when `identity` names no user, has texts of more than 256 bytes or with control
    /// characters, or more than 32 roles; ApiError 503 TOKEN_KEY_MISSING on a server that has public keys alone.
    virtual std::string issue(const Identity& identity, std::chrono::seconds lifetime) = 0;

    /// For how long tokens are to live: `identity.token-lifetime`.
    virtual std::chrono::seconds tokenLifetime() const = 0;

    /// Who has this token. Throws ApiError 401 with a code for what is wrong: TOKEN_MALFORMED, TOKEN_ALGORITHM,
    /// TOKEN_SIGNATURE, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_REVOKED.
    virtual Identity verify(std::string_view token) const = 0;

    /// From now on tokens of this session are refused, on every host that the bus reaches, and forgotten after `until`,
    /// when all of them have expired.
    virtual void endSession(std::string_view sessionId, std::chrono::system_clock::time_point until) = 0;

    /// As endSession(), on this host alone: for what hosts read of each other where they keep it in common.
    virtual void takeEndedSession(std::string_view sessionId, std::chrono::system_clock::time_point until) = 0;

    /// From now on tokens of this user that were issued before `before` (to the millisecond) are refused; as
    /// endSession().
    virtual void endSessionsOf(std::string_view userId, std::chrono::system_clock::time_point before,
                               std::chrono::system_clock::time_point until) = 0;

    /// The public keys (RFC 7517 section 5); {"keys": []} with a shared secret.
    virtual boost::json::object publicKeys() const = 0;
};

}  // namespace playhouse
