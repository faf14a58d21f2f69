#pragma once

#include "BodySender.h"
#include "Exchange.h"
#include "Pacer.h"
#include "RequestInWork.h"
#include "RequestParser.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace playhouse::host {

class DeferredAnswer;

/// What a connection needs from the first byte of a request to the last of its answer, and not while it rests.
struct HttpWork {
    RequestParser parser;
    std::shared_ptr<Exchange> exchange = std::make_shared<Exchange>();
    std::weak_ptr<DeferredAnswer> deferred;  ///< that the handler of the request in work is to give
    BodySender sender;
    RequestInWork inWork;            ///< held from its admission to the end of its answer
    std::optional<Pacer> pacer;      ///< of the answer on its way
    std::int64_t takenBefore = 0;    ///< bytes that the client had acknowledged when it was last judged
    bool isWatched = false;          ///< it has been, or is to be
    bool isBlocked = false;          ///< the kernel has no room for more of the answer
    std::string pending;             ///< input not yet taken
    std::size_t largestRequest = 0;  ///< in bytes, of those it has served
};

/// Works that a loop keeps for the next request, on whichever connection. For the loop's thread.
class HttpWorkPool {
public:
    std::unique_ptr<HttpWork> take();

    /// Forgets one that has grown, so that a large request costs memory only while it is there.
    void keep(std::unique_ptr<HttpWork> work);

private:
    std::vector<std::unique_ptr<HttpWork>> idle_;
};

}  // namespace playhouse::host
