#include "DeviceStore.h"

#include <playhouse/ApiError.h>
#include <playhouse/Response.h>

#include <boost/json/array.hpp>

namespace playhouse::auth {
namespace {

std::vector<Device> devicesOf(SqlSession& session, std::string_view userId) {
    const auto rows = session.run(
        "SELECT id, name, kind, created_at, last_used_at FROM auth_devices WHERE user_id = $1 "
        "ORDER BY last_used_at DESC, id",
        {std::string(userId)});
    std::vector<Device> devices;
    for (std::size_t index = 0; index < rows.size(); ++index) {
        const auto row = rows[index];
        devices.push_back(
            {row.text("id"), row.text("name"), row.text("kind"), row.time("created_at"), row.time("last_used_at")});
    }
    return devices;
}

ApiError deviceLimit(std::uint32_t most, const std::vector<Device>& devices) {
    boost::json::array list;
    for (const auto& device : devices) list.push_back(toJson(device));
    return ApiError(409, "DEVICE_LIMIT",
                    "The subscription allows " + std::to_string(most) + " devices. Remove one before you add another.",
                    {{"limit", most}, {"devices", std::move(list)}});
}

}  // namespace

const std::vector<std::string_view>& deviceKinds() {
    static const std::vector<std::string_view> kinds{"browser", "phone", "tablet", "tv", "console", "other"};
    return kinds;
}

boost::json::object toJson(const Device& device) {
    return {{"id", device.id},
            {"name", device.name},
            {"kind", device.kind},
            {"createdAt", isoTime(device.createdAt)},
            {"lastUsedAt", isoTime(device.lastUsedAt)}};
}

std::vector<Device> DeviceStore::of(std::string_view userId) {
    if (!isUuid(userId)) return {};
    return database_.use([&](SqlSession& session) { return devicesOf(session, userId); });
}

Device DeviceStore::add(std::string_view userId, std::string_view name, std::string_view kind, std::uint32_t most) {
    const auto now = clock_.now();
    const Device device{uuidText(), std::string(name), std::string(kind), now, now};
    // Serializable: two that count the same devices cannot both add one.
    database_.transaction([&](SqlSession& session) {
        const auto devices = devicesOf(session, userId);
        if (devices.size() >= most) throw deviceLimit(most, devices);
        session.run(
            "INSERT INTO auth_devices (id, user_id, name, kind, created_at, last_used_at) "
            "VALUES ($1, $2, $3, $4, $5, $5)",
            {device.id, std::string(userId), device.name, device.kind, sqlTime(now)});
    });
    return device;
}

bool DeviceStore::touch(std::string_view userId, std::string_view deviceId) {
    if (!isUuid(userId) || !isUuid(deviceId)) return false;
    return database_.use([&](SqlSession& session) {
        return session
                   .run("UPDATE auth_devices SET last_used_at = $3 WHERE id = $1 AND user_id = $2",
                        {std::string(deviceId), std::string(userId), sqlTime(clock_.now())})
                   .affected() > 0;
    });
}

bool DeviceStore::remove(std::string_view userId, std::string_view deviceId) {
    if (!isUuid(userId) || !isUuid(deviceId)) return false;
    return database_.use([&](SqlSession& session) {
        return session
                   .run("DELETE FROM auth_devices WHERE id = $1 AND user_id = $2",
                        {std::string(deviceId), std::string(userId)})
                   .affected() > 0;
    });
}

}  // namespace playhouse::auth
