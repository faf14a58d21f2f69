#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// Lua scripts in a Redis that several hosts share, each run whole before anything else happens there. Safe from any
/// thread, and waits.
class AtomicScripts {
public:
    virtual ~AtomicScripts() = default;

    /// Runs `script` and returns the whole numbers that it answers. Throws std::exception while Redis cannot be
    /// reached, at once once that is known, and when it answers otherwise.
    virtual std::vector<std::int64_t> run(std::string_view script, std::span<const std::string> keys,
                                          std::span<const std::string> arguments) = 0;
};

}  // namespace playhouse::host
