#pragma once

#include "routing/LeaseGate.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse::host {

/// Which generation offers which service now. Safe from any thread.
class ServiceRegistry {
public:
    /// Services by id; the objects belong to the generation, and live while its gate has leases or is open.
    using Offers = std::map<std::string, void*, std::less<>>;

    /// The plugin other than `pluginId` that offers one of `offers` already, and the id; nothing when there is none.
    struct Conflict {
        std::string pluginId;
        std::string serviceId;
    };
    std::optional<Conflict> findConflict(const std::string& pluginId, const Offers& offers) const;

    /// Replaces all that `pluginId` offers, in one step; nothing is left of it when `offers` is empty.
    void replace(const std::string& pluginId, std::shared_ptr<LeaseGate> gate, const Offers& offers);

    /// The service with a lease of its generation, or null when nobody offers it.
    ///
    /// While its plugin hands over its state, waits for the next generation, up to `patience`; null after that.
    std::shared_ptr<void> use(std::string_view serviceId, std::chrono::milliseconds patience) const;

private:
    struct Entry {
        std::string pluginId;
        std::shared_ptr<LeaseGate> gate;
        void* service = nullptr;
    };

    std::optional<Entry> find(std::string_view serviceId) const;

    mutable std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace playhouse::host
