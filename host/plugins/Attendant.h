#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace playhouse::host {

/// A thread that looks after something from time to time.
class Attendant {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Calls `look` on a thread of its own, at once, then at each time that it returned, and at each wake(). What it
    /// throws is logged, and it is called again a second later.
    Attendant(const std::string& threadName, std::function<Time()> look);

    /// Waits for a look that runs.
    ~Attendant();
    Attendant(const Attendant&) = delete;
    Attendant& operator=(const Attendant&) = delete;

    /// Makes it look soon. Safe from any thread.
    void wake();

private:
    class Rounds;
    std::unique_ptr<Rounds> rounds_;
};

}  // namespace playhouse::host
