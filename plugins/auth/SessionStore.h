#pragma once

#include "Account.h"

#include <playhouse/Clock.h>
#include <playhouse/Database.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace playhouse::auth {

/// One login that goes on: a family of refresh tokens.
struct Session {
    std::string id;  ///< a UUID; "sid" of its access tokens
    std::string userId;
    std::string deviceId;  ///< empty: none
    std::string address;   ///< of the client that began it
    std::string userAgent;
    Time createdAt{};
    Time lastUsedAt{};
    Time expiresAt{};
};

/// {id, deviceId, address, userAgent, createdAt, lastUsedAt, expiresAt, current}; `current`: it is the one that asks.
boost::json::object toJson(const Session& session, bool isCurrent);

/// Access tokens that are refused before they expire: of a session, or of a user those issued before a moment.
struct Ending {
    std::string sessionId;  ///< empty: of the user
    std::string userId;
    Time issuedBefore{};
    Time until{};
};

/// Sessions and their refresh tokens, which are opaque: 256 random bits, of which only SHA-256 is stored.
///
/// Each refresh token is good for one use, and for others within `graceWindow` of it (tabs that refresh at once). Used
/// later it is taken for stolen, and ends its session. Ending a session deletes it and notes the ending, in one
/// transaction, until its access tokens have expired. Safe from any thread that may wait; throws as Database does.
class SessionStore {
public:
    struct Settings {
        std::chrono::seconds refreshLifetime;  ///< of a session that is not used
        std::chrono::seconds graceWindow;
        std::chrono::seconds accessLifetime;  ///< Identities::tokenLifetime()
        std::size_t mostPerUser;              ///< beyond it the one that was used longest ago ends
    };

    /// What is given by reference outlives this.
    SessionStore(Database& database, Clock& clock, Settings settings);

    struct Begun {
        Session session;
        std::string refreshToken;
        std::vector<Ending> endings;  ///< of sessions that had to go for it
    };

    /// Begins a session; its id and times are made here. Absent when its account is not there, is suspended, or has
    /// another password hash than `passwordHash` by now.
    std::optional<Begun> begin(Session session, std::string_view passwordHash);

    struct Refreshed {
        Session session;
        std::string refreshToken;
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

    /// Ends all sessions of a user but `except` (empty: none), and all access tokens issued until now with it but, when
    /// `except` is given, its own.
    /// Within a transaction, that of the reason.
    std::vector<Ending> endAll(SqlSession& session, std::string_view userId, std::string_view except = {}) const;

    /// Notes that access tokens issued until now are refused, while sessions go on: their next one tells what is new.
    /// Within a transaction, as endAll().
    Ending renewTokens(SqlSession& session, std::string_view userId) const;

    /// The endings that still count.
    std::vector<Ending> endings();

    /// Removes what has expired: sessions, and endings that no longer count.
    void purge();

private:
    Database& database_;
    Clock& clock_;
    const Settings settings_;
};

}  // namespace playhouse::auth
