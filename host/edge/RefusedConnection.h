#pragma once

#include "Admission.h"
#include "Connection.h"
#include "EventLoop.h"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>
#include <string_view>

namespace playhouse::host {

/// A connection that is told why it is refused, and nothing else: what its client sends is read and forgotten until it
/// closes or a second is over, since closing with bytes unread would destroy the answer on its way (RFC 9112 section
/// 9.6). For the loop's thread.
class RefusedConnection final : public Connection, public std::enable_shared_from_this<RefusedConnection> {
public:
    /// @param seat  one of Admission::turnAway()
    RefusedConnection(std::shared_ptr<EventLoop> loop, boost::asio::ip::tcp::socket socket, Admission::Seat seat);
    ~RefusedConnection() override;

    void start(std::string_view answer);

    std::chrono::steady_clock::time_point deadline() const noexcept override { return deadline_; }
    void onDeadline() override { close(); }
    void drain() override { close(); }
    void close() override;

private:
    void waitForInput();

    std::shared_ptr<EventLoop> loop_;
    boost::asio::ip::tcp::socket socket_;
    Admission::Seat seat_;
    std::chrono::steady_clock::time_point deadline_;
};

/// Reads what has come on `socket`, without waiting for more, and forgets it. False when the client has ended, or sends
/// faster than it is read.
bool discardInput(int socket) noexcept;

}  // namespace playhouse::host
