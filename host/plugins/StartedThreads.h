#pragma once

#include <sys/types.h>

#include <cstddef>
#include <set>
#include <string>

namespace playhouse::host {

/// Sees threads that a plugin starts by itself and leaves running, whose code must not be unloaded.
///
/// Those that come of its start() are known by a name: a thread inherits it from the one that makes it (Linux, prctl(2)
/// PR_SET_NAME). Those that it starts elsewhere, in a handler or a task, are known to be somebody's (HostThread), and
/// may be its own when they were not there before it. A thread that gives itself another name is not seen.
class StartedThreads {
public:
    /// What to know a plugin's threads by.
    struct Traces {
        std::string name;        ///< of those that come of its start(): "plugin-17"
        std::set<pid_t> before;  ///< what others had left running before it
    };

    struct Left {
        std::size_t own = 0;
        std::size_t perhaps = 0;  ///< of this plugin, or of another that has served meanwhile
        std::string problem{};    ///< why nobody knows; else empty

        bool none() const noexcept { return own + perhaps == 0 && problem.empty(); }
    };

    /// Names the calling thread until this goes. Throws std::system_error when threads cannot be looked at. On one
    /// thread.
    StartedThreads();
    ~StartedThreads();
    StartedThreads(const StartedThreads&) = delete;
    StartedThreads& operator=(const StartedThreads&) = delete;

    const Traces& traces() const noexcept { return traces_; }

    /// Which of these run. One that has just been joined is waited for: the system shows it a moment longer. Any
    /// thread.
    static Left left(const Traces& traces);

private:
    Traces traces_;
    std::string nameBefore_;
};

}  // namespace playhouse::host
