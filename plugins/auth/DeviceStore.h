#pragma once

#include "Account.h"

#include <playhouse/Clock.h>
#include <playhouse/Database.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::auth {

/// A device on which its owner watches.
struct Device {
    std::string id;    ///< a UUID
    std::string name;  ///< "Living room"
    std::string kind;  ///< one of deviceKinds()
    Time createdAt{};
    Time lastUsedAt{};
};

/// "browser", "phone", "tablet", "tv", "console", "other".
const std::vector<std::string_view>& deviceKinds();

/// {id, name, kind, createdAt, lastUsedAt}.
boost::json::object toJson(const Device& device);

/// The devices of each user. Safe from any thread that may wait; throws as Database does.
class DeviceStore {
public:
    /// What is given outlives this.
    DeviceStore(Database& database, Clock& clock) : database_(database), clock_(clock) {}

    /// The last used first.
    std::vector<Device> of(std::string_view userId);

    /// Registers a device. Throws ApiError 409 DEVICE_LIMIT, with details {"limit": N, "devices": [...]}, when the user
    /// has `most` already; however many ask at once.
    Device add(std::string_view userId, std::string_view name, std::string_view kind, std::uint32_t most);

    /// It is used now. Whether the user has such a device.
    bool touch(std::string_view userId, std::string_view deviceId);

    /// Whether the user had such a device.
    bool remove(std::string_view userId, std::string_view deviceId);

private:
    Database& database_;
    Clock& clock_;
};

}  // namespace playhouse::auth
