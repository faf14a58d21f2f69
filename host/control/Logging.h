#pragma once

#include "KeptLogs.h"
#include "configuration/HostConfiguration.h"

#include <memory>

namespace playhouse::host {

/// Makes every Poco logger write to standard error as `settings` say, from now on; those that exist and those to come.
/// Lines are written whole, one system call each, and kept in `kept` when it is not null. One that cannot be written,
/// as on a full disk, holds nobody up; how many those were is told once writing works again. Safe while others log.
void configureLogging(const LogSettings& settings, std::shared_ptr<KeptLogs> kept = nullptr);

}  // namespace playhouse::host
