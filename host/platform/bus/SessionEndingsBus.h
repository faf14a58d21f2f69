#pragma once

#include "PluginBus.h"

#include "identity/TokenIdentities.h"
#include "platform/PluginLogger.h"

#include <memory>
#include <string_view>

namespace playhouse::host {

/// Tells the other hosts, by the bus, of the sessions that end on this one, and lets end here what they tell.
///
/// Messages are objects in JSON: {"session": ID, "until": MS} or {"user": ID, "before": MS, "until": MS}, in
/// milliseconds of Unix time. One that is missed is missed: whoever keeps sessions looks after them when the bus tells
/// of a gap.
class SessionEndingsBus final : public SessionEndings {
public:
    static constexpr std::string_view topic = "identity.session-ended";

    /// From now on `identities` tells, and hears. Both outlive this.
    SessionEndingsBus(BusHub& hub, TokenIdentities& identities);

    /// Waits for a message that is being taken.
    ~SessionEndingsBus() override;
    SessionEndingsBus(const SessionEndingsBus&) = delete;
    SessionEndingsBus& operator=(const SessionEndingsBus&) = delete;

    void sessionEnded(std::string_view sessionId, Time until) noexcept override;
    void sessionsOfUserEnded(std::string_view userId, Time before, Time until) noexcept override;

private:
    void tell(const boost::json::object& ending) noexcept;
    void take(const BusMessage& message);

    TokenIdentities& identities_;
    PluginLogger logger_{"identity"};
    const std::shared_ptr<LeaseGate> gate_ = LeaseGate::make();
    PluginBus bus_;
};

}  // namespace playhouse::host
