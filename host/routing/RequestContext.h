#pragma once

#include <string>
#include <string_view>

namespace playhouse::host {

/// The id of the request that this thread is handling, for its log lines; empty outside of one.
std::string_view currentRequestId() noexcept;

/// Names the request that this thread handles, for as long as it lives. Nests.
class RequestScope {
public:
    /// `requestId` must outlive the scope.
    explicit RequestScope(std::string_view requestId) noexcept;
    ~RequestScope();
    RequestScope(const RequestScope&) = delete;
    RequestScope& operator=(const RequestScope&) = delete;

private:
    std::string_view before_;
};

}  // namespace playhouse::host
