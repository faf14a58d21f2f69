#include "ServiceRegistry.h"

#include <future>
#include <utility>

namespace playhouse::host {

std::optional<ServiceRegistry::Conflict> ServiceRegistry::findConflict(const std::string& pluginId,
                                                                       const Offers& offers) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [serviceId, service] : offers) {
        const auto found = entries_.find(serviceId);
        if (found != entries_.end() && found->second.pluginId != pluginId)
            return Conflict{found->second.pluginId, serviceId};
    }
    return std::nullopt;
}

void ServiceRegistry::replace(const std::string& pluginId, std::shared_ptr<LeaseGate> gate, const Offers& offers) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const auto& entry) { return entry.second.pluginId == pluginId; });
    for (const auto& [serviceId, service] : offers) entries_[serviceId] = Entry{pluginId, gate, service};
}

std::shared_ptr<void> ServiceRegistry::use(std::string_view serviceId, std::chrono::milliseconds patience) const {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (true) {
        const auto entry = find(serviceId);
        if (!entry) return nullptr;
        if (auto lease = entry->gate->enter()) {
            const auto held = std::make_shared<Lease>(std::move(lease));
            return {held, entry->service};
        }
        if (entry->gate->isClosed()) {
            // Closed and still listed: looked up just before its successor took its place, or a shutdown.
            const auto again = find(serviceId);
            if (!again || again->gate == entry->gate) return nullptr;
            continue;
        }
        const auto resumed = std::make_shared<std::promise<void>>();
        auto wait = resumed->get_future();
        const auto parking = entry->gate->park([resumed] { resumed->set_value(); });
        if (parking == LeaseGate::Parking::Full) return nullptr;
        if (parking == LeaseGate::Parking::Parked && wait.wait_until(deadline) == std::future_status::timeout)
            return nullptr;
    }
}

std::optional<ServiceRegistry::Entry> ServiceRegistry::find(std::string_view serviceId) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(serviceId);
    if (found == entries_.end()) return std::nullopt;
    return found->second;
}

}  // namespace playhouse::host
