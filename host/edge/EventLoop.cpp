#include "EventLoop.h"

#include "ChannelOrders.h"
#include "Connection.h"
#include "HttpWork.h"
#include "LoopChannels.h"
#include "platform/HostThread.h"
#include "platform/LoopThread.h"
#include "platform/ThrownText.h"

#include <playhouse/Response.h>

#include <Poco/Logger.h>

#include <array>
#include <charconv>
#include <exception>
#include <random>
#include <utility>

namespace playhouse::host {
namespace {

constexpr auto sweepInterval = std::chrono::milliseconds(250);
constexpr std::size_t readBufferSize = 64 * 1024;
constexpr std::size_t mostScratches = 64;
constexpr int idBase = 36;

/// Tells loops and runs of the server apart, and leaves room for 78,000 million requests before an id no longer fits
/// into a std::string without a block of the heap.
std::string requestIdPrefix(std::size_t loop) {
    constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::string prefix;
    std::random_device random;
    for (int count = 0; count < 5; ++count) prefix += digits[random() % idBase];
    prefix += digits[loop / idBase % idBase];
    prefix += digits[loop % idBase];
    return prefix += '-';
}

}  // namespace

EventLoop::EventLoop(std::shared_ptr<EdgeShared> shared, std::shared_ptr<const EdgeSettings> settings,
                     std::size_t index)
    : shared_(std::move(shared)),
      settings_(std::move(settings)),
      context_(1),
      work_(boost::asio::make_work_guard(context_)),
      sweepTimer_(context_),
      thread_("edge-" + std::to_string(index)),
      readBuffer_(readBufferSize),
      works_(std::make_unique<HttpWorkPool>()),
      channels_(std::make_unique<LoopChannels>(*this)),
      paceTimer_(context_) {
    requestIdPrefix_ = requestIdPrefix(index);
}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
    sweepLater();
    thread_.startFunc([this] {
        const HostThread self(thread_.getName());
        markLoopThread();
        // What one connection comes to grief by, such as want of memory, is not to end all others.
        while (!context_.stopped()) {
            try {
                context_.run();
            } catch (const std::exception& error) {
                Poco::Logger::get("http").critical("A connection's work failed: " + thrownText(error));
            } catch (...) {
                Poco::Logger::get("http").critical("A connection's work failed by what is no std::exception");
            }
        }
    });
    isRunning_ = true;
}

void EventLoop::stop() {
    boost::asio::post(context_, [this] {
        sweepTimer_.cancel();
        work_.reset();
        context_.stop();
    });
    // Poco's isRunning() is false already while the thread still ends.
    if (std::exchange(isRunning_, false)) thread_.join();
    channels_->stop();
    paceTimer_.stop();
    hasEnded_ = true;
    doWhatIsLeft();
}

/// What was posted holds connections, which hold this loop. Whoever posts after the last look has seen that the loop
/// has ended, as the queue's mutex is between.
void EventLoop::doWhatIsLeft() {
    // What posts while it is done here comes next.
    if (context_.get_executor().running_in_this_thread()) return;
    const auto self = shared_from_this();
    const std::lock_guard lock(leftMutex_);
    context_.restart();
    context_.poll();
}

std::shared_ptr<const EventLoop::Routes> EventLoop::routes() {
    if (routes_ && routes_->version == shared_->routes.version()) return routes_;
    auto renewed = std::make_shared<Routes>();
    std::tie(renewed->table, renewed->version) = shared_->routes.current();
    for (const auto& entry : renewed->table->entries())
        renewed->figures.push_back(std::make_unique<RouteFigures>(
            shared_->figures, entry.pluginId, entry.pattern.text(), std::string(toString(entry.method))));
    renewed->unrouted = std::make_unique<RouteFigures>(shared_->figures, "host", "(none)", "(any)");
    routes_ = std::move(renewed);
    return routes_;
}

std::string_view EventLoop::date() {
    const auto now = std::chrono::steady_clock::now();
    if (now >= dateUntil_) {
        const auto wall = std::chrono::system_clock::now();
        date_ = httpDate(wall);
        dateUntil_ = now + (std::chrono::ceil<std::chrono::seconds>(wall) - wall);
    }
    return date_;
}

std::string EventLoop::nextRequestId() {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), ++requests_, idBase).ptr;
    return requestIdPrefix_ + std::string(digits.data(), end);
}

Transport::Transfer EventLoop::receive(Transport& transport) {
    const auto transfer = transport.receive(readBuffer_);
    shared_->figures.receivedBytes.Increment(static_cast<double>(transfer.bytes));
    return transfer;
}

std::vector<std::byte> EventLoop::takeScratch(std::size_t size) {
    if (scratches_.empty()) return std::vector<std::byte>(size);
    auto scratch = std::move(scratches_.back());
    scratches_.pop_back();
    return scratch;
}

void EventLoop::keepScratch(std::vector<std::byte> scratch) {
    if (!scratch.empty() && scratches_.size() < mostScratches) scratches_.push_back(std::move(scratch));
}

void EventLoop::add(const std::shared_ptr<Connection>& connection) {
    connections_.emplace(connection.get(), connection);
    load_.store(connections_.size(), std::memory_order_relaxed);
    shared_->connections.fetch_add(1, std::memory_order_relaxed);
    shared_->figures.openConnections.Increment();
    if (draining_) connection->drain();
}

void EventLoop::remove(Connection& connection) {
    if (connections_.erase(&connection) == 0) return;
    load_.store(connections_.size(), std::memory_order_relaxed);
    shared_->connections.fetch_sub(1, std::memory_order_relaxed);
    shared_->figures.openConnections.Decrement();
}

void EventLoop::drain() {
    draining_ = true;
    const auto all = connections_;
    for (const auto& [key, connection] : all) connection->drain();
}

void EventLoop::closeAll() {
    const auto all = connections_;
    for (const auto& [key, connection] : all) connection->close();
}

void EventLoop::onRoutesChanged() {
    const auto all = connections_;
    for (const auto& [key, connection] : all) connection->onRoutesChanged();
}

void EventLoop::sweepLater() {
    sweepTimer_.expires_after(sweepInterval);
    sweepTimer_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        const auto now = std::chrono::steady_clock::now();
        std::vector<std::shared_ptr<Connection>> late;
        for (const auto& [key, connection] : connections_)
            if (connection->deadline() <= now) late.push_back(connection);
        for (const auto& connection : late) connection->onDeadline();
        sweepLater();
    });
}

}  // namespace playhouse::host
