#include "RequestContext.h"

namespace playhouse::host {
namespace {

thread_local std::string_view handledRequestId;

}  // namespace

std::string_view currentRequestId() noexcept {
    return handledRequestId;
}

RequestScope::RequestScope(std::string_view requestId) noexcept : before_(handledRequestId) {
    handledRequestId = requestId;
}

RequestScope::~RequestScope() {
    handledRequestId = before_;
}

}  // namespace playhouse::host
