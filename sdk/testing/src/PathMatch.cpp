#include "PathMatch.h"

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>

namespace playhouse::testing {
namespace {

/// A segment of a pattern: literal text when `name` is empty, else a parameter between a prefix and a suffix.
struct PatternSegment {
    std::string_view prefix;
    std::string_view name;
    std::string_view suffix;
    bool takesRest = false;
};

PatternSegment parseSegment(std::string_view text) {
    const auto open = text.find('{');
    const auto close = text.find('}');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {text, {}, {}};
    PatternSegment segment{text.substr(0, open), text.substr(open + 1, close - open - 1), text.substr(close + 1)};
    if (segment.name.ends_with("...")) {
        segment.takesRest = true;
        segment.name.remove_suffix(3);
    }
    return segment;
}

bool matchSegment(const PatternSegment& segment, const std::string& text, PathMatch& match) {
    if (segment.name.empty()) {
        match.rank.push_back(std::numeric_limits<int>::max());
        return segment.prefix == text;
    }
    const auto literal = segment.prefix.size() + segment.suffix.size();
    if (text.size() <= literal || !text.starts_with(segment.prefix) || !text.ends_with(segment.suffix)) return false;
    match.rank.push_back(static_cast<int>(literal));
    match.parameters.emplace_back(segment.name, text.substr(segment.prefix.size(), text.size() - literal));
    return true;
}

}  // namespace

std::vector<std::string> splitPath(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto segment = path.substr(0, path.find('/'));
        segments.emplace_back(segment);
        path.remove_prefix(segment.size());
    }
    return segments;
}

void checkPattern(std::string_view pattern) {
    const auto refuse = [&](const std::string& reason) {
        throw std::invalid_argument("the pattern \"" + std::string(pattern) + "\" " + reason);
    };
    if (!pattern.starts_with('/')) refuse("does not begin with \"/\"");
    std::set<std::string, std::less<>> names;
    const auto segments = splitPath(pattern);
    for (std::size_t index = 0; index < segments.size(); ++index) {
        const std::string_view text = segments[index];
        if (std::count(text.begin(), text.end(), '{') > 1) refuse("has two parameters in one segment");
        const auto segment = parseSegment(text);
        if (segment.name.empty()) {
            if (text.find_first_of("{}") != std::string_view::npos) refuse("has a parameter without name or brace");
            continue;
        }
        if (segment.suffix.find('}') != std::string_view::npos) refuse("has a brace too many");
        if (!names.emplace(segment.name).second) refuse("names a parameter twice");
        if (!segment.takesRest) continue;
        if (index + 1 < segments.size()) refuse("has a segment after the one that takes the rest");
        if (!segment.prefix.empty() || !segment.suffix.empty()) refuse("has text beside the parameter for the rest");
    }
}

std::string shapeOf(std::string_view pattern) {
    std::string shape;
    for (const auto& text : splitPath(pattern)) {
        const auto segment = parseSegment(text);
        shape.append("/").append(segment.prefix);
        if (!segment.name.empty()) shape.append(segment.takesRest ? "{...}" : "{}").append(segment.suffix);
    }
    return shape;
}

std::optional<PathMatch> matchPath(std::string_view pattern, const std::vector<std::string>& segments) {
    const auto expected = splitPath(pattern);
    PathMatch match;
    for (std::size_t index = 0; index < expected.size(); ++index) {
        if (index >= segments.size()) return std::nullopt;
        const auto segment = parseSegment(expected[index]);
        if (segment.takesRest) {
            std::string rest = segments[index];
            for (std::size_t next = index + 1; next < segments.size(); ++next) rest.append("/").append(segments[next]);
            match.rank.push_back(-1);
            match.parameters.emplace_back(segment.name, std::move(rest));
            return match;
        }
        if (!matchSegment(segment, segments[index], match)) return std::nullopt;
    }
    if (segments.size() != expected.size()) return std::nullopt;
    return match;
}

}  // namespace playhouse::testing
