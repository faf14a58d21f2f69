#pragma once

#include <playhouse/Router.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::testing {

/// One request on its way. A deferred handler may answer it later, from any thread.
class Exchange {
public:
    virtual ~Exchange() = default;

    virtual bool isAnswered() const = 0;

    /// Takes the answer out, once. Throws std::logic_error while there is none.
    virtual Response takeResponse() = 0;

    /// Makes Responder::clientIsGone() true.
    virtual void hangUp() = 0;
};

/// Routes that a test can call, chosen and answered as the host does: the same precedence, HEAD from GET, ApiError as
/// the error envelope, 404 and 405; 401 and 403 by RequestParts::identity. Any other exception comes out to the test.
/// Ranges, conditionals and limits are the host's and absent here.
///
/// Handlers run on the calling thread, those of several requests at once on several. Routes are added before the first
/// request.
class FakeRouter final : public Router {
public:
    void add(Route route) override;

    const std::vector<Route>& routes() const noexcept { return routes_; }

    /// Sends a request made of `parts`; `path`, `pathParameters` and `requestId` are filled in from `target`.
    std::shared_ptr<Exchange> send(RequestParts parts);

    /// The route that answers `parts`, whose `path` and `pathParameters` it fills in from `target`. Throws ApiError 404
    /// or 405.
    const Route& route(RequestParts& parts) const;

    /// The route for channels at `target`, or null.
    std::shared_ptr<const ChannelRoute> channelRoute(const std::string& target) const;

private:
    std::vector<Route> routes_;
    std::atomic<int> lastRequest_ = 0;
};

}  // namespace playhouse::testing
