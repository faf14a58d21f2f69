#pragma once

#include <playhouse/Router.h>

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <vector>

namespace playhouse::host {

/// Serves routes to operators over a Unix socket: HTTP/1.1 on threads of its own, beside the edge, so that a server
/// whose workers are all busy can still be steered. Who may connect is a matter of the socket's permissions.
///
/// Answers are those of the edge: the envelope, 404, 405, 413, 500. A request's clientAddress() says who calls, such as
/// "uid 1000 (anna)".
class AdminServer {
public:
    /// Begins to serve. Throws std::runtime_error when the socket cannot be had.
    AdminServer(const std::filesystem::path& socket, mode_t mode, std::vector<Route> routes);

    /// Ends connections; a running action is waited for.
    ~AdminServer();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace playhouse::host
