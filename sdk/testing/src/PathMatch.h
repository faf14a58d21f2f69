#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace playhouse::testing {

/// How a path fits the pattern of a route (see playhouse/Router.h).
struct PathMatch {
    std::vector<std::pair<std::string, std::string>> parameters;  ///< name and text, in the pattern's order

    /// How narrow the pattern is, segment by segment; of two that match a path the greater one wins.
    std::vector<int> rank;
};

/// Throws std::invalid_argument when `pattern` is malformed.
void checkPattern(std::string_view pattern);

/// The pattern without the names of its parameters: two of one shape match the same paths.
std::string shapeOf(std::string_view pattern);

/// Matches the segments of a path, decoded each; nothing when they do not fit.
std::optional<PathMatch> matchPath(std::string_view pattern, const std::vector<std::string>& segments);

/// The parts between the slashes of "/a/b/c".
std::vector<std::string> splitPath(std::string_view path);

}  // namespace playhouse::testing
