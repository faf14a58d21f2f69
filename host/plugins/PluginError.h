#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace playhouse::host {

/// Why something could not be done with a plugin. What served before it was tried serves on.
///
/// The message is for the operator: it names the plugin, both sides of what does not fit, and what to do. Codes:
/// PLUGIN_NOT_FOUND, PLUGIN_DISABLED, LIBRARY_REFUSED, SIGNATURE_REFUSED, START_FAILED, START_TIMEOUT, UNHEALTHY,
/// UNKNOWN_SETTING, ROUTE_COLLISION, SERVICE_COLLISION, NO_EARLIER_VERSION (to go back to), BUSY (its requests did not
/// end within `swap.hold-timeout`), STATE_REFUSED, STOPPED (the server is shutting down), and those of MigrationError.
/// After an incompatible migration nothing may serve any more; the message says so then.
class PluginError : public std::runtime_error {
public:
    PluginError(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}

    const std::string& code() const noexcept { return code_; }

private:
    std::string code_;
};

/// Whether a start that failed with that code may succeed later without anybody's doing: it was the database, or late,
/// as one that reads much from a slow database is.
bool maySucceedLater(std::string_view code) noexcept;

}  // namespace playhouse::host
