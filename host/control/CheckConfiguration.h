#pragma once

#include "configuration/ConfigurationLoader.h"

#include <iosfwd>

namespace playhouse::host {

struct CheckedConfiguration {
    bool isValid = false;  ///< every plugin that is switched on could start
    bool isStuck = false;  ///< code of a plugin still runs: the process can only be left at once, without destructors
};

/// Tells on `out` every key with its value and where that comes from, without secrets; then starts each plugin that is
/// switched on, over an empty storage and with no port open, and tells how each went.
CheckedConfiguration checkConfiguration(const LoadedConfiguration& loaded, std::ostream& out);

}  // namespace playhouse::host
