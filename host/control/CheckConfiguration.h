#pragma once

#include "configuration/ConfigurationLoader.h"

#include <iosfwd>

namespace playhouse::host {

/// Tells on `out` every key with its value and where that comes from, without secrets; then starts each plugin that is
/// switched on, over an empty storage and with no port open, and tells how each went. True when all could start.
bool checkConfiguration(const LoadedConfiguration& loaded, std::ostream& out);

}  // namespace playhouse::host
