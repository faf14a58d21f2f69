#include "GenerationContext.h"

#include <stdexcept>
#include <utility>

namespace playhouse::host {

GenerationContext::GenerationContext(std::string pluginId, std::map<std::string, std::string> settings,
                                     Platform& platform, const ServiceRegistry& registry,
                                     std::shared_ptr<LeaseGate> gate, std::chrono::milliseconds servicePatience)
    : pluginId_(std::move(pluginId)),
      settings_(pluginId_, std::move(settings)),
      logger_(pluginId_),
      metrics_(platform.metrics.forPlugin(pluginId_)),
      clock_(platform.clock),
      tasks_(platform.timers, platform.workers, gate, logger_),
      storage_(platform.storagePath, pluginId_),
      database_(platform.database),
      services_(registry, servicePatience),
      channels_(platform.channels, pluginId_),
      cache_(platform.cache, pluginId_),
      bus_(platform.bus, pluginId_, std::move(gate), logger_),
      identity_(platform.identity) {}

void GenerationContext::beginStart() {
    router_.open();
    services_.declaring = true;
    bus_.beginStart();
}

void GenerationContext::endStart() {
    bus_.endStart();
    services_.declaring = false;
    router_.seal();
}

void GenerationContext::revoke() {
    tasks_.revoke();
    bus_.revoke();
    router_.clear();
    services_.offers.clear();
}

void GenerationContext::StagedServices::provideAs(std::string_view serviceId, void* service) {
    if (!declaring) throw std::logic_error("the service " + std::string(serviceId) + " was offered outside of start()");
    if (!offers.emplace(serviceId, service).second)
        throw std::invalid_argument("the service " + std::string(serviceId) + " is offered twice");
}

std::shared_ptr<void> GenerationContext::StagedServices::use(std::string_view serviceId) const {
    return registry_.use(serviceId, patience_);
}

}  // namespace playhouse::host
