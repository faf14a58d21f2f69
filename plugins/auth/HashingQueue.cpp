#include "HashingQueue.h"

#include <utility>

namespace playhouse::auth {
ApiError loginsAreBusy() {
    return {503,
            "LOGIN_BUSY",
            "Too many are logging in at this moment. Try again in a second.",
            {{"retryAfterSeconds", 1}}};
}

HashingQueue::HashingQueue(std::size_t threads, std::size_t mostWaiting, Gauge& waiting)
    : mostWaiting_(mostWaiting), threads_("logins", threads, 0, &waiting) {}

void HashingQueue::submit(std::function<void()> work) {
    if (!threads_.post(std::move(work), mostWaiting_)) throw loginsAreBusy();
}

}  // namespace playhouse::auth
