#include "HashingThreads.h"

#include <exception>
#include <future>
#include <limits>
#include <stdexcept>

namespace playhouse::auth {
namespace {

constexpr int lowestPriority = 19;

}  // namespace

HashingThreads::HashingThreads(std::size_t count) : threads_("hashing", count, lowestPriority) {}

void HashingThreads::run(const std::function<void()>& work) {
    std::promise<void> done;
    const auto isTaken = threads_.post(
        [&] {
            try {
                work();
                done.set_value();
            } catch (...) {
                done.set_exception(std::current_exception());
            }
        },
        std::numeric_limits<std::size_t>::max() / 2);
    if (!isTaken) throw std::logic_error("the threads that hash have ended");
    done.get_future().get();
}

}  // namespace playhouse::auth
