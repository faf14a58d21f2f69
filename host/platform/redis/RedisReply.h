#pragma once

#include "RedisErrors.h"

#include <Poco/Redis/Array.h>
#include <Poco/Redis/Type.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// A command and its arguments, each any bytes.
using RedisCommand = Poco::Redis::Array;

/// redisCommand({"SET", key, value}).
RedisCommand redisCommand(std::initializer_list<std::string_view> words);

/// What Redis answers to one command.
class RedisReply {
public:
    explicit RedisReply(Poco::Redis::RedisType::Ptr value) : value_(std::move(value)) {}

    bool isError() const { return value_->isError(); }

    /// The error's text; empty when it is none.
    std::string errorText() const;

    /// Each throws RedisError for an error and for an answer of another type.

    std::int64_t integer() const;

    /// Of a bulk or simple string; nothing for a null.
    std::optional<std::string> text() const;

    /// Empty for a null.
    std::vector<RedisReply> array() const;

private:
    [[noreturn]] void refuse(const char* expected) const;

    Poco::Redis::RedisType::Ptr value_;
};

}  // namespace playhouse::host
