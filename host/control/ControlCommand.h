#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace playhouse::host {

/// The exit codes of playhousectl.
enum class ControlExit {
    Done = 0,
    Refused = 1,      ///< the server refused, or the action failed; the server goes on as before
    Usage = 2,        ///< the command line is not understood
    Unreachable = 3,  ///< no server answers at the socket
};

/// playhousectl: runs the command that `arguments` name (without the program's name), writing what it found to `out`
/// and what went wrong to `err`.
ControlExit runControlCommand(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

}  // namespace playhouse::host
