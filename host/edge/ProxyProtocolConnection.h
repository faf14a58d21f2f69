#pragma once

#include "Connection.h"
#include "ProxyProtocol.h"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>

namespace playhouse::host {

/// A connection from a trusted proxy that has yet to say whose it is. Takes the PROXY header off the socket, and not a
/// byte more, and hands the socket on; one that sends something else, or nothing within http.header-timeout, is closed.
/// For the loop's thread.
class ProxyProtocolConnection final : public Connection, public std::enable_shared_from_this<ProxyProtocolConnection> {
public:
    /// Goes on with the socket of the client at the address that is given.
    using Next = std::function<void(boost::asio::ip::tcp::socket, std::string address)>;

    ProxyProtocolConnection(std::shared_ptr<EventLoop> loop, boost::asio::ip::tcp::socket socket, Next next);
    ~ProxyProtocolConnection() override;

    void start();

    std::chrono::steady_clock::time_point deadline() const noexcept override { return deadline_; }
    void onDeadline() override { close(); }
    void drain() override { close(); }
    void close() override;

private:
    void waitForInput();
    void onReadable();
    void refuse();

    std::shared_ptr<EventLoop> loop_;
    boost::asio::ip::tcp::socket socket_;
    Next next_;
    ProxyHeader header_;
    std::chrono::steady_clock::time_point deadline_;
};

}  // namespace playhouse::host
