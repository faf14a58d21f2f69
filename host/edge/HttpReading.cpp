// How a connection reads requests.

#include "ErrorAnswers.h"
#include "ForwardedHeaders.h"
#include "HttpConnection.h"

#include <boost/asio/bind_allocator.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace playhouse::host {
namespace {

using boost::asio::ip::tcp;

constexpr int mostEmptyBytes = 8;

}  // namespace

/// Waits until there is something to read, or until `direction` says that reading can go on.
void HttpConnection::waitForInput(tcp::socket::wait_type direction) {
    if (waitsForInput_ || state_ == State::Closed) return;
    waitsForInput_ = true;
    // What a transport holds back no readiness of the socket announces.
    if (transport_->hasBuffered())
        return loop_->post([self = shared_from_this()] {
            self->waitsForInput_ = false;
            self->onReadable();
        });
    auto onInput = [self = shared_from_this()](const boost::system::error_code& error) {
        self->waitsForInput_ = false;
        if (error) return self->close();
        self->onReadable();
    };
    transport_->socket().async_wait(direction,
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
    const auto [status, bytes] = loop_->receive(*transport_);
    if (status == Transport::Status::WantsRead) return waitForInput();
    if (status == Transport::Status::WantsWrite) return waitForInput(tcp::socket::wait_write);
    if (status != Transport::Status::Done) return close();
    if (state_ == State::Lingering) return waitForInput();
    process({loop_->readBuffer().data(), bytes});
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
        // A channel that was refused leaves what followed.
        if (state_ != State::Reading || !fresh.empty()) continue;
        joined = std::exchange(work_->pending, {});
        fresh = joined;
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
            leaveToChannel(input);
            dispatch();
            return true;
        case RequestParser::Progress::Failed:
            refuse(work_->parser.fault());
            return true;
    }
    return false;
}

/// What follows a request for a channel belongs to that, if it opens.
void HttpConnection::leaveToChannel(std::string_view& input) {
    exchange().route(*loop_);
    if (input.empty() || !exchange().entry() || !exchange().entry()->channel) return;
    work_->pending.assign(input);
    input = {};
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

}  // namespace playhouse::host
