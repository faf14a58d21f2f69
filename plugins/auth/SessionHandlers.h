#pragma once

#include "Office.h"

namespace playhouse::auth {

/// Where a user is logged in.
class SessionHandlers {
public:
    explicit SessionHandlers(const Office& office) : office_(office) {}

    Response sessions(const Request& request) const;
    Response end(const Request& request) const;

private:
    const Office& office_;
};

}  // namespace playhouse::auth
