#pragma once

#include "plugins/PluginStatus.h"

#include <boost/json/object.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace playhouse::host {

/// What a reload of the configuration did.
struct ReloadReport {
    std::vector<std::string> changed;       ///< keys, in use from now on
    std::vector<std::string> needsRestart;  ///< keys that differ from what runs and are taken up at the next start
};

/// What an operator can ask of a running server. Safe from any thread; actions run one after the other.
///
/// Actions throw PluginError or ConfigurationError, with a message for the operator; what served before serves on.
class Administration {
public:
    virtual ~Administration() = default;

    virtual std::vector<PluginStatus> plugins() const = 0;
    virtual boost::json::object status() const = 0;

    /// All figures, as GET /metrics shows them.
    virtual std::string metrics() = 0;

    /// What the platform needs beside this process, each "up" or "down", and whether the bus hears other hosts,
    /// "listening" or "deaf": {"database": "up", "redis": "down", "bus": "deaf"}, the latter two where there is Redis.
    virtual boost::json::object backends() const = 0;

    virtual void enable(const std::string& pluginId) = 0;
    virtual void disable(const std::string& pluginId) = 0;
    virtual SwapReport swap(const std::string& pluginId, std::optional<std::filesystem::path> library) = 0;
    virtual SwapReport rollback(const std::string& pluginId) = 0;
    virtual ReloadReport reload() = 0;
};

}  // namespace playhouse::host
