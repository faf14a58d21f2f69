#pragma once

#include "BusLane.h"

#include <playhouse/Bus.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Registry;
template <class T>
class Family;
}  // namespace prometheus

namespace playhouse::host {

/// Takes messages to other hosts. Safe from any thread.
class BusRelay {
public:
    virtual ~BusRelay() = default;

    /// Sends `message` to the other hosts. With WhenAway::Local it waits at most until there is room, and on a loop's
    /// thread not at all; with Fail, until it is sent, and on a loop's thread no longer than to know whether Redis is
    /// there. Throws ApiError 503 BUS_UNAVAILABLE with Fail alone.
    virtual void send(const BusMessage& message, WhenAway whenAway) = 0;
};

/// The bus of this host: who listens to what, plugins' subscriptions all together. Safe from any thread.
class BusHub {
public:
    using Lanes = std::vector<std::shared_ptr<BusLane>>;

    /// @param queueSize  bytes of messages that may wait for one subscription
    /// @param figures    null: none; what is given by reference outlives this
    BusHub(TimerQueue& timers, WorkerPool& workers, std::size_t queueSize, prometheus::Registry* figures = nullptr);
    ~BusHub();

    /// From now on messages go to other hosts too. Before anybody publishes; `relay` outlives that.
    void connect(BusRelay& relay) { relay_ = &relay; }

    /// See Bus::publish().
    void publish(std::string_view topic, std::string_view payload, WhenAway whenAway);

    /// Gives a message to all subscriptions of its topic on this host.
    void deliver(BusLane::Message message);

    /// Tells everybody on this host that messages may have been missed.
    void tellGap();

    /// In one step: `before` get no more messages, `next` do, and what waited for the former waits for the lanes of the
    /// same topic among the latter, first for first.
    void replace(std::span<const std::shared_ptr<BusLane>> before, std::span<const std::shared_ptr<BusLane>> next);

    /// A lane for a subscription, live after replace(). As the constructor of BusLane.
    std::shared_ptr<BusLane> makeLane(const std::string& pluginId, std::shared_ptr<LeaseGate> gate, Logger& logger,
                                      std::string topic, std::function<void(const BusMessage&)> handler);

private:
    struct Figures;

    TimerQueue& timers_;
    WorkerPool& workers_;
    const std::size_t queueSize_;
    const std::unique_ptr<Figures> figures_;
    BusRelay* relay_ = nullptr;
    std::mutex mutex_;
    std::map<std::string, Lanes, std::less<>> live_;  ///< by topic
};

/// Throws std::invalid_argument for what is no topic.
void checkBusTopic(std::string_view topic);

}  // namespace playhouse::host
