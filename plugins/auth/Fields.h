#pragma once

#include <playhouse/Request.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace playhouse::auth {

/// The fields of a request's body, an object in JSON, and what is wrong with them. Collects all problems, to tell them
/// at once: ApiError 400 INVALID_FIELDS with details {"fields": [{"field": "email", "code": "REQUIRED", "message":
/// ..}]}.
///
/// Each field that is asked for is known; check() finds the others UNKNOWN (nobody makes himself admin by a field that
/// is not asked for). Codes: REQUIRED, TYPE, TOO_SHORT, TOO_LONG, FORMAT, UNKNOWN, and those of the rules below.
class Fields {
public:
    /// Throws ApiError as Request::json() does, and 400 INVALID_JSON for what is no object or names a field twice.
    explicit Fields(const Request& request);

    /// The text of a field, in bytes from `least` to `most`, valid UTF-8 without control characters; empty when it is
    /// not so, which is noted.
    std::string text(std::string_view name, std::size_t least, std::size_t most);

    /// As text(), absent when the field is not there.
    std::optional<std::string> optionalText(std::string_view name, std::size_t least, std::size_t most);

    /// As optionalText(), one of `allowed`.
    std::optional<std::string> optionalChoice(std::string_view name, std::initializer_list<std::string_view> allowed);

    void problem(std::string_view field, std::string_view code, std::string_view message);

    bool isGood() const noexcept { return problems_.empty(); }

    /// Throws when there is a problem, or a field that was not asked for.
    void check();

private:
    /// Null when it is not there.
    const boost::json::value* ask(std::string_view name);
    std::string textOf(const boost::json::value& value, std::string_view name, std::size_t least, std::size_t most);

    boost::json::object fields_;
    std::set<std::string, std::less<>> asked_;
    boost::json::array problems_;
};

}  // namespace playhouse::auth
