#include "AdminServer.h"

#include "AdminSession.h"
#include "ControlSocket.h"
#include "KeptLogs.h"

#include <Poco/Logger.h>
#include <Poco/RunnableAdapter.h>
#include <Poco/Thread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>

#include <map>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;
using Local = asio::local::stream_protocol;

constexpr auto acceptPause = std::chrono::milliseconds(100);
constexpr std::chrono::milliseconds endPatience{2000};
constexpr std::size_t threads = 4 + KeptLogs::mostWaiting;
constexpr std::size_t mostWaitingActions = 32;

std::string addressOf(const tcp::endpoint& endpoint) {
    const auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

Local::acceptor adopt(asio::io_context& loop, ControlSocket& socket) {
    return {loop, Local(), ::fcntl(socket.socket().impl()->sockfd(), F_DUPFD_CLOEXEC, 0)};
}

tcp::acceptor listen(asio::io_context& loop, const AdminListeners::Tcp& tcp) {
    try {
        return {loop, tcp::endpoint(asio::ip::make_address(tcp.address), tcp.port), true};
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("control.port " + std::to_string(tcp.port) + " of control.address " + tcp.address +
                                 ": " + error.code().message() + "; choose another, or 0 for none");
    }
}

/// Takes connections from one listening socket and counts them. Lives on the loop.
template <class Protocol>
class Listener {
public:
    using Acceptor = typename Protocol::acceptor;

    Listener(AdminShared& shared, asio::io_context& loop, Acceptor acceptor)
        : shared_(shared), acceptor_(std::move(acceptor)), pause_(loop) {}

    Acceptor& acceptor() { return acceptor_; }

    void accept() {
        acceptor_.async_accept([this](const Error& error, typename Protocol::socket socket) {
            if (error == asio::error::operation_aborted) return;
            if (error) return acceptLater(error);
            take(std::move(socket));
            accept();
        });
    }

    void close() {
        Error ignored;
        acceptor_.close(ignored);
        pause_.cancel();
        for (const auto& session : sessions_)
            if (const auto open = session.lock()) open->stopReading();
    }

private:
    /// Out of descriptors, say: that passes.
    void acceptLater(const Error& error) {
        Poco::Logger::get("control").warning("The admin API could not take a connection: " + error.message());
        pause_.expires_after(acceptPause);
        pause_.async_wait([this](const Error& cancelled) {
            if (!cancelled) accept();
        });
    }

    void take(typename Protocol::socket socket) {
        std::erase_if(sessions_, [](const auto& session) { return session.expired(); });
        const auto caller = callerOf(socket);
        // A caller too many is cut off without an answer, which costs nothing.
        if (!caller || sessions_.size() >= shared_.limits.connections) return;
        if constexpr (std::is_same_v<Protocol, tcp>) {
            std::erase_if(byAddress_, [](const auto& session) { return session.second.expired(); });
            if (byAddress_.count(*caller) >= shared_.limits.connectionsByAddress) return;
        }
        auto session = std::make_shared<AdminSession>(shared_, AdminSession::Socket(std::move(socket)), *caller,
                                                      std::is_same_v<Protocol, tcp>);
        sessions_.push_back(session);
        if constexpr (std::is_same_v<Protocol, tcp>) byAddress_.emplace(*caller, session);
        session->start();
    }

    static std::optional<std::string> callerOf(typename Protocol::socket& socket) {
        if constexpr (std::is_same_v<Protocol, tcp>) {
            Error gone;
            const auto endpoint = socket.remote_endpoint(gone);
            if (gone) return std::nullopt;
            return addressOf(endpoint);
        } else {
            return peerName(socket.native_handle());
        }
    }

    AdminShared& shared_;
    Acceptor acceptor_;
    asio::steady_timer pause_;
    std::vector<std::weak_ptr<AdminSession>> sessions_;
    std::multimap<std::string, std::weak_ptr<AdminSession>> byAddress_;
};

}  // namespace

class AdminServer::Implementation {
public:
    Implementation(const AdminListeners& listeners, std::vector<Route> routes, const AdminLimits& limits)
        : shared_{AdminTable(std::move(routes)), WorkerPool(threads, mostWaitingActions),
                  AdminAccess(listeners.tcp ? listeners.tcp->token : std::string()), limits},
          socket_(listeners.socket, listeners.socketMode),
          local_(shared_, loop_, adopt(loop_, socket_)) {
        if (listeners.tcp) tcp_.emplace(shared_, loop_, listen(loop_, *listeners.tcp));
        local_.accept();
        if (tcp_) {
            tcp_->accept();
            port_ = tcp_->acceptor().local_endpoint().port();
        }
        thread_.start(run_);
    }

    ~Implementation() {
        asio::post(loop_, [this] {
            local_.close();
            if (tcp_) tcp_->close();
        });
        shared_.workers.stop();
        // What the actions answered is sent before the loop ends, unless somebody does not take it.
        asio::post(loop_, [this] { work_.reset(); });
        if (thread_.tryJoin(endPatience.count())) return;
        loop_.stop();
        thread_.join();
    }

    std::uint16_t port() const noexcept { return port_; }
    AdminAccess& access() noexcept { return shared_.access; }

private:
    void run() { loop_.run(); }

    AdminShared shared_;
    asio::io_context loop_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(loop_);
    ControlSocket socket_;
    Listener<Local> local_;
    std::optional<Listener<tcp>> tcp_;
    std::uint16_t port_ = 0;
    Poco::RunnableAdapter<Implementation> run_{*this, &Implementation::run};
    Poco::Thread thread_{"control"};
};

AdminServer::AdminServer(const AdminListeners& listeners, std::vector<Route> routes, const AdminLimits& limits)
    : implementation_(std::make_unique<Implementation>(listeners, std::move(routes), limits)) {}

AdminServer::~AdminServer() = default;

std::uint16_t AdminServer::port() const noexcept {
    return implementation_->port();
}

void AdminServer::setToken(const std::string& token) {
    implementation_->access().setToken(token);
}

}  // namespace playhouse::host
