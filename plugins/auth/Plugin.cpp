#include "AdministrationHandlers.h"
#include "Configuration.h"
#include "DemoAccounts.h"
#include "DeviceHandlers.h"
#include "LoginHandlers.h"
#include "Office.h"
#include "ProfileHandlers.h"
#include "SessionHandlers.h"

#include <playhouse/Plugin.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

namespace playhouse::auth {
namespace {

/// How soon a host learns of a session that ended on another, when no message tells it.
constexpr std::chrono::seconds followInterval{5};

/// What one generation of the plugin is made of, in the order in which it is made.
struct Parts {
    Parts(PluginContext& context, const Configuration& configuration)
        : tiers(configuration.tiers),
          accounts(context.database()),
          shown(accounts, context.bus(), context.clock(), configuration.shown),
          sessions(context.database(), context.clock(),
                   {configuration.refreshLifetime, configuration.refreshGrace,
                    [&identities = context.identity()] { return identities.tokenLifetime(); },
                    configuration.sessionsPerUser}),
          devices(context.database(), context.clock()),
          watch(sessions, context.identity(), context.clock(), context.logger()),
          hashing(configuration.hashingThreads),
          hasher(configuration.argon2, hashing),
          guard(context.cache(), context.clock(), configuration.guard),
          queue(configuration.hashingThreads, configuration.hashingQueue,
                context.metrics().gauge("playhouse_auth_hashing_waiting", "Requests that wait for a hashing thread.")),
          office{accounts, shown, sessions,           devices,         watch,           hasher, queue, guard,
                 turns,    tiers, context.identity(), context.clock(), context.logger()} {
        accounts.onChange([this](std::string_view id) { shown.changed(id); });
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    const Tiers tiers;
    AccountStore accounts;
    AccountCache shown;
    SessionStore sessions;
    DeviceStore devices;
    SessionWatch watch;
    HashingThreads hashing;
    PasswordHasher hasher;
    LoginGuard guard;
    Turns turns;
    HashingQueue queue;
    const Office office;
    const LoginHandlers login{office};
    const ProfileHandlers profile{office};
    const SessionHandlers session{office};
    const DeviceHandlers device{office};
    const AdministrationHandlers administration{office};
};

/// Accounts, sessions and devices.
class AuthPlugin final : public Plugin {
public:
    void start(PluginContext& context) override {
        const Configuration configuration(context.settings());
        parts_ = std::make_unique<Parts>(context, configuration);
        auto& parts = *parts_;
        const bool isShared = context.database().dialect() != SqlDialect::SQLite;
        if (configuration.hasDemoAccounts)
            makeDemoAccounts(parts.accounts, parts.sessions, parts.hasher, parts.tiers, context.clock(),
                             context.storage(), context.logger(), !isShared);
        parts.watch.catchUp();
        context.bus().onGap([&parts] { parts.watch.follow(); });
        if (isShared) context.tasks().every(followInterval, [&parts] { parts.watch.follow(); });
        context.tasks().every(std::chrono::hours(1), [&parts] { parts.sessions.purge(); });
        declareRoutes(context.router(), configuration);
    }

    void stop() override {
        if (!parts_) return;
        parts_->queue.stop();
        parts_->hashing.stop();
    }

private:
    void declareRoutes(Router& router, const Configuration& c) {
        const auto& l = parts_->login;
        const auto& p = parts_->profile;
        const auto& s = parts_->session;
        const auto& d = parts_->device;
        const auto& a = parts_->administration;
        const auto user = options(Access::user(), c.others);
        auto profile = user;
        profile.immediate = [&p](const Request& request) { return p.profileAtHand(request); };
        const auto moderator = options(Access::roles({"moderator", "admin"}), c.others);
        const auto admin = options(Access::role("admin"), c.others);
        // clang-format off
        router.post("/auth/register",                 hashing(l, &LoginHandlers::registerAccount), options({}, c.registrations));
        router.post("/auth/login",                    hashing(l, &LoginHandlers::login), options({}, c.logins));
        router.post("/auth/refresh",                  by(l, &LoginHandlers::refresh), options({}, c.refreshes));
        router.post("/auth/logout",                   by(l, &LoginHandlers::logout), user);
        router.get("/auth/profile",                   by(p, &ProfileHandlers::profile), profile);
        router.add({Method::Patch, "/auth/profile",   hashing(p, &ProfileHandlers::changeProfile), options(Access::user(), c.passwords)});
        router.post("/auth/password",                 hashing(p, &ProfileHandlers::changePassword), options(Access::user(), c.passwords));
        router.get("/auth/tiers",                     by(p, &ProfileHandlers::tiers), options({}, c.others));
        router.get("/auth/sessions",                  by(s, &SessionHandlers::sessions), user);
        router.remove("/auth/sessions/{id}",          by(s, &SessionHandlers::end), user);
        router.get("/auth/devices",                   by(d, &DeviceHandlers::devices), user);
        router.post("/auth/devices",                  by(d, &DeviceHandlers::add), user);
        router.remove("/auth/devices/{id}",           by(d, &DeviceHandlers::remove), user);
        router.get("/auth/admin/users",               by(a, &AdministrationHandlers::accounts), moderator);
        router.get("/auth/admin/users/{id}",          by(a, &AdministrationHandlers::account), moderator);
        router.patch("/auth/admin/users/{id}",        by(a, &AdministrationHandlers::change), admin);
        router.post("/auth/admin/users/{id}/suspend", by(a, &AdministrationHandlers::suspend), admin);
        router.post("/auth/admin/users/{id}/resume",  by(a, &AdministrationHandlers::resume), admin);
        router.remove("/auth/admin/users/{id}",       by(a, &AdministrationHandlers::remove), admin);
        // clang-format on
    }

    static RouteOptions options(Access access, const RateLimit& limit) {
        RouteOptions options;
        options.maximumBodySize = 16 * 1024;
        options.access = std::move(access);
        options.rateLimit = limit;
        return options;
    }

    template <class Handlers>
    static Handler by(const Handlers& handlers, Response (Handlers::*answer)(const Request&) const) {
        return [&handlers, answer](const Request& request) { return (handlers.*answer)(request); };
    }

    template <class Handlers>
    DeferredHandler hashing(const Handlers& handlers, Response (Handlers::*answer)(const Request&) const) const {
        return parts_->office.hashing(by(handlers, answer));
    }

    std::unique_ptr<Parts> parts_;
};

}  // namespace
}  // namespace playhouse::auth

PLAYHOUSE_PLUGIN(playhouse::auth::AuthPlugin, "auth", "1.0.0")
