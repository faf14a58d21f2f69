#pragma once

#include "BusHub.h"

#include <playhouse/Bus.h>

#include <memory>
#include <string>

namespace playhouse::host {

/// What one generation of a plugin sees of the bus. Its subscriptions are staged until goLive(). The host's own parts
/// use it too, with a gate of their own that is open.
class PluginBus final : public Bus {
public:
    /// What is given by reference outlives this; `logger` hears of handlers that throw.
    PluginBus(BusHub& hub, std::string pluginId, std::shared_ptr<LeaseGate> gate, Logger& logger);

    /// As revoke().
    ~PluginBus() override;

    void publish(std::string_view topic, std::string_view payload, WhenAway whenAway) override;
    void subscribe(std::string_view topic, std::function<void(const BusMessage&)> handler) override;
    void onGap(std::function<void()> handler) override;

    /// Between these it takes subscriptions.
    void beginStart() { declaring_ = true; }
    void endStart() { declaring_ = false; }

    /// From now on messages come here, and no longer to `before`, which may be null: each to one of the two.
    void goLive(PluginBus* before);

    /// From now on no messages come; what waits is dropped.
    void withdraw();

    /// Destroys the handlers. When the gate is closed and idle.
    void revoke();

private:
    void add(std::string topic, std::function<void(const BusMessage&)> handler);

    BusHub& hub_;
    const std::string pluginId_;
    const std::shared_ptr<LeaseGate> gate_;
    Logger& logger_;
    BusHub::Lanes lanes_;
    bool declaring_ = false;
};

}  // namespace playhouse::host
