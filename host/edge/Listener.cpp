#include "Listener.h"

#include "ErrorAnswers.h"
#include "EventLoop.h"
#include "HttpConnection.h"
#include "ProxyProtocolConnection.h"
#include "TlsTransport.h"

#include <Poco/Logger.h>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <sys/socket.h>

#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

using boost::asio::ip::tcp;
using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr auto acceptPause = std::chrono::milliseconds(100);

tcp::acceptor listenOn(boost::asio::io_context& context, const tcp::endpoint& endpoint, bool shared) {
    tcp::acceptor acceptor(context);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    if (shared) acceptor.set_option(ReusePort(true));
    if (endpoint.protocol() == tcp::v6()) acceptor.set_option(boost::asio::ip::v6_only(false));
    acceptor.bind(endpoint);
    acceptor.listen(4096);
    return acceptor;
}

}  // namespace

Listener::Listener(const std::vector<std::shared_ptr<EventLoop>>& loops, const std::string& address, std::uint16_t port,
                   Security security)
    : loops_(loops), security_(security) {
    try {
        tcp::endpoint endpoint(boost::asio::ip::make_address(address), port);
        // Without SO_REUSEPORT first: it would let a second server of the same user share the port unnoticed.
        listenOn(loops_.front()->context(), endpoint, false).close();
        for (const auto& loop : loops_) {
            acceptors_.push_back(std::make_unique<Acceptor>(
                Acceptor{listenOn(loop->context(), endpoint, true), boost::asio::steady_timer(loop->context()), loop}));
            endpoint.port(acceptors_.front()->socket.local_endpoint().port());
        }
        port_ = endpoint.port();
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("cannot listen on " + address + " port " + std::to_string(port) + ": " +
                                 error.code().message());
    }
}

void Listener::start() {
    for (auto& acceptor : acceptors_) accept(*acceptor);
}

void Listener::stop(const EventLoop& loop) {
    for (auto& acceptor : acceptors_) {
        if (acceptor->loop.get() != &loop) continue;
        boost::system::error_code ignored;
        acceptor->socket.close(ignored);
        acceptor->pause.cancel();
    }
}

void Listener::accept(Acceptor& acceptor) {
    acceptor.socket.async_accept([this, &acceptor](const boost::system::error_code& error, tcp::socket socket) {
        if (error == boost::asio::error::operation_aborted || !acceptor.socket.is_open()) return;
        if (error) {
            // Most often no descriptor is free: give the others time to close theirs.
            Poco::Logger::get("http").warning("A connection could not be accepted: " + error.message());
            acceptor.pause.expires_after(acceptPause);
            acceptor.pause.async_wait([this, &acceptor](const boost::system::error_code& cancelled) {
                if (!cancelled) accept(acceptor);
            });
            return;
        }
        welcome(acceptor, std::move(socket));
        accept(acceptor);
    });
}

/// Gives the connection to the loop with the fewest, since the kernel shares them out by chance.
void Listener::welcome(Acceptor& acceptor, tcp::socket socket) {
    auto& shared = acceptor.loop->shared();
    shared.figures.acceptedConnections.Increment();
    if (shared.connections.load(std::memory_order_relaxed) >= acceptor.loop->settings().maximumConnections)
        return refuse(*acceptor.loop, std::move(socket));
    auto target = acceptor.loop;
    for (const auto& loop : loops_)
        if (loop->load() + 1 < target->load()) target = loop;
    if (target == acceptor.loop) return begin(target, std::move(socket), security_);
    boost::system::error_code error;
    const auto protocol = socket.local_endpoint(error).protocol();
    const int descriptor = error ? -1 : socket.release(error);
    if (error) return;
    boost::asio::post(target->context(), [target, protocol, descriptor, security = security_] {
        begin(target, tcp::socket(target->context(), protocol, descriptor), security);
    });
}

void Listener::begin(const std::shared_ptr<EventLoop>& loop, tcp::socket socket, Security security) {
    const auto& settings = loop->settings();
    auto address = remoteAddress(socket);
    const bool asksProxies = security == Security::Tls ? settings.tls.proxyProtocol : settings.proxyProtocol;
    if (!asksProxies || !settings.proxies.trusted.contains(address))
        return serve(loop, std::move(socket), std::move(address), security);
    std::make_shared<ProxyProtocolConnection>(loop, std::move(socket),
                                              [loop, security](tcp::socket client, std::string clientAddress) {
                                                  serve(loop, std::move(client), std::move(clientAddress), security);
                                              })
        ->start();
}

void Listener::serve(const std::shared_ptr<EventLoop>& loop, tcp::socket socket, std::string address,
                     Security security) {
    const auto& settings = loop->settings();
    const bool isTrusted = settings.proxies.trusted.contains(address);
    std::unique_ptr<Transport> transport;
    if (security == Security::Clear)
        transport = std::make_unique<PlainTransport>(std::move(socket));
    else
        transport = std::make_unique<TlsTransport>(std::move(socket), *settings.tls.context);
    std::make_shared<HttpConnection>(loop, std::move(transport), Peer{std::move(address), isTrusted})->start();
}

void Listener::refuse(EventLoop& loop, tcp::socket socket) const {
    loop.shared().figures.refusedConnections.Increment();
    boost::system::error_code ignored;
    // Under TLS nothing can be said before a handshake, which is work that an overloaded server does not take on.
    if (security_ == Security::Tls) {
        socket.close(ignored);
        return;
    }
    const auto response = errorAnswer(503, "OVERLOADED", "Too many connections are open.");
    const auto body =
        response.body().parts().empty() ? SharedBuffer() : std::get<SharedBuffer>(response.body().parts().front());
    std::string answer =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
        "Connection: close\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n";
    answer.append(body.text());
    static_cast<void>(::send(socket.native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    socket.shutdown(tcp::socket::shutdown_both, ignored);
}

}  // namespace playhouse::host
