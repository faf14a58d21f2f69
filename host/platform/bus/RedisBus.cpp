#include "RedisBus.h"

#include "platform/HostThread.h"
#include "platform/LoopThread.h"

#include <playhouse/ApiError.h>

#include <Poco/Logger.h>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace playhouse::host {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t mostUnsentBytes = 16 * 1024 * 1024;
constexpr std::size_t mostOfABatch = 256;
constexpr std::size_t mostBytesOfABatch = 1024 * 1024;
constexpr std::size_t hostIdSize = 16;
constexpr std::chrono::seconds quietTime{5};

/// How often a waiting thread looks whether it is still wanted.
constexpr std::chrono::milliseconds busAttention{100};

Poco::Logger& busLogger() {
    return Poco::Logger::get("redis");
}

std::string newHostId() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::random_device random;
    std::string id;
    while (id.size() < hostIdSize) id += digits[random() % digits.size()];
    return id;
}

ApiError busUnavailable() {
    return {503, "BUS_UNAVAILABLE", "Messages cannot be sent to other hosts at the moment; try again."};
}

/// Redis compares a pattern that is subscribed to with the user's own letter by letter: one that is wider is none.
std::string rightToListen(const std::string& refusal, const std::string& prefix) {
    if (!refusal.starts_with("NOPERM ")) return {};
    return "; the user of redis.url needs the right to this very pattern: ACL SETUSER <user> '&" + prefix + "*'";
}

}  // namespace

RedisBus::RedisBus(RedisClient& redis, BusHub& hub, prometheus::Registry* figures)
    : redis_(redis),
      hub_(hub),
      hostId_(newHostId()),
      prefix_("playhouse:bus:" + std::to_string(redis.settings().database) + ":") {
    if (figures) {
        unsent_ = &prometheus::BuildCounter()
                       .Name("playhouse_bus_unsent_total")
                       .Help("Messages that did not reach other hosts, as Redis was away or too slow")
                       .Register(*figures)
                       .Add({});
        listens_ = &prometheus::BuildGauge()
                        .Name("playhouse_bus_listening")
                        .Help("Whether messages of other hosts arrive")
                        .Register(*figures)
                        .Add({});
    }
    receiver_.startFunc([this] {
        const HostThread self(receiver_.getName());
        keepReceiving();
    });
    sender_.startFunc([this] {
        const HostThread self(sender_.getName());
        keepSending();
    });
}

RedisBus::~RedisBus() {
    stop();
}

void RedisBus::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(stopping_, true)) return;
        if (connection_) connection_->shutDown();
        wakeSender_.notify_all();
        changed_.notify_all();
    }
    sender_.join();
    receiver_.join();
}

void RedisBus::send(const BusMessage& message, WhenAway whenAway) {
    Outgoing outgoing{prefix_ + message.topic, hostId_ + message.payload, nullptr};
    const auto cost = outgoing.data.size() + outgoing.channel.size();
    const bool mustArrive = whenAway == WhenAway::Fail;
    if (mustArrive && !redis_.isUp()) throw busUnavailable();
    std::future<bool> sent;
    if (mustArrive && !isLoopThread()) {
        outgoing.sent = std::make_shared<std::promise<bool>>();
        sent = outgoing.sent->get_future();
    }
    {
        std::unique_lock lock(mutex_);
        const auto hasRoom = [&] { return stopping_ || bytes_ + cost <= mostUnsentBytes; };
        if (!hasRoom() && !isLoopThread()) changed_.wait_for(lock, redis_.settings().patience, hasRoom);
        if (stopping_ || !hasRoom()) {
            missed_ = true;
            countUnsent(1);
            if (mustArrive) throw busUnavailable();
            return;
        }
        bytes_ += cost;
        outgoing_.push_back(std::move(outgoing));
        wakeSender_.notify_one();
    }
    if (sent.valid() && !sent.get()) throw busUnavailable();
}

void RedisBus::keepSending() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto hasWork = [this] { return stopping_ || !outgoing_.empty(); };
        // Who has been told of nothing else is told of the gap.
        if (missed_)
            wakeSender_.wait_for(lock, redis_.settings().retryInterval, hasWork);
        else
            wakeSender_.wait(lock, hasWork);
        if (stopping_) break;
        if (outgoing_.empty() && !redis_.isUp()) continue;
        auto batch = nextBatch(lock);
        lock.unlock();
        sendBatch(std::move(batch));
        lock.lock();
    }
    for (const auto& left : outgoing_)
        if (left.sent) left.sent->set_value(false);
    outgoing_.clear();
}

std::vector<RedisBus::Outgoing> RedisBus::nextBatch(std::unique_lock<std::mutex>&) {
    std::vector<Outgoing> batch;
    if (std::exchange(missed_, false)) batch.push_back({prefix_, hostId_, nullptr});
    std::size_t bytes = 0;
    while (!outgoing_.empty() && batch.size() < mostOfABatch && bytes < mostBytesOfABatch) {
        bytes += outgoing_.front().data.size() + outgoing_.front().channel.size();
        batch.push_back(std::move(outgoing_.front()));
        outgoing_.pop_front();
    }
    bytes_ -= bytes;
    changed_.notify_all();
    return batch;
}

void RedisBus::sendBatch(std::vector<Outgoing> batch) {
    std::vector<RedisCommand> commands;
    commands.reserve(batch.size());
    for (const auto& each : batch) commands.push_back(redisCommand({"PUBLISH", each.channel, each.data}));
    std::vector<RedisReply> replies;
    try {
        replies = redis_.pipeline(commands);
    } catch (const std::exception& problem) {
        busLogger().debug(std::string("messages were not sent: ") + problem.what());
    }
    std::size_t failed = 0;
    std::string refusal;
    for (std::size_t index = 0; index < batch.size(); ++index) {
        const bool arrived = index < replies.size() && !replies[index].isError();
        if (!arrived) ++failed;
        if (!arrived && index < replies.size()) refusal = replies[index].errorText();
        if (batch[index].sent) batch[index].sent->set_value(arrived);
    }
    if (refusal != std::exchange(refusal_, refusal) && !refusal.empty())
        busLogger().warning("Redis refuses messages to other hosts: " + refusal);
    if (failed == 0) return;
    const std::lock_guard lock(mutex_);
    missed_ = true;
    countUnsent(failed);
}

void RedisBus::countUnsent(std::size_t messages) {
    if (unsent_) unsent_->Increment(static_cast<double>(messages));
}

void RedisBus::keepReceiving() {
    std::string told;
    while (true) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return;
        }
        if (!redis_.waitUntilUp(Steady::now() + busAttention)) {
            // After the client's stop() nothing waits there.
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, busAttention / 10, [this] { return stopping_; });
            continue;
        }
        std::string problem;
        try {
            listen();
        } catch (const std::exception& caught) {
            problem = caught.what();
        }
        std::unique_lock lock(mutex_);
        const bool wasListening = setListening(false);
        if (stopping_) return;
        if (wasListening) told.clear();
        if (std::exchange(told, problem) != problem)
            busLogger().warning("messages of other hosts do not arrive: " + problem);
        redis_.doubt();
        changed_.wait_for(lock, redis_.settings().retryInterval, [this] { return stopping_; });
    }
}

void RedisBus::listen() {
    const auto connection = redis_.connect();
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        connection_ = connection.get();
    }
    struct Forget {
        RedisBus& bus;
        ~Forget() {
            const std::lock_guard lock(bus.mutex_);
            bus.connection_ = nullptr;
        }
    } const forget{*this};
    const auto patience = redis_.settings().patience;
    const auto subscribe = redisCommand({"PSUBSCRIBE", prefix_ + "*"});
    const auto ping = redisCommand({"PING"});
    const auto reply = connection->execute(std::span(&subscribe, 1), Steady::now() + patience).front();
    if (reply.isError()) throw RedisError(reply.errorText() + rightToListen(reply.errorText(), prefix_));
    // To plugins that serve already; they might have heard something before.
    hub_.tellGap();
    busLogger().information("messages of other hosts arrive");
    {
        const std::lock_guard lock(mutex_);
        setListening(true);
        changed_.notify_all();
    }
    while (true) {
        if (!connection->waitForMore(Steady::now() + quietTime)) {
            connection->send(std::span(&ping, 1), Steady::now() + patience);
            if (!connection->waitForMore(Steady::now() + patience)) throw RedisAway("it did not answer in time");
        }
        handle(connection->receive(Steady::now() + patience));
    }
}

bool RedisBus::setListening(bool listening) {
    if (listens_) listens_->Set(listening ? 1 : 0);
    return std::exchange(listening_, listening);
}

void RedisBus::handle(const RedisReply& reply) {
    const auto parts = reply.array();
    constexpr std::size_t partsOfAMessage = 4;
    if (parts.size() != partsOfAMessage || parts[0].text() != "pmessage") return;
    const auto channel = parts[2].text().value_or("");
    auto data = parts[3].text().value_or("");
    if (!channel.starts_with(prefix_) || data.size() < hostIdSize) return;
    // Delivered already, or of no concern to this host itself.
    if (data.compare(0, hostIdSize, hostId_) == 0) return;
    data.erase(0, hostIdSize);
    auto topic = channel.substr(prefix_.size());
    if (topic.empty()) return hub_.tellGap();
    hub_.deliver(std::make_shared<BusMessage>(BusMessage{std::move(topic), std::move(data), false}));
}

bool RedisBus::isListening() {
    const std::lock_guard lock(mutex_);
    return listening_;
}

bool RedisBus::waitUntilListening(Steady::time_point deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [this] { return listening_ || stopping_; });
    return listening_;
}

}  // namespace playhouse::host
