#include "AdminServer.h"

#include "AdminListener.h"
#include "ControlSocket.h"
#include "KeptLogs.h"

#include <Poco/RunnableAdapter.h>
#include <Poco/Thread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>

#include <optional>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;

constexpr std::chrono::milliseconds endPatience{2000};
constexpr std::size_t threads = 4 + KeptLogs::mostWaiting;
constexpr std::size_t mostWaitingActions = 32;

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
    AdminListener<Local> local_;
    std::optional<AdminListener<tcp>> tcp_;
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
