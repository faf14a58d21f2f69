#pragma once

#include <Poco/Net/Context.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace playhouse::host {

/// Where Redis is, what it is asked for first, and how long anybody waits for it.
struct RedisSettings {
    // Of `redis.url`:
    std::string host;
    std::uint16_t port = 6379;
    std::string user;      ///< empty: the default user
    std::string password;  ///< empty: none is sent
    int database = 0;
    Poco::Net::Context::Ptr tls;  ///< null: none, and everything can be read on its way

    /// `redis.connections`: at most, beside the bus's own.
    std::size_t connections = 8;

    /// `redis.patience`: for a call in all: connecting, sending and receiving.
    std::chrono::milliseconds patience{500};

    /// `redis.retry-interval`: until the second attempt to reach Redis again; it doubles up to
    /// `redis.maximum-retry-interval`, which is also how often a quiet Redis is asked whether it lives.
    std::chrono::milliseconds retryInterval{100};
    std::chrono::milliseconds maximumRetryInterval{5'000};
};

}  // namespace playhouse::host
