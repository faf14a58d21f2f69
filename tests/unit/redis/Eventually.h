#pragma once

#include <Poco/Thread.h>

#include <chrono>

namespace playhouse::tests {

/// Waits until `condition` holds; false after half a minute.
template <class Condition>
bool eventually(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        Poco::Thread::sleep(1);
    }
    return true;
}

}  // namespace playhouse::tests
