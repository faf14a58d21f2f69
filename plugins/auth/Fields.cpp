#include "Fields.h"

#include <playhouse/ApiError.h>
#include <playhouse/Utf8.h>

#include <algorithm>
#include <utility>

namespace playhouse::auth {
namespace {

constexpr std::size_t mostUnknownTold = 16;
constexpr std::size_t mostNameTold = 64;

/// C0, DEL and C1 (U+0080 to U+009F).
bool hasControlCharacters(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 0x20 || byte == 0x7f) return true;
        if (byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0) return true;
    }
    return false;
}

}  // namespace

Fields::Fields(const Request& request) {
    auto body = request.json();
    if (!body.is_object()) throw ApiError(400, "INVALID_JSON", "The body is to be a JSON object.");
    fields_ = std::move(body.get_object());
}

const boost::json::value* Fields::ask(std::string_view name) {
    asked_.emplace(name);
    return fields_.if_contains({name.data(), name.size()});
}

std::string Fields::textOf(const boost::json::value& value, std::string_view name, std::size_t least,
                           std::size_t most) {
    if (!value.is_string()) {
        problem(name, "TYPE", "It is to be a text.");
        return {};
    }
    const std::string_view text(value.get_string().data(), value.get_string().size());
    if (text.size() < least) {
        problem(name, "TOO_SHORT", "It is to have " + std::to_string(least) + " bytes or more.");
    } else if (text.size() > most) {
        problem(name, "TOO_LONG", "It is to have " + std::to_string(most) + " bytes or less.");
    } else if (!isUtf8(text) || hasControlCharacters(text)) {
        problem(name, "FORMAT", "It is to be UTF-8 without control characters.");
    } else {
        return std::string(text);
    }
    return {};
}

std::string Fields::text(std::string_view name, std::size_t least, std::size_t most) {
    const auto* value = ask(name);
    if (value) return textOf(*value, name, least, most);
    problem(name, "REQUIRED", "It is missing.");
    return {};
}

std::optional<std::string> Fields::optionalText(std::string_view name, std::size_t least, std::size_t most) {
    const auto* value = ask(name);
    if (!value) return std::nullopt;
    return textOf(*value, name, least, most);
}

std::optional<std::string> Fields::optionalChoice(std::string_view name,
                                                  std::initializer_list<std::string_view> allowed) {
    const auto* value = ask(name);
    if (!value) return std::nullopt;
    if (!value->is_string()) {
        problem(name, "TYPE", "It is to be a text.");
        return std::string();
    }
    const std::string_view text(value->get_string().data(), value->get_string().size());
    if (std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return std::string(text);
    std::string names;
    for (const auto one : allowed) names.append(names.empty() ? "" : ", ").append(one);
    problem(name, "FORMAT", "It is to be one of " + names + ".");
    return std::string();
}

void Fields::problem(std::string_view field, std::string_view code, std::string_view message) {
    problems_.push_back({{"field", boost::json::string_view(field.data(), field.size())},
                         {"code", boost::json::string_view(code.data(), code.size())},
                         {"message", boost::json::string_view(message.data(), message.size())}});
}

void Fields::check() {
    std::size_t unknown = 0;
    for (const auto& field : fields_) {
        const std::string_view name(field.key().data(), field.key().size());
        if (asked_.contains(name) || ++unknown > mostUnknownTold) continue;
        problem(asUtf8(std::string(name.substr(0, mostNameTold))), "UNKNOWN", "There is no such field here.");
    }
    if (!isGood())
        throw ApiError(400, "INVALID_FIELDS", "The fields are not as they are to be.", {{"fields", problems_}});
}

}  // namespace playhouse::auth
