#pragma once

#include "configuration/HostConfiguration.h"

namespace playhouse::host {

/// Makes every Poco logger write to standard error as `settings` say, from now on; those that exist and those to come.
/// Lines are written whole, one system call each. Safe while others log.
void configureLogging(const LogSettings& settings);

}  // namespace playhouse::host
