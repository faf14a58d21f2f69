#include <playhouse/Json.h>
#include <playhouse/Utf8.h>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

#include <cstdint>
#include <functional>
#include <set>
#include <utility>
#include <vector>

namespace playhouse {
namespace {

constexpr std::size_t mostNameTold = 64;

/// Notices a member that comes twice; what the members are does not matter to it.
struct MemberNames {
    using Error = boost::json::error_code;
    using Text = boost::json::string_view;

    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;

    std::vector<std::set<std::string, std::less<>>> open;
    std::string name;
    std::optional<std::string> twice;

    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error&) {
        open.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, Error&) {
        open.pop_back();
        return true;
    }
    bool on_array_begin(Error&) { return true; }
    bool on_array_end(std::size_t, Error&) { return true; }
    bool on_key_part(Text part, std::size_t, Error&) {
        name.append(part.data(), part.size());
        return true;
    }
    bool on_key(Text part, std::size_t, Error& error) {
        name.append(part.data(), part.size());
        const auto [place, isNew] = open.back().insert(std::exchange(name, {}));
        if (isNew) return true;
        twice = *place;
        error = boost::json::error::not_object;
        return false;
    }
    bool on_string_part(Text, std::size_t, Error&) { return true; }
    bool on_string(Text, std::size_t, Error&) { return true; }
    bool on_number_part(Text, Error&) { return true; }
    bool on_int64(std::int64_t, Text, Error&) { return true; }
    bool on_uint64(std::uint64_t, Text, Error&) { return true; }
    bool on_double(double, Text, Error&) { return true; }
    bool on_bool(bool, Error&) { return true; }
    bool on_null(Error&) { return true; }
    bool on_comment_part(Text, Error&) { return true; }
    bool on_comment(Text, Error&) { return true; }
};

}  // namespace

std::optional<boost::json::value> parseJson(std::string_view text, std::size_t mostDepth, std::string* problem) {
    boost::json::parse_options options;
    options.max_depth = mostDepth;
    boost::json::error_code error;
    auto value = boost::json::parse({text.data(), text.size()}, error, {}, options);
    if (error) {
        if (problem) *problem = error.message();
        return std::nullopt;
    }
    boost::json::basic_parser<MemberNames> names(options);
    names.write_some(false, text.data(), text.size(), error);
    if (!error) return value;
    if (problem)
        *problem = "the member \"" + asUtf8(names.handler().twice.value_or("").substr(0, mostNameTold)) +
                   "\" comes twice in an object";
    return std::nullopt;
}

}  // namespace playhouse
