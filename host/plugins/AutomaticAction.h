#pragma once

#include "PluginStatus.h"

#include <chrono>
#include <functional>
#include <string>

namespace playhouse::host {

/// What the host did with a plugin by itself, for whoever keeps a record of such things.
struct AutomaticAction {
    std::string who;     ///< "probation", "library watch"
    std::string action;  ///< "rollback", "swap"
    std::string reason;  ///< "because 5 of its 5 answers were errors"
    PluginStatus from{};
    PluginStatus to{};      ///< as `from` when it was refused
    std::string refusal{};  ///< why it was not done; empty when it was
    std::chrono::microseconds took{};
};

/// Called on a thread of the host's, while nobody else can act on that plugin; must not act on plugins itself, nor
/// throw.
using AutomaticActionListener = std::function<void(const AutomaticAction&)>;

}  // namespace playhouse::host
