#pragma once

#include <stdexcept>
#include <string>

namespace playhouse::host {

/// Redis cannot be asked: it is not there, does not answer in time, refuses to serve, or every connection is in use.
/// Whether the command was carried out is not known.
class RedisAway : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Redis answers, but refuses a command or gives another type of answer than was asked for.
class RedisError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;

    /// The first word of an error: "WRONGTYPE", "OOM", "NOSCRIPT".
    std::string code() const {
        const std::string text = what();
        return text.substr(0, text.find(' '));
    }
};

}  // namespace playhouse::host
