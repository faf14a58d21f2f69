#include "Invariant.h"
#include "edge/TargetPath.h"
#include "routing/RouteTable.h"

#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

// One pattern a line, "!" before it for one of a plugin that is switched off; the last line is a path to match.

namespace {

using namespace playhouse;
using namespace playhouse::host;
using fuzz::require;

constexpr std::size_t mostPatterns = 16;
using Kind = RoutePattern::Segment::Kind;

/// A path that `pattern` is to match, its parameters standing for "p" or "q/r".
std::string expand(const RoutePattern& pattern) {
    std::string path;
    for (const auto& segment : pattern.segments()) {
        path += "/" + segment.prefix;
        if (segment.kind == Kind::Parameter) path += "p" + segment.suffix;
        if (segment.kind == Kind::Rest) path += "q/r";
    }
    return path;
}

std::string encode(std::string_view path) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string target;
    for (const char letter : path) {
        const auto code = static_cast<unsigned char>(letter);
        if (code > 0x20 && code < 0x7f && letter != '%' && letter != '?' && letter != '#') {
            target += letter;
        } else {
            target += '%';
            target += digits[code >> 4];
            target += digits[code & 15];
        }
    }
    return target;
}

std::vector<std::string> lines(std::string_view text) {
    std::vector<std::string> found(1);
    for (const char letter : text) {
        if (letter == '\n')
            found.emplace_back();
        else
            found.back() += letter;
    }
    return found;
}

/// A pattern alone in a table matches what it stands for, as a client would ask for it.
void checkAlone(const RoutePattern& pattern) {
    RouteTable::Builder builder;
    builder.add({Method::Get, pattern, {}, "fuzz", nullptr, nullptr, 0});
    const auto table = std::move(builder).build();
    RequestParts parts;
    require(splitTarget(encode(expand(pattern)), parts), "what a pattern stands for can be asked for");
    const auto match = table->match(Method::Head, parts.path, parts.pathParameters);
    require(match.entry == &table->entries().front(), "a pattern matches what it stands for");
    std::size_t index = 0;
    for (const auto& segment : pattern.segments()) {
        if (segment.kind == Kind::Literal) continue;
        const auto& [name, value] = parts.pathParameters.at(index++);
        require(name == segment.name && value == (segment.kind == Kind::Rest ? "q/r" : "p"),
                "a parameter holds what stood in its place");
    }
    require(index == parts.pathParameters.size(), "there are as many parameters as the pattern names");
    require(RoutePattern(pattern.text()).shape() == pattern.shape(), "a pattern's text makes it again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 1024) return -1;
    auto texts = lines({reinterpret_cast<const char*>(data), size});
    const auto path = texts.back();
    texts.pop_back();
    if (texts.size() > mostPatterns) return -1;
    RouteTable::Builder builder;
    std::vector<RoutePattern> accepted;
    std::set<std::string> shapes;
    for (const auto& text : texts) {
        try {
            if (text.starts_with('!')) {
                builder.addDisabled(text.substr(1), "off");
                continue;
            }
            const RoutePattern pattern(text);
            checkAlone(pattern);
            const bool isNew = shapes.insert(pattern.shape()).second;
            try {
                builder.add({Method::Get, pattern, {}, "fuzz", nullptr, nullptr, 0});
                require(isNew, "two patterns of one shape collide");
                accepted.push_back(pattern);
            } catch (const RouteCollision&) {
                require(!isNew, "patterns of different shapes do not collide");
            }
        } catch (const std::invalid_argument& problem) {
            // As far as a reason can be told by what(), which ends at a NUL.
            const std::string told(text.substr(text.starts_with('!')).c_str());
            require(std::string(problem.what()).find(told) != std::string::npos, "a refusal names the pattern");
        }
    }
    const auto table = std::move(builder).build();
    std::vector<std::pair<std::string, std::string>> parameters;
    for (const auto& pattern : accepted) {
        require(table->match(Method::Get, expand(pattern), parameters).entry != nullptr, "some pattern matches");
        const auto other = table->match(Method::Put, expand(pattern), parameters);
        require(!other.entry && !other.allowedMethods.empty(), "another method is told which are allowed");
    }
    static_cast<void>(table->match(Method::Get, path, parameters));
    RequestParts parts;
    if (splitTarget(path, parts)) static_cast<void>(table->match(Method::Get, parts.path, parameters));
    return 0;
}
