#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace playhouse::host {

class Generation;

/// Generations that are out of service, each with a thread that waits for its last work, ends it, and unloads it.
///
/// One whose work does not end in time counts as resident, and is still waited for; none is ever closed by force. Safe
/// from any thread.
class RetiredGenerations {
public:
    struct Counts {
        std::size_t draining = 0;
        std::size_t resident = 0;
    };

    enum class Outcome {
        Waiting,   ///< still in use
        Unloaded,  ///< ended, and gone from memory
        Mapped,    ///< ended, but the library stays in memory
    };

    /// @param changed  called with a plugin's id and counts whenever these change, on any thread
    explicit RetiredGenerations(std::function<void(const std::string& pluginId, Counts counts)> changed);

    /// Waits for nothing: what is in use stays loaded until the process ends.
    ~RetiredGenerations();

    /// Takes over a generation whose gate is closed.
    void add(std::shared_ptr<Generation> generation, std::chrono::milliseconds drainTimeout);

    /// How far that generation is, once it has ended or `deadline` has come.
    Outcome wait(const Generation& generation, std::chrono::steady_clock::time_point deadline);

    /// Waits until all have ended; false when `deadline` came before.
    bool waitForAll(std::chrono::steady_clock::time_point deadline);

    Counts counts(const std::string& pluginId) const;

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace playhouse::host
