#pragma once

#include <playhouse/Plugin.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

enum class PluginState {
    Disabled,
    Starting,  ///< for the first time, or after it was off
    Serving,
    Swapping,  ///< the version before serves while the next one starts
    Failed,    ///< nothing serves; `error` says why
};

/// "disabled", "starting", "serving", "swapping", "failed".
std::string_view toString(PluginState state) noexcept;

/// "up", "degraded", "down".
std::string_view toString(Health::Status status) noexcept;

/// One plugin as it is at this moment.
struct PluginStatus {
    std::string id;
    std::string version;  ///< of the generation that serves; empty when none does
    PluginState state = PluginState::Disabled;
    std::uint64_t generation = 0;  ///< of the one that serves: 1, 2, ..; 0 when none has served yet
    Health health;
    std::string error;                ///< of the last action that failed; cleared by the next that succeeds
    std::filesystem::path library;    ///< that the serving generation was copied from, else the configured one
    std::vector<std::string> routes;  ///< "GET /stream/videos", in the order of declaration
    std::uint64_t swaps = 0;          ///< that succeeded
    std::size_t draining = 0;         ///< retired generations whose last work has not ended yet
    std::size_t resident = 0;         ///< retired generations that could not be unloaded within `swap.drain-timeout`
    std::chrono::system_clock::time_point since;  ///< when `state` or `generation` last changed

    std::string previousVersion;  ///< that rollback() would go back to; empty when there is none

    /// While the serving generation is on probation: when that ends.
    std::optional<std::chrono::system_clock::time_point> probationUntil;

    /// What the host did by itself and an operator ought to know: "went back from 2.0.0 to 1.0.0 because ...". Stays
    /// until the next swap or rollback that succeeds.
    std::string notice;
};

/// What a swap did.
struct SwapReport {
    std::string id;
    std::string fromVersion;  ///< empty when nothing served before
    std::string toVersion;
    std::uint64_t fromGeneration = 0;
    std::uint64_t toGeneration = 0;
    std::chrono::microseconds total{};  ///< from the order until the new generation was published
    std::chrono::microseconds held{};   ///< for which new requests waited; 0 for a plugin without state
    std::string stateLost{};  ///< why the state of the version before was not taken over, at a rollback; else empty
    bool unloaded = false;    ///< the old library is gone from memory already; false: it still drains in the background
};

}  // namespace playhouse::host
