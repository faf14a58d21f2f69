#pragma once

#include <cstddef>
#include <string>

namespace playhouse::host {

/// Sees threads that a plugin starts by itself and leaves running, whose code must not be unloaded.
///
/// A thread inherits its name from the one that makes it (Linux, prctl(2) PR_SET_NAME), so those that come of a thread
/// with a name of its own are known by it, as long as they keep it. What a plugin starts elsewhere, in a handler or a
/// task, is not seen.
class StartedThreads {
public:
    /// Names the calling thread until this goes: "plugin-17". On one thread.
    StartedThreads();
    ~StartedThreads();
    StartedThreads(const StartedThreads&) = delete;
    StartedThreads& operator=(const StartedThreads&) = delete;

    const std::string& name() const noexcept { return name_; }

    /// How many threads of that name run. One that has just been joined is waited for: the system shows it a moment
    /// longer. Any thread.
    static std::size_t left(const std::string& name);

private:
    std::string name_;
    std::string before_;
};

}  // namespace playhouse::host
