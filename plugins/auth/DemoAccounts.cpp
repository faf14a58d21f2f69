#include "DemoAccounts.h"

#include "AccountRules.h"

#include <playhouse/Sql.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <string>

namespace playhouse::auth {

void makeDemoAccounts(AccountStore& accounts, const PasswordHasher& hasher, const Tiers& tiers, const Clock& clock,
                      Storage& storage, Logger& logger) {
    namespace fs = std::filesystem;
    const auto file = storage.ownDirectory() / "demo-credentials.json";
    if (fs::exists(file)) return;

    boost::json::object credentials;
    for (const auto role : {Role::Viewer, Role::Moderator, Role::Admin}) {
        const std::string name(toString(role));
        const auto email = name + "@playhouse.local";
        const auto password = uuidText();
        const auto hash = hasher.hash(password);
        if (const auto known = accounts.findByEmail(email)) {
            accounts.change(known->id, {.passwordHash = hash, .role = role});
        } else {
            Account account;
            account.id = uuidText();
            account.email = email;
            account.username = "demo-" + name;
            account.passwordHash = hash;
            account.tier = tiers.all().back().name;
            account.role = role;
            account.createdAt = clock.now();
            accounts.create(account);
        }
        credentials[name] = boost::json::object{{"email", email}, {"password", password}};
    }
    // The file beside it that is renamed takes over no permissions, so the directory keeps others out meanwhile.
    fs::permissions(storage.ownDirectory(), fs::perms::owner_all);
    storage.writeAtomically(file, boost::json::serialize(credentials) + "\n");
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    logger.info("demo accounts are made; their passwords are in " + file.string());
}

}  // namespace playhouse::auth
