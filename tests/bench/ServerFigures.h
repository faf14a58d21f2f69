#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

/// What a server takes of the machine: the process, and those it has started (nginx's workers).
class ServerFigures {
public:
    /// Throws std::runtime_error when there is no such process.
    explicit ServerFigures(int pid);

    /// Processor time of all of them so far, in user and kernel space.
    std::chrono::duration<double> processorTime() const;

    /// Bytes of memory of all of them, pages that they share counted once (Pss of /proc/PID/smaps_rollup).
    std::int64_t residentBytes() const;

private:
    std::vector<int> pids_;
};
