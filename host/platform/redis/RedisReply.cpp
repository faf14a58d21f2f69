#include "RedisReply.h"

#include <Poco/Redis/Error.h>

namespace playhouse::host {
namespace {

template <class T>
const T* as(const Poco::Redis::RedisType::Ptr& value) {
    const auto* typed = dynamic_cast<const Poco::Redis::Type<T>*>(value.get());
    return typed ? &typed->value() : nullptr;
}

}  // namespace

RedisCommand redisCommand(std::initializer_list<std::string_view> words) {
    RedisCommand command;
    for (const auto word : words) command.add(std::string(word));
    return command;
}

std::string RedisReply::errorText() const {
    const auto* error = as<Poco::Redis::Error>(value_);
    return error ? error->getMessage() : std::string();
}

std::int64_t RedisReply::integer() const {
    if (const auto* number = as<Poco::Int64>(value_)) return *number;
    refuse("a number");
}

std::optional<std::string> RedisReply::text() const {
    if (const auto* bulk = as<Poco::Redis::BulkString>(value_))
        return bulk->isNull() ? std::nullopt : std::optional(bulk->value());
    if (const auto* simple = as<std::string>(value_)) return *simple;
    refuse("a text");
}

std::vector<RedisReply> RedisReply::array() const {
    const auto* array = as<Poco::Redis::Array>(value_);
    if (!array) refuse("a list");
    std::vector<RedisReply> replies;
    if (array->isNull()) return replies;
    for (const auto& each : *array) replies.emplace_back(each);
    return replies;
}

void RedisReply::refuse(const char* expected) const {
    if (isError()) throw RedisError(errorText());
    throw RedisError("WRONGREPLY Redis answered something else than " + std::string(expected));
}

}  // namespace playhouse::host
