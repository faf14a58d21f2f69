#include "PluginStatus.h"

namespace playhouse::host {

std::string_view toString(PluginState state) noexcept {
    switch (state) {
        case PluginState::Disabled:
            return "disabled";
        case PluginState::Starting:
            return "starting";
        case PluginState::Serving:
            return "serving";
        case PluginState::Swapping:
            return "swapping";
        case PluginState::Failed:
            return "failed";
    }
    return "unknown";
}

std::string_view toString(Health::Status status) noexcept {
    switch (status) {
        case Health::Status::Up:
            return "up";
        case Health::Status::Degraded:
            return "degraded";
        case Health::Status::Down:
            return "down";
    }
    return "unknown";
}

}  // namespace playhouse::host
