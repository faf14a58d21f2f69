#include "ChannelConnection.h"

#include "LoopChannels.h"
#include "platform/WorkerPool.h"
#include "routing/RequestContext.h"

#include <Poco/Logger.h>

#include <utility>

namespace playhouse::host {
namespace {

std::size_t messageLimit(const ChannelTerms& terms, const EdgeSettings& settings) {
    return terms.options.maximumMessageSize.value_or(settings.channels.maximumMessageSize);
}

std::uint32_t rateLimit(const ChannelTerms& terms, const EdgeSettings& settings) {
    return terms.options.maximumMessageRate.value_or(settings.channels.maximumMessageRate);
}

}  // namespace

ChannelConnection::ChannelConnection(std::shared_ptr<EventLoop> loop, std::unique_ptr<Transport> transport,
                                     std::shared_ptr<ChannelState> state, const RouteEntry& entry, bool isChunked)
    : loop_(std::move(loop)),
      transport_(std::move(transport)),
      state_(std::move(state)),
      gate_(entry.gate),
      reader_(messageLimit(*entry.channel, loop_->settings()), state_->identity().isCompressed),
      rate_(rateLimit(*entry.channel, loop_->settings())),
      isChunked_(isChunked) {}

ChannelConnection::~ChannelConnection() = default;

void ChannelConnection::start(std::string head, std::string input) {
    openGauge().Increment();
    setDeadline(loop_->settings().channels.pingInterval);
    // Before a loop that ends its connections has this one say Close.
    output_.add(SharedMessages(new EncodedMessages(std::move(head), 0)));
    loop_->add(shared_from_this());
    // What the opening handler has ordered may wait among the loop's orders still.
    loop_->channels().work();
    for (const auto& order : state_->attach(*this)) obey(order);
    if (!input.empty()) unread_ = std::move(input);
    serve();
    flushLater();
    goOnReading();
}

void ChannelConnection::setDeadline(std::chrono::milliseconds patience) {
    deadline_ = std::chrono::steady_clock::now() + patience;
}

prometheus::Gauge& ChannelConnection::openGauge() const {
    auto& figures = loop_->shared().figures;
    return isStream() ? figures.openEventStreams : figures.openWebSockets;
}

// ---- Serving

void ChannelConnection::onRoutesChanged() {
    serve();
}

/// Looks up who serves the channel's path now. False when nobody does.
bool ChannelConnection::refreshRoute() {
    auto newest = loop_->routes();
    if (newest != routes_) {
        routes_ = std::move(newest);
        const auto& identity = state_->identity();
        std::vector<std::pair<std::string, std::string>> parameters;
        const auto match = routes_->table->match(Method::Get, identity.path, parameters);
        const bool serves = match.entry != nullptr && match.entry->pluginId == identity.pluginId &&
                            match.entry->channel && match.entry->channel->protocol == identity.protocol;
        entry_ = serves ? match.entry : nullptr;
    }
    if (!entry_) return false;
    if (entry_->gate == gate_) return true;
    gate_ = entry_->gate;
    reader_.setMaximumMessageSize(messageLimit(*entry_->channel, loop_->settings()));
    rate_.change(rateLimit(*entry_->channel, loop_->settings()));
    inbox_.resume();
    return true;
}

void ChannelConnection::serve() {
    while (!isBusy_ && !isParked_ && phase_ != Phase::Gone) {
        if (!refreshRoute()) {
            inbox_.clear();
            closeWith(websocket::goingAway, "The service is switched off.");
            break;
        }
        if (inbox_.empty()) break;
        auto lease = gate_->enter();
        if (!lease && gate_->isHeld()) return park();
        // A closed gate means that newer routes are published already.
        if (!lease) continue;
        if (entry_->options.execution == Execution::Worker) return runOnWorker(std::move(lease));
        Channel channel(state_);
        served(tell(handler(), channel, inbox_.take()));
    }
    if (!inbox_.empty() || isBusy_) return;
    if (phase_ == Phase::Ended) return leave();
    if (closesOnceServed_) closeNow();
}

const ChannelHandler& ChannelConnection::handler() const {
    return std::get<std::shared_ptr<const ChannelRoute>>(entry_->route->handler)->handler;
}

void ChannelConnection::runOnWorker(Lease lease) {
    struct Job {
        std::shared_ptr<ChannelConnection> self;
        Lease lease;
        std::vector<ChannelInbox::Event> events;
    };
    auto job = std::make_shared<Job>(Job{shared_from_this(), std::move(lease), inbox_.take()});
    isBusy_ = true;
    const bool taken = loop_->shared().workers.submit([job] {
        Channel channel(job->self->state_);
        auto problem = tell(job->self->handler(), channel, job->events);
        job->lease.release();
        // The last owner of a connection is to be its loop.
        const auto loop = job->self->loop_;
        loop->post([self = std::move(job->self), problem = std::move(problem)] {
            self->isBusy_ = false;
            self->served(problem);
            self->serve();
            self->goOnReading();
        });
    });
    if (taken) return;
    isBusy_ = false;
    inbox_.giveBack(std::move(job->events));
    retryLater();
}

/// After the handler of `entry_` was told of some events.
void ChannelConnection::served(const std::string& problem) {
    if (entry_->answers) entry_->answers->count(!problem.empty());
    if (problem.empty()) return;
    const RequestScope scope(state_->id());
    Poco::Logger::get("http").error("The handler of the channel at " + state_->identity().path + " failed: " + problem);
    inbox_.dropMessages();
    closeWith(websocket::internalError, "Something failed inside the server.");
}

void ChannelConnection::park() {
    isParked_ = true;
    const auto resume = [weak = weak_from_this(), loop = loop_] {
        loop->post([weak] {
            if (const auto self = weak.lock()) self->retry();
        });
    };
    if (gate_->parkUncounted(resume) == LeaseGate::Parking::NotHeld) resume();
}

void ChannelConnection::retryLater() {
    if (std::exchange(retries_, true)) return;
    loop_->channels().retryLater(shared_from_this());
}

void ChannelConnection::retry() {
    retries_ = false;
    isParked_ = false;
    serve();
    goOnReading();
}

// ---- Ending

/// The client wants to end the channel, or broke the protocol: what it has said before is served and answered first.
void ChannelConnection::closeOnceServed(std::uint16_t code, std::string_view reason) {
    if (phase_ != Phase::Open) return;
    closure_ = {code, std::string(reason)};
    closesOnceServed_ = true;
    setDeadline(loop_->settings().channels.closeTimeout);
}

void ChannelConnection::closeNow() {
    closesOnceServed_ = false;
    // What the handler has ordered is done before.
    if (phase_ == Phase::Open) loop_->channels().work();
    const auto closure = closure_;
    closeWith(closure.code, closure.reason);
    goOnReading();
}

/// Begins to end the channel; what is queued goes out before.
void ChannelConnection::closeWith(std::uint16_t code, std::string_view reason) {
    if (phase_ != Phase::Open) return;
    closure_ = {code, std::string(reason)};
    std::string farewell;
    if (!isStream())
        appendCloseFrame(farewell, code, reason);
    else if (isChunked_)
        farewell = "0\r\n\r\n";
    // It has a place in the queue also when that is full.
    if (!farewell.empty()) output_.add(SharedMessages(new EncodedMessages(std::move(farewell), 0)));
    flushLater();
    phase_ = Phase::Closing;
    state_->markClosing();
    setDeadline(loop_->settings().channels.closeTimeout);
}

void ChannelConnection::end(std::uint16_t code, std::string reason) {
    if (phase_ == Phase::Ended || phase_ == Phase::Gone) return;
    phase_ = Phase::Ended;
    closure_ = {code, std::move(reason)};
    deadline_ = std::chrono::steady_clock::time_point::max();
    disconnect();
    inbox_.add(closure_);
    serve();
}

void ChannelConnection::disconnect() {
    transport_->close();
    while (!subscriptions_.empty()) unsubscribe(subscriptions_.size() - 1);
    state_->detach();
    output_.clear();
    unread_ = {};
    openGauge().Decrement();
}

void ChannelConnection::leave() {
    phase_ = Phase::Gone;
    loop_->remove(*this);
}

void ChannelConnection::drain() {
    closeWith(websocket::goingAway, "The server stops.");
}

void ChannelConnection::close() {
    const auto self = shared_from_this();
    if (phase_ == Phase::Gone) return;
    if (phase_ != Phase::Ended) disconnect();
    inbox_.clear();
    leave();
}

void ChannelConnection::onDeadline() {
    if (phase_ == Phase::Closing) return end(closure_.code, closure_.reason);
    if (phase_ != Phase::Open) return;
    if (closesOnceServed_) return closeNow();
    if (isStream()) return sendComment();
    if (!mayRead()) {
        // It may have answered long ago: it is the service that is behind.
        awaitsPong_ = false;
        return setDeadline(loop_->settings().channels.pingInterval);
    }
    const auto before = std::exchange(taken_, taken());
    // A slow client gets to the ping only behind what has been sent before.
    const bool isTaking = taken_ > before && (!output_.empty() || transport_->unacknowledged() > 0);
    if (awaitsPong_ && !isTaking) return end(websocket::abnormal, "The client answers no ping.");
    setDeadline(loop_->settings().channels.pongTimeout);
    if (std::exchange(awaitsPong_, true)) return;
    std::string ping;
    appendFrame(ping, WebSocketOpcode::Ping, {});
    // It has a place in the queue also when that is full.
    output_.add(SharedMessages(new EncodedMessages(std::move(ping), 0)));
    flushLater();
}

/// Bytes that the client has acknowledged.
std::int64_t ChannelConnection::taken() const {
    return static_cast<std::int64_t>(sent_) - static_cast<std::int64_t>(transport_->unacknowledged());
}

/// A comment keeps proxies from taking a stream for dead.
void ChannelConnection::sendComment() {
    setDeadline(loop_->settings().channels.pingInterval);
    std::string comment;
    if (isChunked_)
        appendChunk(comment, ":\n\n");
    else
        comment = ":\n\n";
    enqueueBytes(std::move(comment));
}

}  // namespace playhouse::host
