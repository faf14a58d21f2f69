#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace playhouse::host {

/// No server answers there; the text names it and says what to check.
class ServerUnreachable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The server did not answer in time; what it was asked for may still be going
/// on.
class ServerTimedOut : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Where a server's admin API is.
struct ServerAddress {
    std::filesystem::path socket;  ///< used when there is no host
    std::string host{};
    std::uint16_t port = 0;
    std::string token{};  ///< sent to `host` alone

    /// For people: the path, or "http://host:port".
    std::string text() const;
};

/// What the server answered.
struct ControlAnswer {
    int status = 0;
    std::string text;           ///< as sent
    boost::json::value json{};  ///< the envelope; null for an answer that is not JSON

    bool isSuccess() const noexcept { return status >= 200 && status < 300; }
};

/// Speaks to an AdminServer. One thread at a time.
class ControlClient {
public:
    /// Longer than any action by default: the deadlines of starting and draining
    /// a plugin are the server's.
    static constexpr std::chrono::milliseconds usualPatience = std::chrono::minutes(15);

    explicit ControlClient(ServerAddress server, std::chrono::milliseconds patience = usualPatience)
        : server_(std::move(server)), patience_(patience) {}

    /// Each waits for the answer. Throws ServerUnreachable or ServerTimedOut.
    ControlAnswer get(const std::string& path) const { return send("GET", path, {}); }
    ControlAnswer post(const std::string& path, const std::string& body = {}) const { return send("POST", path, body); }

    const ServerAddress& server() const noexcept { return server_; }

private:
    ControlAnswer send(const std::string& method, const std::string& path, const std::string& body) const;

    ServerAddress server_;
    std::chrono::milliseconds patience_;
};

}  // namespace playhouse::host
