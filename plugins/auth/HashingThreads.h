#pragma once

#include "WorkThreads.h"

#include <cstddef>
#include <functional>

namespace playhouse::auth {

/// Threads at the lowest priority (nice 19) for work that needs nothing but a processor, so that loops, workers and
/// streaming come first, while who waits for the work holds locks and transactions at a usual priority. Safe from any
/// thread.
class HashingThreads {
public:
    /// @param count  from 1; throws std::invalid_argument for 0
    explicit HashingThreads(std::size_t count);

    /// Does `work` on one of the threads, and returns when it is done; what it throws is thrown here. Not after stop().
    void run(const std::function<void()>& work);

    /// Ends the threads, when nobody waits.
    void stop() { threads_.stop(); }

private:
    WorkThreads threads_;
};

}  // namespace playhouse::auth
