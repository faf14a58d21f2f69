#pragma once

#include "Administration.h"
#include "KeptLogs.h"
#include "configuration/ConfigurationLoader.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace playhouse::host {

/// The running server: everything that the configuration asks for, put
/// together, and the one place that changes it.
class Server final : public Administration {
public:
    /// Nothing runs yet. `sources` are read again by each reload(); `logs` keeps
    /// what configureLogging() writes.
    Server(ConfigurationSources sources, LoadedConfiguration loaded, std::shared_ptr<KeptLogs> logs);

    /// As stop().
    ~Server() override;

    /// Starts plugins, the edge and the admin API. A plugin that fails is logged,
    /// and the rest serves.
    ///
    /// Throws PluginError UNKNOWN_SETTING, or std::runtime_error when an address
    /// or the control socket cannot be had; nothing runs then.
    void start();

    enum class Ending {
        Clean,  ///< every request was answered
        Cut,    ///< some were cut off
        Stuck,  ///< code of a plugin still runs: the process can only be left at
                ///< once, without destructors
    };

    /// Stops accepting, answers what runs, and takes everything down; for
    /// `shutdown.timeout` at most.
    Ending stop();

    /// Where to reach it: "http://localhost:3000/".
    std::string url() const;

    /// As url(), for HTTPS; empty without.
    std::string httpsUrl() const;

    /// url(), and with TLS that of HTTPS: "http://localhost:3000/ and https://localhost:3443/".
    std::string urls() const;

    /// The port of the admin API over TCP; 0 without.
    std::uint16_t controlPort() const;

    /// The files whose change asks for a reload, and how to watch them.
    std::vector<std::filesystem::path> watchedFiles() const;
    WatchSettings watch() const;

    std::vector<PluginStatus> plugins() const override;
    boost::json::object status() const override;
    bool databaseIsUp() const override;
    std::string metrics() override;
    void enable(const std::string& pluginId) override;
    void disable(const std::string& pluginId) override;
    SwapReport swap(const std::string& pluginId, std::optional<std::filesystem::path> library) override;

    SwapReport rollback(const std::string& pluginId) override;

    /// Reads the configuration again and takes over what can be. Throws
    /// ConfigurationError, with nothing changed, or PluginError, when a plugin
    /// refused its part; what it served before it serves on.
    ReloadReport reload() override;

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace playhouse::host
