#pragma once

#include "AutomaticAction.h"
#include "PluginConfiguration.h"
#include "PluginError.h"
#include "PluginStatus.h"
#include "SwapSettings.h"

#include <playhouse/Router.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace playhouse::host {

class RouteTableSlot;
struct Platform;

/// Which plugins run, and the only one who changes it: starts, swaps, switches off, and publishes what the server
/// answers.
///
/// Safe from any thread except from within a plugin. Actions run one after the other, each on its caller's thread,
/// which may take until the deadlines of SwapSettings; status() never waits for them. Each action throws PluginError
/// when it fails, and what served before serves on, unless an incompatible migration has changed its tables.
class PluginManager {
public:
    /// `platform` and `routes` must outlive the manager.
    ///
    /// @param generationsDirectory  where private copies of libraries lie while they are loaded; made when absent, and
    ///                              cleared of what dead processes left
    PluginManager(Platform& platform, RouteTableSlot& routes, std::filesystem::path generationsDirectory,
                  SwapSettings settings = {});

    /// As stopAll() without patience.
    ~PluginManager();

    /// Routes of the host itself, such as /healthz, which no swap touches; published at once. Throws RouteCollision or
    /// std::invalid_argument. Their handlers must stay valid until stopAll() has returned and the server is drained.
    void addHostRoutes(std::vector<Route> routes);

    /// Tells `listener` what the manager does by itself. To be called before startAll().
    void onAutomaticAction(AutomaticActionListener listener);

    /// Starts every enabled plugin, all at once, and publishes one table. To be called once.
    ///
    /// A plugin that fails to start is reported as Failed and its paths answer 503; the messages of these are returned.
    /// Throws PluginError UNKNOWN_SETTING when a plugin did not read one of its settings; nothing runs then.
    std::vector<std::string> startAll(std::vector<PluginConfiguration> configurations);

    /// Brings what runs from what the configuration said before to what it says now: starts, switches off, and swaps a
    /// plugin whose settings or library changed. A plugin that failed before is tried again. One that is unchanged
    /// keeps what enable(), disable() and swap() made of it.
    ///
    /// All differences are tried; throws PluginError with the first failure's code and the text of all.
    void reconfigure(std::vector<PluginConfiguration> next);

    /// Replaces the running generation by a new one, read afresh from `library`, or else from the configured one.
    SwapReport swap(const std::string& id, std::optional<std::filesystem::path> library = std::nullopt);

    /// Goes back to the version that served before, with the settings that it had, whatever has become of its file.
    /// What serves now becomes the version before.
    ///
    /// The state moves as at a swap; where it cannot, the version before starts without, and the report says why.
    /// Throws NO_EARLIER_VERSION when there is none.
    SwapReport rollback(const std::string& id);

    /// Starts a plugin that is off or failed; nothing to do when it serves.
    void enable(const std::string& id);

    /// Takes a plugin out of service; its paths answer 503 SERVICE_DISABLED from now on.
    void disable(const std::string& id);

    /// In the order of the configuration. Asks each serving plugin for its health.
    std::vector<PluginStatus> status() const;

    /// From now on new swaps use these.
    void reconfigure(const SwapSettings& settings);

    /// Takes all plugins out of service and waits for their running work. True when all are gone within `patience`;
    /// what is left then stays loaded until the process ends. Every action after it throws STOPPED.
    bool stopAll(std::chrono::milliseconds patience);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace playhouse::host
