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

/// Of changes that meet a password which is being hashed anew.
constexpr int mostAttempts = 3;

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
    const auto turn = turns.take(email + " " + request.clientAddress());
    auto attempt = guard.begin(email, request.clientAddress());
    if (!hasher.verify(password, account.passwordHash)) {
        attempt.failed();
        throw passwordWrong();
    }
    attempt.succeeded();
}

Account Office::changeConfirmed(Account account, const std::string& password, const Request& request,
                                AccountStore::Changes changes, const AccountStore::Also& also) const {
    for (int attempt = 0; attempt < mostAttempts; ++attempt) {
        changes.ifPasswordHash = account.passwordHash;
        if (auto changed = accounts.change(account.id, changes, also)) return *std::move(changed);
        // It is hashed anew by a login, or has been changed.
        account = asking(request);
        if (!hasher.verify(password, account.passwordHash)) break;
    }
    throw passwordWrong();
}

Response Office::tokens(const Account& account, const std::string& accessId, const std::string& refreshToken,
                        std::chrono::seconds lifetime, int status) const {
    Identity identity;
    identity.userId = account.id;
    identity.sessionId = accessId;
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
                // Who has hung up while it waited would log in for nobody.
                if (responder->clientIsGone()) return responder->fail(loginsAreBusy());
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
    auto id = canonicalUuid(request.pathParameter("id"));
    if (!id) throw ApiError(404, code, message);
    return *std::move(id);
}

std::optional<std::string> canonicalUuid(std::string_view text) {
    if (!isUuid(text)) return std::nullopt;
    std::string uuid(text);
    for (auto& digit : uuid)
        if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit - 'A' + 'a');
    return uuid;
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
