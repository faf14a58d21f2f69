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
    : BriefConnection(std::move(loop), std::move(socket)), next_(std::move(next)) {}

ProxyProtocolConnection::~ProxyProtocolConnection() = default;

void ProxyProtocolConnection::start() {
    begin(loop().settings().headerTimeout);
    waitForInput();
}

void ProxyProtocolConnection::onReadable() {
    // Looked at first and taken then, so that what follows the header stays for who goes on.
    std::array<char, 512> bytes{};
    const auto descriptor = socket().native_handle();
    const auto there = ::recv(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_PEEK);
    if (there < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return waitForInput();
    if (there <= 0) return close();
    std::size_t consumed = 0;
    const auto progress = header_.feed({bytes.data(), static_cast<std::size_t>(there)}, consumed);
    if (progress == ProxyHeader::Progress::Malformed) return refuse();
    static_cast<void>(::recv(descriptor, bytes.data(), consumed, MSG_DONTWAIT));
    if (progress == ProxyHeader::Progress::NeedMore) return waitForInput();
    const auto self = shared_from_this();
    loop().remove(*this);
    auto address = header_.clientAddress().value_or(remoteAddress(socket()));
    next_(std::move(socket()), std::move(address));
}

void ProxyProtocolConnection::refuse() {
    loop().shared().figures.refusedProxyHeaders.Increment();
    Poco::Logger::get("http").debug("The trusted proxy " + remoteAddress(socket()) +
                                    " sent no PROXY header, or a malformed one: its connection is closed");
    close();
}

}  // namespace playhouse::host
