#include "DatabaseUrl.h"

#include "NearestName.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace playhouse::host {
namespace {

/// Of libpq 15 ("Parameter Key Words"), but those that the host sets by itself or that are for replication.
const std::vector<std::string>& knownParameters() {
    static const std::vector<std::string> names{"application_name",
                                                "channel_binding",
                                                "connect_timeout",
                                                "dbname",
                                                "gssencmode",
                                                "host",
                                                "hostaddr",
                                                "keepalives",
                                                "keepalives_count",
                                                "keepalives_idle",
                                                "keepalives_interval",
                                                "krbsrvname",
                                                "options",
                                                "passfile",
                                                "password",
                                                "port",
                                                "requirepeer",
                                                "service",
                                                "ssl_max_protocol_version",
                                                "ssl_min_protocol_version",
                                                "sslcert",
                                                "sslcompression",
                                                "sslcrl",
                                                "sslcrldir",
                                                "sslkey",
                                                "sslmode",
                                                "sslpassword",
                                                "sslrootcert",
                                                "sslsni",
                                                "target_session_attrs",
                                                "tcp_user_timeout",
                                                "user"};
    return names;
}

/// Those whose values libpq looks at only when it connects.
const std::map<std::string, std::vector<std::string>>& choices() {
    static const std::map<std::string, std::vector<std::string>> values{
        {"channel_binding", {"disable", "prefer", "require"}},
        {"gssencmode", {"disable", "prefer", "require"}},
        {"sslmode", {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
        {"target_session_attrs", {"any", "read-write", "read-only", "primary", "standby", "prefer-standby"}}};
    return values;
}

/// Seconds. An attempt to connect ends before the server is to have stopped (`shutdown.timeout`).
constexpr unsigned longestConnectTimeout = 15;

[[noreturn]] void refuse(const std::string& why) {
    throw std::invalid_argument(why);
}

/// RFC 3986 section 2.1. `what` is for the message, which must not show the value.
std::string decoded(std::string_view text, const std::string& what) {
    std::string plain;
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] != '%') {
            plain += text[index];
            continue;
        }
        unsigned value = 0;
        const auto* begin = text.data() + index + 1;
        if (index + 2 >= text.size() || std::from_chars(begin, begin + 2, value, 16).ptr != begin + 2 || value == 0)
            refuse("after % in its " + what + " two hexadecimal digits must stand, not 00; % itself is written %25");
        plain += static_cast<char>(value);
        index += 2;
    }
    return plain;
}

std::optional<unsigned> numberOf(std::string_view text) {
    unsigned number = 0;
    const auto* end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && parsed == end ? std::optional(number) : std::nullopt;
}

/// Poco Data hands parameters on separated by spaces.
void checkPostgresValue(const std::string& value, const std::string& what) {
    if (std::any_of(value.begin(), value.end(), [](unsigned char letter) { return letter <= ' ' || letter == 0x7F; }))
        refuse("its " + what + " holds a space or a control character, which cannot be passed on to PostgreSQL");
}

class PostgresUrl {
public:
    explicit PostgresUrl(std::string_view rest) {
        if (rest.find('#') != std::string_view::npos)
            refuse("# has no meaning in it; one in a password is written %23");
        const auto query = rest.find('?');
        if (query != std::string_view::npos) {
            // Else a part of the password would be taken for a parameter.
            if (rest.find('@', query) != std::string_view::npos)
                refuse("an @ follows its ?; a ? in a password is written %3F, an @ in a parameter %40");
            readQuery(rest.substr(query + 1));
        }
        rest = rest.substr(0, query);
        const auto slash = rest.find('/');
        if (slash != std::string_view::npos) {
            const auto name = rest.substr(slash + 1);
            if (name.find('/') != std::string_view::npos)
                refuse("after its host it takes one name, that of the database; a / in a password is written %2F");
            take("dbname", name, "name of the database");
        }
        readAuthority(rest.substr(0, slash));
    }

    std::map<std::string, std::string> parameters;

private:
    void take(const std::string& name, std::string_view value, const std::string& what) {
        if (value.empty()) return;
        auto plain = decoded(value, what);
        checkPostgresValue(plain, what);
        if (!parameters.emplace(name, std::move(plain)).second) refuse("it gives the " + what + " twice");
    }

    void readQuery(std::string_view query) {
        for (int number = 1; !query.empty(); ++number) {
            const auto end = std::min(query.find('&'), query.size());
            const auto part = query.substr(0, end);
            query.remove_prefix(std::min(end + 1, query.size()));
            const auto equals = part.find('=');
            const auto name = decoded(part.substr(0, equals), "parameters");
            const auto& known = knownParameters();
            if (std::find(known.begin(), known.end(), name) == known.end())
                // What is like none may be the rest of a password.
                refuse("its parameter number " + std::to_string(number) + " is none of PostgreSQL's" +
                       didYouMean(name, known) + "; a ? or & in a password is written %3F or %26");
            if (equals == std::string_view::npos) refuse("its parameter " + name + " has no value");
            take(name, part.substr(equals + 1), "parameter " + name);
            checkParameter(name);
        }
    }

    void checkParameter(const std::string& name) const {
        const auto given = parameters.find(name);
        if (given == parameters.end()) return;
        if (name == "connect_timeout") {
            const auto seconds = numberOf(given->second);
            if (!seconds || *seconds == 0 || *seconds > longestConnectTimeout)
                refuse("its connect_timeout is no whole number of seconds from 1 to " +
                       std::to_string(longestConnectTimeout) + "; without it, it is 2");
        }
        const auto known = choices().find(name);
        if (known == choices().end()) return;
        const auto& values = known->second;
        if (std::find(values.begin(), values.end(), given->second) != values.end()) return;
        std::string all;
        for (const auto& value : values) all += (all.empty() ? "" : ", ") + value;
        refuse("its " + name + " is none of " + all + didYouMean(given->second, values));
    }

    void readAuthority(std::string_view authority) {
        // The last one: an unescaped @ may stand in a password, as Secrets expects too.
        if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
            const auto who = authority.substr(0, at);
            const auto colon = who.find(':');
            take("user", who.substr(0, colon), "user");
            if (colon != std::string_view::npos) take("password", who.substr(colon + 1), "password");
            authority.remove_prefix(at + 1);
        }
        readHosts(authority);
    }

    struct Address {
        std::string_view host;
        std::string_view port;
    };

    static Address addressOf(std::string_view text) {
        Address address{text, {}};
        if (text.starts_with('[')) {
            const auto end = text.find(']');
            if (end == std::string_view::npos) refuse("its IPv6 address does not end with ]");
            const auto rest = text.substr(end + 1);
            if (!rest.empty() && rest[0] != ':') refuse("what follows its IPv6 address is no port");
            address = {text.substr(1, end - 1), rest.empty() ? rest : rest.substr(1)};
        } else if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
            address = {text.substr(0, colon), text.substr(colon + 1)};
            if (address.host.find(':') != std::string_view::npos)
                refuse("its host has more than one colon; an IPv6 address stands in [ ]");
        }
        if (!address.port.empty()) checkPort(address.port);
        return address;
    }

    /// One, or "one:5432,[fd00::2]:5433", of which libpq takes the first that answers.
    void readHosts(std::string_view list) {
        std::string hosts;
        std::string ports;
        const bool areSeveral = list.find(',') != std::string_view::npos;
        while (true) {
            const auto end = std::min(list.find(','), list.size());
            const auto each = addressOf(list.substr(0, end));
            if (areSeveral && each.host.empty()) refuse("one of its hosts has no name");
            hosts += (hosts.empty() ? "" : ",") + std::string(each.host);
            ports += (ports.empty() ? "" : ",") + std::string(areSeveral && each.port.empty() ? "5432" : each.port);
            if (end == list.size()) break;
            list.remove_prefix(end + 1);
        }
        take("host", hosts, "host");
        take("port", ports, "port");
    }

    static void checkPort(std::string_view text) {
        const auto port = numberOf(text);
        if (!port || *port == 0 || *port > 65535) refuse("its port is no number from 1 to 65535");
    }
};

DatabaseSettings sqliteOf(std::string_view rest, const std::filesystem::path& storagePath) {
    if (rest.starts_with("//")) {
        rest.remove_prefix(2);
        if (!rest.starts_with('/'))
            refuse(
                "a path follows sqlite:// after a third slash: sqlite:///srv/playhouse.db, or sqlite:playhouse.db "
                "for a file in storage.path");
    }
    if (rest.find_first_of("?#") != std::string_view::npos) refuse("a SQLite file takes no parameters");
    const auto path = decoded(rest, "path");
    if (path.empty() || path.ends_with('/')) refuse("it names no file");
    if (path == ":memory:") refuse("it is to outlive the server: name a file");
    DatabaseSettings settings;
    settings.file = (storagePath / path).lexically_normal();
    return settings;
}

}  // namespace

DatabaseSettings databaseOf(const std::string& url, const std::filesystem::path& storagePath) {
    if (url.empty()) return {.dialect = SqlDialect::SQLite, .file = storagePath / "playhouse.db"};
    const auto colon = url.find(':');
    auto scheme = url.substr(0, std::min(colon, url.size()));
    for (auto& letter : scheme) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    const auto rest = colon == std::string::npos ? std::string_view() : std::string_view(url).substr(colon + 1);
    if (colon != std::string::npos && scheme == "sqlite") return sqliteOf(rest, storagePath);
    if (!rest.starts_with("//") || (scheme != "postgresql" && scheme != "postgres"))
        refuse("it must begin with sqlite:///, postgresql:// or postgres://");
    DatabaseSettings settings;
    settings.dialect = SqlDialect::PostgreSQL;
    settings.parameters = PostgresUrl(rest.substr(2)).parameters;
    return settings;
}

}  // namespace playhouse::host
