#include <playhouse/testing/FakeServices.h>

#include <stdexcept>

namespace playhouse::testing {

void FakeServices::withdraw(std::string_view serviceId) {
    const std::scoped_lock lock(mutex_);
    if (const auto found = services_.find(serviceId); found != services_.end()) services_.erase(found);
}

void FakeServices::provideAs(std::string_view serviceId, void* service) {
    const std::scoped_lock lock(mutex_);
    if (!services_.emplace(serviceId, service).second)
        throw std::invalid_argument("the service " + std::string(serviceId) + " is offered already");
}

std::shared_ptr<void> FakeServices::use(std::string_view serviceId) const {
    const std::scoped_lock lock(mutex_);
    const auto found = services_.find(serviceId);
    if (found == services_.end()) return nullptr;
    return {found->second, [](void*) {}};
}

}  // namespace playhouse::testing
