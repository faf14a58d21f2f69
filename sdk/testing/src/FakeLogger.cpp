#include <playhouse/testing/FakeLogger.h>

#include <algorithm>

namespace playhouse::testing {

std::vector<FakeLogger::Line> FakeLogger::lines() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
}

bool FakeLogger::contains(Level level, std::string_view text) const {
    const std::scoped_lock lock(mutex_);
    return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
        return line.level == level && line.message.find(text) != std::string::npos;
    });
}

void FakeLogger::add(Level level, std::string_view message) {
    const std::scoped_lock lock(mutex_);
    lines_.push_back({level, std::string(message)});
}

}  // namespace playhouse::testing
