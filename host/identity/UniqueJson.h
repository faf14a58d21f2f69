#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace playhouse::host {

/// The JSON object that `text` is; nothing when it is none, when it is nested deeper than a token's parts are, or when
/// an object in it has a member twice, of which one reader takes the first and another the last (RFC 7519 section 4).
std::optional<boost::json::object> parseUniqueObject(std::string_view text);

}  // namespace playhouse::host
