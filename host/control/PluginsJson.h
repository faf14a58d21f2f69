#pragma once

#include "KeptLogs.h"
#include "plugins/PluginStatus.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <vector>

namespace playhouse::host {

/// What anyone may know of the plugins, as GET /readyz shows it: nothing that an exception said, which may name files,
/// hosts and users. A plugin that is being swapped is "serving": it is.
boost::json::array publicPluginStates(const std::vector<PluginStatus>& plugins);

/// Everything an operator may know of one plugin.
boost::json::object describePlugin(const PluginStatus& plugin);

boost::json::object describeSwap(const SwapReport& report);

/// The kept log lines, as GET /logs shows them.
boost::json::object describeLogs(const LogPage& page);

/// Whether every plugin that is switched on serves and says that it can.
bool allServe(const std::vector<PluginStatus>& plugins);

}  // namespace playhouse::host
