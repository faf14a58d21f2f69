#include <playhouse/testing/FakeCache.h>

#include <playhouse/ApiError.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace playhouse::testing {
namespace {

constexpr std::size_t mostKeyBytes = 512;
constexpr std::size_t mostValueBytes = 1024 * 1024;

void checkValue(std::string_view value) {
    if (value.size() > mostValueBytes) throw std::length_error("a cached value has at most 1 MiB");
}

std::chrono::milliseconds checked(std::chrono::milliseconds timeToLive) {
    if (timeToLive.count() < 1) throw std::invalid_argument("a cached value lives for at least 1 ms");
    return std::min<std::chrono::milliseconds>(timeToLive, std::chrono::days(3650));
}

}  // namespace

void FakeCache::setAway(bool away) {
    const std::lock_guard lock(mutex_);
    away_ = away;
    local_.clear();
}

FakeCache::Values& FakeCache::values(std::string_view key, WhenAway whenAway) {
    if (key.size() > mostKeyBytes) throw std::length_error("a cache key has at most 512 bytes");
    if (away_ && whenAway == WhenAway::Fail)
        throw ApiError(503, "CACHE_UNAVAILABLE", "The cache cannot be reached at the moment; try again.");
    auto& values = away_ ? local_ : shared_;
    std::erase_if(values, [now = clock_.steadyNow()](const auto& each) { return now >= each.second.end; });
    return values;
}

std::optional<std::string> FakeCache::get(std::string_view key, WhenAway whenAway) {
    const std::lock_guard lock(mutex_);
    const auto& all = values(key, whenAway);
    const auto found = all.find(key);
    return found == all.end() ? std::nullopt : std::optional(found->second.text);
}

void FakeCache::set(std::string_view key, std::string_view value, std::chrono::milliseconds timeToLive,
                    WhenAway whenAway) {
    checkValue(value);
    const auto end = clock_.steadyNow() + checked(timeToLive);
    const std::lock_guard lock(mutex_);
    values(key, whenAway).insert_or_assign(std::string(key), Value{std::string(value), end});
}

bool FakeCache::add(std::string_view key, std::string_view value, std::chrono::milliseconds timeToLive,
                    WhenAway whenAway) {
    checkValue(value);
    const auto end = clock_.steadyNow() + checked(timeToLive);
    const std::lock_guard lock(mutex_);
    return values(key, whenAway).emplace(std::string(key), Value{std::string(value), end}).second;
}

std::int64_t FakeCache::increment(std::string_view key, std::int64_t by, std::chrono::milliseconds timeToLive,
                                  WhenAway whenAway) {
    const auto end = clock_.steadyNow() + checked(timeToLive);
    const std::lock_guard lock(mutex_);
    auto& text = values(key, whenAway).emplace(std::string(key), Value{"0", end}).first->second.text;
    std::int64_t number = 0;
    const auto [parsed, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || parsed != text.data() + text.size() || __builtin_add_overflow(number, by, &number))
        throw std::invalid_argument("the cached value is no whole number, or the sum would be none of 64 bits");
    text = std::to_string(number);
    return number;
}

bool FakeCache::remove(std::string_view key, WhenAway whenAway) {
    const std::lock_guard lock(mutex_);
    auto& all = values(key, whenAway);
    const auto found = all.find(key);
    if (found == all.end()) return false;
    all.erase(found);
    return true;
}

std::string FakeCache::getOrMake(std::string_view key, std::chrono::milliseconds timeToLive,
                                 const std::function<std::string()>& make, WhenAway whenAway) {
    if (auto value = get(key, whenAway)) return *std::move(value);
    auto made = make();
    set(key, made, timeToLive, whenAway);
    return made;
}

}  // namespace playhouse::testing
