// What a connection refuses when there is too much to do.

#include "HttpConnection.h"
#include "Overload.h"
#include "platform/WorkerPool.h"

#include <array>

namespace playhouse::host {
namespace {

constexpr auto tooManyConnections = "Too many connections are open.";

}  // namespace

bool HttpConnection::isForHost() {
    const auto* entry = exchange().entry();
    return entry != nullptr && entry->pluginId == hostRoutesOwner;
}

WorkerPool& HttpConnection::workers() {
    return isForHost() ? loop_->shared().hostWorkers : loop_->shared().workers;
}

/// Whether the request may go to its handler; it is answered 503 when not. One that has been admitted stays so.
bool HttpConnection::isAdmitted() {
    auto& shared = loop_->shared();
    exchange().route(*loop_);
    if (work_->inWork || isForHost()) return true;
    if (onReserve_) {
        shared.figures.refusedForConnections.Increment();
        answer(overloadAnswer(tooManyConnections));
        return false;
    }
    if (!shared.admission.beginRequest(loop_->settings().maximumRequestsInFlight)) {
        shared.figures.refusedForRequests.Increment();
        answer(overloadAnswer("Too many requests are being answered."));
        return false;
    }
    work_->inWork = RequestInWork(shared);
    return true;
}

/// Tells a client on the reserve, which has asked for nothing, that there is no room.
void HttpConnection::turnAway() {
    loop_->shared().figures.refusedForConnections.Increment();
    const auto bytes = overloadBytes(tooManyConnections);
    const std::array piece{iovec{const_cast<char*>(bytes.data()), bytes.size()}};
    static_cast<void>(transport_->send(piece, false));
    linger();
}

}  // namespace playhouse::host
