#include "Conditionals.h"

#include <algorithm>
#include <ctime>
#include <string>

namespace playhouse::host {
namespace {

std::string_view opaque(std::string_view tag) {
    return tag.starts_with("W/") ? tag.substr(2) : tag;
}

enum class Comparison { Strong, Weak };

bool tagsMatch(std::string_view left, std::string_view right, Comparison comparison) {
    if (comparison == Comparison::Strong && (left.starts_with("W/") || right.starts_with("W/"))) return false;
    return opaque(left) == opaque(right);
}

/// Whether `tag` is in a list of entity tags, or the list is "*".
bool listHolds(std::string_view list, std::optional<std::string_view> tag, Comparison comparison) {
    if (list == "*") return true;
    if (!tag) return false;
    while (!list.empty()) {
        const auto begin = list.find_first_not_of(" \t,");
        if (begin == std::string_view::npos) return false;
        list.remove_prefix(begin);
        const auto open = list.find('"');
        if (open == std::string_view::npos) return false;
        const auto close = list.find('"', open + 1);
        if (close == std::string_view::npos) return false;
        if (tagsMatch(list.substr(0, close + 1), *tag, comparison)) return true;
        list.remove_prefix(close + 1);
    }
    return false;
}

}  // namespace

std::optional<std::chrono::system_clock::time_point> parseHttpDate(std::string_view text) {
    using std::chrono::system_clock;
    // HTTP's years go to 9999, and the clock's nanoseconds to 2262: beyond, the last it knows stands for all.
    constexpr auto first = std::chrono::ceil<std::chrono::seconds>(system_clock::time_point::min());
    constexpr auto last = std::chrono::floor<std::chrono::seconds>(system_clock::time_point::max());
    const std::string copy(text);
    for (const char* format : {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
        std::tm parts{};
        if (::strptime(copy.c_str(), format, &parts) != copy.c_str() + copy.size()) continue;
        const std::chrono::sys_seconds time(std::chrono::seconds(::timegm(&parts)));
        return std::clamp(time, first, last);
    }
    return std::nullopt;
}

Precondition evaluatePreconditions(const Request& request, const Headers& response) {
    const auto tag = response.find("ETag");
    const auto modifiedText = response.find("Last-Modified");
    const auto modified = modifiedText ? parseHttpDate(*modifiedText) : std::nullopt;
    const bool isRead = request.method() == Method::Get || request.method() == Method::Head;

    if (const auto ifMatch = request.header("If-Match")) {
        if (!listHolds(*ifMatch, tag, Comparison::Strong)) return Precondition::Failed;
    } else if (const auto since = request.header("If-Unmodified-Since"); since && modified) {
        const auto time = parseHttpDate(*since);
        if (time && *modified > *time) return Precondition::Failed;
    }
    if (const auto ifNoneMatch = request.header("If-None-Match")) {
        if (listHolds(*ifNoneMatch, tag, Comparison::Weak))
            return isRead ? Precondition::NotModified : Precondition::Failed;
    } else if (const auto since = request.header("If-Modified-Since"); since && modified && isRead) {
        const auto time = parseHttpDate(*since);
        if (time && *modified <= *time) return Precondition::NotModified;
    }
    return Precondition::Proceed;
}

bool rangeIsCurrent(const Request& request, const Headers& response) {
    const auto ifRange = request.header("If-Range");
    if (!ifRange) return true;
    if (ifRange->find('"') != std::string_view::npos) {
        const auto tag = response.find("ETag");
        return tag && tagsMatch(*ifRange, *tag, Comparison::Strong);
    }
    const auto modifiedText = response.find("Last-Modified");
    const auto modified = modifiedText ? parseHttpDate(*modifiedText) : std::nullopt;
    const auto time = parseHttpDate(*ifRange);
    return modified && time && *modified == *time;
}

}  // namespace playhouse::host
