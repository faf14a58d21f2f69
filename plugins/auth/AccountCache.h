#pragma once

#include "AccountStore.h"

#include <playhouse/Bus.h>
#include <playhouse/Clock.h>

#include <Poco/LRUCache.h>
#include <Poco/Mutex.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace playhouse::auth {

/// Accounts as they were last read, so that those who are asked for often cost no query. A change is seen at once on
/// the host that makes it, and on the others when its message arrives; where a message is lost, after `lifetime`. So it
/// is for showing an account, not for deciding on one. Safe from any thread.
class AccountCache {
public:
    struct Settings {
        std::size_t most = 10'000;                  ///< accounts; the one asked for longest ago goes first
        std::chrono::milliseconds lifetime{5'000};  ///< how long one is good for; 0: nothing is kept
    };

    /// What is given by reference outlives this. Inside Plugin::start(), for the bus.
    AccountCache(AccountStore& accounts, Bus& bus, Clock& clock, Settings settings);

    /// The account, when it is at hand; else null. Waits for nothing.
    std::shared_ptr<const Account> atHand(std::string_view id);

    /// The account, read when it is not at hand; null: there is none. Throws as Database does.
    std::shared_ptr<const Account> find(std::string_view id);

    /// To be called after an account has changed or gone, before anybody is told so.
    void changed(std::string_view id);

private:
    struct Entry {
        std::shared_ptr<const Account> account;
        std::chrono::steady_clock::time_point until;
    };

    void forget(const std::string& id);
    void forgetAll();

    AccountStore& accounts_;
    Bus& bus_;
    Clock& clock_;
    const Settings settings_;
    std::mutex mutex_;
    Poco::LRUCache<std::string, Entry, Poco::NullMutex, Poco::NullMutex> entries_;
    std::uint64_t changes_ = 0;  ///< so that what was read before a change is not kept after it
};

}  // namespace playhouse::auth
