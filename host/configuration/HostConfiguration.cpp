#include "HostConfiguration.h"

#include "ConfigurationError.h"
#include "DatabaseUrl.h"
#include "RedisUrl.h"
#include "SettingsSchema.h"

#include "identity/TokenSecret.h"
#include "trust/LibraryTrust.h"
#include "trust/TlsContext.h"

#include <playhouse/Settings.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace playhouse::host {
namespace {

/// Reads values that have been checked against the schema.
class Reader {
public:
    Reader(const ConfiguredValues& values, const std::filesystem::path& workingDirectory)
        : values_(values), workingDirectory_(workingDirectory) {}

    const std::string& text(std::string_view key) const { return values_.find(key)->second.text; }
    bool flag(std::string_view key) const { return parseFlag(text(key)); }
    std::size_t count(std::string_view key) const {
        const auto& setting = *findSetting(key);
        return static_cast<std::size_t>(parseInteger(text(key), setting.least, setting.most));
    }
    std::size_t bytes(std::string_view key) const { return parseByteSize(text(key)); }
    std::chrono::milliseconds duration(std::string_view key) const { return parseDuration(text(key)); }
    std::vector<std::string> list(std::string_view key) const { return parseList(text(key)); }

    /// Relative paths count from the working directory; an empty one means `fallback`.
    std::filesystem::path path(std::string_view key, const std::filesystem::path& fallback = {}) const {
        const auto& value = text(key);
        return (value.empty() ? fallback : workingDirectory_ / value).lexically_normal();
    }

    std::vector<std::filesystem::path> paths(std::string_view key) const {
        std::vector<std::filesystem::path> paths;
        for (const auto& value : list(key)) paths.push_back((workingDirectory_ / value).lexically_normal());
        return paths;
    }

    /// Where the value was given.
    const std::string& origin(std::string_view key) const { return values_.find(key)->second.origin; }

private:
    const ConfiguredValues& values_;
    const std::filesystem::path& workingDirectory_;
};

ChannelSettings channelSettings(const Reader& values) {
    ChannelSettings channels;
    channels.maximumMessageSize = values.bytes("channels.maximum-message-size");
    channels.maximumMessageRate = static_cast<std::uint32_t>(values.count("channels.maximum-message-rate"));
    channels.maximumQueueSize = values.bytes("channels.maximum-queue-size");
    channels.pingInterval = values.duration("channels.ping-interval");
    channels.pongTimeout = values.duration("channels.pong-timeout");
    channels.closeTimeout = values.duration("channels.close-timeout");
    channels.compression = values.flag("channels.compression");
    channels.compressionMinimumSize = values.bytes("channels.compression-minimum-size");
    return channels;
}

/// Null when no port wants it.
std::shared_ptr<const TlsContext> tlsContext(const Reader& values) {
    if (values.count("tls.port") == 0) return nullptr;
    for (const auto* const key : {"tls.certificate", "tls.key"})
        if (values.text(key).empty())
            throw ConfigurationError(values.origin("tls.port") + ": tls.port = " + values.text("tls.port") + " needs " +
                                     key + "; docs/operations.md tells how to make one");
    const auto minimum =
        values.text("tls.minimum-version") == "1.3" ? TlsContext::Version::Tls13 : TlsContext::Version::Tls12;
    try {
        return std::make_shared<const TlsContext>(values.path("tls.certificate"), values.path("tls.key"), minimum);
    } catch (const std::runtime_error& problem) {
        throw ConfigurationError(values.origin("tls.certificate") + ": tls.certificate and tls.key: " + problem.what());
    }
}

ProxySettings proxySettings(const Reader& values) {
    ProxySettings proxies;
    proxies.header = values.text("proxies.header") == "forwarded" ? ProxySettings::Header::Forwarded
                                                                  : ProxySettings::Header::XForwarded;
    try {
        proxies.trusted = TrustedProxies(values.list("proxies.trusted"));
    } catch (const std::invalid_argument& problem) {
        throw ConfigurationError(values.origin("proxies.trusted") + ": proxies.trusted: " + problem.what());
    }
    return proxies;
}

EdgeSettings edgeSettings(const Reader& values) {
    EdgeSettings edge;
    edge.address = values.text("server.address");
    edge.port = static_cast<std::uint16_t>(values.count("server.port"));
    edge.loops = values.count("server.loops");
    edge.maximumHeaderSize = values.bytes("http.maximum-header-size");
    edge.maximumTargetSize = values.bytes("http.maximum-target-size");
    edge.maximumBodySize = values.bytes("http.maximum-body-size");
    edge.maximumConnections = values.count("http.maximum-connections");
    edge.maximumConnectionsPerAddress = values.count("http.maximum-connections-per-address");
    edge.maximumRequestsInFlight = values.count("http.maximum-requests-in-flight");
    edge.minimumRate = values.bytes("http.minimum-rate");
    edge.headerTimeout = values.duration("http.header-timeout");
    edge.bodyTimeout = values.duration("http.body-timeout");
    edge.idleTimeout = values.duration("http.idle-timeout");
    edge.sendTimeout = values.duration("http.send-timeout");
    edge.compression = values.flag("http.compression");
    edge.compressionMinimumSize = values.bytes("http.compression-minimum-size");
    edge.accessLog = values.flag("log.access");
    edge.proxyProtocol = values.flag("server.proxy-protocol");
    edge.tls.context = tlsContext(values);
    edge.tls.address = values.text("tls.address");
    edge.tls.port = static_cast<std::uint16_t>(values.count("tls.port"));
    edge.tls.proxyProtocol = values.flag("tls.proxy-protocol");
    edge.proxies = proxySettings(values);
    edge.cors.allowedOrigins = values.list("cors.allowed-origins");
    edge.cors.allowedHeaders = values.list("cors.allowed-headers");
    edge.cors.exposedHeaders = values.list("cors.exposed-headers");
    edge.cors.preflightLifetime =
        std::chrono::duration_cast<std::chrono::seconds>(values.duration("cors.preflight-lifetime"));
    edge.channels = channelSettings(values);
    edge.rateLimits = values.flag("rate-limits.enabled");
    return edge;
}

std::shared_ptr<const TokenKeys> curveKeys(const Reader& values) {
    const auto files = values.paths("identity.keys");
    if (files.empty())
        throw ConfigurationError(values.origin("identity.algorithm") +
                                 ": identity.algorithm = ES256 needs identity.keys; docs/operations.md tells how to "
                                 "make one");
    try {
        return TokenKeys::ofFiles(files);
    } catch (const std::runtime_error& problem) {
        throw ConfigurationError(values.origin("identity.keys") + ": identity.keys: " + problem.what());
    }
}

/// Null for the one that is kept in storage. A refusal never shows the secret.
std::shared_ptr<const TokenKeys> secretKeys(const Reader& values, std::vector<std::string>& warnings) {
    constexpr const char* howToMakeOne = "; make one with: openssl rand -hex 32";
    const auto& secret = values.text("identity.secret");
    const bool isProduction = values.text("profile") == "production";
    if (secret.empty() && isProduction)
        throw ConfigurationError(values.origin("profile") +
                                 ": profile = production needs identity.secret (JWT_SECRET)" + howToMakeOne);
    if (secret.empty()) return nullptr;
    if (const auto weakness = weaknessOf(secret); !weakness.empty()) {
        const auto problem = values.origin("identity.secret") + ": identity.secret is weak: " + weakness + howToMakeOne;
        if (isProduction) throw ConfigurationError(problem);
        warnings.push_back(problem);
    }
    return TokenKeys::ofSecret(secret);
}

IdentitySettings identityOf(const Reader& values) {
    const auto seconds = [&](const char* key) { return std::chrono::ceil<std::chrono::seconds>(values.duration(key)); };
    IdentitySettings identity;
    identity.rules = {values.text("identity.issuer"), values.text("identity.audience"),
                      seconds("identity.token-lifetime"), seconds("identity.clock-tolerance")};
    identity.keys =
        values.text("identity.algorithm") == "ES256" ? curveKeys(values) : secretKeys(values, identity.warnings);
    if (identity.keys)
        identity.warnings.insert(identity.warnings.end(), identity.keys->warnings().begin(),
                                 identity.keys->warnings().end());
    return identity;
}

std::shared_ptr<const LibraryTrust> libraryTrust(const Reader& values) {
    const auto keys = values.paths("plugins.trusted-keys");
    const auto* const decisive = keys.empty() ? "plugins.require-signature" : "plugins.trusted-keys";
    try {
        return std::make_shared<const LibraryTrust>(values.flag("plugins.require-signature"), keys);
    } catch (const std::runtime_error& problem) {
        throw ConfigurationError(values.origin(decisive) + ": " + decisive + ": " + problem.what());
    }
}

RedisSettings redisOf(const Reader& values) {
    try {
        return parseRedisUrl(values.text("redis.url"), values.path("redis.ca-file"));
    } catch (const std::invalid_argument& problem) {
        throw ConfigurationError(values.origin("redis.url") + ": redis.url: " + problem.what());
    } catch (const std::runtime_error& problem) {
        throw ConfigurationError(values.origin("redis.ca-file") + ": redis.ca-file: " + problem.what());
    }
}

std::optional<RedisSettings> redisSettings(const Reader& values) {
    if (values.text("redis.url").empty()) return std::nullopt;
    auto redis = redisOf(values);
    if (redis.tls.isNull() && !values.text("redis.ca-file").empty())
        throw ConfigurationError(values.origin("redis.ca-file") +
                                 ": redis.ca-file is for TLS, and redis.url does not begin with rediss://");
    redis.connections = values.count("redis.connections");
    redis.patience = values.duration("redis.patience");
    redis.retryInterval = values.duration("redis.retry-interval");
    redis.maximumRetryInterval = std::max(redis.retryInterval, values.duration("redis.maximum-retry-interval"));
    return redis;
}

/// Installed ones lie below the program's own name; a build directory has none other to tell apart.
std::filesystem::path usualPluginsDirectory(const std::filesystem::path& executableDirectory) {
    const auto installed = (executableDirectory / "../lib/playhouse/plugins").lexically_normal();
    std::error_code ignored;
    return std::filesystem::is_directory(installed, ignored) ? installed : executableDirectory / "../lib/plugins";
}

DatabaseSettings databaseSettings(const Reader& values, const std::filesystem::path& storagePath) {
    DatabaseSettings database;
    try {
        database = databaseOf(values.text("database.url"), storagePath);
    } catch (const std::invalid_argument& problem) {
        throw ConfigurationError(values.origin("database.url") + ": database.url: " + problem.what());
    }
    database.sessions = values.count("database.sessions");
    database.patience = values.duration("database.patience");
    database.migrationTimeout = values.duration("database.migration-timeout");
    return database;
}

SwapSettings swapSettings(const Reader& values) {
    SwapSettings swap;
    swap.startTimeout = values.duration("swap.start-timeout");
    swap.holdTimeout = values.duration("swap.hold-timeout");
    swap.drainTimeout = values.duration("swap.drain-timeout");
    swap.stopTimeout = values.duration("swap.stop-timeout");
    swap.healthTimeout = values.duration("swap.health-timeout");
    swap.probation = values.duration("swap.probation");
    swap.probationRules.errorRate = static_cast<double>(values.count("swap.probation-error-rate"));
    swap.probationRules.minimumRequests = values.count("swap.probation-minimum-requests");
    swap.maximumHeldRequests = values.count("swap.maximum-held-requests");
    swap.maximumStateSize = values.bytes("swap.maximum-state-size");
    swap.reportPatience = values.duration("swap.report-patience");
    swap.trust = libraryTrust(values);
    return swap;
}

}  // namespace

HostConfiguration makeHostConfiguration(const ConfiguredValues& values, const std::filesystem::path& workingDirectory,
                                        const std::filesystem::path& executableDirectory) {
    const Reader reader(values, workingDirectory);
    HostConfiguration host;
    host.edge = edgeSettings(reader);
    host.identity = identityOf(reader);
    host.workerThreads = reader.count("workers.threads");
    host.mostWaitingWork = reader.count("workers.maximum-waiting");
    host.storagePath = reader.path("storage.path", workingDirectory / "storage");
    host.database = databaseSettings(reader, host.storagePath);
    host.redis = redisSettings(reader);
    host.cacheSize = reader.bytes("cache.size");
    host.busQueueSize = reader.bytes("bus.queue-size");
    host.pluginsDirectory = reader.path("plugins.directory", usualPluginsDirectory(executableDirectory));
    host.generationsDirectory = reader.path("plugins.generations-directory", host.storagePath / "generations");
    host.swap = swapSettings(reader);
    host.control.enabled = reader.flag("control.enabled");
    host.control.socket = reader.path("control.socket", host.storagePath / "control.sock");
    host.control.socketMode = static_cast<mode_t>(std::stoul(reader.text("control.socket-mode"), nullptr, 8));
    host.control.address = reader.text("control.address");
    host.control.port = static_cast<std::uint16_t>(reader.count("control.port"));
    host.control.token = reader.text("control.token");
    host.log.level = reader.text("log.level");
    host.log.format = reader.text("log.format") == "json" ? LogFormat::Json : LogFormat::Text;
    host.log.keptLines = reader.count("log.kept-lines");
    host.publicMetrics = reader.flag("metrics.public");
    host.shutdownTimeout = reader.duration("shutdown.timeout");
    host.watch.enabled = reader.flag("configuration.watch");
    host.watch.interval = reader.duration("configuration.watch-interval");
    return host;
}

std::vector<std::string> changedKeys(const ConfiguredValues& before, const ConfiguredValues& after) {
    std::set<std::string> keys;
    const auto compare = [&](const ConfiguredValues& left, const ConfiguredValues& right) {
        for (const auto& [key, value] : left)
            if (const auto other = right.find(key); other == right.end() || other->second.text != value.text)
                keys.insert(key);
    };
    compare(before, after);
    compare(after, before);
    return {keys.begin(), keys.end()};
}

std::vector<std::string> changesThatNeedARestart(const ConfiguredValues& running, const ConfiguredValues& next) {
    std::vector<std::string> keys;
    for (const auto& setting : settingsSchema())
        if (setting.needsRestart && running.find(setting.key)->second.text != next.find(setting.key)->second.text)
            keys.emplace_back(setting.key);
    return keys;
}

}  // namespace playhouse::host
