#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>

namespace playhouse::host {

/// Marks the calling thread as one of the host's, until it goes, so that threads which a plugin's code starts on it,
/// and leaves running, can be told from the host's own.
///
/// A thread inherits its name from the one that makes it (Linux, prctl(2) PR_SET_NAME). So one that has the name of a
/// marked thread, and is not marked, was started there; one that names itself otherwise is not seen.
class HostThread {
public:
    /// @param name  to be known by, in top(1) as well; the system keeps 15 bytes
    explicit HostThread(const std::string& name);
    ~HostThread();
    HostThread(const HostThread&) = delete;
    HostThread& operator=(const HostThread&) = delete;

    /// The threads that run now and were started so. Throws as runningThreads(). Any thread.
    static std::set<pid_t> strays();

private:
    std::string before_;
};

/// All threads of this process, with their names (proc(5), /proc/self/task). Throws std::system_error when they cannot
/// be looked at, as for want of descriptors. Any thread.
std::map<pid_t, std::string> runningThreads();

}  // namespace playhouse::host
