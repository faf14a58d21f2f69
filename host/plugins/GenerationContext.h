#pragma once

#include "StagedRouter.h"

#include "platform/HostStorage.h"
#include "platform/Platform.h"
#include "platform/PluginLogger.h"
#include "platform/PluginSettings.h"
#include "platform/PluginTasks.h"
#include "platform/ServiceRegistry.h"
#include "platform/bus/PluginBus.h"
#include "platform/cache/PluginCache.h"

#include <playhouse/PluginContext.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace playhouse::host {

/// What one generation of a plugin gets from the host, and what it has registered.
class GenerationContext final : public PluginContext {
public:
    /// What is given by reference must outlive the context.
    GenerationContext(std::string pluginId, std::map<std::string, std::string> settings, Platform& platform,
                      const ServiceRegistry& registry, std::shared_ptr<LeaseGate> gate,
                      std::chrono::milliseconds servicePatience);

    std::string_view pluginId() const override { return pluginId_; }
    StagedRouter& router() override { return router_; }
    PluginSettings& settings() override { return settings_; }
    PluginLogger& logger() override { return logger_; }
    Metrics& metrics() override { return *metrics_; }
    Clock& clock() override { return clock_; }
    PluginTasks& tasks() override { return tasks_; }
    Storage& storage() override { return storage_; }
    Database& database() override { return database_; }
    Services& services() override { return services_; }
    Channels& channels() override { return channels_; }
    PluginCache& cache() override { return cache_; }
    PluginBus& bus() override { return bus_; }
    Identities& identity() override { return identity_; }

    const std::deque<Route>& registeredRoutes() const noexcept { return router_.routes(); }
    const ServiceRegistry::Offers& offers() const noexcept { return services_.offers; }

    /// Lets the calling thread declare routes and services until endStart().
    void beginStart();
    void endStart();

    /// Destroys every registration, so that nothing of the plugin's library is left here.
    void revoke();

private:
    class StagedServices final : public Services {
    public:
        StagedServices(const ServiceRegistry& registry, std::chrono::milliseconds patience)
            : registry_(registry), patience_(patience) {}

        ServiceRegistry::Offers offers;
        bool declaring = false;

    protected:
        void provideAs(std::string_view serviceId, void* service) override;
        std::shared_ptr<void> use(std::string_view serviceId) const override;

    private:
        const ServiceRegistry& registry_;
        std::chrono::milliseconds patience_;
    };

    std::string pluginId_;
    StagedRouter router_;
    PluginSettings settings_;
    PluginLogger logger_;
    std::unique_ptr<Metrics> metrics_;
    Clock& clock_;
    PluginTasks tasks_;
    HostStorage storage_;
    Database& database_;
    StagedServices services_;
    PluginChannels channels_;
    PluginCache cache_;
    PluginBus bus_;
    Identities& identity_;
};

}  // namespace playhouse::host
