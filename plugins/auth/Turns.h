#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

namespace playhouse::auth {

/// One at a time for each key, so that the right logins of many tabs and tests at once are not taken for many guesses.
/// Safe from any thread that may wait.
class Turns {
public:
    /// Ends with its object, on any thread.
    class Turn {
    public:
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn();

    private:
        friend class Turns;
        Turn(Turns& turns, std::string key);

        Turns& turns_;
        const std::string key_;
    };

    /// Waits until nobody else has this key.
    Turn take(std::string key) { return Turn(*this, std::move(key)); }

private:
    std::mutex mutex_;
    std::condition_variable ended_;
    std::set<std::string> taken_;
};

}  // namespace playhouse::auth
