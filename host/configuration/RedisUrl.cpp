#include "RedisUrl.h"

#include "trust/ServerTrust.h"

#include <playhouse/Settings.h>

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace playhouse::host {
namespace {

constexpr const char* form = "; it is redis://[user][:password@]host[:port][/database], or rediss:// with TLS";
constexpr int mostDatabase = 1'000'000;
constexpr int mostPort = 65535;

std::string decoded(const std::string& text, const char* what) {
    // Poco takes what follows a "%" for what strtol() makes of it.
    for (auto at = text.find('%'); at != std::string::npos; at = text.find('%', at + 1))
        if (text.size() < at + 3 || std::isxdigit(static_cast<unsigned char>(text[at + 1])) == 0 ||
            std::isxdigit(static_cast<unsigned char>(text[at + 2])) == 0)
            throw std::invalid_argument(std::string("the ") + what +
                                        " has a \"%\" that is followed by no two hexadecimal digits; write %25 for it");
    std::string plain;
    Poco::URI::decode(text, plain);
    return plain;
}

int number(const std::string& text, int least, int most, const char* what) {
    try {
        return static_cast<int>(parseInteger(text, least, most));
    } catch (const std::invalid_argument&) {
        throw std::invalid_argument(std::string("the ") + what + " is no number from " + std::to_string(least) +
                                    " to " + std::to_string(most) + form);
    }
}

void readUser(const std::string& text, RedisSettings& settings) {
    const auto colon = text.find(':');
    settings.user = decoded(text.substr(0, colon), "user");
    if (colon == std::string::npos) throw std::invalid_argument(std::string("a user needs a password") + form);
    settings.password = decoded(text.substr(colon + 1), "password");
    if (settings.password.empty() && !settings.user.empty())
        throw std::invalid_argument(std::string("a user needs a password") + form);
}

void readHost(const std::string& text, RedisSettings& settings) {
    const bool bracketed = text.starts_with('[');
    const auto end = bracketed ? text.find(']') : text.find(':');
    if (bracketed && end == std::string::npos) throw std::invalid_argument("the address lacks its \"]\"");
    settings.host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
    if (settings.host.empty()) throw std::invalid_argument(std::string("there is no host") + form);
    const auto isOfAName = [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '.' || letter == '-' || letter == '_' || letter == ':';
    };
    if (!std::all_of(settings.host.begin(), settings.host.end(), isOfAName))
        throw std::invalid_argument(std::string("the host is no name and no address") + form);
    const auto rest = end == std::string::npos ? std::string() : text.substr(end + (bracketed ? 1 : 0));
    if (rest.empty()) return;
    if (rest.front() != ':') throw std::invalid_argument(std::string("behind the address a port may follow") + form);
    settings.port = static_cast<std::uint16_t>(number(rest.substr(1), 1, mostPort, "port"));
}

}  // namespace

RedisSettings parseRedisUrl(const std::string& url, const std::filesystem::path& authorities) {
    constexpr std::string_view plain = "redis://";
    constexpr std::string_view withTls = "rediss://";
    const bool usesTls = url.starts_with(withTls);
    if (!usesTls && !url.starts_with(plain))
        throw std::invalid_argument(std::string("it does not begin with redis://") + form);
    RedisSettings settings;
    auto rest = url.substr(usesTls ? withTls.size() : plain.size());
    if (rest.find_first_of("?#") != std::string::npos)
        throw std::invalid_argument(
            std::string("\"?\" and \"#\" have no meaning here; in a password write %3F and %23") + form);
    // An unescaped "@" may stand in a password.
    if (const auto at = rest.rfind('@'); at != std::string::npos) {
        readUser(rest.substr(0, at), settings);
        rest.erase(0, at + 1);
    }
    const auto slash = rest.find('/');
    readHost(rest.substr(0, slash), settings);
    if (slash != std::string::npos && slash + 1 < rest.size())
        settings.database = number(decoded(rest.substr(slash + 1), "database"), 0, mostDatabase, "database");
    if (usesTls) settings.tls = serverTrust(authorities);
    return settings;
}

}  // namespace playhouse::host
