#pragma once

#include "Admission.h"
#include "Compression.h"
#include "EdgeFigures.h"
#include "EdgeSettings.h"
#include "PaceTimer.h"
#include "RequestGuard.h"
#include "Transport.h"
#include "platform/WorkerPool.h"
#include "routing/RouteTable.h"

#include <Poco/Thread.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace playhouse::host {

class ChannelHub;
class Connection;
class HttpWorkPool;
class LoopChannels;

/// What all loops of a server share. Outlives them.
struct EdgeShared {
    EdgeShared(RouteTableSlot& routeSlot, WorkerPool& workerPool, ChannelHub& channelHub,
               prometheus::Registry& registry, RequestGuard requestGuard = {nullptr, nullptr})
        : routes(routeSlot), workers(workerPool), hub(channelHub), figures(registry), guard(requestGuard) {}

    RouteTableSlot& routes;
    WorkerPool& workers;
    ChannelHub& hub;
    EdgeFigures figures;
    RequestGuard guard;
    Admission admission;

    /// For the host's own routes, which are to answer when plugins have all workers busy.
    WorkerPool hostWorkers{1, 64};
    CompressedBodies compressed{16 * 1024 * 1024};
    std::atomic<std::size_t> connections{0};
    std::atomic<int> congestedLoops{0};  ///< with more to deliver to channels than they should have
};

/// One thread that serves its share of the connections, and what they have in common. All but the constructor, post()
/// and load() is for that thread alone.
class EventLoop : public std::enable_shared_from_this<EventLoop> {
public:
    /// The routes as this loop sees them, with what it counts of each.
    struct Routes {
        std::shared_ptr<const RouteTable> table;
        std::uint64_t version = 0;
        std::vector<std::unique_ptr<RouteFigures>> figures;  ///< by RouteEntry::index
        std::unique_ptr<RouteFigures> unrouted;
    };

    EventLoop(std::shared_ptr<EdgeShared> shared, std::shared_ptr<const EdgeSettings> settings, std::size_t index);
    ~EventLoop();

    boost::asio::io_context& context() noexcept { return context_; }
    EdgeShared& shared() noexcept { return *shared_; }
    const EdgeSettings& settings() const noexcept { return *settings_; }
    void use(std::shared_ptr<const EdgeSettings> settings) noexcept { settings_ = std::move(settings); }

    void run();

    /// Ends the thread. For the one who runs the loop.
    void stop();

    /// Has the loop do `work`; any thread, at any time. Once the loop has ended it is done on the calling thread, so
    /// that a connection that a worker has longer than the loop lasts does not stay for ever in the queue of a loop
    /// that it keeps.
    template <class Work>
    void post(Work&& work) {
        boost::asio::post(context_, std::forward<Work>(work));
        if (hasEnded_.load()) doWhatIsLeft();
    }

    /// The newest routes.
    std::shared_ptr<const Routes> routes();

    /// Now, as HTTP writes it; renewed once a second.
    std::string_view date();

    std::string nextRequestId();

    /// Where reads go. Its content is valid until the next read of any connection on this loop.
    std::span<char> readBuffer() noexcept { return readBuffer_; }

    /// Reads from `transport` to the front of readBuffer(), and counts it.
    Transport::Transfer receive(Transport& transport);

    /// Memory for a body that is made while it is sent, kept from one response to the next.
    std::vector<std::byte> takeScratch(std::size_t size);
    void keepScratch(std::vector<std::byte> scratch);

    /// What HTTP connections need while a request is in work.
    HttpWorkPool& works() noexcept { return *works_; }

    LoopChannels& channels() noexcept { return *channels_; }

    PaceTimer& paceTimer() noexcept { return paceTimer_; }

    void add(const std::shared_ptr<Connection>& connection);
    void remove(Connection& connection);

    /// Newer routes are published: tells every connection.
    void onRoutesChanged();

    /// Connections on this loop; any thread.
    std::size_t load() const noexcept { return load_.load(std::memory_order_relaxed); }

    /// Closes what idles, and the rest after its answer.
    void drain();
    void closeAll();

private:
    void sweepLater();
    void doWhatIsLeft();

    std::shared_ptr<EdgeShared> shared_;
    std::shared_ptr<const EdgeSettings> settings_;
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer sweepTimer_;
    Poco::Thread thread_;
    std::shared_ptr<const Routes> routes_;
    std::vector<char> readBuffer_;
    std::vector<std::vector<std::byte>> scratches_;
    std::string date_;
    std::chrono::steady_clock::time_point dateUntil_;
    std::string requestIdPrefix_;
    std::uint64_t requests_ = 0;
    std::unique_ptr<HttpWorkPool> works_;
    std::unique_ptr<LoopChannels> channels_;
    PaceTimer paceTimer_;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
    std::atomic<std::size_t> load_{0};
    bool draining_ = false;
    bool isRunning_ = false;
    std::atomic<bool> hasEnded_{false};
    std::mutex leftMutex_;
};

}  // namespace playhouse::host
