#pragma once

#include "BodySender.h"
#include "EventLoop.h"
#include "Exchange.h"
#include "RequestParser.h"

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace playhouse::host {

/// One client's connection: reads a request, has it answered, sends the answer, and begins again (RFC 9112 section 9).
///
/// Pipelined requests are answered one after the other; what follows waits in the socket. All functions are for the
/// loop's thread, but for those that say otherwise.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    HttpConnection(std::shared_ptr<EventLoop> loop, boost::asio::ip::tcp::socket socket);
    ~HttpConnection();

    void start();

    /// When the client's patience with us, or ours with it, is over; onDeadline() is called then.
    std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }
    void onDeadline();

    /// Ends after the answer in work, or at once when there is none.
    void drain();
    void close();

    /// Whether the client is known to have gone; any thread.
    bool isGone() const noexcept { return gone_.load(std::memory_order_acquire); }

    /// Sends the answer to the request in work; any thread, once.
    void answerFromAnywhere(Response response);

private:
    enum class State {
        Reading,    ///< waits for a request, or for the rest of one
        Handling,   ///< a handler has it
        Sending,    ///< the answer is on its way
        Lingering,  ///< all is sent; reads on so that a reset does not destroy the answer (RFC 9112 section 9.6)
        Closed,
    };

    void waitForInput();
    void onReadable();
    void process(std::string_view fresh);
    bool step(std::string_view& input);
    void onHead();
    void dispatch();
    void runOnWorker();
    void refuse(const RequestFault& fault);
    void answer(Response response);
    void pump();
    void fillOnWorker();
    void finish();
    void resumeReading();
    void fail(const char* during, const std::exception& error);
    void setDeadline(std::chrono::milliseconds patience);

    std::shared_ptr<EventLoop> loop_;
    boost::asio::ip::tcp::socket socket_;
    std::shared_ptr<Exchange> exchange_;
    RequestParser parser_;
    BodySender sender_;
    std::string pending_;  // input not yet taken
    std::string clientAddress_;
    State state_ = State::Reading;
    std::chrono::steady_clock::time_point deadline_;
    std::chrono::steady_clock::time_point sendingSince_{};
    std::uint64_t sent_ = 0;
    int status_ = 0;
    bool requestBegun_ = false;
    bool waitsForInput_ = false;
    bool closes_ = false;        // after this answer
    bool bodyUnread_ = false;    // the request's body was refused
    bool sourceIsBusy_ = false;  // a worker is reading the source
    bool draining_ = false;
    std::atomic<bool> gone_{false};
};

}  // namespace playhouse::host
