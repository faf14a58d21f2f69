#pragma once

#include "../../fixtures/Eventually.h"

#include "identity/TokenIdentities.h"
#include "identity/TokenSecret.h"
#include "platform/HostClock.h"
#include "platform/Platform.h"
#include "platform/cache/MemoryCache.h"
#include "plugins/PluginManager.h"
#include "routing/RouteTable.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace playhouse::tests {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool librariesStayLoaded = true;
#else
inline constexpr bool librariesStayLoaded = false;
#endif

/// A manager with all it needs, over an empty directory that goes with it; and a client who enters handlers as the edge
/// does.
class PluginHouse {
public:
    explicit PluginHouse(host::SwapSettings settings = {});
    ~PluginHouse();
    PluginHouse(const PluginHouse&) = delete;
    PluginHouse& operator=(const PluginHouse&) = delete;

    /// What a request is answered: the body of a 200, else the status and what belongs to it, such as "404" or
    /// "503 greeter" for a plugin that is off, or "error: <text>" when the handler throws. Safe from any thread.
    std::string ask(Method method, const std::string& path) const;
    std::string get(const std::string& path) const { return ask(Method::Get, path); }

    host::PluginManager& manager() noexcept { return *manager_; }
    host::MetricsRegistry& metrics() noexcept { return metrics_; }
    host::RouteTableSlot& routes() noexcept { return routes_; }
    host::WorkerPool& workers() noexcept { return workers_; }
    host::ChannelHub& channels() noexcept { return channels_; }
    host::BusHub& bus() noexcept { return bus_; }
    host::HostDatabase& database() noexcept { return database_; }
    host::PluginStatus statusOf(const std::string& id) const;

    /// A file in the directory; not made.
    std::filesystem::path file(const std::string& name) const { return directory_ / name; }
    void touch(const std::string& name) const;

    /// Private copies of libraries that lie in the manager's directory.
    std::size_t copies() const;

    /// Libraries of that directory in this process's memory.
    std::size_t mappedCopies() const;

    /// Runs `action`, which must throw PluginError, and returns "<code>: <message>".
    template <class Action>
    static std::string refusalOf(const Action& action) {
        try {
            action();
        } catch (const host::PluginError& refusal) {
            return refusal.code() + ": " + refusal.what();
        }
        return "not refused";
    }

private:
    std::filesystem::path directory_;
    host::MetricsRegistry metrics_;
    host::WorkerPool workers_{2, 64};
    host::TimerQueue timers_;
    host::HostClock clock_;
    host::ChannelHub channels_;
    host::MemoryCache cache_{1024 * 1024, clock_};
    host::BusHub bus_{timers_, workers_, 1024 * 1024, &metrics_.registry()};
    host::TokenIdentities identities_{host::TokenKeys::ofSecret(host::randomSecret()), {}, clock_, metrics_.registry()};
    host::HostDatabase database_{{.file = directory_ / "storage/playhouse.db"}, metrics_.registry()};
    host::Platform platform_{metrics_, workers_, timers_,     clock_,    channels_,
                             cache_,   bus_,     identities_, database_, directory_ / "storage"};
    host::RouteTableSlot routes_;
    std::unique_ptr<host::PluginManager> manager_;
};

/// The path of a fixture library.
std::filesystem::path fixture(const std::string& name);

/// A plugin configured with a fixture library.
host::PluginConfiguration configured(const std::string& id, const std::string& library,
                                     std::map<std::string, std::string> settings = {});

}  // namespace playhouse::tests
