#include "RoutePattern.h"

#include <algorithm>
#include <stdexcept>

namespace playhouse::host {
namespace {

[[noreturn]] void refuse(std::string_view pattern, const std::string& reason) {
    throw std::invalid_argument("the route pattern \"" + std::string(pattern) + "\" " + reason);
}

bool isNameCharacter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '_';
}

bool isControl(char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return code < 0x20 || code == 0x7f;
}

RoutePattern::Segment parseSegment(std::string_view pattern, std::string_view text, bool isLast) {
    RoutePattern::Segment segment;
    const auto open = text.find('{');
    if (open == std::string_view::npos) {
        if (text.find('}') != std::string_view::npos) refuse(pattern, "has a \"}\" without \"{\"");
        if (text == "." || text == "..")
            refuse(pattern, "has a segment \"" + std::string(text) + "\", which no request's path keeps");
        segment.prefix = text;
        return segment;
    }
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) refuse(pattern, "has a \"{\" without \"}\"");
    auto name = text.substr(open + 1, close - open - 1);
    segment.kind = RoutePattern::Segment::Kind::Parameter;
    segment.prefix = text.substr(0, open);
    segment.suffix = text.substr(close + 1);
    if (segment.suffix.find_first_of("{}") != std::string::npos)
        refuse(pattern, "has more than one parameter in one segment");
    if (name.ends_with("...")) {
        name.remove_suffix(3);
        segment.kind = RoutePattern::Segment::Kind::Rest;
        if (!isLast || !segment.prefix.empty() || !segment.suffix.empty())
            refuse(pattern, "has a {...} parameter that is not the whole last segment");
    }
    if (name.empty() || !std::all_of(name.begin(), name.end(), isNameCharacter))
        refuse(pattern, "has a parameter whose name is not made of letters, digits and \"_\"");
    segment.name = name;
    return segment;
}

}  // namespace

RoutePattern::RoutePattern(std::string_view text) : text_(text) {
    if (text.empty() || text.front() != '/') refuse(text, "does not begin with \"/\"");
    if (std::any_of(text.begin(), text.end(), isControl)) refuse(text, "holds a control character");
    auto rest = text.substr(1);
    while (true) {
        const auto slash = rest.find('/');
        const bool isLast = slash == std::string_view::npos;
        auto segment = parseSegment(text, rest.substr(0, slash), isLast);
        if (!segment.name.empty() && std::any_of(segments_.begin(), segments_.end(),
                                                 [&](const Segment& before) { return before.name == segment.name; }))
            refuse(text, "names the parameter \"" + segment.name + "\" twice");
        segments_.push_back(std::move(segment));
        if (isLast) break;
        rest.remove_prefix(slash + 1);
    }
}

std::string RoutePattern::shape() const {
    std::string shape;
    for (const auto& segment : segments_) {
        shape += '/';
        switch (segment.kind) {
            case Segment::Kind::Literal:
                shape += segment.prefix;
                break;
            case Segment::Kind::Parameter:
                shape += segment.prefix + "{}" + segment.suffix;
                break;
            case Segment::Kind::Rest:
                shape += "{...}";
                break;
        }
    }
    return shape;
}

}  // namespace playhouse::host
