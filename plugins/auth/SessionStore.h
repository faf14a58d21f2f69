#pragma once

#include "Account.h"

#include <playhouse/Clock.h>
#include <playhouse/Database.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace playhouse::auth {

/// One login that goes on: a family of refresh tokens.
struct Session {
    std::string id;  ///< a UUID
    std::string userId;
    std::string deviceId;  ///< empty: none
    std::string address;   ///< of the client that began it
    std::string userAgent;
    Time createdAt{};
    Time lastUsedAt{};
    Time expiresAt{};
    std::string accessId{};  ///< a UUID: "sid" of its access tokens, changed when those issued before are to be refused
    Time accessUntil{};      ///< when the last of its access tokens has expired
};

/// {id, deviceId, address, userAgent, createdAt, lastUsedAt, expiresAt, current}; `current`: it is the one that asks.
boost::json::object toJson(const Session& session, bool isCurrent);

/// Access tokens that are refused although they have not expired.
struct Ending {
    std::string accessId;
    Time until{};  ///< when they have
};

/// Sessions and their refresh tokens (RefreshToken.h).
///
/// Each refresh token is good for one use, and for others within `graceWindow` of it (tabs that refresh at once). Used
/// later it is taken for stolen, and ends its session. Ending a session deletes it and notes the ending, in one
/// transaction, until its access tokens have expired. Safe from any thread that may wait; throws as Database does.
class SessionStore {
public:
    struct Settings {
        std::chrono::seconds refreshLifetime;  ///< of a session that is not used
        std::chrono::seconds graceWindow;
        std::function<std::chrono::seconds()> accessLifetime;  ///< Identities::tokenLifetime(), which may change
        std::size_t mostPerUser;                               ///< beyond it the one that was used longest ago ends
    };

    /// What is given by reference outlives this.
    SessionStore(Database& database, Clock& clock, Settings settings);

    struct Begun {
        Session session;
        std::string refreshToken;
        std::chrono::seconds accessLifetime;  ///< for the access token that goes with it
        std::vector<Ending> endings;          ///< of sessions that had to go for it
    };

    /// Begins a session; its ids and times are made here. Absent when its account is not there, is suspended, or has
    /// another password hash than `passwordHash` by now.
    std::optional<Begun> begin(Session session, std::string_view passwordHash);

    struct Refreshed {
        Session session;
        std::string refreshToken;
        std::chrono::seconds accessLifetime;
    };
    struct Replayed {
        Ending ending;  ///< of the session, which has ended
    };
    struct Unknown {};  ///< never issued, expired, or of a session that has ended

    /// Changes a refresh token for another.
    std::variant<Refreshed, Replayed, Unknown> refresh(std::string_view refreshToken);

    /// The user's sessions that have not expired, the last used first.
    std::vector<Session> of(std::string_view userId);

    /// Ends a session of this user; absent when it has none with this id.
    std::optional<Ending> end(std::string_view userId, std::string_view sessionId);

    /// The same of the session whose access tokens have this id.
    std::optional<Ending> endByAccess(std::string_view userId, std::string_view accessId);

    /// Ends all sessions of a user but the one with the access id `except` (empty: none). Within a transaction, that of
    /// the reason.
    std::vector<Ending> endAll(SqlSession& session, std::string_view userId, std::string_view except = {}) const;

    /// Has access tokens issued until now refused, while sessions go on: the next refresh brings one that tells what is
    /// new. Within a transaction, as endAll().
    std::vector<Ending> renewAccess(SqlSession& session, std::string_view userId) const;

    /// Gives `each` the endings that still count, some thousands at a time.
    void eachEnding(const std::function<void(const Ending&)>& each);

    /// Those that hosts have noted since `since`, each by its own clock.
    std::vector<Ending> endingsSince(Time since);

    /// Removes what is of no use any more: sessions without a token that could be used, used and surplus refresh
    /// tokens, and endings that no longer count.
    void purge();

private:
    std::optional<Ending> endWhere(const std::string& column, std::string_view userId, std::string_view id);
    void prolong(Session& session, Time now, std::chrono::seconds accessLifetime) const;

    Database& database_;
    Clock& clock_;
    const Settings settings_;
};

}  // namespace playhouse::auth
