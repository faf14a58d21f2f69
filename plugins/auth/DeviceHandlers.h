#pragma once

#include "Office.h"

namespace playhouse::auth {

/// The devices on which a user watches, as many as the tier allows.
class DeviceHandlers {
public:
    explicit DeviceHandlers(const Office& office) : office_(office) {}

    Response devices(const Request& request) const;
    Response add(const Request& request) const;
    Response remove(const Request& request) const;

private:
    const Office& office_;
};

}  // namespace playhouse::auth
