#include "SessionStore.h"

#include <playhouse/Response.h>
#include <playhouse/Utf8.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <span>
#include <stdexcept>

namespace playhouse::auth {
namespace {

constexpr std::size_t tokenBytes = 32;
constexpr std::size_t mostAgentBytes = 500;
constexpr std::size_t mostAddressBytes = 45;

std::string hexOf(std::span<const unsigned char> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

std::string newRefreshToken() {
    std::array<unsigned char, tokenBytes> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("there are no random bytes for a refresh token");
    return hexOf(bytes);
}

std::string hashOfToken(std::string_view token) {
    std::array<unsigned char, 32> digest{};
    unsigned int length = 0;
    if (EVP_Digest(token.data(), token.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 of a refresh token failed");
    return hexOf(digest);
}

/// What a client wrote, fit for its column: no database takes all bytes.
std::string fitting(std::string text, std::size_t most) {
    if (!isUtf8(text) || text.find('\0') != std::string::npos)
        std::erase_if(text, [](unsigned char one) { return one < 0x20 || one > 0x7e; });
    if (text.size() <= most) return text;
    text.resize(most);
    while (!text.empty() && !isUtf8(text)) text.pop_back();
    return text;
}

const std::string sessionColumns =
    "s.id, s.user_id, s.device_id, s.address, s.user_agent, s.created_at, s.last_used_at, s.expires_at";

Session sessionOf(const SqlResult::Row& row) {
    return {row.text("id"),           row.text("user_id"),    row.optionalText("device_id").value_or(""),
            row.text("address"),      row.text("user_agent"), row.time("created_at"),
            row.time("last_used_at"), row.time("expires_at")};
}

std::vector<Session> sessionsOf(SqlSession& session, std::string_view userId, Time now) {
    const auto rows = session.run("SELECT " + sessionColumns +
                                      " FROM auth_sessions s WHERE s.user_id = $1 AND s.expires_at > $2 "
                                      "ORDER BY s.last_used_at DESC, s.created_at DESC, s.id",
                                  {std::string(userId), sqlTime(now)});
    std::vector<Session> sessions;
    for (std::size_t index = 0; index < rows.size(); ++index) sessions.push_back(sessionOf(rows[index]));
    return sessions;
}

void noteEnding(SqlSession& session, const Ending& ending) {
    session.run(
        "INSERT INTO auth_endings (id, session_id, user_id, issued_before, until_time) VALUES ($1, $2, $3, $4, $5)",
        {uuidText(), ending.sessionId.empty() ? SqlValue() : SqlValue(ending.sessionId), ending.userId,
         ending.sessionId.empty() ? SqlValue(sqlTime(ending.issuedBefore)) : SqlValue(), sqlTime(ending.until)});
}

Ending endSession(SqlSession& session, const Session& ended, Time until) {
    session.run("DELETE FROM auth_sessions WHERE id = $1", {ended.id});
    Ending ending{ended.id, ended.userId, {}, until};
    noteEnding(session, ending);
    return ending;
}

void storeToken(SqlSession& session, const std::string& hash, const std::string& sessionId, Time now) {
    session.run("INSERT INTO auth_refresh_tokens (token_hash, session_id, issued_at) VALUES ($1, $2, $3)",
                {hash, sessionId, sqlTime(now)});
}

}  // namespace

boost::json::object toJson(const Session& session, bool isCurrent) {
    return {{"id", session.id},
            {"deviceId", session.deviceId.empty() ? boost::json::value(nullptr) : boost::json::value(session.deviceId)},
            {"address", session.address},
            {"userAgent", session.userAgent},
            {"createdAt", isoTime(session.createdAt)},
            {"lastUsedAt", isoTime(session.lastUsedAt)},
            {"expiresAt", isoTime(session.expiresAt)},
            {"current", isCurrent}};
}

SessionStore::SessionStore(Database& database, Clock& clock, Settings settings)
    : database_(database), clock_(clock), settings_(settings) {
    if (settings_.mostPerUser == 0) throw std::invalid_argument("a user needs to have at least one session");
}

std::optional<SessionStore::Begun> SessionStore::begin(Session begun, std::string_view passwordHash) {
    const auto now = clock_.now();
    const auto token = newRefreshToken();
    begun.id = uuidText();
    begun.address = fitting(std::move(begun.address), mostAddressBytes);
    begun.userAgent = fitting(std::move(begun.userAgent), mostAgentBytes);
    begun.createdAt = begun.lastUsedAt = now;
    begun.expiresAt = now + settings_.refreshLifetime;
    if (!isUuid(begun.userId)) return std::nullopt;
    return database_.transaction([&](SqlSession& session) -> std::optional<Begun> {
        const auto account =
            session.run("SELECT password_hash, suspended_at FROM auth_accounts WHERE user_id = $1", {begun.userId});
        if (account.empty() || account[0].optionalTime("suspended_at") ||
            account[0].text("password_hash") != passwordHash)
            return std::nullopt;
        Begun result{begun, token, {}};
        auto others = sessionsOf(session, begun.userId, now);
        for (; others.size() >= settings_.mostPerUser; others.pop_back())
            result.endings.push_back(endSession(session, others.back(), now + settings_.accessLifetime));
        session.run(
            "INSERT INTO auth_sessions (id, user_id, device_id, address, user_agent, created_at, last_used_at, "
            "expires_at) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
            {begun.id, begun.userId, begun.deviceId.empty() ? SqlValue() : SqlValue(begun.deviceId), begun.address,
             begun.userAgent, sqlTime(now), sqlTime(begun.expiresAt)});
        storeToken(session, hashOfToken(token), begun.id, now);
        return result;
    });
}

std::variant<SessionStore::Refreshed, SessionStore::Replayed, SessionStore::Unknown> SessionStore::refresh(
    std::string_view refreshToken) {
    using Result = std::variant<Refreshed, Replayed, Unknown>;
    const auto now = clock_.now();
    const auto hash = hashOfToken(refreshToken);
    const auto next = newRefreshToken();
    // Serializable: of two tabs at once the second sees that the token was used, and when.
    return database_.transaction([&](SqlSession& session) -> Result {
        const auto rows = session.run("SELECT " + sessionColumns +
                                          ", t.used_at, t.issued_at FROM auth_refresh_tokens t JOIN auth_sessions s "
                                          "ON s.id = t.session_id WHERE t.token_hash = $1",
                                      {hash});
        if (rows.empty()) return Unknown{};
        auto found = sessionOf(rows[0]);
        if (found.expiresAt <= now || rows[0].time("issued_at") + settings_.refreshLifetime <= now) return Unknown{};
        const auto usedAt = rows[0].optionalTime("used_at");
        if (usedAt && now - *usedAt > settings_.graceWindow)
            return Replayed{endSession(session, found, now + settings_.accessLifetime)};
        if (!usedAt)
            session.run("UPDATE auth_refresh_tokens SET used_at = $2 WHERE token_hash = $1", {hash, sqlTime(now)});
        found.lastUsedAt = now;
        found.expiresAt = now + settings_.refreshLifetime;
        session.run("UPDATE auth_sessions SET last_used_at = $2, expires_at = $3 WHERE id = $1",
                    {found.id, sqlTime(found.lastUsedAt), sqlTime(found.expiresAt)});
        storeToken(session, hashOfToken(next), found.id, now);
        return Refreshed{found, next};
    });
}

std::vector<Session> SessionStore::of(std::string_view userId) {
    if (!isUuid(userId)) return {};
    return database_.use([&](SqlSession& session) { return sessionsOf(session, userId, clock_.now()); });
}

std::optional<Ending> SessionStore::end(std::string_view userId, std::string_view sessionId) {
    if (!isUuid(userId) || !isUuid(sessionId)) return std::nullopt;
    const auto until = clock_.now() + settings_.accessLifetime;
    return database_.transaction([&](SqlSession& session) -> std::optional<Ending> {
        const auto rows =
            session.run("SELECT " + sessionColumns + " FROM auth_sessions s WHERE s.id = $1 AND s.user_id = $2",
                        {std::string(sessionId), std::string(userId)});
        if (rows.empty()) return std::nullopt;
        return endSession(session, sessionOf(rows[0]), until);
    });
}

std::vector<Ending> SessionStore::endAll(SqlSession& session, std::string_view userId, std::string_view except) const {
    const auto now = clock_.now();
    const auto until = now + settings_.accessLifetime;
    std::vector<Ending> endings;
    // Those that have expired too: they may have had an access token just before.
    for (const auto& one : sessionsOf(session, userId, Time{}))
        if (one.id != except) endings.push_back(endSession(session, one, until));
    if (except.empty()) {
        endings.push_back({{}, std::string(userId), now, until});
        noteEnding(session, endings.back());
    }
    return endings;
}

Ending SessionStore::renewTokens(SqlSession& session, std::string_view userId) const {
    const auto now = clock_.now();
    const Ending ending{{}, std::string(userId), now, now + settings_.accessLifetime};
    noteEnding(session, ending);
    return ending;
}

std::vector<Ending> SessionStore::endings() {
    return database_.use([&](SqlSession& session) {
        const auto rows =
            session.run("SELECT session_id, user_id, issued_before, until_time FROM auth_endings WHERE until_time > $1",
                        {sqlTime(clock_.now())});
        std::vector<Ending> endings;
        for (std::size_t index = 0; index < rows.size(); ++index) {
            const auto row = rows[index];
            endings.push_back({row.optionalText("session_id").value_or(""), row.optionalText("user_id").value_or(""),
                               row.optionalTime("issued_before").value_or(Time{}), row.time("until_time")});
        }
        return endings;
    });
}

void SessionStore::purge() {
    const auto now = clock_.now();
    database_.use([&](SqlSession& session) {
        session.run("DELETE FROM auth_sessions WHERE expires_at <= $1", {sqlTime(now)});
        session.run("DELETE FROM auth_refresh_tokens WHERE issued_at <= $1",
                    {sqlTime(now - settings_.refreshLifetime)});
        session.run("DELETE FROM auth_endings WHERE until_time <= $1", {sqlTime(now)});
    });
}

}  // namespace playhouse::auth
