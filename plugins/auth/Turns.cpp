#include "Turns.h"

#include <utility>

namespace playhouse::auth {

Turns::Turn::Turn(Turns& turns, std::string key) : turns_(turns), key_(std::move(key)) {
    std::unique_lock lock(turns_.mutex_);
    turns_.ended_.wait(lock, [this] { return turns_.taken_.insert(key_).second; });
}

Turns::Turn::~Turn() {
    {
        const std::lock_guard lock(turns_.mutex_);
        turns_.taken_.erase(key_);
    }
    turns_.ended_.notify_all();
}

}  // namespace playhouse::auth
