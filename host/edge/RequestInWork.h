#pragma once

#include "EventLoop.h"

#include <utility>

namespace playhouse::host {

/// A request that Admission::beginRequest() has let in, in work for as long as this lives.
class RequestInWork {
public:
    RequestInWork() = default;
    explicit RequestInWork(EdgeShared& shared) : shared_(&shared) { shared_->figures.requestsInFlight.Increment(); }
    RequestInWork(const RequestInWork&) = delete;
    RequestInWork& operator=(RequestInWork&& other) noexcept {
        std::swap(shared_, other.shared_);
        return *this;
    }
    ~RequestInWork() { end(); }

    explicit operator bool() const noexcept { return shared_ != nullptr; }

    void end() noexcept {
        auto* shared = std::exchange(shared_, nullptr);
        if (!shared) return;
        shared->figures.requestsInFlight.Decrement();
        shared->admission.endRequest();
    }

private:
    EdgeShared* shared_ = nullptr;
};

}  // namespace playhouse::host
