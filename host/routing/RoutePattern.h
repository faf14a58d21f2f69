#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// A route's pattern, taken apart: "/stream/hls/{videoId}/segment-{n}.ts".
class RoutePattern {
public:
    struct Segment {
        enum class Kind { Literal, Parameter, Rest };
        Kind kind = Kind::Literal;
        std::string name;    ///< of the parameter
        std::string prefix;  ///< literal text before the parameter, or all of a literal segment
        std::string suffix;  ///< literal text after the parameter
    };

    /// Throws std::invalid_argument, with the pattern and the reason.
    explicit RoutePattern(std::string_view text);

    const std::string& text() const noexcept { return text_; }
    const std::vector<Segment>& segments() const noexcept { return segments_; }

    /// The pattern without its parameters' names: two patterns of one shape match the same paths.
    std::string shape() const;

private:
    std::string text_;
    std::vector<Segment> segments_;
};

}  // namespace playhouse::host
