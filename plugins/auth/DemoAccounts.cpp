#include "DemoAccounts.h"

#include "AccountRules.h"

#include <playhouse/ApiError.h>
#include <playhouse/Sql.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace playhouse::auth {
namespace {

constexpr auto demoRoles = {Role::Viewer, Role::Moderator, Role::Admin};

std::string demoEmail(Role role) {
    return std::string(toString(role)) + "@playhouse.local";
}

boost::json::object credential(Role role, const std::string& password) {
    return {{"email", demoEmail(role)}, {"password", password}};
}

/// By the role they were made for, which an administrator may have changed.
std::map<Role, Account> demoAccountsIn(AccountStore& accounts) {
    std::map<Role, Account> found;
    for (const auto role : demoRoles)
        if (auto account = accounts.findByEmail(demoEmail(role))) found.emplace(role, *std::move(account));
    return found;
}

}  // namespace

void makeDemoAccounts(AccountStore& accounts, const SessionStore& sessions, const PasswordHasher& hasher,
                      const Tiers& tiers, const Clock& clock, Storage& storage, Logger& logger, bool isAlone) {
    const auto file = storage.rootDirectory() / "demo-credentials.json";
    const auto write = [&](const boost::json::object& credentials) {
        storage.writeAtomically(file, boost::json::serialize(credentials) + "\n", Storage::Readers::Owner);
    };
    const auto known = demoAccountsIn(accounts);
    // A file without accounts is of a start that was killed right between them.
    if (!known.empty() && std::filesystem::exists(file)) return;
    if (!known.empty() && !isAlone) {
        logger.warning("demo accounts are there, and the host that made them has their passwords in its " +
                       file.filename().string() + "; remove them to have them made anew");
        return;
    }
    boost::json::object credentials;
    if (!known.empty()) {
        for (const auto& [role, account] : known) {
            const auto password = uuidText();
            accounts.change(account.id, {.passwordHash = hasher.hash(password)},
                            [&](SqlSession& session) { sessions.endAll(session, account.id); });
            credentials[toString(role)] = credential(role, password);
        }
        write(credentials);
        logger.warning("demo accounts have new passwords, as " + file.string() + " was not there");
        return;
    }
    std::vector<Account> made;
    for (const auto role : demoRoles) {
        const auto password = uuidText();
        Account account;
        account.id = uuidText();
        account.email = demoEmail(role);
        account.username = "demo-" + std::string(toString(role));
        account.passwordHash = hasher.hash(password);
        account.tier = tiers.all().back().name;
        account.role = role;
        account.createdAt = clock.now();
        made.push_back(std::move(account));
        credentials[toString(role)] = credential(role, password);
    }
    try {
        accounts.createAll(made, [&] { write(credentials); });
    } catch (const ApiError& error) {
        if (error.status() != 409) throw;
        std::filesystem::remove(file);
        logger.warning("demo accounts are not made here, as another host is making them, or somebody has their names");
        return;
    }
    logger.info("demo accounts are made; their passwords are in " + file.string());
}

}  // namespace playhouse::auth
