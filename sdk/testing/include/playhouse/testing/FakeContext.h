#pragma once

#include "FakeBus.h"
#include "FakeCache.h"
#include "FakeChannels.h"
#include "FakeClock.h"
#include "FakeDatabase.h"
#include "FakeIdentity.h"
#include "FakeLogger.h"
#include "FakeMetrics.h"
#include "FakeRouter.h"
#include "FakeServices.h"
#include "FakeSettings.h"
#include "FakeState.h"
#include "FakeStorage.h"
#include "FakeTasks.h"
#include "ResponseText.h"

#include <playhouse/Plugin.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace playhouse::testing {

/// A host for one plugin in a unit test: every capability, without sockets, threads or waiting.
///
///     FakeContext context("hello", {{"greeting", "Hi"}});
///     HelloPlugin plugin;
///     context.start(plugin);
///     const auto response = context.request(Method::Get, "/hello/Ann");
///     CPPUNIT_ASSERT(jsonData(response).at("greeting") == "Hi, Ann");
///
/// Declare the plugin after the context, so that it goes first.
class FakeContext final : public PluginContext {
public:
    /// @param settings  the plugin's own, by their names without "plugin.ID."
    explicit FakeContext(std::string pluginId = "plugin", std::map<std::string, std::string> settings = {});

    std::string_view pluginId() const override { return pluginId_; }
    FakeRouter& router() override { return router_; }
    FakeSettings& settings() override { return settings_; }
    FakeLogger& logger() override { return logger_; }
    FakeMetrics& metrics() override { return metrics_; }
    FakeClock& clock() override { return clock_; }
    FakeTasks& tasks() override { return tasks_; }
    FakeStorage& storage() override { return storage_; }
    FakeDatabase& database() override { return database_; }
    FakeServices& services() override { return services_; }
    FakeChannels& channels() override { return channels_; }
    FakeCache& cache() override { return cache_; }
    FakeBus& bus() override { return bus_; }
    FakeIdentity& identity() override { return identity_; }

    /// Starts the plugin as the host does: throws what start() throws, and std::invalid_argument for a setting that it
    /// did not read. The plugin's migrations, when playhouse_embed_migrations() has put them into the test, run before.
    void start(Plugin& plugin);

    /// Sends a request and returns the answer. A token of identity() in Authorization says who asks. For a deferred one
    /// it runs the tasks that are due now; throws std::logic_error when even then nothing answered. See
    /// FakeRouter::send for answers that come later.
    Response request(Method method, std::string target, Headers headers = {}, std::string body = {});

    /// As request(), asked by `who`, who needs no token.
    Response requestAs(const Identity& who, Method method, std::string target, Headers headers = {},
                       std::string body = {});

    /// Opens a channel: a WebSocket, or an event stream where the route is one. Throws what the handler's `opened`
    /// throws to refuse the client, ApiError 404 where there is no route, 401 or 403 where the route is not for this
    /// one, and std::logic_error where it has no channels. The token may stand in the query too, as access_token.
    FakeClient connect(std::string target, Headers headers = {});

    /// As connect(), asked by `who`, who needs no token.
    FakeClient connectAs(const Identity& who, std::string target, Headers headers = {});

    /// Hands over to the next generation as a swap does: starts `next`, moves the state of `plugin` when both keep any,
    /// and gives it the open channels and the database; messages of the bus go to `next` alone. `this` answers no more
    /// afterwards; its clients go on. Throws what start(), saveState() and loadState() throw; then nothing has been
    /// handed over.
    void swap(Plugin& plugin, FakeContext& nextContext, Plugin& next);

private:
    Response answerTo(RequestParts parts);
    FakeClient open(RequestParts parts);

    std::string pluginId_;
    FakeRouter router_;
    FakeSettings settings_;
    FakeLogger logger_;
    FakeMetrics metrics_;
    FakeClock clock_;
    FakeIdentity identity_{clock_};
    FakeTasks tasks_{clock_};
    FakeStorage storage_;
    FakeDatabase database_;
    FakeServices services_;
    FakeChannels channels_;
    FakeCache cache_{clock_};
    FakeBus bus_;
    int lastConnection_ = 0;
};

}  // namespace playhouse::testing
