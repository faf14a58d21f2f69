#pragma once

#include <playhouse/Services.h>

#include <map>
#include <mutex>
#include <string>

namespace playhouse::testing {

/// Services that the plugin under test offers, and those that a test offers to it, by provide() as well. Safe from any
/// thread.
class FakeServices final : public Services {
public:
    /// Takes back a service, as when its plugin is switched off.
    void withdraw(std::string_view serviceId);

protected:
    void provideAs(std::string_view serviceId, void* service) override;
    std::shared_ptr<void> use(std::string_view serviceId) const override;

private:
    mutable std::mutex mutex_;
    std::map<std::string, void*, std::less<>> services_;
};

}  // namespace playhouse::testing
