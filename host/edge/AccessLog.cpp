#include "AccessLog.h"

#include "routing/RequestContext.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <array>

namespace playhouse::host {
namespace {

bool namesASecret(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
    });
    constexpr std::array<std::string_view, 9> telling{"token", "password", "passwd",     "secret", "signature",
                                                      "jwt",   "auth",     "credential", "apikey"};
    constexpr std::array<std::string_view, 5> whole{"key", "sig", "code", "api_key", "api-key"};
    return std::find(whole.begin(), whole.end(), name) != whole.end() ||
           std::any_of(telling.begin(), telling.end(),
                       [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

}  // namespace

void logAccess(const Request& request, int status, std::chrono::nanoseconds taken, bool clientLeft) {
    const RequestScope scope(request.requestId());
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(taken).count();
    Poco::Logger::get("access").information(
        request.clientAddress() + " " + std::string(toString(request.method())) + " " +
        withoutSecrets(request.target()) + " " + std::to_string(status) + " " + std::to_string(microseconds) + "us" +
        (request.identity() ? " user " + request.identity()->userId : "") + (clientLeft ? " client left" : ""));
}

std::string withoutSecrets(std::string_view target) {
    const auto mark = target.find('?');
    std::string shown(target.substr(0, mark));
    if (mark == std::string_view::npos) return shown;
    auto rest = target.substr(mark + 1);
    char separator = '?';
    while (true) {
        const auto end = rest.find('&');
        const auto pair = rest.substr(0, end);
        const auto equals = pair.find('=');
        const auto name = pair.substr(0, equals);
        shown += separator;
        if (equals != std::string_view::npos && namesASecret(percentDecoded(name, true).value_or(std::string(name))))
            shown.append(name).append("=***");
        else
            shown.append(pair);
        if (end == std::string_view::npos) return shown;
        rest.remove_prefix(end + 1);
        separator = '&';
    }
}

}  // namespace playhouse::host
