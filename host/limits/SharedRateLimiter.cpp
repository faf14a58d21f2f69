#include "SharedRateLimiter.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <array>
#include <exception>
#include <stdexcept>
#include <string>

namespace playhouse::host {
namespace {

constexpr const char* prefix = "playhouse:limit:";

struct Reply {
    std::int64_t count = 0;
    std::int64_t millisecondsLeft = 0;
};

Reply replyOf(const std::vector<std::int64_t>& numbers) {
    if (numbers.size() != 2 || numbers[0] < 1 || numbers[1] < 0)
        throw std::runtime_error("Redis answered a count of requests with something else");
    return {numbers[0], numbers[1]};
}

}  // namespace

RateLimitStatus SharedRateLimiter::count(std::string_view key, std::uint32_t requests,
                                         std::chrono::milliseconds window) {
    try {
        const std::array keys{prefix + std::string(key)};
        const std::array arguments{std::to_string(window.count())};
        const auto reply = replyOf(scripts_.run(script, keys, arguments));
        if (isAway_.exchange(false)) Poco::Logger::get("limits").information("Requests are counted over all hosts.");
        RateLimitStatus status;
        status.isAllowed = reply.count <= requests;
        status.limit = requests;
        status.remaining = static_cast<std::uint32_t>(std::max<std::int64_t>(0, requests - reply.count));
        status.resetsIn = std::chrono::milliseconds(reply.millisecondsLeft);
        status.resetsAt = clock_.now() + status.resetsIn;
        return status;
    } catch (const std::exception& problem) {
        if (!isAway_.exchange(true))
            Poco::Logger::get("limits").warning(
                std::string("Requests are counted on this host alone until Redis is back: ") + problem.what());
        return local_.count(key, requests, window);
    }
}

}  // namespace playhouse::host
