#pragma once

#include <playhouse/Router.h>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace playhouse::host {

/// Where the admin API listens.
struct AdminListeners {
    std::filesystem::path socket;  ///< who may connect is a matter of its permissions
    mode_t socketMode = 0600;

    struct Tcp {
        std::string address;     ///< IPv4 or IPv6
        std::uint16_t port = 0;  ///< 0: any free one
        std::string token;       ///< that every caller must send
    };
    std::optional<Tcp> tcp{};
};

/// What one caller may take. The defaults are those of the server; tests have smaller ones.
struct AdminLimits {
    std::uint32_t headerBytes = 16 * 1024;
    std::uint64_t bodyBytes = 64 * 1024;
    std::chrono::milliseconds requestTime{10'000};  ///< from the connection to the end of the request
    std::chrono::milliseconds sendTime{30'000};     ///< for which the answer may take to leave
    std::chrono::milliseconds wrongTokenPause{500};
    std::size_t connections = 64;          ///< open at once, over the socket and over TCP each
    std::size_t connectionsByAddress = 8;  ///< over TCP
};

/// Serves routes to operators over a Unix socket, and over TCP when asked to: HTTP/1.1, one request a connection, on a
/// loop and on threads of its own beside the edge, so that a server whose workers are all busy can still be steered.
/// Only a request that has come in whole, and over TCP with the token, takes a thread.
///
/// Answers are those of the edge: the envelope, 404, 405, 413, 431, 500; over TCP also 401 and 429 (AdminAccess). A
/// request's clientAddress() says who calls: "uid 1000 (anna)" or the address. Refused tokens leave a line in the log
/// `audit`.
class AdminServer {
public:
    /// Begins to serve. Throws std::runtime_error when the socket or the port cannot be had.
    AdminServer(const AdminListeners& listeners, std::vector<Route> routes, const AdminLimits& limits = {});

    /// Ends connections; a running action is waited for, and answered.
    ~AdminServer();

    /// The port of TCP; 0 without.
    std::uint16_t port() const noexcept;

    /// The token of TCP from now on. Safe from any thread.
    void setToken(const std::string& token);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace playhouse::host
