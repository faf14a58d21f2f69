#pragma once

#include <atomic>
#include <cstdint>

namespace playhouse::host {

/// How many answers one generation of a plugin gave, and how many of them were its own errors: what its handlers
/// answered with a status of 500 or more, or failed to answer in full, or to take a message of a channel. What the host
/// refused on its behalf does not count.
///
/// Safe from any thread.
class AnswerCounts {
public:
    struct Totals {
        std::uint64_t answers = 0;
        std::uint64_t errors = 0;

        /// From 0 to 1; 0 without answers.
        double errorShare() const noexcept {
            return answers == 0 ? 0 : static_cast<double>(errors) / static_cast<double>(answers);
        }
    };

    void count(bool isError) noexcept {
        if (isError) errors_.fetch_add(1, std::memory_order_relaxed);
        answers_.fetch_add(1, std::memory_order_release);
    }

    /// Never more errors than the answers that they came with explain.
    Totals totals() const noexcept {
        const auto answers = answers_.load(std::memory_order_acquire);
        const auto errors = errors_.load(std::memory_order_relaxed);
        return {answers, errors < answers ? errors : answers};
    }

private:
    std::atomic<std::uint64_t> answers_{0};
    std::atomic<std::uint64_t> errors_{0};
};

}  // namespace playhouse::host
