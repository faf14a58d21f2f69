#pragma once

#include "configuration/ConfigurationError.h"
#include "control/Administration.h"
#include "plugins/PluginError.h"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// A server with the plugins `streaming`, which serves, and `chat`, which is
/// off; it remembers what it was asked to do. What tests set is set before it is asked.
class FakeAdministration : public playhouse::host::Administration {
public:
    FakeAdministration() {
        using playhouse::host::PluginState;
        plugins_.resize(2);
        plugins_[0].id = "streaming";
        plugins_[0].version = "1.0.0";
        plugins_[0].state = PluginState::Serving;
        plugins_[0].generation = 3;
        plugins_[1].id = "chat";
    }

    std::vector<playhouse::host::PluginStatus> plugins() const override { return plugins_; }
    boost::json::object status() const override {
        return {{"version", "9.9.9"}, {"needsRestart", boost::json::array{"server.port"}}};
    }
    std::string metrics() override { return "figures 1\n"; }
    boost::json::object backends() const override { return backendStates; }

    void enable(const std::string& id) override {
        find(id).state = playhouse::host::PluginState::Serving;
        note("enable " + id);
    }
    void disable(const std::string& id) override {
        find(id).state = playhouse::host::PluginState::Disabled;
        note("disable " + id);
    }
    playhouse::host::SwapReport swap(const std::string& id, std::optional<std::filesystem::path> library) override {
        find(id);
        note("swap " + id + (library ? " " + library->string() : ""));
        if (onSwap) onSwap();
        if (refusal) throw *refusal;
        playhouse::host::SwapReport report;
        report.id = id;
        report.fromVersion = "1.0.0";
        report.toVersion = "1.1.0";
        report.fromGeneration = 3;
        report.toGeneration = 4;
        report.total = std::chrono::microseconds(12'500);
        report.unloaded = true;
        return report;
    }
    playhouse::host::SwapReport rollback(const std::string& id) override {
        find(id);
        note("rollback " + id);
        if (refusal) throw *refusal;
        playhouse::host::SwapReport report;
        report.id = id;
        report.fromVersion = "1.1.0";
        report.toVersion = "1.0.0";
        report.fromGeneration = 4;
        report.toGeneration = 5;
        return report;
    }
    playhouse::host::ReloadReport reload() override {
        note("reload");
        if (onReload) onReload();
        if (reloadRefusal) throw *reloadRefusal;
        return {{"log.level"}, {"server.port"}};
    }

    playhouse::host::PluginStatus& find(const std::string& id) {
        for (auto& plugin : plugins_)
            if (plugin.id == id) return plugin;
        throw playhouse::host::PluginError("PLUGIN_NOT_FOUND", "no plugin \"" + id + "\" is configured");
    }

    std::vector<std::string> asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

    boost::json::object backendStates{{"database", "up"}};
    std::function<void()> onSwap;    ///< runs within swap()
    std::function<void()> onReload;  ///< runs within reload()
    std::optional<playhouse::host::PluginError> refusal;
    std::optional<playhouse::host::ConfigurationError> reloadRefusal;

private:
    void note(std::string order) {
        const std::lock_guard lock(mutex_);
        asked_.push_back(std::move(order));
    }

    mutable std::mutex mutex_;
    std::vector<std::string> asked_;
    std::vector<playhouse::host::PluginStatus> plugins_;
};
