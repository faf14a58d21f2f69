#include "Listener.h"

#include "EventLoop.h"
#include "HttpConnection.h"
#include "Overload.h"
#include "ProxyProtocolConnection.h"
#include "RefusedConnection.h"
#include "TlsTransport.h"

#include <Poco/Logger.h>
#include <boost/asio/ip/v6_only.hpp>

#include <sys/socket.h>

#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

using boost::asio::ip::tcp;
using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr auto acceptPause = std::chrono::milliseconds(100);
constexpr auto warningInterval = std::chrono::minutes(1);

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
            acceptors_.push_back(std::make_unique<Acceptor>(listenOn(loop->context(), endpoint, true),
                                                            boost::asio::steady_timer(loop->context()), loop));
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
        if (error) return onAcceptError(acceptor, error);
        welcome(acceptor, std::move(socket));
        accept(acceptor);
    });
}

/// Most often no descriptor is free. Clients are told then, and what is open goes on.
void Listener::onAcceptError(Acceptor& acceptor, const boost::system::error_code& error) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    auto next = nextWarning_.load();
    if (now.count() >= next &&
        nextWarning_.compare_exchange_strong(
            next, (now + std::chrono::duration_cast<std::chrono::steady_clock::duration>(warningInterval)).count()))
        Poco::Logger::get("http").warning("A connection could not be accepted: " + error.message() +
                                          ". Raise the limit of open files, or lower http.maximum-connections.");
    const auto turnedAway = acceptor.spare.turnAway(
        acceptor.socket.native_handle(), security_ == Security::Tls ? "" : overloadBytes("Too many files are open."));
    acceptor.loop->shared().figures.refusedForDescriptors.Increment(static_cast<double>(turnedAway));
    if (turnedAway > 0) return accept(acceptor);
    acceptor.pause.expires_after(acceptPause);
    acceptor.pause.async_wait([this, &acceptor](const boost::system::error_code& cancelled) {
        if (!cancelled) accept(acceptor);
    });
}

/// Gives the connection to the loop with the fewest, since the kernel shares them out by chance.
void Listener::welcome(Acceptor& acceptor, tcp::socket socket) {
    auto& shared = acceptor.loop->shared();
    shared.figures.acceptedConnections.Increment();
    boost::system::error_code error;
    const auto client = socket.remote_endpoint(error).address();
    if (error) return;
    const auto& settings = acceptor.loop->settings();
    const Admission::ConnectionLimits limits{settings.maximumConnections, settings.maximumConnectionsPerAddress};
    auto place = settings.proxies.trusted.contains(textOf(client)) ? shared.admission.enterUncounted(limits)
                                                                   : shared.admission.enter(client, limits);
    if (!place.seat) return refuse(acceptor.loop, std::move(socket), place.verdict);
    auto target = acceptor.loop;
    for (const auto& loop : loops_)
        if (loop->load() + 1 < target->load()) target = loop;
    if (target == acceptor.loop) return begin(target, std::move(socket), security_, std::move(place));
    const auto protocol = socket.local_endpoint(error).protocol();
    const int descriptor = error ? -1 : socket.release(error);
    if (error) return;
    target->post([target, protocol, descriptor, security = security_, place = std::move(place)] {
        begin(target, tcp::socket(target->context(), protocol, descriptor), security, place);
    });
}

void Listener::begin(const std::shared_ptr<EventLoop>& loop, tcp::socket socket, Security security,
                     Admission::Place place) {
    const auto& settings = loop->settings();
    auto address = remoteAddress(socket);
    const bool asksProxies = security == Security::Tls ? settings.tls.proxyProtocol : settings.proxyProtocol;
    if (!asksProxies || !settings.proxies.trusted.contains(address))
        return serve(loop, std::move(socket), std::move(address), security, std::move(place));
    std::make_shared<ProxyProtocolConnection>(loop, std::move(socket),
                                              [loop, security, place](tcp::socket client, std::string clientAddress) {
                                                  serve(loop, std::move(client), std::move(clientAddress), security,
                                                        place);
                                              })
        ->start();
}

void Listener::serve(const std::shared_ptr<EventLoop>& loop, tcp::socket socket, std::string address, Security security,
                     Admission::Place place) {
    const auto& settings = loop->settings();
    const bool isTrusted = settings.proxies.trusted.contains(address);
    std::unique_ptr<Transport> transport;
    if (security == Security::Clear)
        transport = std::make_unique<PlainTransport>(std::move(socket));
    else
        transport = std::make_unique<TlsTransport>(std::move(socket), *settings.tls.context,
                                                   loop->shared().figures.failedHandshakes);
    transport->occupy(std::move(place.seat));
    std::make_shared<HttpConnection>(loop, std::move(transport), Peer{std::move(address), isTrusted},
                                     place.verdict == Admission::Verdict::Reserve)
        ->start();
}

void Listener::refuse(const std::shared_ptr<EventLoop>& loop, tcp::socket socket, Admission::Verdict verdict) const {
    auto& shared = loop->shared();
    const bool isForAddress = verdict == Admission::Verdict::AddressIsFull;
    (isForAddress ? shared.figures.refusedForAddress : shared.figures.refusedForConnections).Increment();
    boost::system::error_code ignored;
    // Under TLS nothing can be said before a handshake, which is work that an overloaded server does not take on.
    if (security_ == Security::Tls) {
        socket.close(ignored);
        return;
    }
    const auto answer = overloadBytes(isForAddress ? "Too many connections of your address are open."
                                                   : "Too many connections are open.");
    if (auto seat = shared.admission.turnAway())
        return std::make_shared<RefusedConnection>(loop, std::move(socket), std::move(seat))->start(answer);
    static_cast<void>(discardInput(socket.native_handle()));
    static_cast<void>(::send(socket.native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    static_cast<void>(discardInput(socket.native_handle()));
}

}  // namespace playhouse::host
