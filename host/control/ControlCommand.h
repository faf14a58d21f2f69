#pragma once

#include "ControlCommands.h"

#include <string>
#include <vector>

namespace playhouse::host {

/// The exit codes of playhousectl.
enum class ControlExit {
    Done = 0,
    Refused = 1,      ///< the server refused, or the action failed; the server goes on
                      ///< as before
    Usage = 2,        ///< the command line is not understood
    Unreachable = 3,  ///< no server answers there
    TimedOut = 4,     ///< no answer within --timeout; the action may still be going on
};

/// playhousectl: runs the command that `words` name (without the program's
/// name), writing what it found to `place.out` and what went wrong to
/// `place.err`; with --json, both to `place.out`.
ControlExit runControlCommand(const std::vector<std::string>& words, const ControlPlace& place);

}  // namespace playhouse::host
