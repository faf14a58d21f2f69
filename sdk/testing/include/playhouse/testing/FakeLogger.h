#pragma once

#include <playhouse/Logger.h>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::testing {

/// A log that a test can read. Safe from any thread.
class FakeLogger final : public Logger {
public:
    enum class Level { Debug, Info, Warning, Error };

    /// One line that was logged.
    struct Line {
        Level level;
        std::string message;
    };

    void debug(std::string_view message) override { add(Level::Debug, message); }
    void info(std::string_view message) override { add(Level::Info, message); }
    void warning(std::string_view message) override { add(Level::Warning, message); }
    void error(std::string_view message) override { add(Level::Error, message); }

    /// What was logged so far, in order.
    std::vector<Line> lines() const;

    /// Whether a line of this level holds `text`.
    bool contains(Level level, std::string_view text) const;

private:
    void add(Level level, std::string_view message);

    mutable std::mutex mutex_;
    std::vector<Line> lines_;
};

}  // namespace playhouse::testing
