#include "AdministrationHandlers.h"

#include "Fields.h"

#include <playhouse/ApiError.h>
#include <playhouse/Utf8.h>

#include <optional>
#include <utility>
#include <vector>

namespace playhouse::auth {
namespace {

const std::string accountNotFound = "ACCOUNT_NOT_FOUND";
const std::string noSuchAccount = "There is no account with this id.";

std::string accountId(const Request& request) {
    return idOf(request, accountNotFound, noSuchAccount);
}

const Account& found(const std::optional<Account>& account) {
    if (!account) throw ApiError(404, accountNotFound, noSuchAccount);
    return *account;
}

Response shown(const Account& account) {
    return Response::json(toAdministrationJson(account)).withCacheControl("no-store");
}

AccountFilter filterOf(const Request& request, const Tiers& tiers) {
    AccountFilter filter;
    filter.search = request.query("search").value_or("");
    if (filter.search.size() > 254 || !isUtf8(filter.search) || filter.search.find('\0') != std::string::npos)
        throw ApiError::invalidParameter("search", "search takes at most 254 bytes of UTF-8.");
    if (const auto role = request.query("role")) {
        filter.role = roleOf(*role);
        if (!filter.role) throw ApiError::invalidParameter("role", "role is one of viewer, moderator, admin.");
    }
    if (const auto tier = request.query("tier")) {
        if (tiers.find(*tier) == nullptr)
            throw ApiError::invalidParameter("tier", "There is no such tier; GET /auth/tiers lists them.");
        filter.tier = *tier;
    }
    if (const auto suspended = request.query("suspended")) {
        if (*suspended != "true" && *suspended != "false")
            throw ApiError::invalidParameter("suspended", "suspended is true or false.");
        filter.isSuspended = *suspended == "true";
    }
    filter.offset = static_cast<std::uint32_t>(request.queryInteger("offset", 0, 1'000'000'000).value_or(0));
    filter.limit = static_cast<std::uint32_t>(request.queryInteger("limit", 1, 200).value_or(50));
    return filter;
}

}  // namespace

Response AdministrationHandlers::accounts(const Request& request) const {
    if (office_.asking(request).role == Role::Viewer) throw ApiError(403, "FORBIDDEN", "This is for moderators.");
    const auto page = office_.accounts.list(filterOf(request, office_.tiers));
    boost::json::array users;
    for (const auto& account : page.accounts) users.push_back(toAdministrationJson(account));
    return Response::json({{"users", std::move(users)}, {"total", page.total}}).withCacheControl("no-store");
}

Response AdministrationHandlers::account(const Request& request) const {
    if (office_.asking(request).role == Role::Viewer) throw ApiError(403, "FORBIDDEN", "This is for moderators.");
    return shown(found(office_.accounts.findById(accountId(request))));
}

Response AdministrationHandlers::change(const Request& request) const {
    const auto by = administrator(request);
    const auto id = accountId(request);
    Fields fields(request);
    AccountStore::Changes changes;
    changes.tier = fields.optionalText("tier", 1, 50);
    if (changes.tier && fields.isGood() && office_.tiers.find(*changes.tier) == nullptr)
        fields.problem("tier", "FORMAT", "There is no such tier; GET /auth/tiers lists them.");
    if (const auto role = fields.optionalChoice("role", {"viewer", "moderator", "admin"})) changes.role = roleOf(*role);
    fields.check();
    if (!changes.tier && !changes.role)
        throw ApiError(400, "NOTHING_TO_CHANGE", "Name what is to change: tier or role.");

    std::vector<Ending> endings;
    const auto account = found(office_.accounts.change(
        id, changes, [&](SqlSession& session) { endings = office_.sessions.renewAccess(session, id); }));
    office_.watch.enforce(endings);
    log(by, "set tier " + account.tier + " and role " + std::string(toString(account.role)) + " of", id);
    return shown(account);
}

Response AdministrationHandlers::suspend(const Request& request) const {
    const auto by = administrator(request);
    const auto id = accountId(request);
    Fields fields(request);
    const auto reason = fields.text("reason", 1, 500);
    fields.check();
    std::vector<Ending> endings;
    const auto account = found(office_.accounts.suspend(
        id, office_.clock.now(), reason, [&](SqlSession& session) { endings = office_.sessions.endAll(session, id); }));
    office_.watch.enforce(endings);
    log(by, "suspended", id);
    return shown(account);
}

Response AdministrationHandlers::resume(const Request& request) const {
    const auto by = administrator(request);
    const auto id = accountId(request);
    const auto account = found(office_.accounts.suspend(id, std::nullopt, {}));
    log(by, "resumed", id);
    return shown(account);
}

Response AdministrationHandlers::remove(const Request& request) const {
    const auto by = administrator(request);
    const auto id = accountId(request);
    std::vector<Ending> endings;
    if (!office_.accounts.remove(id, [&](SqlSession& session) { endings = office_.sessions.endAll(session, id); }))
        throw ApiError(404, accountNotFound, noSuchAccount);
    office_.watch.enforce(endings);
    log(by, "removed", id);
    return Response(204);
}

Account AdministrationHandlers::administrator(const Request& request) const {
    auto account = office_.asking(request);
    if (account.role != Role::Admin) throw ApiError(403, "FORBIDDEN", "This is for administrators.");
    return account;
}

void AdministrationHandlers::log(const Account& by, const std::string& what, const std::string& id) const {
    office_.logger.info("administrator " + by.id + " " + what + " account " + id);
}

}  // namespace playhouse::auth
