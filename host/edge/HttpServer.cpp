#include "HttpServer.h"

#include "EventLoop.h"
#include "Listener.h"
#include "trust/TlsContext.h"

#include <playhouse/Response.h>

#include <Poco/Logger.h>

#include <algorithm>
#include <future>
#include <thread>
#include <utility>
#include <vector>

namespace playhouse::host {
namespace {

/// For which a loop may be at something else when it is to be stopped.
constexpr auto loopPatience = std::chrono::seconds(3);

}  // namespace

class HttpServer::Implementation {
public:
    Implementation(EdgeSettings settings, RouteTableSlot& routes, WorkerPool& workers, ChannelHub& channels,
                   prometheus::Registry& registry, RequestGuard guard)
        : settings_(std::make_shared<const EdgeSettings>(std::move(settings))),
          routes_(routes),
          shared_(std::make_shared<EdgeShared>(routes, workers, channels, registry, guard)) {
        const auto cores = std::max<std::size_t>(1, std::thread::hardware_concurrency());
        const auto count = settings_->loops == 0 ? cores : settings_->loops;
        for (std::size_t index = 0; index < count; ++index)
            loops_.push_back(std::make_shared<EventLoop>(shared_, settings_, index));
    }

    ~Implementation() { drain(std::chrono::milliseconds(0)); }

    void start() {
        std::vector<std::unique_ptr<Listener>> listeners;
        listeners.push_back(
            std::make_unique<Listener>(loops_, settings_->address, settings_->port, Listener::Security::Clear));
        port_ = listeners.back()->port();
        if (const auto& tls = settings_->tls; tls.context) {
            listeners.push_back(std::make_unique<Listener>(loops_, tls.address, tls.port, Listener::Security::Tls));
            tlsPort_ = listeners.back()->port();
            tellWarnings(*tls.context);
        }
        listeners_ = std::move(listeners);
        for (const auto& listener : listeners_) listener->start();
        for (const auto& loop : loops_) loop->run();
        isRunning_ = true;
        routes_.listen([this] {
            for (const auto& loop : loops_) loop->post([loop] { loop->onRoutesChanged(); });
        });
    }

    std::uint16_t port() const noexcept { return port_; }
    std::uint16_t tlsPort() const noexcept { return tlsPort_; }
    bool isStuck() const noexcept { return isStuck_; }

    bool drain(std::chrono::milliseconds patience) {
        if (!isRunning_) return true;
        isRunning_ = false;
        const auto deadline = std::chrono::steady_clock::now() + patience;
        isStuck_ = !onLoops(deadline + loopPatience, [this](EventLoop& loop) {
            for (const auto& listener : listeners_) listener->stop(loop);
            loop.drain();
        });
        while (shared_->connections.load() > 0 && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        const bool clean = shared_->connections.load() == 0;
        const auto grace = isStuck_ ? std::chrono::seconds(0) : loopPatience;
        isStuck_ |= !onLoops(std::chrono::steady_clock::now() + grace, [](EventLoop& loop) { loop.closeAll(); });
        if (isStuck_) return false;
        shared_->hostWorkers.stop();
        routes_.listen({});
        for (const auto& loop : loops_) loop->stop();
        listeners_.clear();
        return clean;
    }

    void reconfigure(const EdgeSettings& settings) {
        auto next = std::make_shared<EdgeSettings>(settings);
        auto& context = next->tls.context;
        // The listening socket is there still, and its clients are to be served.
        if (!context) context = settings_->tls.context;
        if (context && settings_->tls.context && !context->hasCertificateOf(*settings_->tls.context)) {
            Poco::Logger::get("http").information("New TLS connections get the certificate that is valid until " +
                                                  isoTime(context->validUntil()));
            tellWarnings(*context);
        }
        settings_ = std::move(next);
        for (const auto& loop : loops_) loop->post([loop, latest = settings_] { loop->use(latest); });
    }

private:
    static void tellWarnings(const TlsContext& tls) {
        for (const auto& warning : tls.warnings()) Poco::Logger::get("http").warning(warning);
    }

    /// Has each loop do `work`. False when one has not come to it by `deadline`, since a handler does not leave it.
    template <class Work>
    bool onLoops(std::chrono::steady_clock::time_point deadline, Work work) const {
        std::vector<std::future<void>> done;
        for (const auto& loop : loops_) {
            auto promise = std::make_shared<std::promise<void>>();
            done.push_back(promise->get_future());
            loop->post([loop, work, promise = std::move(promise)] {
                work(*loop);
                promise->set_value();
            });
        }
        return std::all_of(done.begin(), done.end(), [deadline](const auto& each) {
            return each.wait_until(deadline) == std::future_status::ready;
        });
    }

    std::shared_ptr<const EdgeSettings> settings_;
    RouteTableSlot& routes_;
    std::shared_ptr<EdgeShared> shared_;
    std::vector<std::shared_ptr<EventLoop>> loops_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::uint16_t port_ = 0;
    std::uint16_t tlsPort_ = 0;
    bool isRunning_ = false;
    bool isStuck_ = false;
};

HttpServer::HttpServer(EdgeSettings settings, RouteTableSlot& routes, WorkerPool& workers, ChannelHub& channels,
                       prometheus::Registry& registry, const TokenIdentities* identities, RateLimiter* limiter)
    : implementation_(std::make_unique<Implementation>(std::move(settings), routes, workers, channels, registry,
                                                       RequestGuard(identities, limiter))) {}

HttpServer::~HttpServer() = default;

void HttpServer::start() {
    implementation_->start();
}

std::uint16_t HttpServer::port() const noexcept {
    return implementation_->port();
}

std::uint16_t HttpServer::tlsPort() const noexcept {
    return implementation_->tlsPort();
}

bool HttpServer::isStuck() const noexcept {
    return implementation_->isStuck();
}

bool HttpServer::drain(std::chrono::milliseconds patience) {
    return implementation_->drain(patience);
}

void HttpServer::reconfigure(const EdgeSettings& settings) {
    implementation_->reconfigure(settings);
}

}  // namespace playhouse::host
