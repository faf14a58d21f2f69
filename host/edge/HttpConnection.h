#pragma once

#include "Connection.h"
#include "EventLoop.h"
#include "HttpWork.h"
#include "Peer.h"
#include "RequestGuard.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse::host {

/// One client's connection: reads a request, has it answered, sends the answer, and begins again (RFC 9112 section 9).
///
/// Pipelined requests are answered one after the other; what follows waits in the socket. A client that has ended its
/// sending gets its answer still. All functions are for the loop's thread, but for those that say otherwise.
class HttpConnection : public Connection, public std::enable_shared_from_this<HttpConnection> {
public:
    /// @param onReserve  it was let in beyond the limit: one request of the host's own routes is answered, others get
    /// 503
    HttpConnection(std::shared_ptr<EventLoop> loop, std::unique_ptr<Transport> transport, Peer peer,
                   bool onReserve = false);
    ~HttpConnection() override;

    void start();

    std::chrono::steady_clock::time_point deadline() const noexcept override { return deadline_; }
    void onDeadline() override;
    void onRoutesChanged() override;
    void drain() override;
    void close() override;

    /// Whether the client is known to send no more, so that it has most likely gone; any thread.
    bool isGone() const noexcept { return gone_.load(std::memory_order_acquire); }

    /// The time has come for the next quantum of a paced answer.
    void goOnAtPace();

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

    Exchange& exchange() noexcept { return *work_->exchange; }

    void waitForInput(boost::asio::ip::tcp::socket::wait_type direction = boost::asio::ip::tcp::socket::wait_read);
    void onReadable();
    void onEndOfInput();
    void process(std::string_view fresh);
    bool step(std::string_view& input);
    void leaveToChannel(std::string_view& input);
    void begin();
    void onHead();
    bool isForHost();
    bool isAdmitted();
    void turnAway();
    WorkerPool& workers();
    void dispatch();
    void proceed();
    bool passesGuard();
    bool isLetThrough(RequestGuard::Passage passage);
    void goOnAfterGuard(RequestGuard::Passage passage);
    void defer();
    void runOnWorker(std::function<void(Exchange&)> handle);
    void refuse(const RequestFault& fault);
    void answer(Response response);
    void becomeChannel(Response response, std::shared_ptr<ChannelState> channel);
    void watchTaking();
    std::int64_t taken() const;
    bool takesTooSlowly() const;
    void pump();
    void waitToSend(boost::asio::ip::tcp::socket::wait_type direction);
    void goOnSending();
    std::optional<std::string> fill();
    void fillOnWorker();
    void finish();
    void linger();
    void resumeReading();
    void rest();
    void cut(const std::string& problem);
    void conclude(Exchange::Ending ending);
    void setDeadline(std::chrono::milliseconds patience);
    void allowTimeFor(std::size_t bytes);
    void noteDeparture();
    void dropWork();

    std::shared_ptr<EventLoop> loop_;
    std::unique_ptr<Transport> transport_;
    std::unique_ptr<HttpWork> work_;  ///< none while it rests
    WaitMemory readMemory_;
    const Peer peer_;
    std::chrono::steady_clock::time_point deadline_;
    std::size_t requestSize_ = 0;  // bytes of the request so far
    std::uint64_t sent_ = 0;
    int status_ = 0;
    State state_ = State::Reading;
    const bool onReserve_;
    int emptyBytes_ = 0;  // before the next request
    bool requestBegun_ = false;
    bool readsBody_ = false;
    bool waitsForInput_ = false;
    bool closes_ = false;        // after this answer
    bool bodyUnread_ = false;    // the request's body was refused
    bool sourceIsBusy_ = false;  // a worker is reading the source
    bool draining_ = false;
    std::atomic<bool> gone_{false};
};

}  // namespace playhouse::host
