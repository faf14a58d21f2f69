#include "TargetPath.h"

#include <algorithm>

namespace playhouse::host {
namespace {

/// Resolves dot segments (RFC 3986 section 5.2.4); false when they climb above the root.
bool resolveDots(std::string& path) {
    if (path.find("/.") == std::string::npos) return true;
    std::string resolved;
    std::size_t at = 0;
    while (at < path.size()) {
        const auto end = std::min(path.find('/', at + 1), path.size());
        const auto segment = std::string_view(path).substr(at, end - at);
        const bool isLast = end == path.size();
        if (segment == "/.") {
            if (isLast) resolved += '/';
        } else if (segment == "/..") {
            if (resolved.empty()) return false;
            resolved.erase(resolved.rfind('/'));
            if (isLast) resolved += '/';
        } else {
            resolved += segment;
        }
        at = end;
    }
    path = std::move(resolved);
    return true;
}

bool isControl(char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return code < 0x20 || code == 0x7f;
}

}  // namespace

std::optional<std::string_view> targetAuthority(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!equalsIgnoreCase(target.substr(0, scheme.size()), scheme)) continue;
        const auto rest = target.substr(scheme.size());
        return rest.substr(0, rest.find_first_of("/?#"));
    }
    return std::nullopt;
}

bool splitTarget(std::string_view target, RequestParts& parts) {
    parts.target.assign(target);
    if (target == "*") {
        parts.path = "*";
        return true;
    }
    if (!target.starts_with('/')) {
        const auto authority = targetAuthority(target);
        if (!authority) return false;
        target.remove_prefix(static_cast<std::size_t>(authority->data() - target.data()) + authority->size());
        parts.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
        target = parts.target;
    }
    const auto raw = target.substr(0, target.find_first_of("?#"));
    if (raw.find('%') == std::string_view::npos) {
        parts.path.assign(raw);
    } else {
        auto decoded = percentDecoded(raw);
        if (!decoded) return false;
        parts.path = std::move(*decoded);
    }
    if (std::any_of(parts.path.begin(), parts.path.end(), isControl)) return false;
    return resolveDots(parts.path);
}

}  // namespace playhouse::host
