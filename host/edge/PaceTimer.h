#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace playhouse::host {

class HttpConnection;

/// Wakes the connections of one loop that wait for their pace, all of them by one timer of the kernel's. For the loop's
/// thread.
///
/// It fires at whole ticks of 4 ms, so that those that are due close together are served in one round, and not at all
/// while nobody waits.
class PaceTimer {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit PaceTimer(boost::asio::io_context& context);

    /// Calls `connection`'s goOnAtPace() at `time` or up to a tick later, unless it is gone by then.
    void wake(std::weak_ptr<HttpConnection> connection, Time time);

    void stop();

private:
    struct Waiting {
        Time time;
        std::weak_ptr<HttpConnection> connection;
    };

    static bool isLater(const Waiting& left, const Waiting& right) noexcept { return left.time > right.time; }
    void arm();
    void fire();

    boost::asio::steady_timer timer_;
    std::vector<Waiting> waiting_;  // a heap: the earliest first
    std::vector<std::weak_ptr<HttpConnection>> due_;
    Time armedFor_ = Time::max();
};

}  // namespace playhouse::host
