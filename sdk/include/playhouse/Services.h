#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace playhouse {

/// A service in use. While it is held, the providing generation counts as in use: hold it for one piece of work, never
/// in a member.
template <class Service>
class ServiceUse {
public:
    explicit ServiceUse(std::shared_ptr<void> held) : held_(std::move(held)) {}
    Service* operator->() const noexcept { return static_cast<Service*>(held_.get()); }
    Service& operator*() const noexcept { return *static_cast<Service*>(held_.get()); }

private:
    std::shared_ptr<void> held_;
};

/// How plugins use each other without knowing each other: by interfaces that the SDK declares, each with an id such as
/// `playhouse.video-catalog/1` in its member `serviceId`.
class Services {
public:
    virtual ~Services();

    /// Offers `service`, which the plugin owns and keeps alive until its destruction. Inside start() alone; others see
    /// it when the generation is published. Throws std::invalid_argument when this plugin offers the id already; when
    /// another plugin does, the start of this one fails.
    template <class Service>
    void provide(Service& service) {
        provideAs(Service::serviceId, &service);
    }

    /// The service, when an enabled plugin offers it now. Safe from any thread.
    template <class Service>
    std::optional<ServiceUse<Service>> find() const {
        auto held = use(Service::serviceId);
        if (!held) return std::nullopt;
        return ServiceUse<Service>(std::move(held));
    }

protected:
    /// The host's end of provide().
    virtual void provideAs(std::string_view serviceId, void* service) = 0;
    /// The host's end of find(): the service, which counts as in use while it is held; or null.
    virtual std::shared_ptr<void> use(std::string_view serviceId) const = 0;
};

}  // namespace playhouse
