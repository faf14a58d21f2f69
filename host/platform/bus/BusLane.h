#pragma once

#include "platform/BackOff.h"
#include "platform/TimerQueue.h"
#include "platform/WorkerPool.h"

#include "routing/LeaseGate.h"

#include <playhouse/Bus.h>
#include <playhouse/Logger.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace prometheus {
class Counter;
}

namespace playhouse::host {

/// One subscription of one generation: its handler, and the messages that wait for it. They run one after the other on
/// workers, each with a lease of the generation, so that none runs before publication, while the generation is held, or
/// after it is retired. A message whose handler throws is gone; a gap is kept until its handler returns. Safe from any
/// thread.
class BusLane : public std::enable_shared_from_this<BusLane> {
public:
    using Message = std::shared_ptr<const BusMessage>;
    using Messages = std::deque<Message>;

    struct Parts {
        TimerQueue& timers;
        WorkerPool& workers;
        std::shared_ptr<LeaseGate> gate;
        Logger& logger;
        std::size_t mostBytes;         ///< of waiting messages
        prometheus::Counter* dropped;  ///< may be null
    };

    /// What `parts` refers to outlives the lane, until revoke().
    ///
    /// @param topic  empty: told of gaps instead of messages
    BusLane(Parts parts, std::string topic, std::function<void(const BusMessage&)> handler);

    const std::string& topic() const noexcept { return topic_; }

    void push(Message message);

    /// Takes no more, and gives back what has not begun, and a gap that is being looked after.
    Messages withdraw();

    /// Puts these before all that waits.
    void adopt(Messages messages);

    /// Destroys the handler. When the gate is closed and idle.
    void revoke();

    /// What a waiting message counts.
    static std::size_t costOf(const BusMessage& message);

private:
    void bound();  ///< these three with the mutex held
    void schedule();
    Message take();
    void enter();
    void drain();
    bool handle(const BusMessage& message);
    void keepGap(std::chrono::milliseconds pause);
    void goOn();
    void goOnAfter(std::chrono::milliseconds pause);

    Parts parts_;
    const std::string topic_;
    std::function<void(const BusMessage&)> handler_;
    std::mutex mutex_;
    Messages waiting_;
    std::size_t bytes_ = 0;
    Message gap_;             ///< that the handler looks after at this moment
    BackOff gapPauses_;       ///< of whoever drains
    bool scheduled_ = false;  ///< someone is to look, or looks, after what waits
    bool withdrawn_ = false;
};

}  // namespace playhouse::host
