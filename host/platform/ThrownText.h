#pragma once

#include <Poco/Exception.h>

#include <exception>
#include <string>

namespace playhouse::host {

/// What an exception says. Those of Poco, which plugins and the host throw alike, say only their class in what().
inline std::string thrownText(const std::exception& thrown) {
    const auto* const poco = dynamic_cast<const Poco::Exception*>(&thrown);
    return poco ? poco->displayText() : thrown.what();
}

}  // namespace playhouse::host
