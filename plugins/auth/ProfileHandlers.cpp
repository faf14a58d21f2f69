#include "ProfileHandlers.h"

#include "AccountRules.h"
#include "Fields.h"

#include <playhouse/ApiError.h>

#include <utility>
#include <vector>

namespace playhouse::auth {
namespace {

constexpr std::size_t mostPasswordBytes = 512;

bool names(const Request& request, std::string_view field) {
    const auto body = request.json();
    return body.is_object() && body.as_object().contains(field);
}

}  // namespace

Response ProfileHandlers::profile(const Request& request) const {
    const auto account = office_.shown.find(request.user().userId);
    if (!account) throw accountGone();
    return shown(*account);
}

std::optional<Response> ProfileHandlers::profileAtHand(const Request& request) const {
    const auto account = office_.shown.atHand(request.user().userId);
    if (!account) return std::nullopt;
    return shown(*account);
}

Response ProfileHandlers::shown(const Account& account) const {
    refuseSuspended(account);
    auto data = toJson(account);
    data["tier"] = toJson(office_.tiers.of(account.tier));
    return Response::json(std::move(data)).withCacheControl("no-store");
}

Response ProfileHandlers::changeProfile(const Request& request) const {
    const auto account = office_.asking(request);
    Fields fields(request);
    AccountStore::Changes changes;
    std::string password;
    if (names(request, "username")) changes.username = usernameField(fields);
    if (names(request, "email")) {
        changes.email = emailField(fields);
        password = fields.text("currentPassword", 1, mostPasswordBytes);
    } else if (names(request, "currentPassword")) {
        password = fields.text("currentPassword", 1, mostPasswordBytes);
    }
    fields.check();
    if (!changes.username && !changes.email)
        throw ApiError(400, "NOTHING_TO_CHANGE", "Name what is to change: username, or email with currentPassword.");

    if (!password.empty()) {
        office_.confirm(account, password, request);
        const auto changed = office_.changeConfirmed(account, password, request, changes);
        return Response::json(toJson(changed)).withCacheControl("no-store");
    }
    const auto changed = office_.accounts.change(account.id, changes);
    if (!changed) throw accountGone();
    return Response::json(toJson(*changed)).withCacheControl("no-store");
}

Response ProfileHandlers::changePassword(const Request& request) const {
    const auto account = office_.asking(request);
    Fields fields(request);
    const auto current = fields.text("currentPassword", 1, mostPasswordBytes);
    const auto next = newPasswordField(fields, "newPassword", account.email, account.username);
    fields.check();

    office_.confirm(account, current, request);
    std::vector<Ending> endings;
    const auto endOthers = [&](SqlSession& session) {
        endings = office_.sessions.endAll(session, account.id, request.user().sessionId);
    };
    office_.changeConfirmed(account, current, request, {.passwordHash = office_.hasher.hash(next)}, endOthers);
    office_.watch.enforce(endings);
    office_.logger.info("the password of " + account.id + " was changed; its other sessions have ended");
    return Response(204);
}

Response ProfileHandlers::tiers(const Request&) const {
    boost::json::array tiers;
    for (const auto& tier : office_.tiers.all()) tiers.push_back(toJson(tier));
    return Response::json({{"tiers", std::move(tiers)}});
}

}  // namespace playhouse::auth
