#include "Office.h"

#include "AccountRules.h"

#include <playhouse/ApiError.h>
#include <playhouse/Sql.h>
#include <playhouse/Utf8.h>

#include <exception>
#include <memory>
#include <utility>

namespace playhouse::auth {
namespace {

bool isContinuation(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

}  // namespace

Account Office::asking(const Request& request) const {
    const auto& user = request.user();
    std::optional<Account> account;
    if (isUuid(user.userId)) account = accounts.findById(user.userId);
    if (!account) throw accountGone();
    refuseSuspended(*account);
    return *account;
}

void Office::confirm(const Account& account, const std::string& password, const Request& request) const {
    const auto email = normalisedEmail(account.email).value_or(account.email);
    auto attempt = guard.begin(email, request.clientAddress());
    if (!hasher.verify(password, account.passwordHash)) {
        attempt.failed();
        throw passwordWrong();
    }
    attempt.succeeded();
}

Response Office::tokens(const Account& account, const std::string& sessionId, const std::string& refreshToken,
                        int status) const {
    const auto lifetime = identities.tokenLifetime();
    Identity identity;
    identity.userId = account.id;
    identity.sessionId = sessionId;
    identity.username = account.username;
    identity.tier = tiers.of(account.tier).name;
    identity.roles = {std::string(toString(account.role))};
    boost::json::object data;
    data["accessToken"] = identities.issue(identity, lifetime);
    data["refreshToken"] = refreshToken;
    data["expiresIn"] = lifetime.count();
    data["user"] = toJson(account);
    return Response::json(std::move(data), status).withCacheControl("no-store");
}

DeferredHandler Office::hashing(std::function<Response(const Request&)> answer) const {
    return [this, answer = std::move(answer)](const Request& request, Responder given) {
        const auto responder = std::make_shared<Responder>(std::move(given));
        try {
            queue.submit([this, answer, responder, copy = request] {
                try {
                    responder->send(answer(copy));
                } catch (const ApiError& error) {
                    responder->fail(error);
                } catch (const std::exception& error) {
                    // Without an answer the responder tells the client of an internal error.
                    logger.error("request " + copy.requestId() + " failed: " + error.what());
                }
            });
        } catch (const ApiError& error) {
            responder->fail(error);
        }
    };
}

ApiError passwordWrong() {
    return {403, "PASSWORD_WRONG", "The current password is not right.", {{"field", "currentPassword"}}};
}

ApiError accountGone() {
    return {401, "ACCOUNT_GONE", "The account of this token does not exist any more."};
}

void refuseSuspended(const Account& account) {
    if (!account.isSuspended()) return;
    throw ApiError(403, "ACCOUNT_SUSPENDED", "This account is suspended: " + account.suspensionReason,
                   {{"reason", account.suspensionReason}});
}

std::string idOf(const Request& request, const std::string& code, const std::string& message) {
    const auto& id = request.pathParameter("id");
    if (!isUuid(id)) throw ApiError(404, code, message);
    return id;
}

std::string oneLine(std::string_view text, std::size_t most) {
    auto line = asUtf8(std::string(text));
    for (auto& byte : line)
        if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F) byte = ' ';
    if (line.size() > most) {
        auto end = most;
        while (end > 0 && isContinuation(line[end])) --end;
        line.resize(end);
    }
    return line;
}

}  // namespace playhouse::auth
