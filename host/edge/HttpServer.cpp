#include "HttpServer.h"

#include "ErrorAnswers.h"
#include "EventLoop.h"
#include "HttpConnection.h"

#include <Poco/Logger.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

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

class HttpServer::Implementation {
public:
    Implementation(EdgeSettings settings, RouteTableSlot& routes, WorkerPool& workers, ChannelHub& channels,
                   prometheus::Registry& registry)
        : settings_(std::make_shared<const EdgeSettings>(std::move(settings))),
          routes_(routes),
          shared_(std::make_shared<EdgeShared>(routes, workers, channels, registry)) {
        const auto cores = std::max<std::size_t>(1, std::thread::hardware_concurrency());
        const auto count = settings_->loops == 0 ? cores : settings_->loops;
        for (std::size_t index = 0; index < count; ++index)
            loops_.push_back(std::make_shared<EventLoop>(shared_, settings_, index));
    }

    ~Implementation() {
        drain(std::chrono::milliseconds(0));
        // What workers have posted since holds connections, which hold their loop.
        for (const auto& loop : loops_) loop->stop();
    }

    void start() {
        try {
            tcp::endpoint endpoint(boost::asio::ip::make_address(settings_->address), settings_->port);
            // Without SO_REUSEPORT first: it would let a second server of the same user share the port unnoticed.
            listenOn(loops_.front()->context(), endpoint, false).close();
            for (const auto& loop : loops_) {
                acceptors_.push_back(std::make_unique<Acceptor>(Acceptor{
                    listenOn(loop->context(), endpoint, true), boost::asio::steady_timer(loop->context()), loop}));
                endpoint.port(acceptors_.front()->socket.local_endpoint().port());
            }
            port_ = endpoint.port();
        } catch (const boost::system::system_error& error) {
            throw std::runtime_error("cannot listen on " + settings_->address + " port " +
                                     std::to_string(settings_->port) + ": " + error.code().message());
        }
        for (auto& acceptor : acceptors_) accept(*acceptor);
        for (const auto& loop : loops_) loop->run();
        isRunning_ = true;
        routes_.listen([this] {
            for (const auto& loop : loops_) boost::asio::post(loop->context(), [loop] { loop->onRoutesChanged(); });
        });
    }

    std::uint16_t port() const noexcept { return port_; }

    bool drain(std::chrono::milliseconds patience) {
        if (!isRunning_) return true;
        isRunning_ = false;
        for (auto& acceptor : acceptors_)
            onLoop(*acceptor->loop, [&acceptor] {
                boost::system::error_code ignored;
                acceptor->socket.close(ignored);
                acceptor->pause.cancel();
                acceptor->loop->drain();
            });
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (shared_->connections.load() > 0 && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        const bool clean = shared_->connections.load() == 0;
        for (const auto& loop : loops_) onLoop(*loop, [&loop] { loop->closeAll(); });
        routes_.listen({});
        for (const auto& loop : loops_) loop->stop();
        acceptors_.clear();
        return clean;
    }

    void reconfigure(const EdgeSettings& settings) {
        settings_ = std::make_shared<const EdgeSettings>(settings);
        for (const auto& loop : loops_)
            boost::asio::post(loop->context(), [loop, next = settings_] { loop->use(next); });
    }

private:
    struct Acceptor {
        tcp::acceptor socket;
        boost::asio::steady_timer pause;
        std::shared_ptr<EventLoop> loop;
    };

    template <class Work>
    static void onLoop(EventLoop& loop, Work work) {
        std::promise<void> done;
        boost::asio::post(loop.context(), [&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }

    void accept(Acceptor& acceptor) {
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
    void welcome(Acceptor& acceptor, tcp::socket socket) {
        shared_->figures.acceptedConnections.Increment();
        if (shared_->connections.load(std::memory_order_relaxed) >= acceptor.loop->settings().maximumConnections)
            return refuse(std::move(socket));
        auto target = acceptor.loop;
        for (const auto& loop : loops_)
            if (loop->load() + 1 < target->load()) target = loop;
        if (target == acceptor.loop) return begin(target, std::move(socket));
        boost::system::error_code error;
        const auto protocol = socket.local_endpoint(error).protocol();
        const int descriptor = error ? -1 : socket.release(error);
        if (error) return;
        boost::asio::post(target->context(), [target, protocol, descriptor] {
            begin(target, tcp::socket(target->context(), protocol, descriptor));
        });
    }

    static void begin(const std::shared_ptr<EventLoop>& loop, tcp::socket socket) {
        std::make_shared<HttpConnection>(loop, std::make_unique<PlainTransport>(std::move(socket)))->start();
    }

    void refuse(tcp::socket socket) {
        shared_->figures.refusedConnections.Increment();
        const auto response = errorAnswer(503, "OVERLOADED", "Too many connections are open.");
        const auto body =
            response.body().parts().empty() ? SharedBuffer() : std::get<SharedBuffer>(response.body().parts().front());
        std::string answer =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
            "Connection: close\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n";
        answer.append(body.text());
        static_cast<void>(::send(socket.native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
        boost::system::error_code ignored;
        socket.shutdown(tcp::socket::shutdown_both, ignored);
    }

    std::shared_ptr<const EdgeSettings> settings_;
    RouteTableSlot& routes_;
    std::shared_ptr<EdgeShared> shared_;
    std::vector<std::shared_ptr<EventLoop>> loops_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
    std::uint16_t port_ = 0;
    bool isRunning_ = false;
};

HttpServer::HttpServer(EdgeSettings settings, RouteTableSlot& routes, WorkerPool& workers, ChannelHub& channels,
                       prometheus::Registry& registry)
    : implementation_(std::make_unique<Implementation>(std::move(settings), routes, workers, channels, registry)) {}

HttpServer::~HttpServer() = default;

void HttpServer::start() {
    implementation_->start();
}

std::uint16_t HttpServer::port() const noexcept {
    return implementation_->port();
}

bool HttpServer::drain(std::chrono::milliseconds patience) {
    return implementation_->drain(patience);
}

void HttpServer::reconfigure(const EdgeSettings& settings) {
    implementation_->reconfigure(settings);
}

}  // namespace playhouse::host
