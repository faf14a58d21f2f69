#pragma once

#include "trust/TrustedProxies.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace playhouse::host {

class TlsContext;

/// A second port, for HTTPS.
struct TlsSettings {
    std::shared_ptr<const TlsContext> context;  ///< of new connections; without one there is no such port
    std::string address = "0.0.0.0";
    std::uint16_t port = 0;      ///< 0: any free one
    bool proxyProtocol = false;  ///< trusted proxies begin a connection with a PROXY header
};

/// Who stands between clients and this server.
struct ProxySettings {
    enum class Header { XForwarded, Forwarded };
    TrustedProxies trusted;
    Header header = Header::XForwarded;  ///< in which they tell of clients
};

/// Which other sites' pages may call this server (the Fetch standard, CORS protocol).
struct CorsSettings {
    std::vector<std::string> allowedOrigins;  ///< "*" allows any; empty: CORS is off
    std::vector<std::string> allowedHeaders{"Authorization",     "Content-Type", "Range",        "If-None-Match",
                                            "If-Modified-Since", "If-Range",     "CMCD-Request", "CMCD-Object",
                                            "CMCD-Status",       "CMCD-Session"};
    std::vector<std::string> exposedHeaders{
        "Content-Length",    "Content-Range",         "Accept-Ranges",    "ETag", "Date", "X-Request-Id", "Retry-After",
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"};
    std::chrono::seconds preflightLifetime{7200};
};

/// How channels (WebSockets and event streams) are treated.
struct ChannelSettings {
    std::size_t maximumMessageSize = 256 * 1024;
    std::uint32_t maximumMessageRate = 1000;  ///< messages a second; 0: any number
    std::size_t maximumQueueSize = 1024 * 1024;
    std::chrono::milliseconds pingInterval{30'000};
    std::chrono::milliseconds pongTimeout{15'000};
    std::chrono::milliseconds closeTimeout{5'000};
    bool compression = false;
    std::size_t compressionMinimumSize = 256;

    bool operator==(const ChannelSettings&) const = default;
};

/// How the server meets the network. Each has its key, unit, reason and default in config/playhouse.properties.
struct EdgeSettings {
    std::string address = "0.0.0.0";
    std::uint16_t port = 3000;  ///< 0: any free one
    std::size_t loops = 0;      ///< 0: one a core
    std::size_t maximumHeaderSize = 16 * 1024;
    std::size_t maximumTargetSize = 8 * 1024;
    std::size_t maximumBodySize = 1024 * 1024;
    std::size_t maximumConnections = 16000;
    std::size_t maximumConnectionsPerAddress = 4000;  ///< 0: any number
    std::size_t maximumRequestsInFlight = 10000;
    std::chrono::milliseconds headerTimeout{10'000};
    std::chrono::milliseconds bodyTimeout{30'000};
    std::chrono::milliseconds idleTimeout{75'000};
    std::chrono::milliseconds sendTimeout{30'000};
    std::size_t minimumRate = 1024;  ///< bytes a second
    bool compression = true;
    std::size_t compressionMinimumSize = 1024;
    bool accessLog = false;
    bool rateLimits = true;      ///< routes that have one
    bool proxyProtocol = false;  ///< on `port`, trusted proxies begin a connection with a PROXY header
    TlsSettings tls;
    ProxySettings proxies;
    CorsSettings cors;
    ChannelSettings channels;
};

}  // namespace playhouse::host
