#pragma once

#include <Poco/Logger.h>

#include <atomic>
#include <string>
#include <utility>

namespace playhouse::host {

/// Logs once, not for each request, that a database takes no writes, and that it does again. Any thread.
class ReadOnlyNotice {
public:
    /// @param database  as describe() has it
    explicit ReadOnlyNotice(std::string database) : database_(std::move(database)) {}

    /// @param why  the database's own words
    void refused(const std::string& why) {
        if (!isReadOnly_.exchange(true))
            Poco::Logger::get("database").error("The " + database_ + " takes no writes until further notice: " + why);
    }

    void written() {
        if (isReadOnly_.load(std::memory_order_relaxed) && isReadOnly_.exchange(false))
            Poco::Logger::get("database").notice("The " + database_ + " takes writes again.");
    }

private:
    const std::string database_;
    std::atomic<bool> isReadOnly_{false};
};

}  // namespace playhouse::host
