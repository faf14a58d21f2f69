#include <playhouse/Headers.h>
#include <playhouse/Settings.h>

#include <array>
#include <charconv>
#include <limits>
#include <stdexcept>

namespace playhouse {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::array byteUnits{Unit{"", 1},
                               Unit{"B", 1},
                               Unit{"KiB", 1024},
                               Unit{"MiB", 1024 * 1024},
                               Unit{"GiB", 1024ULL * 1024 * 1024},
                               Unit{"KB", 1000},
                               Unit{"MB", 1000 * 1000},
                               Unit{"GB", 1000ULL * 1000 * 1000}};
constexpr std::array durationUnits{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"min", 60 * 1000}, Unit{"h", 3600 * 1000},
                                   Unit{"d", 86400 * 1000}};

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

template <std::size_t Count>
std::optional<std::uint64_t> parseWithUnit(std::string_view text, const std::array<Unit, Count>& units) {
    text = trimmed(text);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    const auto unitText = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
    for (const auto& unit : units) {
        if (unit.name != unitText) continue;
        if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / unit.factor)
            return std::nullopt;
        return number * unit.factor;
    }
    return std::nullopt;
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

/// Runs `parse` on `text`, putting the key into what it throws.
template <class Parse>
auto parseNamed(const std::string& key, const std::string& text, Parse parse) {
    try {
        return parse(text);
    } catch (const std::invalid_argument& problem) {
        throw std::invalid_argument(key + " = " + text + ": " + problem.what());
    }
}

}  // namespace

Settings::~Settings() = default;

std::string Settings::text(std::string_view name, std::string_view fallback) {
    return raw(name).value_or(std::string(fallback));
}

bool Settings::flag(std::string_view name, bool fallback) {
    const auto value = raw(name);
    return value ? parseNamed(keyOf(name), *value, [](const auto& text) { return parseFlag(text); }) : fallback;
}

std::int64_t Settings::integer(std::string_view name, std::int64_t fallback, std::int64_t least, std::int64_t most) {
    const auto value = raw(name);
    if (!value) return fallback;
    return parseNamed(keyOf(name), *value, [&](const auto& text) { return parseInteger(text, least, most); });
}

std::uint64_t Settings::byteSize(std::string_view name, std::uint64_t fallback) {
    const auto value = raw(name);
    return value ? parseNamed(keyOf(name), *value, [](const auto& text) { return parseByteSize(text); }) : fallback;
}

std::chrono::milliseconds Settings::duration(std::string_view name, std::chrono::milliseconds fallback) {
    const auto value = raw(name);
    return value ? parseNamed(keyOf(name), *value, [](const auto& text) { return parseDuration(text); }) : fallback;
}

std::vector<std::string> Settings::list(std::string_view name, std::string_view fallback) {
    return parseList(raw(name).value_or(std::string(fallback)));
}

std::uint64_t parseByteSize(std::string_view text) {
    const auto size = parseWithUnit(text, byteUnits);
    if (!size) throw std::invalid_argument("not a size in bytes, such as \"4096\", \"64 KiB\" or \"1 GiB\"");
    return *size;
}

std::chrono::milliseconds parseDuration(std::string_view text) {
    const auto count = parseWithUnit(text, durationUnits);
    if (!count) throw std::invalid_argument("not a duration, such as \"250 ms\", \"4 s\", \"10 min\" or \"2 h\"");
    return std::chrono::milliseconds(*count);
}

bool parseFlag(std::string_view text) {
    text = trimmed(text);
    for (const auto yes : {"true", "yes", "on", "1"})
        if (equalsIgnoreCase(text, yes)) return true;
    for (const auto no : {"false", "no", "off", "0"})
        if (equalsIgnoreCase(text, no)) return false;
    throw std::invalid_argument("neither \"true\" nor \"false\"");
}

std::int64_t parseInteger(std::string_view text, std::int64_t least, std::int64_t most) {
    const auto digits = trimmed(text);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() || number < least || number > most)
        throw std::invalid_argument(quoted(text) + ", which is not a whole number from " + std::to_string(least) +
                                    " to " + std::to_string(most));
    return number;
}

std::vector<std::string> parseList(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const auto item = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), item.size() + 1));
        if (const auto kept = trimmed(item); !kept.empty()) items.emplace_back(kept);
    }
    return items;
}

}  // namespace playhouse
