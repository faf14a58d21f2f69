#include "AdminRoutes.h"

#include "Administration.h"
#include "AuditLog.h"
#include "HostRoutes.h"
#include "KeptLogs.h"
#include "PluginsJson.h"
#include "configuration/ConfigurationError.h"
#include "plugins/PluginError.h"

#include <chrono>
#include <exception>
#include <limits>
#include <utility>

namespace playhouse::host {
namespace {

using Library = std::optional<std::filesystem::path>;

PluginStatus findPlugin(const Administration& administration, const std::string& id) {
    for (auto& plugin : administration.plugins())
        if (plugin.id == id) return plugin;
    return {};
}

boost::json::array toJson(const std::vector<std::string>& texts) {
    return boost::json::array(texts.begin(), texts.end());
}

Response asRefusals(const std::function<Response()>& answer) {
    try {
        return answer();
    } catch (const PluginError& error) {
        const int status = error.code() == "PLUGIN_NOT_FOUND" ? 404 : error.code() == "STOPPED" ? 503 : 409;
        throw ApiError(status, error.code(), error.what());
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
    const std::filesystem::path path(std::string(library->get_string()));
    if (!path.is_absolute() || path.native().find('\0') != std::string::npos)
        throw ApiError::badRequest("\"library\" is " + path.string() + ", which is not an absolute path.");
    return path;
}

Response plugins(const Administration& administration) {
    boost::json::array descriptions;
    for (const auto& plugin : administration.plugins()) descriptions.push_back(describePlugin(plugin));
    const auto total = descriptions.size();
    return Response::json({{"plugins", std::move(descriptions)}, {"total", total}});
}

AuditEntry entryOf(const Request& request, const std::string& action) {
    return {.who = request.clientAddress(), .action = action, .plugin = request.pathParameter("id")};
}

Response enable(Administration& server, const Request& request) {
    return asRefusals([&] {
        const auto entry = entryOf(request, "enable");
        auditedChange(server, entry, [&] { server.enable(entry.plugin); });
        return Response::json(describePlugin(findPlugin(server, entry.plugin)));
    });
}

Response disable(Administration& server, const Request& request) {
    return asRefusals([&] {
        const auto entry = entryOf(request, "disable");
        auditedChange(server, entry, [&] { server.disable(entry.plugin); });
        return Response::json(describePlugin(findPlugin(server, entry.plugin)));
    });
}

Response swap(Administration& server, const Request& request) {
    return asRefusals([&] {
        auto entry = entryOf(request, "swap");
        Library library;
        std::exception_ptr notUnderstood;
        try {
            library = libraryOf(request);
        } catch (const ApiError&) {
            notUnderstood = std::current_exception();
        }
        if (library) entry.detail = "to " + library->string();
        return Response::json(describeSwap(auditedSwap(server, entry, [&] {
            if (notUnderstood) std::rethrow_exception(notUnderstood);
            return server.swap(entry.plugin, library);
        })));
    });
}

Response rollback(Administration& server, const Request& request) {
    return asRefusals([&] {
        const auto entry = entryOf(request, "rollback");
        return Response::json(describeSwap(auditedSwap(server, entry, [&] { return server.rollback(entry.plugin); })));
    });
}

Response reload(Administration& server, const Request& request) {
    return asRefusals([&] {
        const auto report = auditedReload(server, request.clientAddress());
        return Response::json({{"changed", toJson(report.changed)}, {"needsRestart", toJson(report.needsRestart)}});
    });
}

LogLevel levelOf(const std::string& name) {
    for (const auto level : {LogLevel::Error, LogLevel::Warning, LogLevel::Info, LogLevel::Debug})
        if (toString(level) == name) return level;
    throw ApiError::invalidParameter("level", "level is error, warning, info or debug, not \"" + name + "\".");
}

Response logs(KeptLogs& kept, const Request& request) {
    constexpr long long mostLines = 10'000;
    constexpr long long longestWait = 20;
    LogQuery query;
    query.after =
        static_cast<std::uint64_t>(request.queryInteger("after", 0, std::numeric_limits<long long>::max()).value_or(0));
    query.limit = static_cast<std::size_t>(request.queryInteger("limit", 0, mostLines).value_or(200));
    query.leastImportant = levelOf(request.query("level").value_or("debug"));
    query.pluginId = request.query("plugin").value_or("");
    query.requestId = request.query("requestId").value_or("");
    const std::chrono::seconds wait(request.queryInteger("wait", 0, longestWait).value_or(0));
    return Response::json(describeLogs(kept.read(query, wait)));
}

}  // namespace

std::vector<Route> adminRoutes(Administration& server, KeptLogs& kept) {
    const auto with = [&server](Response (*answer)(Administration&, const Request&)) {
        return Handler([&server, answer](const Request& request) { return answer(server, request); });
    };
    return {
        {Method::Get, "/plugins", Handler([&](const Request&) { return plugins(server); }), {}},
        {Method::Get, "/status", Handler([&](const Request&) { return Response::json(server.status()); }), {}},
        {Method::Get,
         "/metrics",
         Handler([&](const Request&) { return Response::text(server.metrics(), metricsContentType); }),
         {}},
        {Method::Get, "/logs", Handler([&](const Request& request) { return logs(kept, request); }), {}},
        {Method::Post, "/plugins/{id}/enable", with(enable), {}},
        {Method::Post, "/plugins/{id}/disable", with(disable), {}},
        {Method::Post, "/plugins/{id}/swap", with(swap), {}},
        {Method::Post, "/plugins/{id}/rollback", with(rollback), {}},
        {Method::Post, "/reload", with(reload), {}},
    };
}

}  // namespace playhouse::host
