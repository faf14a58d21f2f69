#include "AdminRoutes.h"

#include "Administration.h"
#include "HostRoutes.h"
#include "PluginsJson.h"
#include "configuration/ConfigurationError.h"
#include "plugins/PluginError.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <utility>

namespace playhouse::host {
namespace {

using Library = std::optional<std::filesystem::path>;

PluginStatus findPlugin(const Administration& administration, const std::string& id) {
    for (auto& plugin : administration.plugins())
        if (plugin.id == id) return plugin;
    return {};
}

std::string stateOf(const Administration& administration, const std::string& id) {
    const auto plugin = findPlugin(administration, id);
    if (plugin.id.empty()) return "unknown";
    std::string text(toString(plugin.state));
    if (!plugin.version.empty())
        text += " " + plugin.version + " (generation " + std::to_string(plugin.generation) + ")";
    return text;
}

boost::json::array toJson(const std::vector<std::string>& texts) {
    return boost::json::array(texts.begin(), texts.end());
}

/// Runs one action and leaves its audit line. `state` tells what the action changes, before and after.
template <class State, class Action>
auto audited(const Request& request, const std::string& what, const State& state, const Action& action) {
    auto& log = Poco::Logger::get("audit");
    const auto who = request.clientAddress() + ": " + what + ": ";
    const std::string from = state();
    try {
        auto result = action();
        log.information(who + from + " -> " + state() + ", done");
        return result;
    } catch (const std::exception& error) {
        log.warning(who + from + " -> " + state() + ", refused: " + error.what());
        throw;
    }
}

Response asRefusals(const std::function<Response()>& answer) {
    try {
        return answer();
    } catch (const PluginError& error) {
        throw ApiError(error.code() == "PLUGIN_NOT_FOUND" ? 404 : 409, error.code(), error.what());
    } catch (const ConfigurationError& error) {
        throw ApiError(422, "INVALID_CONFIGURATION", error.what(), {{"problems", toJson(error.problems())}});
    }
}

Library libraryOf(const Request& request) {
    if (request.body().empty()) return std::nullopt;
    const auto body = request.json();
    const auto* object = body.if_object();
    const auto* library = object == nullptr ? nullptr : object->if_contains("library");
    if (library == nullptr || !library->is_string() || object->size() != 1)
        throw ApiError::badRequest("The body of a swap is empty, or {\"library\": \"/path/of/the/library.so\"}.");
    std::filesystem::path path(library->get_string().c_str());
    if (!path.is_absolute())
        throw ApiError::badRequest("\"library\" is " + path.string() + ", which is not an absolute path.");
    return path;
}

Response plugins(const Administration& administration) {
    boost::json::array descriptions;
    for (const auto& plugin : administration.plugins()) descriptions.push_back(describePlugin(plugin));
    const auto total = descriptions.size();
    return Response::json({{"plugins", std::move(descriptions)}, {"total", total}});
}

Response changeState(Administration& administration, const Request& request, bool enabled) {
    const auto& id = request.pathParameter("id");
    return asRefusals([&] {
        audited(
            request, (enabled ? "enable " : "disable ") + id, [&] { return stateOf(administration, id); },
            [&] {
                if (enabled)
                    administration.enable(id);
                else
                    administration.disable(id);
                return true;
            });
        return Response::json(describePlugin(findPlugin(administration, id)));
    });
}

Response swap(Administration& administration, const Request& request) {
    const auto& id = request.pathParameter("id");
    const auto library = libraryOf(request);
    return asRefusals([&] {
        const auto report = audited(
            request, "swap " + id + (library ? " to " + library->string() : ""),
            [&] { return stateOf(administration, id); }, [&] { return administration.swap(id, library); });
        return Response::json(describeSwap(report));
    });
}

Response reload(Administration& administration, const Request& request) {
    return asRefusals([&] {
        const auto report = audited(
            request, "reload", [] { return std::string("configuration"); }, [&] { return administration.reload(); });
        return Response::json({{"changed", toJson(report.changed)}, {"needsRestart", toJson(report.needsRestart)}});
    });
}

}  // namespace

std::vector<Route> adminRoutes(Administration& server) {
    return {
        {Method::Get, "/plugins", Handler([&](const Request&) { return plugins(server); }), {}},
        {Method::Get, "/status", Handler([&](const Request&) { return Response::json(server.status()); }), {}},
        {Method::Get,
         "/metrics",
         Handler([&](const Request&) { return Response::text(server.metrics(), metricsContentType); }),
         {}},
        {Method::Post,
         "/plugins/{id}/enable",
         Handler([&](const Request& request) { return changeState(server, request, true); }),
         {}},
        {Method::Post,
         "/plugins/{id}/disable",
         Handler([&](const Request& request) { return changeState(server, request, false); }),
         {}},
        {Method::Post,
         "/plugins/{id}/swap",
         Handler([&](const Request& request) { return swap(server, request); }),
         {}},
        {Method::Post, "/reload", Handler([&](const Request& request) { return reload(server, request); }), {}},
    };
}

}  // namespace playhouse::host
