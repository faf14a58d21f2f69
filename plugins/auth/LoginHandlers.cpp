#include "LoginHandlers.h"

#include "AccountRules.h"
#include "Fields.h"

#include <playhouse/ApiError.h>
#include <playhouse/Sql.h>

#include <optional>
#include <utility>
#include <variant>

namespace playhouse::auth {
namespace {

constexpr std::size_t longestPassword = 512;
constexpr std::size_t longestUserAgent = 500;

/// Of logins that find the password hashed anew by another one.
constexpr int mostRepeats = 3;

/// One text for an account that is not there and a password that is not its own: nobody learns who has an account.
ApiError invalidCredentials() {
    return {401, "INVALID_CREDENTIALS", "The e-mail address or the password is not right."};
}

ApiError invalidRefreshToken() {
    return {401, "REFRESH_TOKEN_INVALID",
            "The refresh token is unknown, expired or of a session that has ended: log in again."};
}

}  // namespace

Response LoginHandlers::registerAccount(const Request& request) const {
    Fields fields(request);
    Account account;
    account.email = emailField(fields);
    account.username = usernameField(fields);
    const auto password = newPasswordField(fields, "password", account.email, account.username);
    fields.check();

    account.id = uuidText();
    account.tier = office_.tiers.first().name;
    account.createdAt = office_.clock.now();
    account.lastLoginAt = account.createdAt;
    account.passwordHash = office_.hasher.hash(password);
    office_.accounts.create(account);
    const auto begun = beginSession(account, {}, request);
    if (!begun) throw invalidCredentials();
    return office_.tokens(account, *begun, 201);
}

Response LoginHandlers::login(const Request& request) const {
    Fields fields(request);
    const auto written = emailField(fields);
    const auto password = fields.text("password", 1, longestPassword);
    const auto deviceId = fields.optionalText("deviceId", 1, 36);
    fields.check();

    const auto email = normalisedEmail(written).value_or(written);
    auto account = guessed(email, password, request);
    if (!account) throw invalidCredentials();
    refuseSuspended(*account);
    const auto device = deviceId ? deviceOf(*account, *deviceId) : std::string();

    auto begun = beginSession(*account, device, request);
    // Another login may have hashed the password anew, and somebody may have changed it.
    for (int again = 0; !begun && again < mostRepeats; ++again) {
        account = whoHas(email, password);
        if (!account) throw invalidCredentials();
        refuseSuspended(*account);
        begun = beginSession(*account, device, request);
    }
    if (!begun) throw invalidCredentials();
    const auto shown = office_.accounts.change(account->id, {.lastLoginAt = office_.clock.now()});
    if (!shown) throw invalidCredentials();
    if (office_.hasher.isOutdated(account->passwordHash))
        office_.accounts.change(
            account->id, {.passwordHash = office_.hasher.hash(password), .ifPasswordHash = account->passwordHash});
    return office_.tokens(*shown, *begun);
}

std::optional<Account> LoginHandlers::whoHas(const std::string& email, const std::string& password) const {
    auto account = office_.accounts.findByEmail(email);
    if (!account) {
        office_.hasher.verifyNobody(password);
        return std::nullopt;
    }
    if (!office_.hasher.verify(password, account->passwordHash)) return std::nullopt;
    return account;
}

std::optional<Account> LoginHandlers::guessed(const std::string& email, const std::string& password,
                                              const Request& request) const {
    const auto turn = office_.turns.take(email + " " + request.clientAddress());
    auto attempt = office_.guard.begin(email, request.clientAddress());
    auto account = whoHas(email, password);
    if (account)
        attempt.succeeded();
    else
        attempt.failed();
    return account;
}

std::string LoginHandlers::deviceOf(const Account& account, const std::string& id) const {
    auto device = canonicalUuid(id);
    if (device && office_.devices.touch(account.id, *device)) return *std::move(device);
    throw ApiError(404, "DEVICE_NOT_FOUND", "You have no device with this id.", {{"field", "deviceId"}});
}

Response LoginHandlers::refresh(const Request& request) const {
    Fields fields(request);
    const auto token = fields.text("refreshToken", 1, 200);
    fields.check();

    const auto outcome = office_.sessions.refresh(token);
    if (const auto* replayed = std::get_if<SessionStore::Replayed>(&outcome)) {
        office_.watch.enforce(replayed->ending);
        office_.logger.warning("a refresh token was used again, so its session has ended: that of the access tokens " +
                               replayed->ending.accessId);
        throw ApiError(401, "REFRESH_TOKEN_REUSED",
                       "This refresh token has been used before. In case it was stolen, its session has ended: log in "
                       "again.");
    }
    const auto* refreshed = std::get_if<SessionStore::Refreshed>(&outcome);
    if (refreshed == nullptr) throw invalidRefreshToken();
    const auto account = office_.accounts.findById(refreshed->session.userId);
    if (!account) throw invalidRefreshToken();
    refuseSuspended(*account);
    return office_.tokens(*account, *refreshed);
}

Response LoginHandlers::logout(const Request& request) const {
    const auto& user = request.user();
    if (const auto ending = office_.sessions.endByAccess(user.userId, user.sessionId)) office_.watch.enforce(*ending);
    return Response(204);
}

std::optional<SessionStore::Begun> LoginHandlers::beginSession(const Account& account, const std::string& deviceId,
                                                               const Request& request) const {
    Session session;
    session.userId = account.id;
    session.deviceId = deviceId;
    session.address = request.clientAddress();
    session.userAgent = oneLine(request.header("User-Agent").value_or(""), longestUserAgent);
    auto begun = office_.sessions.begin(std::move(session), account.passwordHash);
    if (begun) office_.watch.enforce(begun->endings);
    return begun;
}

}  // namespace playhouse::auth
