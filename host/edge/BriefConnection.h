#pragma once

#include "Connection.h"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>

namespace playhouse::host {

/// A connection on which no HTTP is spoken yet, or none will be: it is over at its deadline, or when the server stops.
/// For the loop's thread.
class BriefConnection : public Connection, public std::enable_shared_from_this<BriefConnection> {
public:
    std::chrono::steady_clock::time_point deadline() const noexcept override { return deadline_; }
    void onDeadline() override { close(); }
    void drain() override { close(); }
    void close() override;

protected:
    BriefConnection(std::shared_ptr<EventLoop> loop, boost::asio::ip::tcp::socket socket);
    ~BriefConnection() override;

    /// From now on it has `patience`.
    void begin(std::chrono::milliseconds patience);

    void waitForInput();
    virtual void onReadable() = 0;

    EventLoop& loop() noexcept { return *loop_; }
    boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }

private:
    std::shared_ptr<EventLoop> loop_;
    boost::asio::ip::tcp::socket socket_;
    std::chrono::steady_clock::time_point deadline_;
};

}  // namespace playhouse::host
