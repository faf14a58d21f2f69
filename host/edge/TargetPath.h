#pragma once

#include <playhouse/Request.h>

#include <optional>
#include <string_view>

namespace playhouse::host {

/// Takes a request target (RFC 9112 section 3.2) apart into `parts.target` and `parts.path`: the path decoded, with "."
/// and ".." segments resolved. Origin form, absolute form and "*" are known.
///
/// False for one that is malformed, holds a control character, or climbs above the root.
bool splitTarget(std::string_view target, RequestParts& parts);

/// What stands between "http://" and the path of a target in absolute form; may be empty. None for other forms.
std::optional<std::string_view> targetAuthority(std::string_view target);

}  // namespace playhouse::host
