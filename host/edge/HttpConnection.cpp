#include "HttpConnection.h"

#include "AccessLog.h"
#include "ErrorAnswers.h"
#include "platform/WorkerPool.h"
#include "routing/RequestContext.h"

#include <Poco/Logger.h>
#include <boost/asio/post.hpp>

#include <sys/socket.h>

#include <cerrno>

namespace playhouse::host {
namespace {

using boost::asio::ip::tcp;

constexpr auto lingerTime = std::chrono::milliseconds(1000);

/// What a deferred handler's Responder leads to.
class DeferredAnswer final : public Responder::Sink {
public:
    DeferredAnswer(std::shared_ptr<HttpConnection> connection, std::shared_ptr<const Exchange> exchange)
        : connection_(std::move(connection)), exchange_(std::move(exchange)) {}

    void answer(Response response) noexcept override { connection_->answerFromAnywhere(std::move(response)); }
    void fail(const ApiError& error) noexcept override { answer(errorAnswer(error)); }
    void abandon() noexcept override {
        answer(errorAnswer(500, "INTERNAL_ERROR",
                           "The server dropped the request. Its log has more, under the request id.",
                           {{"requestId", exchange_->request().requestId()}}));
    }
    bool clientIsGone() const noexcept override { return connection_->isGone(); }

private:
    std::shared_ptr<HttpConnection> connection_;
    std::shared_ptr<const Exchange> exchange_;
};

std::string addressOf(const tcp::socket& socket) {
    boost::system::error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return "unknown";
    const auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<EventLoop> loop, tcp::socket socket)
    : loop_(std::move(loop)),
      socket_(std::move(socket)),
      exchange_(std::make_shared<Exchange>()),
      clientAddress_(addressOf(socket_)) {
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
}

HttpConnection::~HttpConnection() = default;

void HttpConnection::start() {
    loop_->add(shared_from_this());
    setDeadline(loop_->settings().headerTimeout);
    waitForInput();
}

void HttpConnection::setDeadline(std::chrono::milliseconds patience) {
    deadline_ = std::chrono::steady_clock::now() + patience;
}

void HttpConnection::waitForInput() {
    if (waitsForInput_ || state_ == State::Closed) return;
    waitsForInput_ = true;
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
        self->waitsForInput_ = false;
        if (error) return self->close();
        self->onReadable();
    });
}

void HttpConnection::onReadable() {
    if (state_ == State::Closed || state_ == State::Sending) return;
    const auto buffer = loop_->readBuffer();
    const bool peeks = state_ == State::Handling;
    const auto got =
        ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT | (peeks ? MSG_PEEK : 0));
    if (got < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return waitForInput();
        return close();
    }
    if (got == 0) return close();
    // While a handler works, input is only looked at to notice a client that hangs up; a pipelined request waits.
    if (peeks) return;
    loop_->shared().figures.receivedBytes.Increment(static_cast<double>(got));
    if (state_ == State::Lingering) return waitForInput();
    process({buffer.data(), static_cast<std::size_t>(got)});
}

void HttpConnection::process(std::string_view fresh) {
    std::string joined;
    if (!pending_.empty()) {
        joined = std::move(pending_);
        pending_.clear();
        joined.append(fresh);
        fresh = joined;
    }
    while (state_ == State::Reading && step(fresh)) {
    }
    if (!fresh.empty() && (state_ == State::Reading || state_ == State::Handling || state_ == State::Sending))
        pending_.assign(fresh);
    if (state_ == State::Reading) waitForInput();
}

/// Takes one step in reading; false when more input is needed.
bool HttpConnection::step(std::string_view& input) {
    if (!requestBegun_) {
        if (input.empty()) return false;
        // An empty line before a request is to be ignored (RFC 9112 section 2.2).
        while (!input.empty() && (input.front() == '\r' || input.front() == '\n')) input.remove_prefix(1);
        if (input.empty()) return false;
        const auto& settings = loop_->settings();
        requestBegun_ = true;
        auto& parts = exchange_->request().parts();
        parts.requestId = loop_->nextRequestId();
        parts.clientAddress = clientAddress_;
        parser_.begin({settings.maximumHeaderSize, settings.maximumTargetSize}, parts);
        setDeadline(settings.headerTimeout);
    }
    std::size_t consumed = 0;
    const auto progress = parser_.feed(input, consumed);
    input.remove_prefix(consumed);
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
            refuse(parser_.fault());
            return true;
    }
    return false;
}

void HttpConnection::onHead() {
    exchange_->route(*loop_);
    setDeadline(loop_->settings().bodyTimeout);
    if (!exchange_->entry()) {
        // Nobody will take the body: answer now, and do not read it.
        bodyUnread_ = true;
        return dispatch();
    }
    if (!parser_.allowBody(exchange_->bodyLimit(loop_->settings()))) return refuse(parser_.fault());
    if (parser_.expectsContinue()) {
        static constexpr std::string_view go = "HTTP/1.1 100 Continue\r\n\r\n";
        static_cast<void>(::send(socket_.native_handle(), go.data(), go.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    }
}

void HttpConnection::refuse(const RequestFault& fault) {
    bodyUnread_ = true;
    exchange_->begin = std::chrono::steady_clock::now();
    exchange_->route(*loop_);
    answer(errorAnswer(fault.status, fault.code, fault.message));
}

void HttpConnection::dispatch() {
    exchange_->begin = std::chrono::steady_clock::now();
    state_ = State::Handling;
    deadline_ = std::chrono::steady_clock::time_point::max();
    Response refusal;
    const auto resume = [weak = weak_from_this(), loop = loop_] {
        boost::asio::post(loop->context(), [weak] {
            const auto self = weak.lock();
            if (!self || self->state_ != State::Handling) return;
            self->dispatch();
            self->resumeReading();
        });
    };
    switch (exchange_->enter(*loop_, resume, refusal)) {
        case Exchange::Entry::Answered:
            return answer(std::move(refusal));
        case Exchange::Entry::Parked:
            return;
        case Exchange::Entry::Entered:
            break;
    }
    if (exchange_->isDeferred()) waitForInput();
    if (!exchange_->isInline()) return runOnWorker();
    if (!exchange_->isDeferred()) return answer(exchange_->run());
    const auto exchange = exchange_;
    exchange->defer(Responder(std::make_shared<DeferredAnswer>(shared_from_this(), exchange)));
}

void HttpConnection::runOnWorker() {
    // The job's own lease outlives the answer, which may be sent before the handler has returned.
    auto lease = std::make_shared<Lease>(exchange_->anotherLease());
    const bool taken =
        loop_->shared().workers.submit([self = shared_from_this(), exchange = exchange_, lease]() mutable {
            if (exchange->isDeferred()) {
                exchange->defer(Responder(std::make_shared<DeferredAnswer>(self, exchange)));
            } else {
                self->answerFromAnywhere(exchange->run());
            }
            exchange.reset();
            lease->release();
            // The last owner of a connection is to be its loop.
            auto& context = self->loop_->context();
            boost::asio::post(context, [kept = std::move(self)] {});
        });
    if (!taken)
        answer(errorAnswer(503, "OVERLOADED", "The server has more work than it can take.")
                   .withHeader("Retry-After", "1"));
}

void HttpConnection::answerFromAnywhere(Response response) {
    boost::asio::post(loop_->context(), [self = shared_from_this(), response = std::move(response)]() mutable {
        if (self->state_ != State::Handling) {
            // The client has gone. Nothing of the plugin may stay behind.
            { const auto dropped = std::move(response); }
            self->exchange_->clear();
            return;
        }
        self->answer(std::move(response));
        self->resumeReading();
    });
}

void HttpConnection::answer(Response response) {
    const auto& settings = loop_->settings();
    closes_ = draining_ || bodyUnread_ || !parser_.keepsAlive();
    const PreparationContext context{settings, loop_->shared().compressed, loop_->date(), !closes_, parser_.isHttp10()};
    PreparedResponse prepared;
    try {
        prepared = prepareResponse(exchange_->request(), std::move(response), context);
    } catch (const std::exception& error) {
        const RequestScope scope(exchange_->request().requestId());
        Poco::Logger::get("http").error("An answer to " + exchange_->request().path() +
                                        " could not be prepared: " + error.what());
        prepared = prepareResponse(
            exchange_->request(), errorAnswer(500, "INTERNAL_ERROR", "The server could not send its answer."), context);
    }
    // Buffers and files are the SDK's; only a source runs code of the plugin.
    if (!prepared.body.source()) exchange_->releaseLease();
    status_ = prepared.status;
    closes_ = prepared.closes;
    auto scratch =
        BodySender::needsScratch(prepared) ? loop_->takeScratch(BodySender::scratchSize) : std::vector<std::byte>();
    sender_.begin(std::move(prepared), std::move(scratch));
    state_ = State::Sending;
    setDeadline(settings.sendTimeout);
    pump();
}

void HttpConnection::pump() {
    const auto sentBefore = sent_;
    auto progress = BodySender::Progress::NeedsSource;
    while (true) {
        progress = sender_.advance(socket_.native_handle(), sent_);
        if (progress != BodySender::Progress::NeedsSource) break;
        if (!exchange_->entry() || exchange_->isInline()) {
            try {
                const RequestScope scope(exchange_->request().requestId());
                sender_.fill();
            } catch (const std::exception& error) {
                return fail("sending", error);
            }
            continue;
        }
        break;
    }
    if (sent_ != sentBefore) {
        loop_->shared().figures.sentBytes.Increment(static_cast<double>(sent_ - sentBefore));
        setDeadline(loop_->settings().sendTimeout);
    }
    switch (progress) {
        case BodySender::Progress::Done:
            return finish();
        case BodySender::Progress::Failed:
            return close();
        case BodySender::Progress::NeedsSource:
            return fillOnWorker();
        case BodySender::Progress::Yielded:
            boost::asio::post(loop_->context(), [self = shared_from_this()] {
                if (self->state_ != State::Sending) return;
                self->pump();
                self->resumeReading();
            });
            return;
        case BodySender::Progress::Blocked:
            socket_.async_wait(tcp::socket::wait_write,
                               [self = shared_from_this()](const boost::system::error_code& error) {
                                   if (self->state_ != State::Sending) return;
                                   if (error) return self->close();
                                   self->pump();
                                   self->resumeReading();
                               });
            return;
    }
}

void HttpConnection::fillOnWorker() {
    sourceIsBusy_ = true;
    const auto work = [self = shared_from_this(),
                       lease = std::make_shared<Lease>(exchange_->anotherLease())]() mutable {
        std::string problem;
        try {
            const RequestScope scope(self->exchange_->request().requestId());
            self->sender_.fill();
        } catch (const std::exception& error) {
            problem = error.what();
        }
        lease->release();
        auto& context = self->loop_->context();
        boost::asio::post(context, [self = std::move(self), problem = std::move(problem)] {
            self->sourceIsBusy_ = false;
            if (self->state_ == State::Closed) {
                self->loop_->keepScratch(self->sender_.clear());
                self->exchange_->clear();
                return;
            }
            if (!problem.empty()) return self->fail("sending", std::runtime_error(problem));
            self->pump();
            self->resumeReading();
        });
    };
    if (loop_->shared().workers.submit(work)) return;
    sourceIsBusy_ = false;
    fail("sending", std::runtime_error("the workers have more than they can take"));
}

void HttpConnection::fail(const char* during, const std::exception& error) {
    const RequestScope scope(exchange_->request().requestId());
    Poco::Logger::get("http").error("Connection cut while " + std::string(during) + " " + exchange_->request().path() +
                                    ": " + error.what());
    close();
}

void HttpConnection::finish() {
    if (loop_->settings().accessLog)
        logAccess(exchange_->request(), status_, std::chrono::steady_clock::now() - exchange_->begin);
    loop_->keepScratch(sender_.clear());
    exchange_->finish(status_);
    // A handler that still holds the exchange keeps it; the connection goes on with a new one.
    if (exchange_.use_count() > 1) exchange_ = std::make_shared<Exchange>();
    requestBegun_ = false;
    if (!closes_) {
        state_ = State::Reading;
        setDeadline(loop_->settings().idleTimeout);
        return;
    }
    boost::system::error_code ignored;
    if (!bodyUnread_) return close();
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    state_ = State::Lingering;
    pending_.clear();
    setDeadline(lingerTime);
    waitForInput();
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
    if (state_ == State::Handling || sourceIsBusy_) return;
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
    boost::system::error_code ignored;
    socket_.close(ignored);
    pending_ = {};
    loop_->remove(self);
    // A handler or source that still runs has the exchange; it is cleared when that comes back.
    if (before == State::Handling || sourceIsBusy_) return;
    loop_->keepScratch(sender_.clear());
    exchange_->clear();
}

}  // namespace playhouse::host
