#include "SessionStore.h"

#include "RefreshToken.h"

#include <playhouse/Response.h>
#include <playhouse/Utf8.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace playhouse::auth {
namespace {

using std::chrono::seconds;

constexpr std::size_t mostAgentBytes = 500;
constexpr std::size_t mostAddressBytes = 45;

/// Unused refresh tokens of one session: more than its tabs need, and few enough for whoever asks for more and more.
constexpr std::int64_t mostUnused = 20;

/// Endings read at once.
constexpr std::int64_t endingsAPage = 5'000;

/// What may pass between storing that an access token will be issued, and issuing it; and how far the clocks of hosts
/// may be apart where nothing but the work of cleaning up depends on it.
constexpr seconds slack = std::chrono::minutes(1);

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
    "s.id, s.user_id, s.device_id, s.address, s.user_agent, s.created_at, s.last_used_at, s.expires_at, s.access_id, "
    "s.access_until, s.token_key";

Session sessionOf(const SqlResult::Row& row) {
    return {row.text("id"),           row.text("user_id"),    row.optionalText("device_id").value_or(""),
            row.text("address"),      row.text("user_agent"), row.time("created_at"),
            row.time("last_used_at"), row.time("expires_at"), row.text("access_id"),
            row.time("access_until")};
}

/// The last used first.
std::vector<Session> sessionsOf(SqlSession& session, std::string_view userId) {
    const auto rows = session.run("SELECT " + sessionColumns +
                                      " FROM auth_sessions s WHERE s.user_id = $1 "
                                      "ORDER BY s.last_used_at DESC, s.created_at DESC, s.id",
                                  {std::string(userId)});
    std::vector<Session> sessions;
    for (std::size_t index = 0; index < rows.size(); ++index) sessions.push_back(sessionOf(rows[index]));
    return sessions;
}

Ending noteEnding(SqlSession& session, const Session& of, Time now) {
    session.run(
        "INSERT INTO auth_endings (access_id, until_time, noted_at) VALUES ($1, $2, $3) "
        "ON CONFLICT (access_id) DO NOTHING",
        {of.accessId, sqlTime(of.accessUntil), sqlTime(now)});
    return {of.accessId, of.accessUntil};
}

Ending endSession(SqlSession& session, const Session& ended, Time now) {
    session.run("DELETE FROM auth_sessions WHERE id = $1", {ended.id});
    return noteEnding(session, ended, now);
}

void storeToken(SqlSession& session, std::string_view token, const std::string& sessionId, Time now) {
    session.run("INSERT INTO auth_refresh_tokens (token_hash, session_id, issued_at) VALUES ($1, $2, $3)",
                {refresh_token::hashOf(token), sessionId, sqlTime(now)});
}

std::vector<Ending> endingsOf(const SqlResult& rows) {
    std::vector<Ending> endings;
    for (std::size_t index = 0; index < rows.size(); ++index)
        endings.push_back({rows[index].text("access_id"), rows[index].time("until_time")});
    return endings;
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
    : database_(database), clock_(clock), settings_(std::move(settings)) {
    if (settings_.mostPerUser == 0) throw std::invalid_argument("a user needs to have at least one session");
}

void SessionStore::prolong(Session& session, Time now, seconds accessLifetime) const {
    session.lastUsedAt = now;
    session.expiresAt = now + settings_.refreshLifetime;
    // The lifetime may have been longer when an earlier one was issued.
    session.accessUntil = std::max(session.accessUntil, now + accessLifetime + slack);
}

std::optional<SessionStore::Begun> SessionStore::begin(Session begun, std::string_view passwordHash) {
    if (!isUuid(begun.userId)) return std::nullopt;
    const auto now = clock_.now();
    const auto accessLifetime = settings_.accessLifetime();
    begun.id = uuidText();
    begun.accessId = uuidText();
    begun.address = fitting(std::move(begun.address), mostAddressBytes);
    begun.userAgent = fitting(std::move(begun.userAgent), mostAgentBytes);
    begun.createdAt = now;
    prolong(begun, now, accessLifetime);
    const auto key = refresh_token::newKey();
    const auto token = refresh_token::make(begun.id, key);
    return database_.transaction([&](SqlSession& session) -> std::optional<Begun> {
        const auto account =
            session.run("SELECT password_hash, suspended_at FROM auth_accounts WHERE user_id = $1", {begun.userId});
        if (account.empty() || account[0].optionalTime("suspended_at") ||
            account[0].text("password_hash") != passwordHash)
            return std::nullopt;
        Begun result{begun, token, accessLifetime, {}};
        auto others = sessionsOf(session, begun.userId);
        for (; others.size() >= settings_.mostPerUser; others.pop_back())
            result.endings.push_back(endSession(session, others.back(), now));
        session.run(
            "INSERT INTO auth_sessions (id, user_id, device_id, address, user_agent, created_at, last_used_at, "
            "expires_at, access_id, access_until, token_key) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10)",
            {begun.id, begun.userId, begun.deviceId.empty() ? SqlValue() : SqlValue(begun.deviceId), begun.address,
             begun.userAgent, sqlTime(now), sqlTime(begun.expiresAt), begun.accessId, sqlTime(begun.accessUntil), key});
        storeToken(session, token, begun.id, now);
        return result;
    });
}

std::variant<SessionStore::Refreshed, SessionStore::Replayed, SessionStore::Unknown> SessionStore::refresh(
    std::string_view refreshToken) {
    using Result = std::variant<Refreshed, Replayed, Unknown>;
    const auto sessionId = refresh_token::sessionIdIn(refreshToken);
    if (!sessionId) return Unknown{};
    const auto now = clock_.now();
    const auto accessLifetime = settings_.accessLifetime();
    const auto hash = refresh_token::hashOf(refreshToken);
    // Serializable: of two tabs at once the second sees that the token was used, and when.
    return database_.transaction([&](SqlSession& session) -> Result {
        const auto rows =
            session.run("SELECT " + sessionColumns + " FROM auth_sessions s WHERE s.id = $1", {*sessionId});
        if (rows.empty() || !refresh_token::isSignedBy(refreshToken, rows[0].text("token_key"))) return Unknown{};
        auto found = sessionOf(rows[0]);
        if (found.expiresAt <= now) return Unknown{};
        const auto kept =
            session.run("SELECT used_at, issued_at FROM auth_refresh_tokens WHERE token_hash = $1", {hash});
        const auto usedAt = kept.empty() ? std::nullopt : kept[0].optionalTime("used_at");
        // Of one that is not kept any more it is long since it was used.
        if (kept.empty() || (usedAt && now - *usedAt > settings_.graceWindow))
            return Replayed{endSession(session, found, now)};
        if (!usedAt)
            session.run("UPDATE auth_refresh_tokens SET used_at = $2 WHERE token_hash = $1", {hash, sqlTime(now)});
        prolong(found, now, accessLifetime);
        session.run("UPDATE auth_sessions SET last_used_at = $2, expires_at = $3, access_until = $4 WHERE id = $1",
                    {found.id, sqlTime(found.lastUsedAt), sqlTime(found.expiresAt), sqlTime(found.accessUntil)});
        const auto next = refresh_token::make(found.id, rows[0].text("token_key"));
        storeToken(session, next, found.id, now);
        return Refreshed{found, next, accessLifetime};
    });
}

std::vector<Session> SessionStore::of(std::string_view userId) {
    if (!isUuid(userId)) return {};
    auto sessions = database_.use([&](SqlSession& session) { return sessionsOf(session, userId); });
    std::erase_if(sessions, [now = clock_.now()](const Session& session) { return session.expiresAt <= now; });
    return sessions;
}

std::optional<Ending> SessionStore::end(std::string_view userId, std::string_view sessionId) {
    return endWhere("id", userId, sessionId);
}

std::optional<Ending> SessionStore::endByAccess(std::string_view userId, std::string_view accessId) {
    return endWhere("access_id", userId, accessId);
}

std::optional<Ending> SessionStore::endWhere(const std::string& column, std::string_view userId, std::string_view id) {
    if (!isUuid(userId) || !isUuid(id)) return std::nullopt;
    const auto now = clock_.now();
    return database_.transaction([&](SqlSession& session) -> std::optional<Ending> {
        const auto rows = session.run(
            "SELECT " + sessionColumns + " FROM auth_sessions s WHERE s." + column + " = $1 AND s.user_id = $2",
            {std::string(id), std::string(userId)});
        if (rows.empty()) return std::nullopt;
        return endSession(session, sessionOf(rows[0]), now);
    });
}

std::vector<Ending> SessionStore::endAll(SqlSession& session, std::string_view userId, std::string_view except) const {
    const auto now = clock_.now();
    std::vector<Ending> endings;
    for (const auto& one : sessionsOf(session, userId))
        if (one.accessId != except) endings.push_back(endSession(session, one, now));
    return endings;
}

std::vector<Ending> SessionStore::renewAccess(SqlSession& session, std::string_view userId) const {
    const auto now = clock_.now();
    std::vector<Ending> endings;
    for (const auto& one : sessionsOf(session, userId)) {
        endings.push_back(noteEnding(session, one, now));
        session.run("UPDATE auth_sessions SET access_id = $2 WHERE id = $1", {one.id, uuidText()});
    }
    return endings;
}

void SessionStore::eachEnding(const std::function<void(const Ending&)>& each) {
    std::string last = "00000000-0000-0000-0000-000000000000";
    for (;;) {
        const auto page = database_.use([&](SqlSession& session) {
            return endingsOf(
                session.run("SELECT access_id, until_time FROM auth_endings WHERE access_id > $1 AND until_time > $2 "
                            "ORDER BY access_id LIMIT $3",
                            {last, sqlTime(clock_.now()), endingsAPage}));
        });
        for (const auto& ending : page) each(ending);
        if (page.size() < static_cast<std::size_t>(endingsAPage)) return;
        last = page.back().accessId;
    }
}

std::vector<Ending> SessionStore::endingsSince(Time since) {
    return database_.use([&](SqlSession& session) {
        return endingsOf(
            session.run("SELECT access_id, until_time FROM auth_endings WHERE noted_at >= $1", {sqlTime(since)}));
    });
}

void SessionStore::purge() {
    const auto now = clock_.now();
    database_.use([&](SqlSession& session) {
        session.run("DELETE FROM auth_sessions WHERE expires_at <= $1 AND access_until <= $1", {sqlTime(now)});
        session.run("DELETE FROM auth_refresh_tokens WHERE used_at <= $1",
                    {sqlTime(now - settings_.graceWindow - slack)});
        session.run(
            "DELETE FROM auth_refresh_tokens WHERE token_hash IN (SELECT token_hash FROM (SELECT token_hash, "
            "row_number() OVER (PARTITION BY session_id ORDER BY issued_at DESC, token_hash) AS place "
            "FROM auth_refresh_tokens WHERE used_at IS NULL) AS ranked WHERE place > $1)",
            {mostUnused});
        session.run("DELETE FROM auth_endings WHERE until_time <= $1", {sqlTime(now)});
    });
}

}  // namespace playhouse::auth
