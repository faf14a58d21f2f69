#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse {

/// The JSON value (RFC 8259) that `text` is. Nothing when it is none, when it is nested deeper than `mostDepth`, or
/// when an object in it has a member twice: of those one reader takes the first and another the last, which is how
/// something gets past who checks. `problem`, unless null, is then told what is wrong. Any thread.
std::optional<boost::json::value> parseJson(std::string_view text, std::size_t mostDepth,
                                            std::string* problem = nullptr);

}  // namespace playhouse
