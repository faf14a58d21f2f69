#include "Server.h"

#include "AdminRoutes.h"
#include "AuditLog.h"
#include "HostRoutes.h"
#include "Logging.h"
#include "PluginsJson.h"
#include "ServerParts.h"
#include "Version.h"
#include "configuration/ConfigurationError.h"

#include <playhouse/PluginDescriptor.h>

#include <Poco/Logger.h>

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace playhouse::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

milliseconds left(steady_clock::time_point deadline) {
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()));
}

boost::json::array toJson(const std::vector<std::string>& texts) {
    return boost::json::array(texts.begin(), texts.end());
}

std::vector<std::string> onProbation(const std::vector<PluginStatus>& plugins) {
    std::vector<std::string> lines;
    for (const auto& plugin : plugins)
        if (plugin.probationUntil) lines.push_back(plugin.id + " until " + isoTime(*plugin.probationUntil));
    return lines;
}

std::vector<std::string> noticesOf(const std::vector<PluginStatus>& plugins) {
    std::vector<std::string> lines;
    for (const auto& plugin : plugins)
        if (!plugin.notice.empty()) lines.push_back(plugin.id + " " + plugin.notice);
    return lines;
}

void auditAutomatic(const AutomaticAction& action) {
    writeAudit({.who = action.who,
                .action = action.action,
                .plugin = action.from.id,
                .detail = action.reason,
                .from = action.from,
                .to = action.to,
                .refusal = action.refusal,
                .took = action.took});
}

std::string urlOf(const char* scheme, std::string address, std::uint16_t port) {
    if (address == "0.0.0.0" || address == "::") address = "localhost";
    if (address.find(':') != std::string::npos) address = "[" + address + "]";
    return std::string(scheme) + "://" + address + ":" + std::to_string(port) + "/";
}

AdminListeners listenersOf(const ControlSettings& control) {
    AdminListeners listeners{.socket = control.socket, .socketMode = control.socketMode};
    if (control.port != 0) listeners.tcp = {.address = control.address, .port = control.port, .token = control.token};
    return listeners;
}

}  // namespace

Server::Server(ConfigurationSources sources, LoadedConfiguration loaded, std::shared_ptr<KeptLogs> logs)
    : parts_(std::make_unique<Parts>(std::move(sources), std::move(loaded), std::move(logs))) {}

Server::~Server() {
    stop();
}

void Server::start() {
    const auto configuration = parts_->configuration();
    const auto& host = configuration.host;
    // First of all: a second server on the same storage must not get as far as
    // touching plugins' files.
    if (host.control.enabled)
        parts_->admin = std::make_unique<AdminServer>(listenersOf(host.control), adminRoutes(*this, *parts_->logs));
    parts_->useIdentity(host);
    parts_->running = true;
    parts_->plugins.addHostRoutes(hostRoutes(*this, [this] { return parts_->publicMetrics.load(); }));
    parts_->plugins.addHostRoutes(identityRoutes(parts_->identities));
    parts_->plugins.onAutomaticAction(auditAutomatic);
    if (parts_->redis) {
        // So that plugins find it there from their start(), or know that it is away.
        const auto deadline = steady_clock::now() + host.redis->patience;
        parts_->redis->waitForFirstAttempt(deadline);
        if (parts_->redis->isUp()) static_cast<void>(parts_->redisBus->waitUntilListening(deadline));
    }
    try {
        parts_->database.prepare();
    } catch (const MigrationError& problem) {
        // It is tried again at each use; what needs no database serves.
        Poco::Logger::get("database").error(problem.what());
    }
    // What fails to start is logged there, and told at /readyz.
    static_cast<void>(parts_->plugins.startAll(host.plugins));
    parts_->edge.start();
}

Server::Ending Server::stop() {
    if (!std::exchange(parts_->running, false)) return Ending::Clean;
    const auto deadline = steady_clock::now() + parts_->configuration().host.shutdownTimeout;
    const bool answered = parts_->edge.drain(left(deadline));
    const bool gone = parts_->plugins.stopAll(left(deadline));
    parts_->logs->endWaiting();
    parts_->admin.reset();
    // A worker or a loop inside a plugin cannot be joined.
    if (!gone || parts_->edge.isStuck()) return Ending::Stuck;
    if (parts_->redisBus) parts_->redisBus->stop();
    if (parts_->redis) parts_->redis->stop();
    parts_->timers.stop();
    parts_->workers.stop();
    return answered ? Ending::Clean : Ending::Cut;
}

std::string Server::url() const {
    return urlOf("http", parts_->configuration().host.edge.address, parts_->edge.port());
}

std::string Server::httpsUrl() const {
    const auto port = parts_->edge.tlsPort();
    return port == 0 ? std::string() : urlOf("https", parts_->configuration().host.edge.tls.address, port);
}

std::string Server::urls() const {
    const auto https = httpsUrl();
    return https.empty() ? url() : url() + " and " + https;
}

std::uint16_t Server::controlPort() const {
    return parts_->admin ? parts_->admin->port() : std::uint16_t{0};
}

std::vector<std::filesystem::path> Server::watchedFiles() const {
    return parts_->configuration().watchedFiles();
}

WatchSettings Server::watch() const {
    return parts_->configuration().host.watch;
}

std::vector<PluginStatus> Server::plugins() const {
    return parts_->plugins.status();
}

boost::json::object Server::status() const {
    const auto configuration = parts_->configuration();
    const auto last = parts_->lastReload();
    const auto plugins = parts_->plugins.status();
    const auto uptime = std::chrono::system_clock::now() - parts_->startedAt;
    std::vector<std::string> files;
    for (const auto& file : configuration.files) files.push_back(file.string());
    return {{"version", hostVersion},
            {"build", buildType},
            {"fingerprint", buildFingerprint},
            {"pid", getpid()},
            {"startedAt", isoTime(parts_->startedAt)},
            {"uptimeSeconds", std::chrono::duration_cast<std::chrono::seconds>(uptime).count()},
            {"url", url()},
            {"httpsUrl", httpsUrl().empty() ? boost::json::value() : boost::json::value(httpsUrl())},
            {"controlPort", controlPort()},
            {"storage", configuration.host.storagePath.string()},
            {"configuration", toJson(files)},
            {"lastReload", last.outcome},
            {"needsRestart", toJson(last.needsRestart)},
            {"ready", allServe(plugins)},
            {"plugins", plugins.size()},
            {"onProbation", toJson(onProbation(plugins))},
            {"notices", toJson(noticesOf(plugins))},
            {"backends", backends()},
            {"waitingForWorkers", parts_->workers.waiting()}};
}

std::string Server::metrics() {
    parts_->figures.refresh();
    parts_->database.refreshFigures();
    return parts_->metrics.text();
}

boost::json::object Server::backends() const {
    boost::json::object states{{"database", parts_->database.isUp() ? "up" : "down"}};
    if (parts_->redis) states.emplace("redis", parts_->redis->isUp() ? "up" : "down");
    if (parts_->redisBus) states.emplace("bus", parts_->redisBus->isListening() ? "listening" : "deaf");
    return states;
}

void Server::enable(const std::string& pluginId) {
    parts_->plugins.enable(pluginId);
}

void Server::disable(const std::string& pluginId) {
    parts_->plugins.disable(pluginId);
}

SwapReport Server::swap(const std::string& pluginId, std::optional<std::filesystem::path> library) {
    return parts_->plugins.swap(pluginId, std::move(library));
}

SwapReport Server::rollback(const std::string& pluginId) {
    return parts_->plugins.rollback(pluginId);
}

ReloadReport Server::reload() {
    const std::lock_guard lock(parts_->reloading);
    const auto outcome = [&](std::string text, std::vector<std::string> needsRestart) {
        parts_->setLastReload(
            {std::move(needsRestart), isoTime(std::chrono::system_clock::now()) + ": " + std::move(text)});
    };
    try {
        auto next = loadConfiguration(parts_->sources);
        const auto before = parts_->configuration();
        ReloadReport report;
        report.needsRestart = changesThatNeedARestart(before.values, next.values);
        for (const auto& key : report.needsRestart) next.values[key] = before.values.at(key);
        // A token that was checked for a port of today; one of a port that closes only at the next start was not.
        const bool hasToken = next.host.control.enabled && next.host.control.port != 0;
        auto plugins = std::move(next.host.plugins);
        next.host =
            makeHostConfiguration(next.values, parts_->sources.workingDirectory, parts_->sources.executableDirectory);
        next.host.plugins = std::move(plugins);
        report.changed = changedKeys(before.values, next.values);
        const auto host = next.host;
        parts_->useIdentity(host);
        parts_->setConfiguration(std::move(next));
        configureLogging(host.log, parts_->logs);
        if (parts_->admin && hasToken) parts_->admin->setToken(host.control.token);
        parts_->publicMetrics = host.publicMetrics;
        parts_->edge.reconfigure(host.edge);
        parts_->plugins.reconfigure(host.swap);
        parts_->plugins.reconfigure(host.plugins);
        outcome("done", report.needsRestart);
        return report;
    } catch (const std::exception& error) {
        outcome(std::string("refused: ") + error.what(), parts_->lastReload().needsRestart);
        throw;
    }
}

}  // namespace playhouse::host
