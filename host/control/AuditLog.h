#pragma once

#include "Administration.h"

#include <boost/json/object.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>

namespace playhouse::host {

/// One action on the server, for the log `audit`: who did what, from what to what, and how it went.
struct AuditEntry {
    std::string who;       ///< "uid 1000 (anna)", "192.0.2.7", "SIGHUP from uid 0 (root)"
    std::string action;    ///< "swap"
    std::string plugin{};  ///< its id; empty when the action is about the server
    std::string detail{};  ///< what else was asked for, such as a library; empty for nothing
    std::optional<PluginStatus> from{};
    std::optional<PluginStatus> to{};
    std::string refusal{};  ///< why it was not done; empty when it was
    std::optional<std::chrono::microseconds> took{};
    boost::json::object more{};  ///< further fields, for machines
};

/// Writes one line: information when done, warning when refused. With `log.format = json` the line has the fields
/// `who`, `action`, `plugin`, `detail`, `from` and `to` ({"state", "version", "generation"}), `outcome` ("done" or
/// "refused"), `reason`, `milliseconds`; those that say nothing are left out. Safe from any thread.
void writeAudit(const AuditEntry& entry);

/// Runs `action` on the plugin that `entry` names and leaves its line. Throws what `action` throws.
SwapReport auditedSwap(const Administration& server, AuditEntry entry, const std::function<SwapReport()>& action);
void auditedChange(const Administration& server, AuditEntry entry, const std::function<void()>& action);

/// Reloads the configuration as `who` asked, and leaves a line of it and one for each plugin that it changed. A refusal
/// that reads as `toldRefusal` is not told again. Throws what Administration::reload() throws.
ReloadReport auditedReload(Administration& server, const std::string& who, const std::string& toldRefusal = {});

}  // namespace playhouse::host
