#include "ProxyProtocolConnection.h"

#include "EventLoop.h"
#include "Peer.h"

#include <Poco/Logger.h>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace playhouse::host {

using boost::asio::ip::tcp;

ProxyProtocolConnection::ProxyProtocolConnection(std::shared_ptr<EventLoop> loop, tcp::socket socket, Next next)
    : loop_(std::move(loop)), socket_(std::move(socket)), next_(std::move(next)) {}

ProxyProtocolConnection::~ProxyProtocolConnection() = default;

void ProxyProtocolConnection::start() {
    loop_->add(shared_from_this());
    deadline_ = std::chrono::steady_clock::now() + loop_->settings().headerTimeout;
    waitForInput();
}

void ProxyProtocolConnection::waitForInput() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
        if (!error && self->socket_.is_open()) self->onReadable();
    });
}

void ProxyProtocolConnection::onReadable() {
    // Looked at first and taken then, so that what follows the header stays for who goes on.
    std::array<char, 512> bytes{};
    const auto there = ::recv(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_PEEK);
    if (there < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return waitForInput();
    if (there <= 0) return close();
    std::size_t consumed = 0;
    const auto progress = header_.feed({bytes.data(), static_cast<std::size_t>(there)}, consumed);
    if (progress == ProxyHeader::Progress::Malformed) return refuse();
    static_cast<void>(::recv(socket_.native_handle(), bytes.data(), consumed, MSG_DONTWAIT));
    if (progress == ProxyHeader::Progress::NeedMore) return waitForInput();
    const auto self = shared_from_this();
    loop_->remove(*this);
    auto address = header_.clientAddress().value_or(remoteAddress(socket_));
    next_(std::move(socket_), std::move(address));
}

void ProxyProtocolConnection::refuse() {
    loop_->shared().figures.refusedProxyHeaders.Increment();
    Poco::Logger::get("http").debug("The trusted proxy " + remoteAddress(socket_) +
                                    " sent no PROXY header, or a malformed one: its connection is closed");
    close();
}

void ProxyProtocolConnection::close() {
    const auto self = shared_from_this();
    boost::system::error_code ignored;
    socket_.close(ignored);
    loop_->remove(*this);
}

}  // namespace playhouse::host
