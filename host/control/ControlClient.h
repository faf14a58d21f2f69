#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace playhouse::host {

/// No server answers at the socket; the text names it and says what to check.
class ServerUnreachable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What the server answered.
struct ControlAnswer {
    int status = 0;
    std::string text;           ///< as sent
    boost::json::value json{};  ///< the envelope; null for an answer that is not JSON
};

/// Speaks to the AdminServer at `socket`. One thread at a time.
class ControlClient {
public:
    explicit ControlClient(std::filesystem::path socket) : socket_(std::move(socket)) {}

    /// Waits as long as the action takes. Throws ServerUnreachable.
    ControlAnswer get(const std::string& path) const { return send("GET", path, {}); }
    ControlAnswer post(const std::string& path, const std::string& body = {}) const { return send("POST", path, body); }

private:
    ControlAnswer send(const std::string& method, const std::string& path, const std::string& body) const;

    std::filesystem::path socket_;
};

}  // namespace playhouse::host
