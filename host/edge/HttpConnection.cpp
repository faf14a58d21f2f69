#include "HttpConnection.h"

#include "AccessLog.h"
#include "DeferredAnswer.h"
#include "ForwardedHeaders.h"
#include "Overload.h"
#include "platform/WorkerPool.h"

namespace playhouse::host {
namespace {

constexpr auto reservePatience = std::chrono::milliseconds(1000);

/// Logged and counted, and never sent: the client left before there was an answer. Other servers log the same.
constexpr int clientClosedRequest = 499;

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<EventLoop> loop, std::unique_ptr<Transport> transport, Peer peer,
                               bool onReserve)
    : loop_(std::move(loop)), transport_(std::move(transport)), peer_(std::move(peer)), onReserve_(onReserve) {}

HttpConnection::~HttpConnection() = default;

void HttpConnection::start() {
    loop_->add(shared_from_this());
    setDeadline(onReserve_ ? reservePatience : loop_->settings().headerTimeout);
    waitForInput();
}

void HttpConnection::setDeadline(std::chrono::milliseconds patience) {
    deadline_ = std::chrono::steady_clock::now() + patience;
}

void HttpConnection::dispatch() {
    takeForwarded(exchange().request().parts(), loop_->settings().proxies, peer_.isTrusted);
    exchange().begin = std::chrono::steady_clock::now();
    state_ = State::Handling;
    deadline_ = std::chrono::steady_clock::time_point::max();
    if (isAdmitted()) proceed();
}

/// From the guard, before which no request counts among those that wait for a swap, to the handler.
void HttpConnection::proceed() {
    const auto isToBeGuarded = [this] { return exchange().isToBeGuarded(work_->parser.hasAuthorization()); };
    if (isToBeGuarded() && !passesGuard()) return;
    Response refusal;
    const auto resume = [weak = weak_from_this(), loop = loop_] {
        loop->post([weak] {
            const auto self = weak.lock();
            if (!self || self->state_ != State::Handling) return;
            self->dispatch();
            self->resumeReading();
        });
    };
    switch (exchange().enter(*loop_, resume, refusal)) {
        case Exchange::Entry::Answered:
            return answer(std::move(refusal));
        case Exchange::Entry::Parked:
            return;
        case Exchange::Entry::Entered:
            break;
    }
    // A swap has brought another route meanwhile, which may ask for more.
    if (isToBeGuarded()) {
        exchange().releaseLease();
        return proceed();
    }
    if (auto immediate = exchange().immediateAnswer()) return answer(*std::move(immediate));
    if (exchange().isDeferred()) return defer();
    if (exchange().isInline()) return answer(exchange().run(*loop_));
    runOnWorker([this](Exchange& entered) { answerFromAnywhere(entered.run(*loop_)); });
}

void HttpConnection::defer() {
    waitForInput();
    const auto kept = work_->exchange;
    auto deferred = std::make_shared<DeferredAnswer>(shared_from_this(), kept);
    work_->deferred = deferred;
    if (kept->isInline()) return kept->defer(Responder(std::move(deferred)));
    runOnWorker([deferred = std::move(deferred)](Exchange& entered) mutable {
        if (!deferred->isWithdrawn()) entered.defer(Responder(std::move(deferred)));
    });
}

/// A request that waits in the generation before is asked again: nobody knows when that would answer, or whether what
/// it waits for still comes.
void HttpConnection::onRoutesChanged() {
    if (state_ != State::Handling) return;
    const auto deferred = work_->deferred.lock();
    if (!deferred || !exchange().isToBeAskedAgain(*loop_) || !deferred->withdraw()) return;
    work_->exchange = exchange().askAgain();
    work_->deferred.reset();
    dispatch();
    resumeReading();
}

/// Calls `handle` on a worker, with the exchange and a lease; the connection lives as long.
void HttpConnection::runOnWorker(std::function<void(Exchange&)> handle) {
    // The job's own lease outlives the answer, which may be sent before the handler has returned.
    auto lease = std::make_shared<Lease>(exchange().anotherLease());
    const bool taken = workers().submit(
        [self = shared_from_this(), kept = work_->exchange, handle = std::move(handle), lease]() mutable {
            handle(*kept);
            handle = nullptr;
            kept.reset();
            lease->release();
            // The last owner of a connection is to be its loop.
            const auto loop = self->loop_;
            loop->post([connection = std::move(self)] {});
        });
    if (taken) return;
    loop_->shared().figures.refusedForWorkers.Increment();
    answer(overloadAnswer("The server has more work than it can take."));
}

void HttpConnection::answerFromAnywhere(Response response) {
    loop_->post([self = shared_from_this(), response = std::move(response)]() mutable {
        if (self->state_ != State::Handling) {
            // The client has gone. Nothing of the plugin may stay behind.
            { const auto dropped = std::move(response); }
            self->dropWork();
            return;
        }
        self->answer(std::move(response));
        self->resumeReading();
    });
}

/// After an answer that was not sent within process(): goes on with what waits.
void HttpConnection::resumeReading() {
    if (state_ == State::Reading) process({});
}

void HttpConnection::onDeadline() {
    if (state_ == State::Reading && requestBegun_) {
        bodyUnread_ = true;
        return refuse({408, "REQUEST_TIMEOUT", "The request took too long to arrive."});
    }
    if (state_ == State::Reading && onReserve_) return turnAway();
    if (state_ == State::Handling || sourceIsBusy_) return;
    if (state_ == State::Sending) {
        if (!takesTooSlowly()) return watchTaking();
        // Without this the kernel would go on with what it has buffered, for as long as the client likes.
        boost::system::error_code ignored;
        transport_->socket().set_option(boost::asio::socket_base::linger(true, 0), ignored);
    }
    close();
}

void HttpConnection::drain() {
    draining_ = true;
    closes_ = true;
    if (state_ == State::Reading && !requestBegun_) close();
}

void HttpConnection::close() {
    if (state_ == State::Closed) return;
    const auto self = shared_from_this();
    noteDeparture();
    const auto before = state_;
    state_ = State::Closed;
    gone_.store(true, std::memory_order_release);
    transport_->close();
    loop_->remove(*this);
    // A handler or source that still runs has the exchange; it is cleared when that comes back.
    if (before == State::Handling || sourceIsBusy_) return;
    dropWork();
}

/// A request whose answer will not be sent, or not to its end, leaves its trace all the same.
void HttpConnection::noteDeparture() {
    if ((state_ != State::Handling && state_ != State::Sending) || !exchange().isUnderWay()) return;
    if (state_ == State::Handling) status_ = clientClosedRequest;
    if (loop_->settings().accessLog)
        logAccess(exchange().request(), status_, std::chrono::steady_clock::now() - exchange().begin, true);
    exchange().countAbandoned(status_);
}

void HttpConnection::dropWork() {
    if (!work_) return;
    loop_->keepScratch(work_->sender.clear());
    exchange().clear();
    work_.reset();
}

}  // namespace playhouse::host
