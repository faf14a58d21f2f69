#pragma once

#include "Probation.h"

#include <chrono>
#include <cstddef>
#include <memory>

namespace playhouse::host {

class LibraryTrust;

/// The deadlines and bounds of starting and swapping plugins.
struct SwapSettings {
    /// `swap.start-timeout`: for loading a library, creating its plugin and its start().
    std::chrono::milliseconds startTimeout{10'000};

    /// `swap.hold-timeout`: for which requests to a plugin with state may wait while the state moves.
    std::chrono::milliseconds holdTimeout{5'000};

    /// `swap.drain-timeout`: for the running requests of a retired generation, before it counts as resident.
    std::chrono::milliseconds drainTimeout{30'000};

    /// `swap.stop-timeout`: for stopping and destroying a retired plugin, before it counts as resident.
    std::chrono::milliseconds stopTimeout{10'000};

    /// `swap.health-timeout`: for a plugin's health().
    std::chrono::milliseconds healthTimeout{2'000};

    /// `swap.probation`: for which a new version is watched, and replaced by the one before when it does worse; 0:
    /// never.
    std::chrono::milliseconds probation{30'000};

    /// `swap.probation-error-rate` and `swap.probation-minimum-requests`.
    Probation::Rules probationRules;

    /// `swap.maximum-held-requests`: that may wait at once for one plugin; further ones get 503.
    std::size_t maximumHeldRequests = 1024;

    /// `swap.maximum-state-size`: bytes that a plugin may hand to its next version.
    std::size_t maximumStateSize = 64 * 1024 * 1024;

    /// How long a swap waits for the old library to go before it reports that it still drains.
    std::chrono::milliseconds reportPatience{1'000};

    /// `plugins.require-signature` and `plugins.trusted-keys`: which libraries may be loaded from now on. Null: all.
    std::shared_ptr<const LibraryTrust> trust;
};

}  // namespace playhouse::host
