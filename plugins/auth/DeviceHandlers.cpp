#include "DeviceHandlers.h"

#include "Fields.h"

#include <playhouse/ApiError.h>

#include <algorithm>
#include <utility>

namespace playhouse::auth {

Response DeviceHandlers::devices(const Request& request) const {
    const auto account = office_.asking(request);
    boost::json::array devices;
    for (const auto& device : office_.devices.of(account.id)) devices.push_back(toJson(device));
    return Response::json({{"devices", std::move(devices)}, {"limit", office_.tiers.of(account.tier).devices}})
        .withCacheControl("no-store");
}

Response DeviceHandlers::add(const Request& request) const {
    const auto account = office_.asking(request);
    Fields fields(request);
    const auto name = fields.text("name", 1, 100);
    const auto kind = fields.optionalText("kind", 1, 20).value_or("other");
    const auto& kinds = deviceKinds();
    if (fields.isGood() && std::ranges::find(kinds, kind) == kinds.end())
        fields.problem("kind", "FORMAT", "One of browser, phone, tablet, tv, console, other.");
    fields.check();
    return Response::json(toJson(office_.devices.add(account.id, name, kind, office_.tiers.of(account.tier).devices)),
                          201);
}

Response DeviceHandlers::remove(const Request& request) const {
    const std::string code = "DEVICE_NOT_FOUND";
    const std::string message = "You have no device with this id.";
    const auto id = idOf(request, code, message);
    if (!office_.devices.remove(office_.asking(request).id, id)) throw ApiError(404, code, message);
    return Response(204);
}

}  // namespace playhouse::auth
