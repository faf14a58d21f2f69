#include "PluginsJson.h"

#include "LogLine.h"

#include <playhouse/Response.h>

#include <algorithm>

namespace playhouse::host {
namespace {

bool serves(PluginState state) {
    return state == PluginState::Serving || state == PluginState::Swapping;
}

boost::json::object describeHealth(const Health& health) {
    return {{"status", toString(health.status)}, {"detail", health.detail}};
}

}  // namespace

boost::json::array publicPluginStates(const std::vector<PluginStatus>& plugins) {
    boost::json::array states;
    for (const auto& plugin : plugins) {
        boost::json::object state;
        state["id"] = plugin.id;
        state["version"] = plugin.version;
        state["state"] = toString(serves(plugin.state) ? PluginState::Serving : plugin.state);
        state["generation"] = plugin.generation;
        if (serves(plugin.state)) state["health"] = boost::json::object{{"status", toString(plugin.health.status)}};
        states.push_back(std::move(state));
    }
    return states;
}

boost::json::object describePlugin(const PluginStatus& plugin) {
    boost::json::object description;
    description["id"] = plugin.id;
    description["version"] = plugin.version;
    description["state"] = toString(plugin.state);
    description["generation"] = plugin.generation;
    if (serves(plugin.state)) description["health"] = describeHealth(plugin.health);
    description["error"] = plugin.error;
    description["notice"] = plugin.notice;
    description["previousVersion"] = plugin.previousVersion;
    description["probationUntil"] =
        plugin.probationUntil ? boost::json::value(isoTime(*plugin.probationUntil)) : nullptr;
    description["library"] = plugin.library.string();
    description["routes"] = boost::json::array(plugin.routes.begin(), plugin.routes.end());
    description["swaps"] = plugin.swaps;
    description["draining"] = plugin.draining;
    description["resident"] = plugin.resident;
    description["since"] = isoTime(plugin.since);
    return description;
}

boost::json::object describeSwap(const SwapReport& report) {
    return {{"id", report.id},
            {"fromVersion", report.fromVersion},
            {"toVersion", report.toVersion},
            {"fromGeneration", report.fromGeneration},
            {"toGeneration", report.toGeneration},
            {"totalMilliseconds", static_cast<double>(report.total.count()) / 1000},
            {"heldMilliseconds", static_cast<double>(report.held.count()) / 1000},
            {"stateLost", report.stateLost},
            {"unloaded", report.unloaded}};
}

bool allServe(const std::vector<PluginStatus>& plugins) {
    return std::all_of(plugins.begin(), plugins.end(), [](const PluginStatus& plugin) {
        return plugin.state == PluginState::Disabled ||
               (serves(plugin.state) && plugin.health.status != Health::Status::Down);
    });
}

boost::json::object describeLogs(const LogPage& page) {
    boost::json::array records;
    for (const auto& record : page.records) {
        auto object = jsonOf(record);
        object["sequence"] = record.sequence;
        records.push_back(std::move(object));
    }
    return {{"records", std::move(records)}, {"next", page.next}, {"missed", page.missed}};
}

}  // namespace playhouse::host
