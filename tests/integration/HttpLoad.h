#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// A path, and every body that is right for it.
struct ExpectedPage {
    std::string path;
    std::vector<std::string> bodies;
};

/// Clients that ask for pages one after the other, each on a connection of its own that it keeps, and take nothing but
/// a whole and right answer for one. The first that gets another ends, and has failed.
class HttpLoad {
public:
    /// @param perSecond  requests of all clients together; 0: as fast as answers come
    HttpLoad(std::uint16_t port, std::vector<ExpectedPage> pages, int connections, long perSecond = 0);
    ~HttpLoad();

    void start();

    /// Latencies count to the next phase from now on; there are two.
    void nextPhase() { ++phase_; }

    /// Waits for the answers under way. What follows is to be read after it.
    void finish();

    long answered() const;
    long failed() const { return failed_; }
    const std::string& firstFailure() const { return firstFailure_; }

    /// The latency of a phase that the given share of its requests did not exceed; 0 without any.
    std::chrono::microseconds latency(std::size_t phase, double share) const;

    /// The body of a 200 answer. Throws std::runtime_error for any other.
    static std::string fetch(std::uint16_t port, const std::string& path);

private:
    static constexpr std::size_t phases = 2;
    struct Client {
        std::thread thread;
        std::vector<std::uint32_t> microseconds[phases];
    };

    void run(std::size_t number);

    std::uint16_t port_;
    std::vector<ExpectedPage> pages_;
    std::chrono::nanoseconds pause_;
    std::vector<Client> clients_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::size_t> phase_{0};
    std::atomic<long> failed_{0};
    std::mutex mutex_;
    std::string firstFailure_;
};
