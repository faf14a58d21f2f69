#pragma once

#include <string_view>

namespace playhouse {

/// A plugin's log. Lines written while a request is handled carry its request id. Safe from any thread.
class Logger {
public:
    virtual ~Logger();
    virtual void debug(std::string_view message) = 0;
    virtual void info(std::string_view message) = 0;
    virtual void warning(std::string_view message) = 0;
    virtual void error(std::string_view message) = 0;
};

}  // namespace playhouse
