#include "HttpConnection.h"

#include "DeferredAnswer.h"
#include "ForwardedHeaders.h"
#include "Overload.h"
#include "platform/WorkerPool.h"

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>

namespace playhouse::host {
namespace {

constexpr int mostEmptyBytes = 8;

using boost::asio::ip::tcp;

constexpr auto reservePatience = std::chrono::milliseconds(1000);

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

void HttpConnection::waitForInput() {
    if (waitsForInput_ || state_ == State::Closed) return;
    waitsForInput_ = true;
    // What a transport holds back no readiness of the socket announces.
    if (transport_->hasBuffered())
        return boost::asio::post(loop_->context(), [self = shared_from_this()] {
            self->waitsForInput_ = false;
            self->onReadable();
        });
    auto onInput = [self = shared_from_this()](const boost::system::error_code& error) {
        self->waitsForInput_ = false;
        if (error) return self->close();
        self->onReadable();
    };
    transport_->socket().async_wait(tcp::socket::wait_read,
                                    boost::asio::bind_allocator(readMemory_.allocator(), std::move(onInput)));
}

void HttpConnection::onReadable() {
    if (state_ == State::Closed || state_ == State::Sending) return;
    // While a handler works, input is only looked at to notice a client that hangs up; a pipelined request waits.
    if (state_ == State::Handling) {
        const auto status = transport_->peek();
        if (status == Transport::Status::Failed) return close();
        if (status == Transport::Status::WantsRead) return waitForInput();
        if (status == Transport::Status::Ended) onEndOfInput();
        return;
    }
    const auto buffer = loop_->readBuffer();
    const auto [status, bytes] = transport_->receive(buffer);
    switch (status) {
        case Transport::Status::WantsRead:
            return waitForInput();
        case Transport::Status::WantsWrite:
            return transport_->socket().async_wait(tcp::socket::wait_write,
                                                   [self = shared_from_this()](const boost::system::error_code& error) {
                                                       if (error) return self->close();
                                                       self->onReadable();
                                                   });
        case Transport::Status::Ended:
        case Transport::Status::Failed:
            return close();
        case Transport::Status::Done:
            break;
    }
    loop_->shared().figures.receivedBytes.Increment(static_cast<double>(bytes));
    if (state_ == State::Lingering) return waitForInput();
    process({buffer.data(), bytes});
    // What a transport holds back no readiness of the socket announces.
    if (state_ == State::Reading && transport_->hasBuffered())
        boost::asio::post(loop_->context(), [self = shared_from_this()] {
            if (self->state_ == State::Reading) self->onReadable();
        });
}

/// A client may end its side and wait for the answer (RFC 9112 section 9.6), but most that do have gone.
void HttpConnection::onEndOfInput() {
    gone_.store(true, std::memory_order_release);
}

void HttpConnection::process(std::string_view fresh) {
    if (!work_) work_ = loop_->works().take();
    std::string joined;
    if (!work_->pending.empty()) {
        joined = std::move(work_->pending);
        work_->pending.clear();
        joined.append(fresh);
        fresh = joined;
    }
    while (state_ == State::Reading && step(fresh)) {
    }
    if (state_ == State::Closed || state_ == State::Lingering) return;
    if (!fresh.empty()) work_->pending.assign(fresh);
    if (state_ == State::Reading) rest();
}

/// Between two requests, or two pieces of one.
void HttpConnection::rest() {
    if (!requestBegun_ && work_->pending.empty()) loop_->works().keep(std::move(work_));
    waitForInput();
}

/// Takes one step in reading; false when more input is needed.
bool HttpConnection::step(std::string_view& input) {
    if (!requestBegun_) {
        // An empty line before a request is to be ignored (RFC 9112 section 2.2); one that never ends is malformed.
        while (!input.empty() && (input.front() == '\r' || input.front() == '\n') && emptyBytes_ < mostEmptyBytes) {
            input.remove_prefix(1);
            ++emptyBytes_;
        }
        if (input.empty()) return false;
        begin();
    }
    std::size_t consumed = 0;
    const auto progress = work_->parser.feed(input, consumed);
    input.remove_prefix(consumed);
    requestSize_ += consumed;
    if (readsBody_) allowTimeFor(consumed);
    work_->largestRequest = std::max(work_->largestRequest, requestSize_);
    switch (progress) {
        case RequestParser::Progress::NeedMore:
            return false;
        case RequestParser::Progress::HeadComplete:
            onHead();
            return true;
        case RequestParser::Progress::Complete:
            dispatch();
            return true;
        case RequestParser::Progress::Failed:
            refuse(work_->parser.fault());
            return true;
    }
    return false;
}

/// A body may take the longer the more there is of it, but each byte earns only its own time.
void HttpConnection::allowTimeFor(std::size_t bytes) {
    const auto rate = loop_->settings().minimumRate;
    if (rate == 0) return;
    const std::chrono::duration<double> earned(static_cast<double>(bytes) / static_cast<double>(rate));
    deadline_ += std::chrono::duration_cast<std::chrono::steady_clock::duration>(earned);
}

void HttpConnection::begin() {
    const auto& settings = loop_->settings();
    requestBegun_ = true;
    emptyBytes_ = 0;
    readsBody_ = false;
    requestSize_ = 0;
    auto& parts = exchange().request().parts();
    parts.requestId = loop_->nextRequestId();
    parts.clientAddress = peer_.address;
    parts.scheme = transport_->scheme();
    work_->parser.begin({settings.maximumHeaderSize, settings.maximumTargetSize}, parts);
    setDeadline(settings.headerTimeout);
}

void HttpConnection::onHead() {
    exchange().route(*loop_);
    setDeadline(loop_->settings().bodyTimeout);
    if (!exchange().entry()) {
        // Nobody will take the body: answer now, and do not read it.
        bodyUnread_ = true;
        return dispatch();
    }
    if (!work_->parser.allowBody(exchange().bodyLimit(loop_->settings()))) return refuse(work_->parser.fault());
    readsBody_ = true;
    if (work_->parser.expectsContinue()) {
        static constexpr std::string_view go = "HTTP/1.1 100 Continue\r\n\r\n";
        const std::array piece{iovec{const_cast<char*>(go.data()), go.size()}};
        static_cast<void>(transport_->send(piece, false));
    }
}

void HttpConnection::refuse(const RequestFault& fault) {
    takeForwarded(exchange().request().parts(), loop_->settings().proxies, peer_.isTrusted);
    bodyUnread_ = true;
    exchange().begin = std::chrono::steady_clock::now();
    exchange().route(*loop_);
    answer(errorAnswer(fault.status, fault.code, fault.message));
}

void HttpConnection::dispatch() {
    takeForwarded(exchange().request().parts(), loop_->settings().proxies, peer_.isTrusted);
    exchange().begin = std::chrono::steady_clock::now();
    state_ = State::Handling;
    deadline_ = std::chrono::steady_clock::time_point::max();
    if (!isAdmitted()) return;
    Response refusal;
    const auto resume = [weak = weak_from_this(), loop = loop_] {
        boost::asio::post(loop->context(), [weak] {
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
            auto& context = self->loop_->context();
            boost::asio::post(context, [connection = std::move(self)] {});
        });
    if (taken) return;
    loop_->shared().figures.refusedForWorkers.Increment();
    answer(overloadAnswer("The server has more work than it can take."));
}

void HttpConnection::answerFromAnywhere(Response response) {
    boost::asio::post(loop_->context(), [self = shared_from_this(), response = std::move(response)]() mutable {
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
    const auto before = state_;
    state_ = State::Closed;
    gone_.store(true, std::memory_order_release);
    transport_->close();
    loop_->remove(*this);
    // A handler or source that still runs has the exchange; it is cleared when that comes back.
    if (before == State::Handling || sourceIsBusy_) return;
    dropWork();
}

void HttpConnection::dropWork() {
    if (!work_) return;
    loop_->keepScratch(work_->sender.clear());
    exchange().clear();
    work_.reset();
}

}  // namespace playhouse::host
