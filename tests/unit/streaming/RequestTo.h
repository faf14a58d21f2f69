#pragma once

#include <playhouse/Request.h>

#include <string>
#include <utility>
#include <vector>

namespace playhouse::streaming {

/// A GET of `target` as the router hands it on, with what its pattern matched.
inline Request requestTo(std::string target, std::vector<std::pair<std::string, std::string>> pathParameters = {}) {
    RequestParts parts;
    parts.path = target.substr(0, target.find('?'));
    parts.target = std::move(target);
    parts.pathParameters = std::move(pathParameters);
    return Request(std::move(parts));
}

}  // namespace playhouse::streaming
