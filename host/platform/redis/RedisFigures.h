#pragma once

#include <chrono>
#include <cstddef>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
}  // namespace prometheus

namespace playhouse::host {

/// What is measured of Redis. Safe from any thread; nothing without a registry.
class RedisFigures {
public:
    /// @param registry  may be null; outlives this
    explicit RedisFigures(prometheus::Registry* registry);

    void count(std::size_t commands, std::chrono::duration<double> took);
    void countError();  ///< a command that Redis refused
    void countAway();   ///< a call that could not reach it
    void showUp(bool up);
    void showConnections(std::size_t idle, std::size_t busy);

private:
    prometheus::Counter* commands_ = nullptr;
    prometheus::Counter* errors_ = nullptr;
    prometheus::Counter* away_ = nullptr;
    prometheus::Gauge* up_ = nullptr;
    prometheus::Gauge* idle_ = nullptr;
    prometheus::Gauge* busy_ = nullptr;
    prometheus::Histogram* seconds_ = nullptr;
};

}  // namespace playhouse::host
